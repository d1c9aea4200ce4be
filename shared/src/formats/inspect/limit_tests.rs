//! Tests of logs that unpack to more than is read.

use super::tests::{START, log};
use super::*;
use crate::formats::zip::ZipLimits;

/// One attachment named many times must not become many copies.
#[test]
fn attachments_do_not_multiply() {
    let long = "x".repeat(100_000);
    let parts = vec![r#"{"text": "attachment://aa"}"#; 1_000].join(",");
    let sample = format!(
        r#"{{"id": 1, "epoch": 1, "input": [{{"role": "user", "content": [{parts}]}}], "target": "x", "attachments": {{"aa": "{long}"}}}}"#
    );
    let error = read(&log(&[START, ("samples/1_epoch_1.json", &sample)])).unwrap_err();
    assert!(error.to_string().contains("attachments"), "{error}");
}

/// A member that unpacks to more than is read costs its own sample, until all that may be unpacked
/// is spent.
#[test]
fn a_sample_that_is_too_large_costs_no_other() {
    let sample = |id: u32, input: &str| {
        format!(
            r#"{{"id": {id}, "epoch": 1, "input": "{input}", "target": "a", "output": {{"completion": "a"}}}}"#
        )
    };
    let (small, large) = (sample(1, "q"), sample(2, &"x".repeat(5_000)));
    let members = [
        START,
        ("samples/1_epoch_1.json", &small),
        ("samples/2_epoch_1.json", &large),
        ("samples/3_epoch_1.json", &small),
    ];
    let limits = |total| ZipLimits {
        member: 4_000,
        total,
    };
    let imported = read_within(&log(&members), limits(50_000)).unwrap();
    assert_eq!(imported.rows.len(), 2);
    let losses = imported.report.losses();
    let told: Vec<String> = losses.iter().map(ToString::to_string).collect();
    let why = "1 sample is not read: member `samples/2_epoch_1.json`: the unpacked member has more than 4000 bytes, which is all that is read";
    assert!(told.iter().any(|told| told == why), "{told:?}");
    let error = read_within(&log(&members), limits(4_200)).unwrap_err();
    assert!(
        error.to_string().contains("the unpacked archive"),
        "{error}"
    );
}
