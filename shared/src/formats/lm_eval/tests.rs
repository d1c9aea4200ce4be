use proptest::prelude::*;

use super::*;
use crate::formats::export::{ExportInfo, UnixSeconds};
use crate::formats::row::{EvalRow, ImportedRows, RowAnswer, RowId, RowOrigin};
use crate::task::Metric;
use crate::tokens::Tokens;

const SAMPLES: &[u8] = include_bytes!(
    "../../../../tests/golden/formats/lm_eval/samples_niah_multivalue_2026-11-25T07-31-07.070607.jsonl"
);
const RESULTS: &[u8] = include_bytes!(
    "../../../../tests/golden/formats/lm_eval/results_2026-11-25T07-31-07.070607.json"
);

fn origin(task: &str) -> RowOrigin {
    RowOrigin {
        task: task.to_owned(),
        length: None,
    }
}

fn golden() -> ImportedRows {
    read(SAMPLES, &origin("niah_multivalue")).unwrap()
}

fn writing(metric: Option<Metric>) -> ExportInfo {
    ExportInfo {
        model: "org/model-a".to_owned(),
        metric,
        metrics: Default::default(),
        at: UnixSeconds(1_795_591_867),
    }
}

#[test]
fn reads_what_the_original_wrote() {
    let imported = golden();
    assert_eq!(imported.rows.len(), 3);
    let row = &imported.rows[2];
    assert_eq!(row.length, Some(Tokens(8192)));
    assert_eq!(row.id, RowId::Number(2));
    assert_eq!(row.references, ["LOL"]);
    assert_eq!(row.answer, RowAnswer::Text("lol".to_owned()));
    assert_eq!(row.prompt_and_answer, Some(Tokens(208)));
    assert!(
        row.answer_prefix
            .as_ref()
            .unwrap()
            .starts_with(" The special magic number for caf\u{e9}-cr\u{e8}me")
    );
    assert_eq!(imported.rows[0].stated, [("4096".to_owned(), 0.5)].into());
    let lost: Vec<&str> = imported
        .report
        .losses()
        .iter()
        .map(|loss| loss.what.as_str())
        .collect();
    assert_eq!(
        lost,
        [
            "arguments.gen_args_0.arg_1",
            "doc_hash",
            "prompt_hash",
            "target_hash"
        ]
    );
}

/// Hashes, documents, answers and scores are what the original wrote for the same rows.
#[test]
fn writes_what_the_original_wrote() {
    let exported = write(&golden().rows, &writing(None)).unwrap();
    assert_eq!(
        exported.files[0].path,
        "org__model-a/samples_niah_multivalue_2026-11-25T07-31-07.jsonl"
    );
    let lines = |bytes: &[u8]| -> Vec<serde_json::Value> {
        let text = String::from_utf8(bytes.to_vec()).unwrap();
        text.lines()
            .map(|line| serde_json::from_str(line).unwrap())
            .collect()
    };
    for (ours, mut theirs) in lines(&exported.files[0].bytes)
        .into_iter()
        .zip(lines(SAMPLES))
    {
        theirs["arguments"]["gen_args_0"]["arg_1"] = serde_json::json!({});
        assert_eq!(ours, theirs);
    }
    let results = read_results(&exported.files[1].bytes).unwrap();
    let original = read_results(RESULTS).unwrap();
    assert_eq!(results.model, original.model);
    for (ours, theirs) in results.reported.iter().zip(&original.reported) {
        assert_eq!((&ours.task, &ours.metric), (&theirs.task, &theirs.metric));
        assert!((ours.value - theirs.value).abs() < 1e-15);
        assert_eq!(ours.samples, theirs.samples);
    }
    assert_eq!(original.reported.len(), 2);
    assert_eq!(original.reported[0].stderr, None);
    assert_eq!(results.reported[0].stderr, Some(0.25));
}

#[test]
fn rows_come_back_as_they_were() {
    let mut rows = golden().rows;
    rows[0].answer = RowAnswer::Failed("the file has no response".to_owned());
    rows[0].stated.clear();
    rows[1].id = RowId::Text("old-mill".to_owned());
    rows[1].index = Some(77);
    let exported = write(&rows, &writing(None)).unwrap();
    let back = read(&exported.files[0].bytes, &origin("niah_multivalue")).unwrap();
    assert_eq!(back.rows, rows);
    assert_eq!(exported.report.losses()[0].what, "the reason of a failure");
}

#[test]
fn an_index_is_not_needed() {
    let line = SAMPLES.split(|byte| *byte == b'\n').next().unwrap();
    for (index, want) in [
        (serde_json::json!("7"), Some(7)),
        (serde_json::json!(7.0), Some(7)),
        (serde_json::json!(null), None),
        (serde_json::json!("a"), None),
    ] {
        let mut row: serde_json::Value = serde_json::from_slice(line).unwrap();
        row["doc"]["index"] = index.clone();
        let read = read(row.to_string().as_bytes(), &origin("niah_multivalue")).unwrap();
        assert_eq!(read.rows[0].index, want, "{index}");
    }
}

