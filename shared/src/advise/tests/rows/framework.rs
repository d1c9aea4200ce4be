//! The decision framework.

use super::super::situations::{ALL_LOST, GOOD};
use super::Row;
use super::cases::{chains_lost, degraded, domain, foreign, legal, lookup};
use crate::advise::Step;
use crate::advise::evidence::Corpus::Domain;
use crate::advise::evidence::Corpus::None as NoCorpus;

pub(super) fn rows() -> Vec<Row> {
    vec![
        (
            "framework.lookup",
            Step::Extend,
            lookup(128, 32).at(32, GOOD).at(128, ALL_LOST),
        ),
        (
            "framework.synthesis",
            Step::ContinuePretraining,
            chains_lost(),
        ),
        (
            "framework.legal",
            Step::ContinueAndReason,
            legal()
                .at(4, GOOD)
                .at(128, [99.5, 97.0, 95.0, 40.0])
                .answers(46.0, 54.5),
        ),
        (
            "framework.domain",
            Step::ContinuePretraining,
            foreign().with(Domain),
        ),
        (
            "framework.domain_no_corpus",
            Step::SwitchModel,
            domain()
                .with(NoCorpus)
                .mean(32, 80.0)
                .mean(64, 70.0)
                .mean(128, 60.0)
                .answers(36.0, 38.0),
        ),
        (
            "framework.safety",
            Step::Retrain,
            degraded().answers(48.0, 50.0),
        ),
    ]
}
