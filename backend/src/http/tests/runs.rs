//! Runs: started, listed, changed and watched.

use axum::body::Body;
use axum::http::{Request, StatusCode, header};
use fathom_shared::api::paths::{self, with_id};
use fathom_shared::api::{
    EngineView, Health, ListPage, RowDetail, RowState, RowView, RunDetail, RunEstimate, RunEvent,
    RunStatus, RunView,
};
use fathom_shared::corpora::Corpora;
use fathom_shared::results::ResultSet;
use fathom_shared::run::SampleKey;
use fathom_shared::tokens::Tokens;
use serde_json::{Value, json};

use super::{Got, new_run, server};
use crate::testing::{CONTEXT, without_template};

fn row_path(id: i64, cell: u32, sample: u32) -> String {
    let path = with_id(paths::RUN_ROW, id).replace("{cell}", &cell.to_string());
    path.replace("{sample}", &sample.to_string())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_run_from_start_to_last_event() {
    let server = server().await;
    let queued = server.queue_run().await;
    assert_eq!(queued.status, RunStatus::Queued);
    assert_eq!(queued.engine.model_sha256.len(), 64);
    let texts = queued.run_spec.texts.as_deref();
    assert_eq!(texts, Some(Corpora::bundled_sha256()));
    let before: RowDetail = server
        .get(&row_path(queued.id, 0, 1))
        .await
        .json(StatusCode::OK);
    assert_eq!((before.row.state, before.scored), (RowState::Open, None));
    server.work(queued.id).await;
    let path = with_id(paths::RUN, queued.id);
    let detail: RunDetail = server.get(&path).await.json(StatusCode::OK);
    let run = &detail.run;
    assert_eq!(run.status, RunStatus::Done, "{:?}", run.error);
    assert_eq!(run.engine.engine, "candle-cpu");
    assert_eq!(
        (run.counts.answered, detail.cells[0].summary.answered),
        (2, 2)
    );
    let list: ListPage<RunView> = server.get(paths::RUNS).await.json(StatusCode::OK);
    assert_eq!(list.items, std::slice::from_ref(run));

    let rows: ListPage<RowView> = server
        .get(&with_id(paths::RUN_ROWS, queued.id))
        .await
        .json(StatusCode::OK);
    assert_eq!((rows.items.len(), rows.next), (2, None));
    let one: RowDetail = server
        .get(&row_path(queued.id, 0, 1))
        .await
        .json(StatusCode::OK);
    let (sample, prompt) = one.made.unwrap();
    let scored = one.scored.unwrap();
    assert_eq!((sample.number, scored.transcript.sample), (1, 1));
    assert_eq!(scored.transcript.prompt_hash, Some(prompt.hash()));
    assert!(!sample.evidence.is_empty());

    let path = with_id(paths::RUN_RESULTS, queued.id);
    let set: ResultSet = server.get(&path).await.json(StatusCode::OK);
    let samples = &set.cells[0].samples;
    assert_eq!((set.cells.len(), samples.len()), (1, 2));
    assert_eq!(samples[1].place, Some(SampleKey { cell: 0, sample: 1 }));
    assert_eq!(set.cells[0].summary(), detail.cells[0].summary);
    let about = serde_json::to_value(&scored.score.unwrap().parts).unwrap();
    assert_eq!(about, serde_json::to_value(&samples[1].parts).unwrap());

    let events = server.get(&with_id(paths::RUN_EVENTS, queued.id)).await;
    assert_eq!(events.header(header::CONTENT_TYPE), "text/event-stream");
    let told = told(&events);
    let [
        RunEvent::Rows { rows },
        RunEvent::Run { run: last },
        RunEvent::Current { .. },
    ] = &told[..]
    else {
        panic!("{told:?}");
    };
    assert_eq!((rows.len(), &**last), (2, run));
    // Who was there before hears only how it stands.
    let again = Request::get(with_id(paths::RUN_EVENTS, queued.id));
    let again = again.header("last-event-id", run.seq.to_string());
    let again = server.send(again.body(Body::empty()).unwrap()).await;
    assert!(matches!(&self::told(&again)[..], [RunEvent::Run { .. }, _]));
}

fn told(got: &Got) -> Vec<RunEvent> {
    let text = std::str::from_utf8(&got.body).unwrap();
    let data = text.lines().filter_map(|line| line.strip_prefix("data: "));
    data.map(|data| serde_json::from_str(data).unwrap())
        .collect()
}

#[tokio::test]
async fn what_did_not_change_is_not_sent_again() {
    let server = server().await;
    let id = server.queue_run().await.id;
    for path in [
        paths::RUNS.to_owned(),
        with_id(paths::RUN, id),
        with_id(paths::RUN_ROWS, id),
        with_id(paths::RUN_RESULTS, id),
    ] {
        let first = server.get(&path).await;
        let tag = first.header(header::ETAG).to_owned();
        let again = Request::get(&path).header(header::IF_NONE_MATCH, &tag);
        let again = server.send(again.body(Body::empty()).unwrap()).await;
        assert_eq!(
            (again.status, again.body.len()),
            (StatusCode::NOT_MODIFIED, 0)
        );
        server
            .post(&with_id(paths::RUN_PAUSE, id), &json!({}))
            .await;
        server
            .post(&with_id(paths::RUN_RESUME, id), &json!({}))
            .await;
    }
    let tag = server
        .get(&with_id(paths::RUN, id))
        .await
        .header(header::ETAG)
        .to_owned();
    server
        .post(&with_id(paths::RUN_CANCEL, id), &json!({}))
        .await;
    let changed = Request::get(with_id(paths::RUN, id)).header(header::IF_NONE_MATCH, tag);
    let changed = server.send(changed.body(Body::empty()).unwrap()).await;
    assert_eq!(changed.status, StatusCode::OK);
}

#[tokio::test]
async fn lists_come_in_parts() {
    let server = server().await;
    for _ in 0..3 {
        server.queue_run().await;
    }
    let path = format!("{}?limit=2", paths::RUNS);
    let first: ListPage<RunView> = server.get(&path).await.json(StatusCode::OK);
    assert_eq!(
        first.items.iter().map(|run| run.id).collect::<Vec<_>>(),
        [3, 2]
    );
    let path = format!("{path}&after={}", first.next.unwrap());
    let rest: ListPage<RunView> = server.get(&path).await.json(StatusCode::OK);
    assert_eq!(
        (rest.items[0].id, rest.items.len(), rest.next),
        (1, 1, None)
    );
    let rows = with_id(paths::RUN_ROWS, 1);
    let first: ListPage<RowView> = server
        .get(&format!("{rows}?limit=1"))
        .await
        .json(StatusCode::OK);
    let after = first.next.unwrap();
    assert_eq!(after, "0.0");
    let path = format!("{rows}?after={after}");
    let rest: ListPage<RowView> = server.get(&path).await.json(StatusCode::OK);
    assert_eq!(rest.items[0].place.sample, 1);
    for wrong in ["?after=x", "?limit=-1", "?page=3"] {
        let got = server.get(&format!("{rows}{wrong}")).await;
        got.refused(StatusCode::BAD_REQUEST, "bad_query", "");
    }
}

#[tokio::test]
async fn what_is_done_to_a_run() {
    let server = server().await;
    let id = server.queue_run().await.id;
    let done = async |path: &str| -> RunView {
        let got = server
            .post(&with_id(path, id), &json!({"priority": 3}))
            .await;
        got.json(StatusCode::OK)
    };
    assert_eq!(done(paths::RUN_PRIORITY).await.priority, 3);
    assert_eq!(done(paths::RUN_PAUSE).await.status, RunStatus::Paused);
    assert_eq!(done(paths::RUN_RESUME).await.status, RunStatus::Queued);
    assert_eq!(done(paths::RUN_RETRY).await.counts.failed, 0);
    for _twice in 0..2 {
        assert_eq!(done(paths::RUN_CANCEL).await.status, RunStatus::Cancelled);
    }
    let wrong = json!({"priority": "high"});
    let got = server.post(&with_id(paths::RUN_PRIORITY, id), &wrong).await;
    got.refused(StatusCode::UNPROCESSABLE_ENTITY, "bad_body", "priority");
    for path in [
        paths::RUN,
        paths::RUN_EVENTS,
        paths::RUN_ROWS,
        paths::RUN_RESULTS,
    ] {
        let got = server.get(&with_id(path, 99)).await;
        got.refused(StatusCode::NOT_FOUND, "not_found", "there is no run 99");
    }
    let got = server.get(&row_path(id, 4, 0)).await;
    got.refused(StatusCode::NOT_FOUND, "not_found", "no sample 0 in cell 4");
    for path in [
        paths::RUN_CANCEL,
        paths::RUN_PAUSE,
        paths::RUN_RESUME,
        paths::RUN_RETRY,
        paths::RUN_PRIORITY,
    ] {
        let got = server
            .post(&with_id(path, 99), &json!({"priority": 3}))
            .await;
        got.refused(StatusCode::NOT_FOUND, "not_found", "there is no run 99");
    }
    let got = server.get(&with_id(paths::RUN, "seven")).await;
    got.refused(StatusCode::NOT_FOUND, "not_found", "no such path");
}

#[tokio::test]
async fn engines_estimates_and_counts() {
    let server = server().await;
    let engines: Vec<EngineView> = server.get(paths::ENGINES).await.json(StatusCode::OK);
    let cpu = &engines[0];
    assert_eq!(
        (cpu.engine.to_string().as_str(), &cpu.models[..]),
        ("candle-cpu", &["tiny".to_owned()][..])
    );
    let got = server.post(paths::RUN_ESTIMATE, &new_run()).await;
    let estimate: RunEstimate = got.json(StatusCode::OK);
    assert_eq!((estimate.samples, estimate.ms), (2, None));
    assert_eq!(estimate.prompt_tokens + estimate.answer_tokens, 4000);
    // Samples that leave little of the window to a chat template are told of.
    let room = async |length: u32, mode: &str| {
        let mut new = new_run();
        new["order"]["grid"]["lengths"] = json!([length]);
        new["order"]["mode"] = json!(mode);
        let got = server.post(paths::RUN_ESTIMATE, &new).await;
        got.json::<RunEstimate>(StatusCode::OK).room
    };
    assert_eq!(room(CONTEXT - 30, "chat").await, Some(Tokens(30)));
    assert_eq!(room(CONTEXT - 256, "chat").await, None);
    assert_eq!(room(CONTEXT - 30, "completion").await, None);
    let list: ListPage<RunView> = server.get(paths::RUNS).await.json(StatusCode::OK);
    assert_eq!(list.items, [], "an estimate starts nothing");
    server.queue_run().await;
    let metrics = server.get(paths::METRICS).await;
    let text = String::from_utf8(metrics.body).unwrap();
    for line in [
        "# TYPE fathom_runs gauge",
        "fathom_runs 1",
        "fathom_samples_asked_total 2",
    ] {
        assert!(text.lines().any(|got| got == line), "{text}");
    }
    let ready: Health = server.get(paths::READY).await.json(StatusCode::OK);
    assert_eq!(ready.name, "fathom");
    server.jobs.store().close().await;
    let got = server.get(paths::READY).await;
    got.refused(StatusCode::SERVICE_UNAVAILABLE, "unready", "database");
}

#[tokio::test]
async fn run_specs_that_cannot_be_carried_out() {
    let server = server().await;
    let with = |pointer: &str, value: Value| {
        let mut new = new_run();
        match new.pointer_mut(&format!("/order{pointer}")) {
            Some(place) => *place = value,
            None => new["order"][pointer.trim_start_matches('/')] = value,
        }
        new
    };
    for (new, message) in [
        (
            with("/grid/tasks/0/task", json!("nope")),
            "unknown task `nope`",
        ),
        (
            with("/grid/lengths", json!([9])),
            "max_seq_length is 9 tokens",
        ),
        (with("/grid/lengths", json!([4097])), "reads at most 4096"),
        (
            with("/grid/lengths", json!([2000, 2000])),
            "length 2000 is given twice",
        ),
        (with("/grid/seeds", json!([])), "the run has no seed"),
        (with("/grid/count", json!(0)), "the run has no sample"),
        (with("/grid/count", json!(120_001)), "at most 120000"),
        (with("/model", json!("other")), "no model `other`"),
        (with("/model", json!("../tiny")), "cannot be a model's id"),
        (
            with("/texts", json!("0123")),
            "needs texts with SHA-256 0123",
        ),
        (
            with("/engine", json!("openai:nowhere")),
            "there is no endpoint `nowhere`",
        ),
    ] {
        let got = server.post(paths::RUNS, &new).await;
        got.refused(StatusCode::UNPROCESSABLE_ENTITY, "bad_order", message);
    }
    // A model without a chat template is not asked in chat mode.
    let file = server.folder.path().join("plain.gguf");
    std::fs::write(file, without_template().bytes()).unwrap();
    let mut chat = with("/model", json!("plain"));
    chat["order"]["mode"] = json!("chat");
    for path in [paths::RUNS, paths::RUN_ESTIMATE] {
        let got = server.post(path, &chat).await;
        let message = "the model `plain` has no chat template";
        got.refused(StatusCode::UNPROCESSABLE_ENTITY, "bad_order", message);
    }
    let got = server
        .post(paths::RUNS, &with("/engine", json!("abacus")))
        .await;
    got.refused(
        StatusCode::UNPROCESSABLE_ENTITY,
        "bad_body",
        "`abacus` is no engine",
    );
    let list: ListPage<RunView> = server.get(paths::RUNS).await.json(StatusCode::OK);
    assert_eq!(list.items, []);
}
