//! What RULER's figures show: lengths, losses, position fixes, depth.

use super::ConditionContext;
use super::holds::{beyond, falls_short, or};
use crate::advise::Thresholds;
use crate::advise::evidence::{PositionFixFigure, ReasoningDepth};
use crate::advise::facts::{RulerAtLength, near};
use crate::advise::feasible;
use crate::task::RulerCategory;

/// Whether RULER falls short at a length: its mean, or where only some categories are known, one
/// of these against what good models reach in it.
pub(super) fn fails_at(one: &RulerAtLength, thresholds: &Thresholds) -> Option<bool> {
    if let Some(overall) = one.overall {
        return Some(overall < thresholds.acceptable);
    }
    one.any_below_good(thresholds).then_some(true)
}

/// For lookup the needles alone count; a mean that holds does for them.
pub(super) fn inside_fails(at: &ConditionContext<'_>) -> Option<bool> {
    let (inside, limit) = (at.facts.inside()?, at.thresholds.acceptable);
    if at.facts.depth == Some(ReasoningDepth::Low) {
        let whole = || inside.overall.filter(|value| *value >= limit);
        let needles = inside.retrieval_fails(limit);
        return needles.or_else(|| whole().map(|_| false));
    }
    falls_short(inside, at)
}

pub(super) fn inside_doubtful(at: &ConditionContext<'_>) -> Option<bool> {
    let falls = falls_short(at.facts.inside()?, at);
    Some(falls == Some(true) && inside_fails(at).is_none())
}

pub(super) fn drops_past_window(at: &ConditionContext<'_>) -> Option<bool> {
    let window = at.facts.window?;
    let holds = !inside_fails(at)?;
    let past = at.facts.ruler.iter();
    let past: Vec<&RulerAtLength> = past.filter(|one| beyond(one.length, window)).collect();
    let fails = |one: &&RulerAtLength| fails_at(one, at.thresholds) == Some(true);
    (!past.is_empty()).then(|| holds && past.iter().any(fails))
}

pub(super) fn known_inside<'a>(
    at: &'a ConditionContext<'_>,
) -> impl Iterator<Item = &'a RulerAtLength> {
    let window = at.facts.window;
    let inside =
        move |one: &&RulerAtLength| window.is_some_and(|window| !beyond(one.length, window));
    at.facts.ruler.iter().filter(inside)
}

/// Whether a thing holds at two lengths or more inside the window.
pub(super) fn several(
    at: &ConditionContext<'_>,
    holds: impl Fn(&RulerAtLength) -> Option<bool>,
) -> Option<bool> {
    let known: Vec<bool> = known_inside(at).filter_map(holds).collect();
    let found = known.iter().filter(|holds| **holds).count();
    (known.len() >= 2 || found > 0).then_some(found >= 2)
}

/// The shortest length's and the target's values, of everything known at both; nothing where the
/// target is the shortest length.
fn pairs(at: &ConditionContext<'_>) -> Option<Vec<(f64, f64)>> {
    let (first, last) = (at.facts.shortest()?, at.facts.at_target.as_ref()?);
    if last.length <= first.length {
        return None;
    }
    let whole = std::iter::once((first.overall, last.overall));
    let parts = first.categories.into_iter().zip(last.categories);
    let known = whole.chain(parts);
    Some(
        known
            .filter_map(|(first, last)| Some((first?, last?)))
            .collect(),
    )
}

/// Worse than the model's own short length, by a material difference. The figures are drawn anew
/// within their intervals, so that a difference that chance explains does not decide.
pub(super) fn lost_with_length(at: &ConditionContext<'_>) -> Option<bool> {
    let pairs = pairs(at)?;
    let lost = |(first, last): &(f64, f64)| first - last >= at.thresholds.drop;
    (!pairs.is_empty()).then(|| pairs.iter().any(lost))
}

pub(super) fn degrades(at: &ConditionContext<'_>) -> Option<bool> {
    let target = at.facts.at_target.as_ref()?;
    let low = target.any_below_good(at.thresholds)
        || target
            .overall
            .is_some_and(|value| value < at.thresholds.acceptable);
    match low || lost_with_length(at) == Some(true) {
        true => Some(true),
        // Nothing lost is only known where the whole is.
        false => target.overall.map(|_| false),
    }
}

pub(super) fn flat(at: &ConditionContext<'_>) -> Option<bool> {
    lost_with_length(at).map(|lost| !lost)
}

pub(super) fn needle_only(at: &ConditionContext<'_>) -> bool {
    let ruler = &at.facts.ruler;
    let single = |one: &RulerAtLength| one.of(RulerCategory::SingleNeedle).is_some();
    let more = |one: &RulerAtLength| {
        one.overall.is_some() || one.categories[1..].iter().any(Option::is_some)
    };
    ruler.iter().any(single) && !ruler.iter().any(more)
}

/// The needle is found and something else falls short of what good models reach in it.
pub(super) fn needle_disagrees(at: &ConditionContext<'_>) -> Option<bool> {
    let (target, limits) = (at.facts.at_target.as_ref()?, at.thresholds);
    let strong = target.of(RulerCategory::SingleNeedle)? >= limits.needle_strong;
    let mean = target.overall.is_some_and(|mean| mean < limits.acceptable);
    match (strong, target.any_below_good(limits) || mean) {
        (false, _) => Some(false),
        (true, true) => Some(true),
        (true, false) => target.overall.map(|_| false),
    }
}

