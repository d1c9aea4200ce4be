//! Failure patterns.

use super::super::situations::{CHAINS_LOST, GOOD};
use super::Row;
use super::cases::{ceiling, chains_lost, legal, long_lost, synthesis};
use crate::advise::Step;
use crate::advise::evidence::Reading::Direct;
use crate::advise::evidence::Tolerance::None as NoErrors;

pub(super) fn rows() -> Vec<Row> {
    vec![
        (
            "failure_patterns.window_too_short",
            Step::Extend,
            long_lost(),
        ),
        (
            "failure_patterns.chains_fail",
            Step::ContinuePretraining,
            chains_lost().asked_of(Direct, Some("Multi-Document QA"), None, 33.0),
        ),
        (
            "failure_patterns.reasoning_ceiling",
            Step::ReasonLonger,
            ceiling(),
        ),
        (
            "failure_patterns.reasoning_gap",
            Step::ContinuePretraining,
            legal().at(4, GOOD).at(128, GOOD).answers(32.0, 42.0),
        ),
        (
            "failure_patterns.no_tolerance",
            Step::Retrain,
            synthesis()
                .bearing(NoErrors)
                .at(4, GOOD)
                .at(128, CHAINS_LOST)
                .answers(45.0, 50.0),
        ),
    ]
}
