//! When each path earns its cost.

use super::super::situations::GOOD;
use super::Row;
use super::cases::{adapted, ceiling, chains_lost, legal, lookup, nowhere_read, synthesis};
use crate::advise::Step;
use crate::advise::evidence::Corpus::None as NoCorpus;
use crate::advise::evidence::Reading::Direct;

pub(super) fn rows() -> Vec<Row> {
    vec![
        (
            "earns.extension",
            Step::Extend,
            lookup(128, 32).at(32, GOOD),
        ),
        (
            "earns.extension_budget",
            Step::Extend,
            lookup(128, 32).at(32, GOOD).budget(500.0),
        ),
        (
            "earns.budget",
            Step::Keep,
            lookup(32, 32).at(32, GOOD).budget(500.0),
        ),
        (
            "earns.reason_first",
            Step::ReasonLonger,
            synthesis().at(128, GOOD).asked(Direct, 42.0),
        ),
        ("earns.reason_recovers", Step::ReasonLonger, ceiling()),
        (
            "earns.continued_hard",
            Step::ContinuePretraining,
            chains_lost(),
        ),
        (
            "earns.continued_reads",
            Step::ContinuePretraining,
            legal().at(128, GOOD).answers(40.0, 42.0),
        ),
        (
            "earns.continued_no_corpus",
            Step::Keep,
            lookup(32, 32).at(32, GOOD).with(NoCorpus),
        ),
        ("earns.retraining", Step::Retrain, nowhere_read()),
        (
            "earns.not_for_needles",
            Step::Keep,
            synthesis().at(4, GOOD).at(128, GOOD).answers(54.0, 54.0),
        ),
        (
            "earns.gap_after_adaptation",
            Step::ReasonLonger,
            adapted().answers(41.0, 52.0),
        ),
    ]
}
