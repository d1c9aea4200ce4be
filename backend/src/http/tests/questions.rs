//! Questions and their texts: what the router gives is what reading the question itself gives.

use std::sync::Arc;

use axum::body::Body;
use axum::http::{Request, StatusCode, header};
use fathom_shared::api::paths::{self, with_id};
use fathom_shared::api::{QuestionSet, QuestionView, RowDetail, RunStatus, RunView};
use fathom_shared::engine::EngineKind;
use fathom_shared::longbench::viewer::{
    OutlinePart, SearchMatches, TextWindow, VisibleContext, WindowStart, WrappedQuestion,
};
use fathom_shared::longbench::{LongBenchQuestion, LongBenchSetting, bundled, samples};
use fathom_shared::tokens::Tokens;
use serde_json::{Value, json};

use super::{AccessGuard, asking, server};
use crate::data::questions::FileQuestions;

fn at(path: &str, number: u32, query: &str) -> String {
    format!("{}?{query}", with_id(path, number))
}

#[tokio::test]
async fn the_set_and_its_questions() {
    let server = server().await;
    let got = server.get(paths::QUESTIONS).await;
    let set: QuestionSet = got.json(StatusCode::OK);
    assert_eq!(set.source, *bundled().source());
    assert_eq!(set.cards, bundled().cards());
    let tag = got.header(header::ETAG).to_owned();
    let request = Request::get(paths::QUESTIONS).header(header::IF_NONE_MATCH, tag);
    let again = server.send(request.body(Body::empty()).unwrap()).await;
    assert_eq!(
        (again.status, again.body.len()),
        (StatusCode::NOT_MODIFIED, 0)
    );

    let question = samples::question(9).unwrap();
    let view: QuestionView = server
        .get(&with_id(paths::QUESTION, 9))
        .await
        .json(StatusCode::OK);
    assert_eq!(view.card, set.cards[9]);
    let evidence = view.evidence.iter();
    let evidence = evidence.map(|span| span.start as usize..span.end as usize);
    assert_eq!(evidence.collect::<Vec<_>>(), question.evidence);
    let row = server.get(&with_id(paths::QUESTION_ROW, 9)).await;
    assert_eq!(row.header(header::CONTENT_TYPE), "application/json");
    let row: Value = row.json(StatusCode::OK);
    assert_eq!(LongBenchQuestion::check(row).as_ref(), Ok(&question));
    for id in ["24", "-1", "x", "4294967296"] {
        let got = server.get(&with_id(paths::QUESTION, id)).await;
        got.refused(StatusCode::NOT_FOUND, "not_found", "");
    }
    let got = server.get(&at(paths::QUESTION_FIND, 24, "q=a")).await;
    let sentence = "there is no question 24: Fathom samples, not LongBench v2 has 24 of them";
    got.refused(StatusCode::NOT_FOUND, "not_found", sentence);
}

#[tokio::test]
async fn a_text_in_windows_and_what_stands_where() {
    let server = server().await;
    let question = samples::question(5).unwrap();
    let evidence = u32::try_from(question.evidence[0].start).unwrap();
    let mut reading = WrappedQuestion::new(question);
    for (query, columns, begin, lines) in [
        (
            "columns=80&lines=20".to_owned(),
            80,
            WindowStart::Line(0),
            20,
        ),
        (
            "columns=8&line=77&lines=3".to_owned(),
            8,
            WindowStart::Line(77),
            3,
        ),
        (
            format!("columns=400&byte={evidence}&lines=11"),
            400,
            WindowStart::Byte(evidence),
            11,
        ),
        (
            "columns=60&byte=4294967295&lines=4294967295".to_owned(),
            60,
            WindowStart::Byte(u32::MAX),
            u32::MAX,
        ),
    ] {
        let got = server.get(&at(paths::QUESTION_WINDOW, 5, &query)).await;
        let window: TextWindow = got.json(StatusCode::OK);
        assert_eq!(window, reading.window(columns, begin, lines), "{query}");
        assert!(!window.text.is_empty());
    }
    for (query, message) in [
        ("columns=7&lines=1", "columns is 7, expected 8 to 400"),
        ("columns=401&lines=1", "columns is 401, expected 8 to 400"),
        ("columns=80", "missing field `lines`"),
        ("columns=80&lines=1&more=1", "more"),
        ("columns=80&lines=-1", ""),
    ] {
        let got = server.get(&at(paths::QUESTION_WINDOW, 5, query)).await;
        got.refused(StatusCode::BAD_REQUEST, "bad_query", message);
    }

    let got = server.get(&at(paths::QUESTION_FIND, 5, "q=THE%20w")).await;
    let found: SearchMatches = got.json(StatusCode::OK);
    assert!(found.total > 0);
    assert_eq!(found, reading.find("the W"));
    let most = "é".repeat(200);
    let got = server
        .get(&at(paths::QUESTION_FIND, 5, &format!("q={most}")))
        .await;
    assert_eq!(got.json::<SearchMatches>(StatusCode::OK).total, 0);
    for (query, message) in [
        ("q=".to_owned(), "q has 0 characters, expected 1 to 200"),
        (format!("q={most}a"), "q has 201 characters"),
        (String::new(), "missing field `q`"),
    ] {
        let got = server.get(&at(paths::QUESTION_FIND, 5, &query)).await;
        got.refused(StatusCode::BAD_REQUEST, "bad_query", message);
    }
    let got = server.get(&with_id(paths::QUESTION_OUTLINE, 5)).await;
    assert_eq!(
        got.json::<Vec<OutlinePart>>(StatusCode::OK),
        reading.outline()
    );
}

