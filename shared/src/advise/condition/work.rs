//! Tests conditions on the work: its kind, how much reasoning it needs, which errors it tolerates, how
//! long its texts are.

use super::ConditionContext;
use super::ruler::{beyond, or};
use crate::advise::evidence::{ErrorTolerance, ReasoningDepth, Workload};

pub(super) fn is(at: &ConditionContext<'_>, wanted: Workload) -> Option<bool> {
    at.evidence.workload.map(|one| one == wanted)
}

pub(super) fn is_high_stakes(at: &ConditionContext<'_>) -> Option<bool> {
    let workload = at.evidence.workload;
    workload.map(|one| one.depth() == ReasoningDepth::High)
}

pub(super) fn needs(at: &ConditionContext<'_>, wanted: ReasoningDepth) -> Option<bool> {
    at.facts.depth.map(|one| one == wanted)
}

pub(super) fn tolerates(at: &ConditionContext<'_>, wanted: ErrorTolerance) -> Option<bool> {
    at.evidence.tolerance.map(|one| one == wanted)
}

pub(super) fn below_human_unacceptable(at: &ConditionContext<'_>) -> Option<bool> {
    let tolerance = at.evidence.tolerance;
    or(
        is(at, Workload::SafetyCritical),
        tolerance.map(|one| one != ErrorTolerance::SomeMisses),
    )
}

pub(super) fn no_errors(at: &ConditionContext<'_>) -> Option<bool> {
    or(
        is(at, Workload::SafetyCritical),
        tolerates(at, ErrorTolerance::None),
    )
}

pub(super) fn target_within(at: &ConditionContext<'_>, low: u32, high: u32) -> Option<bool> {
    let target = at.facts.target;
    target.map(|target| (low..=high).contains(&target.0))
}

pub(super) fn window_covers(at: &ConditionContext<'_>) -> Option<bool> {
    Some(!beyond(at.facts.target?, at.facts.window?))
}
