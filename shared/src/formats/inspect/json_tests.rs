//! Tests of logs that are JSON as a whole.

use super::*;

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
