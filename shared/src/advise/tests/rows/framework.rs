//! The decision framework.

use super::super::situations::{ALL_LOST, GOOD};
use super::Row;
use super::cases::{chains_lost, degraded, domain, foreign, legal, lookup};
use crate::advise::AdaptationStep;
use crate::advise::evidence::TrainingCorpus::Domain;
use crate::advise::evidence::TrainingCorpus::None as NoCorpus;

pub(super) fn rows() -> Vec<Row> {
    vec![
        (
            "framework.lookup",
            AdaptationStep::Extend,
            lookup(128, 32).at(32, GOOD).at(128, ALL_LOST),
        ),
        (
            "framework.synthesis",
            AdaptationStep::ContinuePretraining,
            chains_lost(),
        ),
        (
            "framework.legal",
            AdaptationStep::ContinueAndReason,
            legal()
                .at(4, GOOD)
                .at(128, [99.5, 97.0, 95.0, 40.0])
                .answers(42.0, 48.0),
        ),
        (
            "framework.domain",
            AdaptationStep::ContinuePretraining,
            foreign().with(Domain),
        ),
        (
            "framework.domain_no_corpus",
            AdaptationStep::SwitchModel,
            domain()
                .with(NoCorpus)
                .mean(32, 80.0)
                .mean(64, 70.0)
                .mean(128, 60.0)
                .answers(36.0, 38.0),
        ),
        (
            "framework.safety",
            AdaptationStep::Retrain,
            degraded().answers(48.0, 50.0),
        ),
    ]
}
