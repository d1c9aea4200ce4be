//! When each path earns its cost.

use super::super::situations::GOOD;
use super::Row;
use super::cases::{adapted, ceiling, chains_lost, legal, lookup, nowhere_read, synthesis};
use crate::advise::AdaptationStep;
use crate::advise::evidence::LongBenchMode::Direct;
use crate::advise::evidence::TrainingCorpus::None as NoCorpus;

pub(super) fn rows() -> Vec<Row> {
    vec![
        (
            "earns.extension",
            AdaptationStep::Extend,
            lookup(128, 32).at(32, GOOD),
        ),
        (
            "earns.extension_budget",
            AdaptationStep::Extend,
            lookup(128, 32).at(32, GOOD).budget(500.0),
        ),
        (
            "earns.budget",
            AdaptationStep::Keep,
            lookup(32, 32).at(32, GOOD).budget(500.0),
        ),
        (
            "earns.reason_first",
            AdaptationStep::ReasonLonger,
            synthesis().at(128, GOOD).asked(Direct, 42.0),
        ),
        (
            "earns.reason_recovers",
            AdaptationStep::ReasonLonger,
            ceiling(),
        ),
        (
            "earns.continued_hard",
            AdaptationStep::ContinuePretraining,
            chains_lost(),
        ),
        (
            "earns.continued_reads",
            AdaptationStep::ContinuePretraining,
            legal().at(128, GOOD).answers(40.0, 42.0),
        ),
        (
            "earns.continued_no_corpus",
            AdaptationStep::Keep,
            lookup(32, 32).at(32, GOOD).with(NoCorpus),
        ),
        ("earns.retraining", AdaptationStep::Retrain, nowhere_read()),
        (
            "earns.not_for_needles",
            AdaptationStep::Keep,
            synthesis().at(4, GOOD).at(128, GOOD).answers(54.0, 54.0),
        ),
        (
            "earns.gap_after_adaptation",
            AdaptationStep::ReasonLonger,
            adapted().answers(41.0, 52.0),
        ),
    ]
}
