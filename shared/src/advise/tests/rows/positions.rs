//! Positions before training, retrieval instead of length.

use super::super::situations::{CHAINS_LOST, GOOD};
use super::Row;
use super::cases::{chains_lost, degraded, lookup, synthesis, synthesis_beyond};
use crate::advise::evidence::LongBenchMode::{Direct, Rag};
use crate::advise::evidence::{ErrorTolerance, PositionFixMethod, WeightAccess};
use crate::advise::{AdaptationStep, Evidence};

/// Needles lost at the target.
const NEEDLES_LOST: [f64; 4] = [70.0, 60.0, 55.0, 50.0];

fn chains_lost_with(direct: f64, cot: f64) -> Evidence {
    synthesis()
        .at(4, GOOD)
        .at(128, CHAINS_LOST)
        .answers(direct, cot)
}

/// Work that bears no errors, with weights that cannot be changed, and passages no better.
fn passages_too_low() -> Evidence {
    let mut one = degraded().answers(30.0, 31.0).asked(Rag, 31.0);
    one.weights = Some(WeightAccess::Fixed);
    one
}

pub(super) fn rows() -> Vec<Row> {
    let mut scaled = chains_lost().fixed(128, CHAINS_LOST);
    for one in &mut scaled.position_fix {
        one.method = PositionFixMethod::Yarn;
    }
    let mut hurt = synthesis_beyond()
        .at(4, GOOD)
        .at(32, GOOD)
        .at(128, NEEDLES_LOST)
        .fixed(128, [50.0, 40.0, 30.0, 20.0]);
    for fix in &mut hurt.position_fix {
        fix.method = PositionFixMethod::Yarn;
    }
    vec![
        (
            "positions.scaling_hurts",
            AdaptationStep::FixPositions,
            hurt,
        ),
        (
            "positions.thinks_as_people",
            AdaptationStep::ReasonLonger,
            chains_lost_with(46.0, 60.0).bearing(ErrorTolerance::HumanLevel),
        ),
        (
            "positions.thinks_rather_than_passages",
            AdaptationStep::ReasonLonger,
            chains_lost_with(38.0, 46.0).asked(Rag, 42.0),
        ),
        (
            "positions.passages_help",
            AdaptationStep::Retrieve,
            chains_lost().asked(Rag, 45.0),
        ),
        (
            "positions.scaling_fails",
            AdaptationStep::ContinuePretraining,
            scaled,
        ),
        (
            "positions.window_ends_early",
            AdaptationStep::Extend,
            lookup(128, 128)
                .mean(16, 95.0)
                .mean(32, 94.0)
                .mean(64, 40.0)
                .mean(128, 10.0),
        ),
        (
            "positions.fix_helps",
            AdaptationStep::FixPositions,
            chains_lost().fixed(128, GOOD),
        ),
        (
            "positions.fix_fails",
            AdaptationStep::ContinuePretraining,
            chains_lost().fixed(128, CHAINS_LOST),
        ),
        (
            "positions.needles_lost",
            AdaptationStep::FixPositions,
            synthesis()
                .at(4, GOOD)
                .at(128, NEEDLES_LOST)
                .answers(38.0, 40.0),
        ),
        (
            "positions.lost_in_the_middle",
            AdaptationStep::FixPositions,
            chains_lost().found(128, [98.0, 70.0, 60.0, 72.0, 97.0]),
        ),
        (
            "positions.thinks_instead",
            AdaptationStep::ReasonLonger,
            synthesis()
                .at(4, GOOD)
                .at(128, CHAINS_LOST)
                .answers(38.0, 58.0),
        ),
        (
            "positions.below_chance",
            AdaptationStep::Keep,
            lookup(128, 128)
                .at(4, GOOD)
                .at(128, GOOD)
                .answers(20.0, 21.0),
        ),
        (
            "positions.short_worse_than_long",
            AdaptationStep::Keep,
            lookup(128, 128).mean(4, 71.0).mean(128, 92.0),
        ),
        (
            "positions.passages_for_lookup",
            AdaptationStep::Retrieve,
            lookup(128, 128)
                .at(4, GOOD)
                .at(128, NEEDLES_LOST)
                .asked(Direct, 38.0)
                .asked(Rag, 44.0),
        ),
        (
            "positions.passages_for_long_lookup",
            AdaptationStep::Retrieve,
            lookup(128, 32)
                .at(4, GOOD)
                .at(32, GOOD)
                .asked(Direct, 38.0)
                .asked(Rag, 44.0),
        ),
        (
            "positions.passages_instead",
            AdaptationStep::Retrieve,
            synthesis_beyond()
                .at(4, GOOD)
                .at(32, GOOD)
                .asked(Direct, 42.0)
                .asked(Rag, 45.0),
        ),
        (
            "positions.passages_read_better",
            AdaptationStep::Retrieve,
            synthesis()
                .mean(4, 95.0)
                .mean(128, 66.0)
                .answers(33.0, 34.0)
                .asked(Rag, 41.0),
        ),
        (
            "positions.passages_chains",
            AdaptationStep::Retrieve,
            chains_lost().asked(Rag, 42.0),
        ),
        (
            "positions.passages_no_better",
            AdaptationStep::ContinuePretraining,
            chains_lost().asked(Rag, 38.0),
        ),
        (
            "positions.passages_below_people",
            AdaptationStep::SwitchModel,
            passages_too_low(),
        ),
        (
            "positions.passages_miss",
            AdaptationStep::ContinuePretraining,
            chains_lost().asked(Rag, 30.0),
        ),
    ]
}
