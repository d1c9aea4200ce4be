//! Decision factors.

use super::super::situations::{CHAINS_LOST, GOOD};
use super::Row;
use super::cases::{adapted, chains_lost, degraded, legal, lookup};
use crate::advise::AdaptationStep;
use crate::advise::evidence::ErrorTolerance::HumanLevel;
use crate::advise::evidence::PriorAdaptation::Extended;

pub(super) fn rows() -> Vec<Row> {
    vec![
        (
            "decision_factors.mix_adapt",
            AdaptationStep::Extend,
            lookup(128, 32).at(32, GOOD),
        ),
        (
            "decision_factors.mix_adapt_medium",
            AdaptationStep::ContinuePretraining,
            chains_lost(),
        ),
        (
            "decision_factors.mix_retrain",
            AdaptationStep::Retrain,
            degraded().answers(48.0, 50.0),
        ),
        (
            "decision_factors.tolerance_adapt",
            AdaptationStep::ContinuePretraining,
            chains_lost(),
        ),
        (
            "decision_factors.tolerance_retrain",
            AdaptationStep::Retrain,
            legal()
                .bearing(HumanLevel)
                .at(4, GOOD)
                .at(128, CHAINS_LOST)
                .answers(45.0, 50.0),
        ),
        (
            "decision_factors.outcome_adapt",
            AdaptationStep::ContinuePretraining,
            chains_lost().after(Extended).had(60.0, 44.0, 37.0),
        ),
        (
            "decision_factors.outcome_retrain",
            AdaptationStep::Retrain,
            adapted().answers(41.0, 43.0),
        ),
    ]
}