#[test]
fn rulers_tasks_keep_their_names_and_others_need_a_metric() {
    assert_eq!(to_ruler("ruler_qa_squad"), "qa_1");
    assert_eq!(from_ruler("vt"), "ruler_vt");
    assert_eq!(to_ruler("niah_single_1"), "niah_single_1");
    assert_eq!(task_of_file("samples_my_task.jsonl"), Some("my_task"));
    assert_eq!(task_of_file("vt.jsonl"), None);
    let rows: Vec<EvalRow> = golden()
        .rows
        .into_iter()
        .map(|row| EvalRow {
            task: "mine".to_owned(),
            length: None,
            ..row
        })
        .collect();
    let error = write(&rows, &writing(None)).unwrap_err();
    assert_eq!(
        error.to_string(),
        "field `task`: got `mine`, which is not RULER's, expected a metric for it"
    );
    let exported = write(&rows, &writing(Some(Metric::StringMatchPart))).unwrap();
    let text = String::from_utf8(exported.files[0].bytes.clone()).unwrap();
    assert!(text.contains(r#""string_match_part":1.0"#), "{text}");
}

/// Made by hand after the format: an older version's arguments, a second filter, a failure, and
/// a score of which the row states that it is of another length.
#[test]
fn reads_older_and_failed_rows() {
    let text = r#"{"doc_id": 0, "doc": {"question": "q"}, "target": "a", "arguments": [["the prompt", {"until": []}]], "resps": [["A", "B"]], "filtered_resps": ["A"], "filter": "first", "exact_match": 1.0, "metrics": ["exact_match"]}
{"doc_id": 0, "doc": {"question": "q"}, "target": "a", "arguments": [["the prompt", {"until": []}]], "resps": [["A", "B"]], "filtered_resps": ["B"], "filter": "second", "exact_match": 0.0, "metrics": ["exact_match"]}
{"doc_id": 1, "doc": {}, "target": ["a", "b"], "resps": [[]], "filtered_resps": [], "filter": "first", "metrics": ["4096", "8192"], "4096": -1, "8192": NaN}
"#;
    let imported = read(text.as_bytes(), &origin("mine")).unwrap();
    assert_eq!(imported.rows.len(), 2);
    assert_eq!(imported.rows[0].input.as_deref(), Some("the prompt"));
    assert_eq!(
        imported.rows[0].stated,
        [("exact_match".to_owned(), 1.0)].into()
    );
    assert!(matches!(imported.rows[1].answer, RowAnswer::Failed(_)));
    assert_eq!(imported.rows[1].references, ["a", "b"]);
    let losses: Vec<String> = imported
        .report
        .losses()
        .iter()
        .map(ToString::to_string)
        .collect();
    assert_eq!(
        losses,
        [
            "resps[]: responses after the first (1 row)",
            "doc.question: a field of the document that is not RULER's (1 row)",
            "filter: rows of further filters of the same answers (1 row)",
            "8192: a score that is no number (1 row)",
        ]
    );
}

#[test]
fn log_likelihoods_are_refused() {
    let text = r#"{"doc_id": 0, "doc": {}, "target": "a", "resps": [[["-1.5", "False"]]], "filtered_resps": [["-1.5", "False"]], "filter": "none"}"#;
    let error = read(text.as_bytes(), &origin("mine")).unwrap_err();
    assert_eq!(
        error.to_string(),
        "line 1: field `resps[0][0]`: got a list of 2, expected a text (log-likelihoods are not read)"
    );
}

/// Each of them a list of its own, and one line that cannot be read.
#[test]
fn a_text_is_found_however_deep_it_lies() {
    let row = |resps: &str| {
        format!(
            r#"{{"doc_id": 0, "doc": {{}}, "target": "a", "resps": {resps}, "filter": "none"}}"#
        )
    };
    let deep = [
        "\"A\"",
        "[\"A\"]",
        "[[\"A\"]]",
        "[[[\"A\"]]]",
        "[[[[\"A\"], [\"B\"]]]]",
    ];
    for resps in deep {
        let imported = read(row(resps).as_bytes(), &origin("mine")).unwrap();
        assert_eq!(imported.rows[0].answer.text(), Some("A"), "{resps}");
    }
    let says = |resps: &str| {
        let error = read(row(resps).as_bytes(), &origin("mine")).unwrap_err();
        error.to_string()
    };
    for likelihood in [
        "[[[-1.5, false]]]",
        "[[[[\"-1.5\", \"True\"]]]]",
        "[[-1.5]]",
    ] {
        let said = says(likelihood);
        assert!(said.contains("log-likelihoods are not read"), "{said}");
    }
    assert!(says("[[{}]]").ends_with("got an object, expected a text"));
    let odd = format!("{}\n{}\n{{\"doc", row("[[\"A\"]]"), row("[[7]]"));
    let imported = read(odd.as_bytes(), &origin("mine")).unwrap();
    assert_eq!(imported.rows.len(), 1);
    let told: Vec<String> = imported
        .report
        .losses()
        .iter()
        .map(ToString::to_string)
        .collect();
    assert_eq!(told[0], "the last line, 3, is cut off: not read");
    assert!(
        told[1].starts_with("1 line is not read: line 2: field `resps[0][0]`: got the number 7")
    );
}

/// Of lm-evaluation-harness, whose own score of it is 0: the reference stands in the thinking only.
#[test]
fn the_filtered_response_is_what_was_scored() {
    let line = |resps: &str, filtered: &str| {
        let text = format!(
            r#"{{"doc_id": 0, "doc": {{"input": "hay", "outputs": ["1234567"]}}, "target": "1234567", "resps": {resps}{filtered}, "filter": "none", "metrics": ["4096", "8192"], "4096": 0.0, "8192": -1.0}}"#
        );
        read(text.as_bytes(), &origin("niah_single_1")).unwrap()
    };
    let thinking = r#"[["<think>Is it 1234567? Or 7654321?</think> It is 7654321."]]"#;
    for filtered in [
        r#", "filtered_resps": [" It is 7654321."]"#,
        r#", "filtered_resps": null"#,
        r#", "filtered_resps": [7]"#,
        r#", "filtered_resps": ["<think>Is it 1234567?</think>It is 7654321."]"#,
        "",
    ] {
        let imported = line(thinking, filtered);
        let text = imported.rows[0].answer.text().unwrap();
        assert_eq!(text.trim(), "It is 7654321.", "{filtered}");
        assert_eq!(imported.rows[0].stated, [("4096".to_owned(), 0.0)].into());
        assert!(!imported.report.is_empty(), "{filtered}");
    }
    let imported = line("[[]]", r#", "filtered_resps": []"#);
    assert!(matches!(imported.rows[0].answer, RowAnswer::Failed(_)));
}

proptest! {
    #[test]
    fn damage_gives_an_error_and_no_panic(at in 0_usize..5_000, byte in any::<u8>()) {
        let mut bytes = SAMPLES.to_vec();
        let at = at % bytes.len();
        bytes[at] = byte;
        let _either = read(&bytes, &origin("niah_multivalue"));
        let mut bytes = RESULTS.to_vec();
        let at = at % bytes.len();
        bytes[at] = byte;
        let _either = read_results(&bytes);
    }
}

/// `apply_chat_template` with models behind an API: lm-eval writes the prompt's messages as a named
/// tuple, which is a list in JSON.
#[test]
fn a_prompt_of_messages_does_not_cost_the_row() {
    for prompt in [
        r#"["[{\"role\": \"user\", \"content\": \"q\"}]"]"#,
        r#"[{"role": "user", "content": "q"}]"#,
        "7",
        "null",
        r#""q""#,
    ] {
        let line = format!(
            r#"{{"doc_id": 0, "doc": {{"outputs": ["7"], "input": "q"}}, "target": "['7']", "arguments": {{"gen_args_0": {{"arg_0": {prompt}, "arg_1": {{}}}}}}, "resps": [["7"]], "filtered_resps": ["7"]}}"#
        );
        let rows = read(line.as_bytes(), &origin("vt")).unwrap().rows;
        assert_eq!(rows[0].answer, RowAnswer::Text("7".to_owned()), "{prompt}");
        assert_eq!(rows[0].input.as_deref(), Some("q"), "{prompt}");
        assert_eq!(rows[0].references, ["7"]);
    }
}

/// A task of whole numbers; and of no reference, which lm-eval writes as an empty text.
#[test]
fn numbers_are_references_and_empty_ones_are_told() {
    let line = |target: &str| {
        let text = format!(
            r#"{{"doc_id": 0, "doc": {{"question": "q"}}, "target": {target}, "resps": [["25"]], "filtered_resps": ["25"]}}"#
        );
        read(text.as_bytes(), &origin("mine")).unwrap()
    };
    let told = |imported: &ImportedRows| {
        let mut losses = imported.report.losses().iter();
        losses.any(|loss| loss.to_string().contains("every answer holds"))
    };
    let number = line("25");
    assert_eq!(number.rows[0].references, ["25"]);
    assert!(!told(&number));
    assert!(told(&line(r#""""#)));
}
