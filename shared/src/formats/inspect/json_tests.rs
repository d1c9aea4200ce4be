//! Tests of logs that are JSON as a whole.

use super::*;
use crate::formats::row::RowAnswer;

#[test]
fn json_logs_are_known_by_how_they_begin() {
    let json = include_bytes!("../../../../tests/golden/formats/cases/inspect-log.json");
    assert!(is_log(&json[..4096]));
    let results = include_bytes!(
        "../../../../tests/golden/formats/lm_eval/results_2026-11-25T07-31-07.070607.json"
    );
    assert!(!is_log(results));
    assert!(!is_log(br#"[{"version": 2, "eval": {}}]"#));
    assert!(
        read(br#"{"version": 2, "eval": {"task": "vt"}, "samples": null}"#)
            .unwrap()
            .rows
            .is_empty()
    );
    let error =
        read(br#"{"version": 2, "eval": {"task": "vt"}, "samples": [{"id": 1, "target": 7}]}"#);
    let expected = "field `samples[0].target`: got the number 7, expected a list of strings";
    assert_eq!(error.unwrap_err().to_string(), expected);
}

/// Whatever else a log of many samples holds, what counts is told first.
#[test]
fn what_is_missing_is_told_before_what_is_not_kept() {
    let sample = |id: usize, answer: &str| {
        let fields: Vec<String> = (0..3).map(|n| format!(r#""f{n}": {id}"#)).collect();
        format!(
            r#"{{"id": {id}, "epoch": 1, "input": "q", "target": "7", {}, "store": {{}},
               "output": {{"choices": [{{"message": {{"content": "{answer}"}}}}]}}}}"#,
            fields.join(", ")
        )
    };
    let mut samples: Vec<String> = (1..40).map(|id| sample(id, "7")).collect();
    samples.push(sample(40, "<think>7?</think>8"));
    let header: Vec<String> = (0..80).map(|n| format!(r#""h{n}": 1"#)).collect();
    let log = format!(
        r#"{{"version": 2, "status": "cancelled", {}, "eval": {{"task": "vt", "dataset": {{"samples": 60}}}}, "samples": [{}]}}"#,
        header.join(", "),
        samples.join(",")
    );
    let imported = read(log.as_bytes()).unwrap();
    assert_eq!(imported.rows.len(), 40);
    let losses = imported.report.losses();
    let said: Vec<String> = losses.iter().map(ToString::to_string).collect();
    assert_eq!(
        said[..2],
        [
            "thinking: before the answer; not scored and not kept (1 row)",
            "the log says it was cancelled: 20 of 60 samples are missing",
        ]
    );
    // A few kinds, however many samples.
    let few = log.replace(&format!("{}, ", header.join(", ")), "");
    let report = read(few.as_bytes()).unwrap().report;
    let said: Vec<String> = report.losses().iter().map(ToString::to_string).collect();
    assert!(said.len() < 10, "{said:?}");
    let store = "samples[].store: Inspect's record of the sample; not kept (40 rows)";
    assert!(said.iter().any(|told| told == store), "{said:?}");
}

/// Reasoning in parts of its own is told as thinking in a text is.
#[test]
fn reasoning_apart_is_told() {
    let log = |content: &str| {
        let sample = format!(
            r#"{{"id": 1, "epoch": 1, "input": "q", "target": "7", "store": {{}}, "scores": {{}},
               "output": {{"completion": "", "choices": [{{"message": {{"content": {content}}}}}]}}}}"#
        );
        let log = format!(
            r#"{{"version": 2, "status": "success", "eval": {{"task": "vt"}}, "samples": [{sample}]}}"#
        );
        let imported = read(log.as_bytes()).unwrap();
        let told = imported.report.losses().first().map(ToString::to_string);
        (imported.rows[0].answer.clone(), told.unwrap_or_default())
    };
    let all = "thinking: all of the answer; what is scored is empty (1 row)";
    let before = "thinking: before the answer; not scored and not kept (1 row)";
    for (content, answer, told) in [
        (r#"[{"type": "reasoning", "reasoning": "7"}]"#, "", all),
        (
            r#"[{"type": "reasoning", "reasoning": "", "redacted": true}]"#,
            "",
            all,
        ),
        (
            r#"[{"type": "reasoning", "reasoning": "8"}, {"type": "text", "text": "7"}]"#,
            "7",
            before,
        ),
        (
            r#"[{"type": "reasoning", "reasoning": "8"}, {"type": "text", "text": "<think>9</think>7"}]"#,
            "7",
            before,
        ),
    ] {
        let want = (RowAnswer::Text(answer.to_owned()), told.to_owned());
        assert_eq!(log(content), want, "{content}");
    }
    let (_, told) =
        log(r#"[{"type": "reasoning", "reasoning": ""}, {"type": "text", "text": "7"}]"#);
    assert!(!told.contains("thinking"), "{told}");
}

/// As in a file of lines, one odd sample does not cost the others.
#[test]
fn an_odd_sample_is_left_out_and_told() {
    let good = r#"{"id": 1, "epoch": 1, "input": "q", "target": "7",
        "output": {"choices": [{"message": {"content": "7"}}]}}"#;
    for odd in [
        r#"{"id": 2, "epoch": 1, "input": "q", "target": 7}"#,
        r#"{"epoch": 1, "input": "q", "target": "7"}"#,
        "null",
        "[1]",
    ] {
        let log =
            format!(r#"{{"version": 2, "eval": {{"task": "vt"}}, "samples": [{good}, {odd}]}}"#);
        let imported = read(log.as_bytes()).unwrap();
        assert_eq!(imported.rows.len(), 1, "{odd}");
        let losses = imported.report.losses();
        let told = losses.iter().map(ToString::to_string);
        let told: Vec<String> = told.filter(|one| one.contains("not read")).collect();
        assert!(told[0].contains("1 sample is not read: "), "{told:?}");
        assert!(told[0].contains("samples[1]"), "{told:?}");
    }
}
