//! The field's evidence.

use super::super::situations::{GOOD, work};
use super::Row;
use super::cases::{ceiling, chains_lost, long_lost, lookup, safety, synthesis};
use crate::advise::Step;
use crate::advise::evidence::Adaptation::Extended;
use crate::advise::evidence::Reading::{NoContext, TailOnly};
use crate::advise::evidence::Tolerance::HumanLevel;
use crate::advise::evidence::Workload::MultiDocumentSynthesis;

pub(super) fn rows() -> Vec<Row> {
    vec![
        (
            "field.short_broken_chance",
            Step::Retrain,
            lookup(32, 32)
                .mean(4, 60.0)
                .mean(32, 40.0)
                .answers(26.0, 27.0),
        ),
        (
            "field.short_broken_guess",
            Step::Retrain,
            lookup(32, 32)
                .mean(4, 60.0)
                .mean(32, 40.0)
                .answers(34.0, 35.0)
                .asked(NoContext, 33.0),
        ),
        (
            "field.short_broken",
            Step::Retrain,
            lookup(32, 32)
                .mean(4, 60.0)
                .mean(32, 40.0)
                .answers(26.0, 27.0),
        ),
        (
            "field.claimed_not_read",
            Step::ContinuePretraining,
            synthesis().mean(4, 95.0).mean(128, 66.0),
        ),
        (
            "field.needles_not_read",
            Step::ContinuePretraining,
            lookup(128, 128).mean(4, 95.0).mean(128, 52.0),
        ),
        (
            "field.inside_not_read",
            Step::ContinuePretraining,
            work(MultiDocumentSynthesis, 256, 128)
                .mean(4, 95.0)
                .mean(128, 66.0),
        ),
        (
            "field.safety_met",
            Step::Keep,
            safety()
                .at(4, GOOD)
                .at(128, GOOD)
                .answers(60.0, 61.0)
                .bearing(HumanLevel),
        ),
        (
            "field.memory_or_guess",
            Step::ReasonLonger,
            ceiling().asked(NoContext, 41.0),
        ),
        (
            "field.end_bias",
            Step::ContinuePretraining,
            chains_lost().asked(TailOnly, 37.0),
        ),
        ("field.cliff", Step::Extend, long_lost()),
        ("field.slope", Step::ContinuePretraining, chains_lost()),
        (
            "field.short_regressed",
            Step::ContinuePretraining,
            chains_lost().after(Extended).shorts(70.0, 64.0),
        ),
    ]
}
