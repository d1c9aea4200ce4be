//! Tiers and scenarios.

use super::super::situations::{CHAINS_LOST, GOOD, work};
use super::Row;
use super::cases::{chains_lost, degraded, domain, lookup, synthesis};
use crate::advise::AdaptationStep;
use crate::advise::evidence::PriorAdaptation::Continued;
use crate::advise::evidence::TrainingCorpus::Domain;
use crate::advise::evidence::Workload::DomainShifted;

pub(super) fn rows() -> Vec<Row> {
    vec![
        (
            "tiers.retrieval_extend",
            AdaptationStep::Extend,
            lookup(64, 16).at(16, GOOD),
        ),
        (
            "tiers.retrieval_enough",
            AdaptationStep::Keep,
            lookup(64, 128).at(64, [99.0, 95.0, 70.0, 60.0]),
        ),
        (
            "tiers.retrieval_enough_mean",
            AdaptationStep::Keep,
            lookup(64, 128).mean(4, 95.0).mean(64, 88.0),
        ),
        (
            "tiers.gaps_continue",
            AdaptationStep::ContinuePretraining,
            chains_lost(),
        ),
        (
            "tiers.gaps_retrain",
            AdaptationStep::Retrain,
            synthesis()
                .after(Continued)
                .at(128, CHAINS_LOST)
                .had(99.0, 44.0, 38.0)
                .answers(38.0, 40.0),
        ),
        (
            "tiers.domain_extend",
            AdaptationStep::Extend,
            work(DomainShifted, 128, 32).at(32, GOOD),
        ),
        (
            "tiers.domain_continue",
            AdaptationStep::ContinuePretraining,
            domain().with(Domain).at(128, GOOD).answers(38.0, 39.0),
        ),
        (
            "tiers.domain_retrain",
            AdaptationStep::Retrain,
            domain()
                .with(Domain)
                .after(Continued)
                .at(128, GOOD)
                .had(98.0, 80.0, 37.0)
                .answers(38.0, 39.0),
        ),
        (
            "tiers.safety_not_extend",
            AdaptationStep::Retrain,
            degraded().answers(48.0, 50.0),
        ),
        (
            "tiers.safety_continue",
            AdaptationStep::ContinuePretraining,
            degraded().answers(56.0, 60.0),
        ),
        (
            "tiers.safety_after_continue",
            AdaptationStep::Retrain,
            degraded().after(Continued).answers(56.0, 60.0),
        ),
    ]
}
