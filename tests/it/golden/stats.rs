//! Compares estimators and tests with scipy and statsmodels.

use fathom_shared::stats::adjust::holm;
use fathom_shared::stats::equivalence::tost;
use fathom_shared::stats::mcnemar::mcnemar;
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

#[derive(Deserialize)]
struct Pairs {
    mcnemar: Vec<(u32, u32, f64)>,
    adjust: Vec<Adjusted>,
    tost: Vec<Equivalence>,
}

#[derive(Deserialize)]
struct Adjusted {
    p: Vec<f64>,
    holm: Vec<f64>,
}

#[derive(Deserialize)]
struct Equivalence {
    differences: Vec<f64>,
    margin: f64,
    p: f64,
}

#[test]
fn tests_of_pairs_equal_statsmodels() {
    let golden: Pairs = super::json("stats/paired.json");
    assert!(golden.mcnemar.len() >= 8 && golden.adjust.len() >= 6 && golden.tost.len() >= 4);
    for (gained, lost, want) in golden.mcnemar {
        let got = mcnemar(gained, lost);
        assert!((got - want).abs() < 1e-10, "{gained}, {lost}: {got} {want}");
    }
    let near = |got: &[f64], want: &[f64]| {
        assert_eq!(got.len(), want.len());
        for (got, want) in got.iter().zip(want) {
            assert!((got - want).abs() < 1e-12, "{got} {want}");
        }
    };
    for case in golden.adjust {
        near(&holm(&case.p), &case.holm);
    }
    for case in golden.tost {
        let got = tost(&case.differences, case.margin).unwrap();
        assert!((got - case.p).abs() < 1e-9, "{got} {}", case.p);
    }
}
