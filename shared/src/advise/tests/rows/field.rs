//! The field's evidence.

use super::super::situations::{ALL_LOST, CHAINS_LOST, GOOD, work};
use super::Row;
use super::cases::{ceiling, chains_lost, domain, long_lost, lookup, safety, synthesis};
use crate::advise::evidence::ErrorTolerance::HumanLevel;
use crate::advise::evidence::LongBenchMode::{Cot, NoContext, TailOnly};
use crate::advise::evidence::PositionEncoding;
use crate::advise::evidence::PriorAdaptation::{Continued, Extended};
use crate::advise::evidence::TrainingCorpus::General;
use crate::advise::evidence::Workload::MultiDocumentSynthesis;
use crate::advise::{AdaptationStep, Evidence};

fn not_rotary(mut evidence: Evidence) -> Evidence {
    evidence.positions = Some(PositionEncoding::Alibi);
    evidence
}

pub(super) fn rows() -> Vec<Row> {
    vec![
        (
            "field.safety_about_people",
            AdaptationStep::Keep,
            safety().at(4, GOOD).at(128, GOOD).answers(52.0, 53.0),
        ),
        (
            "field.task_lost_at_short",
            AdaptationStep::ContinuePretraining,
            synthesis()
                .at(4, [99.5, 97.0, 50.0, 93.0])
                .at(128, [99.5, 93.0, 40.0, 45.0])
                .answers(38.0, 41.0),
        ),
        (
            "field.low_at_every_length",
            AdaptationStep::Keep,
            lookup(128, 128)
                .at(4, [99.5, 97.0, 80.0, 78.0])
                .at(128, [99.5, 97.0, 80.0, 78.0]),
        ),
        (
            "field.short_broken_chance",
            AdaptationStep::SwitchModel,
            lookup(32, 32)
                .mean(4, 60.0)
                .mean(32, 40.0)
                .answers(26.0, 27.0),
        ),
        (
            "field.short_broken_guess",
            AdaptationStep::SwitchModel,
            lookup(32, 32)
                .mean(4, 60.0)
                .mean(32, 40.0)
                .answers(34.0, 35.0)
                .asked(NoContext, 33.0),
        ),
        (
            "field.unread_at_short",
            AdaptationStep::SwitchModel,
            lookup(64, 128).at(4, ALL_LOST).at(64, ALL_LOST),
        ),
        (
            "field.inside_needles_other_model",
            AdaptationStep::SwitchModel,
            not_rotary(lookup(32, 2).at(2, [99.0, 84.0, 88.0, 87.0])),
        ),
        (
            "field.safety_met_low",
            AdaptationStep::Keep,
            safety()
                .at(4, [99.0, 95.0, 92.0, 80.0])
                .at(128, [99.0, 95.0, 92.0, 80.0])
                .answers(62.0, 63.0),
        ),
        (
            "field.short_broken",
            AdaptationStep::SwitchModel,
            lookup(32, 32)
                .mean(4, 60.0)
                .mean(32, 40.0)
                .answers(26.0, 27.0),
        ),
        (
            "field.claimed_not_read",
            AdaptationStep::ContinuePretraining,
            synthesis()
                .mean(4, 95.0)
                .mean(128, 66.0)
                .answers(33.0, 34.0),
        ),
        (
            "field.needles_not_read",
            AdaptationStep::ContinuePretraining,
            lookup(128, 128)
                .after(Continued)
                .mean(4, 95.0)
                .mean(128, 52.0),
        ),
        (
            "field.inside_not_read",
            AdaptationStep::ContinuePretraining,
            work(MultiDocumentSynthesis, 256, 128)
                .mean(4, 95.0)
                .mean(128, 66.0)
                .answers(33.0, 34.0),
        ),
        (
            "field.inside_needles_not_read",
            AdaptationStep::ContinuePretraining,
            lookup(256, 128)
                .at(4, GOOD)
                .at(128, [80.0, 70.0, 60.0, 60.0]),
        ),
        (
            "field.holdouts_hold",
            AdaptationStep::Keep,
            synthesis()
                .at(4, GOOD)
                .at(128, GOOD)
                .answers(40.0, 42.0)
                .holdouts(70.0),
        ),
        (
            "field.general_corpus",
            AdaptationStep::ReasonLonger,
            domain()
                .with(General)
                .at(4, GOOD)
                .at(128, GOOD)
                .answers(42.0, 55.0),
        ),
        (
            "field.people_met",
            AdaptationStep::Keep,
            work(MultiDocumentSynthesis, 128, 128)
                .at(4, GOOD)
                .at(128, [99.5, 97.0, 89.0, 93.0])
                .answers(60.0, 61.0)
                .bearing(HumanLevel),
        ),
        (
            "field.always_thinks_well",
            AdaptationStep::Keep,
            work(MultiDocumentSynthesis, 128, 128)
                .at(4, GOOD)
                .at(128, CHAINS_LOST)
                .asked(Cot, 62.0),
        ),
        (
            "field.own_falls_short",
            AdaptationStep::ContinuePretraining,
            work(MultiDocumentSynthesis, 128, 128)
                .at(4, GOOD)
                .at(128, CHAINS_LOST)
                .answers(38.0, 40.0)
                .holdouts(20.0),
        ),
        (
            "field.safety_met",
            AdaptationStep::Keep,
            safety()
                .at(4, GOOD)
                .at(128, GOOD)
                .answers(60.0, 61.0)
                .bearing(HumanLevel),
        ),
        (
            "field.memory_or_guess",
            AdaptationStep::FixPositions,
            synthesis()
                .at(4, GOOD)
                .at(128, ALL_LOST)
                .answers(38.0, 41.0)
                .asked(NoContext, 37.0),
        ),
        (
            "field.holdouts_hold_safety",
            AdaptationStep::Keep,
            safety().at(4, GOOD).at(128, GOOD).holdouts(53.0),
        ),
        (
            "field.retrieval_people",
            AdaptationStep::Keep,
            lookup(64, 128)
                .at(4, GOOD)
                .at(64, [99.5, 97.0, 60.0, 50.0])
                .bearing(HumanLevel),
        ),
        (
            "field.answers_well",
            AdaptationStep::Keep,
            synthesis()
                .at(4, GOOD)
                .at(128, CHAINS_LOST)
                .answers(56.0, 57.0),
        ),
        (
            "field.lost",
            AdaptationStep::ContinuePretraining,
            chains_lost(),
        ),
        (
            "field.answers_low",
            AdaptationStep::ContinuePretraining,
            chains_lost(),
        ),
        (
            "field.about_people",
            AdaptationStep::Keep,
            synthesis().at(4, GOOD).at(128, GOOD).answers(55.0, 56.0),
        ),
        (
            "field.thinking_helps",
            AdaptationStep::ReasonLonger,
            ceiling(),
        ),
        (
            "field.near_chance",
            AdaptationStep::ContinuePretraining,
            synthesis()
                .at(4, GOOD)
                .at(128, CHAINS_LOST)
                .answers(28.0, 29.0),
        ),
        (
            "field.end_bias",
            AdaptationStep::ContinuePretraining,
            chains_lost().asked(TailOnly, 37.0),
        ),
        ("field.cliff", AdaptationStep::Extend, long_lost()),
        (
            "field.slope",
            AdaptationStep::ContinuePretraining,
            synthesis()
                .mean(4, 95.0)
                .mean(16, 90.0)
                .mean(64, 83.0)
                .mean(128, 76.0)
                .answers(33.0, 34.0),
        ),
        (
            "field.text_hurts",
            AdaptationStep::Keep,
            lookup(128, 128)
                .at(4, GOOD)
                .at(128, GOOD)
                .answers(40.0, 41.0)
                .asked(NoContext, 50.0),
        ),
        (
            "field.thinking_costs",
            AdaptationStep::Keep,
            synthesis().at(4, GOOD).at(128, GOOD).answers(54.0, 44.0),
        ),
        (
            "field.short_regressed",
            AdaptationStep::MendShort,
            chains_lost().after(Extended).shorts(70.0, 64.0),
        ),
    ]
}
