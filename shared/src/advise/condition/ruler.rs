//! What RULER's figures show: lengths, losses, position fixes, depth.

use super::ConditionContext;
use crate::advise::derived_facts::RulerAtLength;
use crate::advise::evidence::{PositionEncoding, ReasoningDepth};
use crate::advise::thresholds::Thresholds;
use crate::task::RulerCategory;
use crate::tokens::Tokens;

/// Whether RULER falls short at a length: its mean, or, if only some categories are known, any of
/// these, compared with what good models reach in it.
pub(super) fn fails_at(one: &RulerAtLength, thresholds: &Thresholds) -> Option<bool> {
    if let Some(overall) = one.overall {
        return Some(overall < thresholds.acceptable);
    }
    one.any_below_good(thresholds).then_some(true)
}

/// For lookup only the needles count; a mean that holds implies them.
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

/// Whether something holds at two or more lengths inside the window.
pub(super) fn several(
    at: &ConditionContext<'_>,
    holds: impl Fn(&RulerAtLength) -> Option<bool>,
) -> Option<bool> {
    let known: Vec<bool> = known_inside(at).filter_map(holds).collect();
    let found = known.iter().filter(|holds| **holds).count();
    (known.len() >= 2 || found > 0).then_some(found >= 2)
}

/// The values at the shortest length and at the target of everything known at both; `None` if the
/// target is the shortest length.
fn pairs(at: &ConditionContext<'_>) -> Option<Vec<(f64, f64)>> {
    let (first, last) = (at.facts.shortest()?, at.facts.at_target.as_ref()?);
    if last.length <= first.length {
        return None;
    }
    let known = |pairs: &[(Option<f64>, Option<f64>)]| {
        let pairs = pairs.iter();
        pairs
            .filter_map(|(first, last)| Some(((*first)?, (*last)?)))
            .collect::<Vec<_>>()
    };
    let parts = first.categories.into_iter().zip(last.categories);
    let parts: Vec<_> = parts.collect();
    // Lookup is judged by its needles, if these are known.
    if at.facts.depth == Some(ReasoningDepth::Low) && needles_known(last) {
        return Some(known(&parts[..2]));
    }
    let whole = [(first.overall, last.overall)];
    Some(known(&[&whole[..], &parts[..]].concat()))
}

fn needles_known(one: &RulerAtLength) -> bool {
    one.categories[..2].iter().all(Option::is_some)
}

/// Worse than the model's own short length, by a material difference. The figures are redrawn
/// within their intervals, so that a difference explained by chance does not decide.
pub(super) fn lost_with_length(at: &ConditionContext<'_>) -> Option<bool> {
    let pairs = pairs(at)?;
    let lost = |(first, last): &(f64, f64)| first - last >= at.thresholds.drop;
    (!pairs.is_empty()).then(|| pairs.iter().any(lost))
}

pub(super) fn degrades(at: &ConditionContext<'_>) -> Option<bool> {
    let low = low_at_target(at);
    match low == Some(true) || lost_with_length(at) == Some(true) {
        true => Some(true),
        false => low,
    }
}

/// Whether something is below what good models reach at the target, all of it is as low at the
/// shortest length, and nothing else is lost with length.
pub(super) fn low_at_every_length(at: &ConditionContext<'_>) -> Option<bool> {
    let lost = lost_with_length(at)?;
    let (first, last) = (at.facts.shorter()?, at.facts.at_target.as_ref()?);
    let low = low_categories(last, at.thresholds);
    let mean = last
        .overall
        .is_some_and(|mean| mean < at.thresholds.acceptable);
    let compared = low.iter().all(|category| first.of(*category).is_some());
    Some(!lost && compared && (mean || !low.is_empty()))
}

/// The categories below what good models reach in them.
pub(super) fn low_categories(one: &RulerAtLength, limits: &Thresholds) -> Vec<RulerCategory> {
    let low = |category: &RulerCategory| {
        let value = one.of(*category);
        value.is_some_and(|value| value < limits.good(*category))
    };
    RulerCategory::ALL.into_iter().filter(low).collect()
}