#[tokio::test]
async fn what_a_model_would_see() {
    let server = server().await;
    let reading = WrappedQuestion::new(samples::question(4).unwrap());
    let counter = server.catalog.reader(&EngineKind::CandleCpu, "tiny");
    let (counter, _) = counter.unwrap();
    let who = "model=tiny&engine=candle-cpu";
    for (setting, length, most) in [
        (LongBenchSetting::Direct, 2000, 1872),
        (LongBenchSetting::Cot, 3000, 1976),
        (LongBenchSetting::NoContext, 2000, 1872),
        (LongBenchSetting::Rag { top: 2 }, 9000, 8872),
        (
            LongBenchSetting::Tail {
                tokens: Tokens(300),
            },
            2000,
            1872,
        ),
    ] {
        let query = format!("setting={setting}&length={length}&{who}");
        let got = server.get(&at(paths::QUESTION_SEEN, 4, &query)).await;
        let seen: VisibleContext = got.json(StatusCode::OK);
        let here = reading.seen(setting, Tokens(most), &counter, None).unwrap();
        assert_eq!(seen, here, "{setting}");
        assert_eq!(
            seen.shown.is_empty(),
            setting == LongBenchSetting::NoContext
        );
    }
    for (query, message) in [
        (
            format!("setting=direct&length=128&{who}"),
            "length is 128 tokens, expected more than the 128 of the answer",
        ),
        (
            format!("setting=cot&length=1024&{who}"),
            "more than the 1024",
        ),
        (
            format!("setting=rag:0&length=999&{who}"),
            "`rag:0` is not a setting",
        ),
        (
            "setting=direct&length=999&model=none&engine=candle-cpu".to_owned(),
            "there is no model `none`",
        ),
        (
            "setting=direct&length=999&model=tiny&engine=steam".to_owned(),
            "`steam` is no engine",
        ),
        (format!("setting=direct&{who}"), "missing field `length`"),
    ] {
        let got = server.get(&at(paths::QUESTION_SEEN, 4, &query)).await;
        got.refused(StatusCode::BAD_REQUEST, "bad_query", message);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_file_of_ones_own_is_asked_and_read() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("mine.jsonl");
    let question = LongBenchQuestion {
        id: "mine".to_owned(),
        context: "The lamp is green. ".repeat(20),
        evidence: std::iter::once(0..18).collect(),
        ..samples::question(1).unwrap()
    };
    std::fs::write(&path, serde_json::to_string(&question.row()).unwrap()).unwrap();
    let index = folder.path().join("it.index.json");
    let set = FileQuestions::open(&path, &index, &mut |_, _| ()).unwrap();
    let server = asking(AccessGuard::new(true, None).unwrap(), Arc::new(set)).await;
    let got: QuestionSet = server.get(paths::QUESTIONS).await.json(StatusCode::OK);
    assert_eq!(got.source.name, "mine.jsonl");
    assert_eq!((got.cards.len(), got.cards[0].words), (1, 80));
    let new = json!({"order": {
        "grid": {
            "tasks": [{"task": "longbench_v2"}], "lengths": [3000], "seeds": [1], "count": 1,
        },
        "model": "tiny", "engine": "candle-cpu", "mode": "completion",
    }});
    let queued: RunView = server
        .post(paths::RUNS, &new)
        .await
        .json(StatusCode::ACCEPTED);
    let texts = server.catalog.corpora().sha256_with(true);
    assert_eq!(queued.run_spec.texts, Some(texts));
    server.work(queued.id).await;
    let run = server.jobs.view(queued.id).await.unwrap();
    assert_eq!(run.status, RunStatus::Done, "{:?}", run.error);
    let row = with_id(paths::RUN_ROW, queued.id);
    let row = row.replace("{cell}", "0").replace("{sample}", "0");
    let row: RowDetail = server.get(&row).await.json(StatusCode::OK);
    let (sample, prompt) = row.made.unwrap();
    assert!(sample.input.contains("The lamp is green."));
    assert_eq!(sample.sources[0].name, "mine.jsonl");
    let asked = row.scored.unwrap().transcript.prompt_hash;
    assert_eq!(asked, Some(prompt.hash()));

    // The file is another now: what is asked of it says so, and the rest of the server goes on.
    std::fs::write(&path, "{}").unwrap();
    let got = server
        .get(&at(paths::QUESTION_WINDOW, 0, "columns=80&lines=9"))
        .await;
    got.refused(StatusCode::INTERNAL_SERVER_ERROR, "internal", "log");
    let got = server.get(paths::QUESTIONS).await;
    assert_eq!(got.status, StatusCode::OK);
}
