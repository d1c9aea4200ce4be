//! Tests whether a position fix that was tried helps.

use super::ConditionContext;
use super::ruler::{falls_short, or};
use crate::advise::benchmarks::{HARD, NEEDLES};
use crate::advise::derived_facts::{RulerAtLength, near};
use crate::advise::evidence::{PositionFixFigure, ReasoningDepth};
use crate::task::RulerCategory;

/// Whether a fix that was tried helps: with it nothing falls short that did without it; or it restores
/// a third of what chains or counts lost, and at least a material difference; or that much of the
/// needles, if chains were not tried with it. Restored needles do not count if chains were tried with
/// the fix and stayed lost.
///
/// # Formula
/// `gain ≥ max(drop, (reference − today) / 3)`, the reference being the shortest length's figure,
/// else what good models reach.
pub(super) fn fix_helps(at: &ConditionContext<'_>) -> Option<bool> {
    let (unfixed, fixed) = (at.facts.at_target?, at.facts.fixed?);
    let mut gains = gains(at);
    // Restored chains and counts are no gain for work that only looks up passages.
    if at.facts.depth == Some(ReasoningDepth::Low) {
        gains.retain(|(category, _)| category.is_none_or(|one| NEEDLES.contains(&one)));
    }
    let enough = |category: Option<RulerCategory>| {
        let value = |one: &RulerAtLength| match category {
            Some(category) => one.of(category),
            None => one.overall,
        };
        let good = category.map_or(at.thresholds.acceptable, |one| at.thresholds.good(one));
        let reference = at.facts.shorter().and_then(value).unwrap_or(good);
        let lost = reference.max(good) - value(&unfixed).unwrap_or(reference);
        (lost / BACK).max(at.thresholds.drop)
    };
    if gains.is_empty() {
        return None;
    }
    let limits = at.thresholds;
    let falls = |one: &RulerAtLength| {
        let whole = or(falls_short(one, at), one.retrieval_fails(limits.acceptable));
        whole == Some(true)
    };
    let restores = falls(&unfixed) && !falls(&fixed);
    let hard = HARD.map(Some);
    let tried_hard = gains.iter().any(|(category, _)| hard.contains(category));
    let large = gains.iter().any(|(category, gain)| {
        *gain >= enough(*category) && (!tried_hard || category.is_none() || hard.contains(category))
    });
    Some(restores || large)
}

/// The figure of the fix that helps most, if one helps.
pub(in crate::advise) fn helping<'a>(
    at: &'a ConditionContext<'_>,
) -> Option<&'a PositionFixFigure> {
    if fix_helps(at) != Some(true) {
        return None;
    }
    let today = at.facts.at_target?;
    let here = at.evidence.position_fix.iter();
    let here = here.filter(|fix| near(fix.length, today.length));
    let gains = here.filter_map(|fix| {
        let without = match fix.category {
            Some(category) => today.of(category),
            None => today.overall,
        };
        Some((fix.value - without?, fix))
    });
    let best = gains.max_by(|a, b| a.0.total_cmp(&b.0));
    best.map(|(_, fix)| fix)
}

/// Whether a fix was tried at the target and does not help: with `moves`, one that moves distant
/// positions; otherwise only the scaling of all positions.
pub(super) fn fix_fails(at: &ConditionContext<'_>, moves: bool) -> Option<bool> {
    if gains(at).is_empty() {
        return None;
    }
    let mut tried = at.evidence.position_fix.iter();
    let moved = tried.any(|fix| fix.method.moves_positions());
    Some(moved == moves && fix_helps(at) != Some(true))
}

/// Whether only the scaling of all positions was tried, and at least `flat` points less is found with
/// it.
pub(super) fn scaling_hurts(at: &ConditionContext<'_>) -> Option<bool> {
    let best = gains(at).into_iter().map(|(_, gain)| gain);
    let lost = best.reduce(f64::max)? <= -at.thresholds.flat;
    Some(lost && fix_fails(at, false)?)
}

/// A fix has to restore a loss divided by this. Chosen.
const BACK: f64 = 3.0;

/// Points gained at the target by a fix, by category; the mean of all tasks without one.
fn gains(at: &ConditionContext<'_>) -> Vec<(Option<RulerCategory>, f64)> {
    let Some(unfixed) = at.facts.at_target else {
        return Vec::new();
    };
    let here = at.evidence.position_fix.iter();
    let here = here.filter(|fix| near(fix.length, unfixed.length));
    let gains = here.filter_map(|fix| {
        let without = match fix.category {
            Some(category) => unfixed.of(category),
            None => unfixed.overall,
        };
        Some((fix.category, fix.value - without?))
    });
    gains.collect()
}
