//! RULER's metrics against its own functions.

use fathom_shared::score::{score, string_match};
use fathom_shared::task::Metric;
use serde::Deserialize;

#[derive(Deserialize)]
struct Case {
    metric: String,
    preds: Vec<String>,
    refs: Vec<Vec<String>>,
    postprocessed: Vec<String>,
    score: f64,
}

#[test]
fn scores_and_clean_answers_equal_the_original() {
    let cases: Vec<Case> = super::lines("ruler/metrics.jsonl");
    assert!(cases.len() > 100, "{} cases", cases.len());
    for case in cases {
        let metric = match case.metric.as_str() {
            "string_match_all" => Metric::StringMatchAll,
            "string_match_part" => Metric::StringMatchPart,
            other => panic!("unknown metric {other}"),
        };
        let mut sum = 0.0;
        for ((text, references), clean) in
            case.preds.iter().zip(&case.refs).zip(&case.postprocessed)
        {
            assert_eq!(string_match::clean(text), *clean);
            sum += score(metric, clean, references).value;
        }
        // The original rounds the mean to two decimals inside the metric.
        let got = (sum / case.preds.len() as f64 * 100.0 * 100.0).round() / 100.0;
        assert!(
            (got - case.score).abs() < 0.011,
            "{got} is not {}",
            case.score
        );
    }
}
