//! Failure patterns.

use super::super::situations::{CHAINS_LOST, GOOD};
use super::Row;
use super::cases::{ceiling, chains_lost, legal, long_lost, synthesis};
use crate::advise::AdaptationStep;
use crate::advise::evidence::ErrorTolerance::None as NoErrors;
use crate::advise::evidence::LongBenchMode::Direct;

pub(super) fn rows() -> Vec<Row> {
    vec![
        (
            "failure_patterns.window_too_short",
            AdaptationStep::Extend,
            long_lost(),
        ),
        (
            "failure_patterns.chains_fail",
            AdaptationStep::ContinuePretraining,
            chains_lost().asked_of(Direct, Some("Multi-Document QA"), None, 33.0),
        ),
        (
            "failure_patterns.reasoning_ceiling",
            AdaptationStep::ReasonLonger,
            ceiling(),
        ),
        (
            "failure_patterns.reasoning_gap",
            AdaptationStep::ContinuePretraining,
            legal().at(4, GOOD).at(128, GOOD).answers(32.0, 42.0),
        ),
        (
            "failure_patterns.no_tolerance",
            AdaptationStep::Retrain,
            synthesis()
                .bearing(NoErrors)
                .at(4, GOOD)
                .at(128, CHAINS_LOST)
                .answers(45.0, 50.0),
        ),
    ]
}
