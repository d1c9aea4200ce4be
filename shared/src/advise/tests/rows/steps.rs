//! The three steps.

use super::super::situations::GOOD;
use super::Row;
use super::cases::{adapted, chains_lost, synthesis, synthesis_beyond};
use crate::advise::AdaptationStep;

pub(super) fn rows() -> Vec<Row> {
    vec![
        (
            "steps.step_1_extend",
            AdaptationStep::Extend,
            synthesis_beyond().at(4, GOOD).at(32, GOOD),
        ),
        (
            "steps.step_1_enough",
            AdaptationStep::Keep,
            synthesis().at(4, GOOD).at(128, GOOD).answers(54.0, 55.0),
        ),
        (
            "steps.step_2_continue",
            AdaptationStep::ContinuePretraining,
            chains_lost(),
        ),
        (
            "steps.step_3_reason",
            AdaptationStep::ReasonLonger,
            adapted().answers(41.0, 52.0),
        ),
        (
            "steps.step_3_retrain",
            AdaptationStep::Retrain,
            adapted().answers(41.0, 43.0),
        ),
    ]
}