/// A fix that was tried helps: with it nothing falls short that did without; or chains or counts
/// gain as much as a cliff; or needles do, and chains were not tried with it. Needles that come back
/// while chains that were tried stay lost are no help with chains.
pub(super) fn fix_helps(at: &ConditionContext<'_>) -> Option<bool> {
    let (unfixed, fixed) = (at.facts.at_target?, at.facts.fixed?);
    let mut gains = gains(at);
    // Chains and counts that come back are no gain for work that only looks passages up.
    if at.facts.depth == Some(ReasoningDepth::Low) {
        let needles = [RulerCategory::SingleNeedle, RulerCategory::MultiNeedle];
        gains.retain(|(category, _)| category.is_none_or(|one| needles.contains(&one)));
    }
    if gains.is_empty() {
        return None;
    }
    let limits = at.thresholds;
    let falls = |one: &RulerAtLength| {
        let whole = or(falls_short(one, at), one.retrieval_fails(limits.acceptable));
        whole == Some(true)
    };
    let restores = falls(&unfixed) && !falls(&fixed);
    let hard = [RulerCategory::MultiHop, RulerCategory::Aggregation].map(Some);
    let tried_hard = gains.iter().any(|(category, _)| hard.contains(category));
    let large = gains.iter().any(|(category, gain)| {
        *gain >= limits.cliff && (!tried_hard || category.is_none() || hard.contains(category))
    });
    Some(restores || large)
}

/// The tasks that are lost at the shortest length already, a moderate one: by the cliff below what
/// good models reach, questions about documents aside.
pub(in crate::advise) fn lost_at_short(at: &ConditionContext<'_>) -> Option<Vec<RulerCategory>> {
    let (shortest, limits) = (at.facts.shortest()?, at.thresholds);
    // One length alone shows no other to be short.
    let alone = at.facts.shorter().is_none() && shortest.length.0 > 8_192;
    if alone || shortest.length.0 > limits.moderate_length {
        return None;
    }
    let known = RulerCategory::ALL[..4].iter().copied();
    let low = |one: &RulerCategory| {
        let value = shortest.of(*one);
        value.is_some_and(|value| value < limits.good(*one) - limits.cliff)
    };
    Some(known.filter(low).collect())
}

/// The figure of a fix that helps most, where one helps.
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

/// A fix was tried at the target and helps nowhere: nothing gains what a cliff costs, and what it
/// was tried on is not restored. `moves` asks for one that moves distant positions; else only the
/// scaling of all positions was tried.
pub(super) fn fix_fails(at: &ConditionContext<'_>, moves: bool) -> Option<bool> {
    let best = gains(at).into_iter().map(|(_, gain)| gain);
    let small = best.reduce(f64::max)? < at.thresholds.cliff;
    let mut tried = at.evidence.position_fix.iter();
    let moved = tried.any(|fix| feasible::moves(fix.method));
    Some(small && moved == moves && fix_helps(at) != Some(true))
}

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

/// Needles at the target against a shorter length: worse by a material difference, or found there
/// and not here; by the mean of all tasks where neither is known by category.
pub(super) fn needles_lost_with_length(at: &ConditionContext<'_>) -> Option<bool> {
    let (first, last) = (at.facts.shorter()?, at.facts.at_target.as_ref()?);
    let limits = at.thresholds;
    let needles = [RulerCategory::SingleNeedle, RulerCategory::MultiNeedle];
    let pairs = needles.map(|one| first.of(one).zip(last.of(one)));
    let known: Vec<(f64, f64)> = pairs.into_iter().flatten().collect();
    let lost = |(first, last): &(f64, f64)| first - last >= limits.drop;
    if !known.is_empty() {
        return Some(known.iter().any(lost));
    }
    let (first, last) = (first.overall?, last.overall?);
    Some(lost(&(first, last)))
}

/// Three lengths or more whose mean falls by a material difference in all, no step of which loses
/// more than two thirds of it.
pub(super) fn gradual(at: &ConditionContext<'_>) -> Option<bool> {
    let target = at.facts.target?;
    let up_to = at.facts.ruler.iter();
    let up_to = up_to.filter(|one| !beyond(one.length, target));
    let means: Vec<f64> = up_to.filter_map(|one| one.overall).collect();
    if means.len() < 3 {
        return None;
    }
    let all = means.first()? - means.last()?;
    let steps = means.windows(2).map(|pair| pair[0] - pair[1]);
    let steepest = steps.fold(0.0, f64::max);
    Some(all >= at.thresholds.drop && steepest <= all * 2.0 / 3.0 && at.facts.cliff.is_none())
}

/// Lost in the middle: the mean over depths from 30% to 70% lies materially below that of the
/// better end (the first or the last 20%).
pub(super) fn depth_dependent(at: &ConditionContext<'_>) -> Option<bool> {
    let mean = |from: f64, to: f64| {
        let here = at.evidence.by_depth.iter();
        let here = here.filter(|one| (from..=to).contains(&one.depth));
        let (sum, count) = here.fold((0.0, 0.0), |sum, one| (sum.0 + one.value, sum.1 + 1.0));
        (count > 0.0).then(|| sum / count)
    };
    let ends = [mean(0.0, 20.0), mean(80.0, 100.0)];
    let best = ends.into_iter().flatten().reduce(f64::max)?;
    Some(best - mean(30.0, 70.0)? >= at.thresholds.cliff)
}
