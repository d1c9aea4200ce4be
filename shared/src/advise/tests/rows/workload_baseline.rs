//! Workload against the human baseline.

use super::super::situations::GOOD;
use super::Row;
use super::cases::{degraded, legal, lookup, safety, synthesis};
use crate::advise::Step;
use crate::advise::evidence::Adaptation::Continued;

pub(super) fn rows() -> Vec<Row> {
    vec![
        (
            "workload_baseline.lookup_enough",
            Step::Keep,
            lookup(64, 128).at(4, GOOD).at(64, GOOD),
        ),
        (
            "workload_baseline.lookup_extend",
            Step::Extend,
            lookup(128, 32).at(32, GOOD),
        ),
        (
            "workload_baseline.synthesis_direct",
            Step::Keep,
            synthesis().at(128, GOOD).answers(51.0, 52.0),
        ),
        (
            "workload_baseline.synthesis_reason",
            Step::ReasonLonger,
            synthesis().at(128, GOOD).answers(44.0, 54.0),
        ),
        (
            "workload_baseline.synthesis_continue",
            Step::ContinuePretraining,
            synthesis().at(128, GOOD).answers(40.0, 42.0),
        ),
        (
            "workload_baseline.legal_reason",
            Step::ReasonLonger,
            legal().at(128, GOOD).answers(44.0, 54.0),
        ),
        (
            "workload_baseline.legal_retrain",
            Step::Retrain,
            legal()
                .after(Continued)
                .at(128, GOOD)
                .had(95.0, 70.0, 39.0)
                .answers(40.0, 42.0),
        ),
        (
            "workload_baseline.safety_reason",
            Step::ReasonLonger,
            safety().at(4, GOOD).at(128, GOOD).answers(50.0, 58.0),
        ),
        (
            "workload_baseline.safety_retrain",
            Step::Retrain,
            degraded().answers(48.0, 50.0),
        ),
        (
            "workload_baseline.safety_ceiling",
            Step::Retrain,
            safety().at(4, GOOD).at(128, GOOD).answers(50.0, 51.0),
        ),
    ]
}
