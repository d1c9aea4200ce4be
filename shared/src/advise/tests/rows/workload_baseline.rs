//! Workload against the human baseline.

use super::super::situations::GOOD;
use super::Row;
use super::cases::{degraded, legal, lookup, safety, synthesis};
use crate::advise::AdaptationStep;
use crate::advise::evidence::PriorAdaptation::Continued;

/// Counts are low wherever they are measured.
const COUNTS_LOW: [f64; 4] = [99.0, 95.0, 92.0, 80.0];

pub(super) fn rows() -> Vec<Row> {
    vec![
        (
            "workload_baseline.lookup_enough",
            AdaptationStep::Keep,
            lookup(64, 128).at(4, GOOD).at(64, GOOD),
        ),
        (
            "workload_baseline.lookup_extend",
            AdaptationStep::Extend,
            lookup(128, 32).at(32, GOOD),
        ),
        (
            "workload_baseline.synthesis_direct",
            AdaptationStep::Keep,
            synthesis().at(128, GOOD).answers(51.0, 52.0),
        ),
        (
            "workload_baseline.synthesis_reason",
            AdaptationStep::ReasonLonger,
            synthesis().at(128, GOOD).answers(44.0, 54.0),
        ),
        (
            "workload_baseline.synthesis_continue",
            AdaptationStep::ContinuePretraining,
            synthesis().at(128, GOOD).answers(40.0, 42.0),
        ),
        (
            "workload_baseline.legal_reason",
            AdaptationStep::ReasonLonger,
            legal().at(128, GOOD).answers(44.0, 54.0),
        ),
        (
            "workload_baseline.legal_retrain",
            AdaptationStep::Retrain,
            legal()
                .after(Continued)
                .at(128, GOOD)
                .had(95.0, 70.0, 39.0)
                .answers(40.0, 42.0),
        ),
        (
            "workload_baseline.safety_reason",
            AdaptationStep::ReasonLonger,
            safety().at(4, GOOD).at(128, GOOD).answers(50.0, 58.0),
        ),
        (
            "workload_baseline.safety_reason_low",
            AdaptationStep::ReasonLonger,
            safety()
                .at(4, COUNTS_LOW)
                .at(128, COUNTS_LOW)
                .answers(50.0, 60.0),
        ),
        (
            "workload_baseline.safety_retrain",
            AdaptationStep::Retrain,
            degraded().answers(48.0, 50.0),
        ),
        (
            "workload_baseline.safety_ceiling",
            AdaptationStep::Retrain,
            safety().at(4, GOOD).at(128, GOOD).answers(44.0, 45.0),
        ),
    ]
}
