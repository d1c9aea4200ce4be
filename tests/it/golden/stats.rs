//! Estimators against scipy.

use fathom_shared::stats::wilson::wilson;
use serde::Deserialize;

#[derive(Deserialize)]
struct Case {
    hits: u32,
    n: u32,
    low: f64,
    high: f64,
}

#[test]
fn wilson_equals_scipy() {
    let cases: Vec<Case> = super::json("stats/wilson.json");
    assert!(cases.len() >= 12);
    for case in cases {
        let got = wilson(case.hits, case.n).unwrap();
        assert!(
            (got.low - case.low).abs() < 1e-12,
            "{}/{}: {got:?}",
            case.hits,
            case.n
        );
        assert!(
            (got.high - case.high).abs() < 1e-12,
            "{}/{}: {got:?}",
            case.hits,
            case.n
        );
    }
    assert_eq!(wilson(0, 0), None);
}
