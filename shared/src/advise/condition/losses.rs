//! What is lost with length, in words.

use super::ConditionContext;
use super::figures::against;
use crate::advise::facts::RulerAtLength;
use crate::task::RulerCategory;
use crate::tokens::Tokens;

/// What is lost from the shortest length to the target, each with the interval of its difference,
/// and what is below good models there.
pub(super) fn losses(at: &ConditionContext<'_>) -> Vec<String> {
    let Some(last) = &at.facts.at_target else {
        return Vec::new();
    };
    let limits = at.thresholds;
    let parts = RulerCategory::ALL.into_iter().map(Some);
    let told = parts.chain([None]).filter_map(|category| {
        let good = category.map_or(limits.acceptable, |one| limits.good(one));
        loss(at, category).or_else(|| {
            let value = value_of(last, category).filter(|value| *value < good)?;
            let name = category.map_or("mean", RulerCategory::name);
            Some(format!(
                "RULER {name} {value:.1} at {:#} ({})",
                last.length,
                against(value, good)
            ))
        })
    });
    told.collect()
}

pub(super) fn value_of(at: &RulerAtLength, category: Option<RulerCategory>) -> Option<f64> {
    match category {
        Some(category) => at.of(category),
        None => at.overall,
    }
}

/// A material loss from the shortest length to the target, with the interval of the difference.
pub(super) fn loss(at: &ConditionContext<'_>, category: Option<RulerCategory>) -> Option<String> {
    let (first, last) = (at.facts.shortest()?, at.facts.at_target.as_ref()?);
    let (from, to) = (value_of(first, category)?, value_of(last, category)?);
    if last.length <= first.length || from - to < at.thresholds.drop {
        return None;
    }
    let name = category.map_or("mean", RulerCategory::name);
    let ends = difference(at, category, first.length, last.length);
    let ends = ends.map_or_else(String::new, |(low, high)| {
        format!(" (95% interval {low:.0} to {high:.0})")
    });
    Some(format!(
        "RULER {name} loses {:.1} points from {from:.1} at {:#} to {to:.1} at {:#}{ends}",
        from - to,
        first.length,
        last.length
    ))
}

/// The 95% interval of the loss between two lengths.
///
/// # Formula
/// Newcombe's hybrid of the two intervals: `d ± √(δ₁² + δ₂²)` with the distances of the ends that
/// face away. Source: Newcombe, Statistics in Medicine 17 (1998) 873, method 10.
fn difference(
    at: &ConditionContext<'_>,
    category: Option<RulerCategory>,
    first: Tokens,
    last: Tokens,
) -> Option<(f64, f64)> {
    let figure = |length| {
        let mut found = at.evidence.ruler.iter();
        found.find(|one| one.length == length && one.category == category)
    };
    let (a, b) = (figure(first)?.figure(), figure(last)?.figure());
    let ((a_low, a_high), (b_low, b_high)) = (a.ends()?, b.ends()?);
    let lost = a.value - b.value;
    let below = libm::hypot(a.value - a_low, b_high - b.value);
    let above = libm::hypot(a_high - a.value, b.value - b_low);
    Some((lost - below, lost + above))
}

/// What is lost at the shortest length already.
pub(super) fn lost_short(at: &ConditionContext<'_>) -> Vec<String> {
    let lost = super::lost_at_short(at).unwrap_or_default().into_iter();
    let told = lost.filter_map(|category| {
        let shortest = at.facts.shortest()?;
        Some(format!(
            "RULER {} {:.1} at {:#} already",
            category.name(),
            shortest.of(category)?,
            shortest.length
        ))
    });
    told.collect()
}