/// Whether something at the target is below what good models reach; that nothing is, is known only if
/// all of RULER is. Lookup is judged by its needles, if these are known.
pub(super) fn low_at_target(at: &ConditionContext<'_>) -> Option<bool> {
    let (target, limits) = (at.facts.at_target.as_ref()?, at.thresholds);
    if at.facts.depth == Some(ReasoningDepth::Low) && needles_known(target) {
        return target.retrieval_fails(limits.acceptable);
    }
    let mean = target.overall.map(|mean| mean < limits.acceptable);
    match mean == Some(true) || target.any_below_good(limits) {
        true => Some(true),
        false => mean,
    }
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

/// The categories that are already lost at the shortest length, if that is a moderate one: below what
/// good models reach by at least a cliff. Question answering is left out.
pub(super) fn lost_at_short(at: &ConditionContext<'_>) -> Option<Vec<RulerCategory>> {
    let (shortest, limits) = (at.facts.shortest()?, at.thresholds);
    // A single length beyond 8K does not count as short.
    let alone = at.facts.shorter().is_none() && shortest.length.0 > SHORT;
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

/// Whether needles at the target are materially worse than at a shorter length; by the mean of all
/// tasks if neither kind is known by category.
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

/// Whether the mean falls over three lengths or more, by a material difference in all, with no step
/// larger than two thirds of it and no cliff.
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

/// Whether evidence is lost in the middle: the mean over depths from 30% to 70% lies materially below that of the
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

/// Whether the mean lies below a limit, or, if it is not known, each of several categories.
fn far_below(at: &RulerAtLength, limit: f64) -> Option<bool> {
    if let Some(overall) = at.overall {
        return Some(overall < limit);
    }
    let known: Vec<f64> = at.categories.iter().flatten().copied().collect();
    (known.len() >= 2).then(|| known.iter().all(|value| *value < limit))
}

/// Both, of three-valued answers.
pub(super) fn and(a: Option<bool>, b: Option<bool>) -> Option<bool> {
    match (a, b) {
        (Some(false), _) | (_, Some(false)) => Some(false),
        (Some(true), Some(true)) => Some(true),
        _ => None,
    }
}

/// One or both, of three-valued answers.
pub(super) fn or(a: Option<bool>, b: Option<bool>) -> Option<bool> {
    match (a, b) {
        (Some(true), _) | (_, Some(true)) => Some(true),
        (Some(false), other) | (other, Some(false)) => other.or(Some(false)),
        (None, None) => None,
    }
}

/// Treats 128,000 and 131,072 as one window.
pub(super) fn beyond(length: Tokens, window: Tokens) -> bool {
    f64::from(length.0) > f64::from(window.0) * 1.1
}

/// Whether a length falls short: see [`fails_at`].
pub(super) fn falls_short(one: &RulerAtLength, at: &ConditionContext<'_>) -> Option<bool> {
    let limit = at.thresholds.acceptable;
    or(fails_at(one, at.thresholds), one.hard_fails(limit))
}

pub(super) fn window_ends_early(at: &ConditionContext<'_>) -> Option<bool> {
    let (cliff, stated) = (at.facts.cliff?, at.facts.stated?);
    let past = |target| beyond(target, cliff.after);
    Some(past(stated) && at.facts.target.is_some_and(past))
}

pub(super) fn mean_low(at: &ConditionContext<'_>) -> Option<bool> {
    let mean = at.facts.at_target.as_ref()?.overall;
    mean.map(|mean| mean < at.thresholds.acceptable)
}

pub(super) fn retrieval_fails(at: &ConditionContext<'_>) -> Option<bool> {
    let target = at.facts.at_target.as_ref()?;
    target.retrieval_fails(at.thresholds.acceptable)
}

pub(super) fn hard_fails(at: &ConditionContext<'_>) -> Option<bool> {
    let target = at.facts.at_target.as_ref()?;
    target.hard_fails(at.thresholds.acceptable)
}

pub(super) fn category_low(at: &ConditionContext<'_>, category: RulerCategory) -> Option<bool> {
    let value = at.facts.at_target.as_ref()?.of(category);
    value.map(|value| value < at.thresholds.acceptable)
}

pub(super) fn nearly_always(at: &ConditionContext<'_>, needle: RulerCategory) -> Option<bool> {
    Some(at.facts.at_target.as_ref()?.of(needle)? >= at.thresholds.needle_strong)
}

pub(super) fn needle_at_least_multi_hop(at: &ConditionContext<'_>) -> Option<bool> {
    let target = at.facts.at_target.as_ref()?;
    Some(target.of(RulerCategory::SingleNeedle)? >= target.of(RulerCategory::MultiHop)?)
}

pub(super) fn degrades_at_moderate(at: &ConditionContext<'_>) -> Option<bool> {
    let moderate = |one: &&RulerAtLength| one.length.0 <= at.thresholds.moderate_length;
    let all = known_inside(at).filter(moderate);
    all.map(|one| below_acceptable(one, at)).fold(None, or)
}

pub(super) fn broad_degradation(at: &ConditionContext<'_>) -> Option<bool> {
    several(at, |one| below_acceptable(one, at))
}

fn below_acceptable(one: &RulerAtLength, at: &ConditionContext<'_>) -> Option<bool> {
    one.overall.map(|mean| mean < at.thresholds.acceptable)
}

pub(super) fn retrieval_and_hard_fail(at: &ConditionContext<'_>) -> Option<bool> {
    let limit = at.thresholds.acceptable;
    several(at, |one| {
        and(one.retrieval_fails(limit), one.hard_fails(limit))
    })
}

pub(super) fn short_broken(at: &ConditionContext<'_>) -> Option<bool> {
    let (shortest, limits) = (at.facts.shortest()?, at.thresholds);
    let short = shortest.length.0 <= limits.moderate_length;
    Some(short && far_below(shortest, limits.acceptable - limits.short_margin)?)
}

/// The same in texts that are short for any model.
pub(super) fn unread_at_short(at: &ConditionContext<'_>) -> Option<bool> {
    let short = at.facts.shortest()?.length.0 <= SHORT;
    Some(short && short_broken(at)?)
}

/// The longest text that is short for any model, in tokens. Chosen.
const SHORT: u32 = 8_192;

pub(super) fn not_rotary(at: &ConditionContext<'_>) -> Option<bool> {
    let positions = at.evidence.positions;
    positions.map(|one| one != PositionEncoding::Rope)
}

pub(super) fn short_worse_than_long(at: &ConditionContext<'_>) -> Option<bool> {
    let last = at.facts.at_target.as_ref()?.overall?;
    Some(last - at.facts.shortest()?.overall? >= at.thresholds.cliff)
}
