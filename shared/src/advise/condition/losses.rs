//! What is lost with length, in words.

use super::ConditionContext;
use super::ruler::{lost_at_short, low_categories};
use crate::advise::benchmarks::tasks_of;
use crate::advise::derived_facts::RulerAtLength;
use crate::advise::evidence::{PercentFigure, RulerFigure};
use crate::advise::sentences::short;
use crate::numbers::tenths;
use crate::task::RulerCategory;
use crate::tokens::Tokens;

/// What is lost from the shortest length to the target, each with the interval of the difference,
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
            let name = name_at(at, last, category);
            Some(format!(
                "RULER {name} {value:.1} at {} ({})",
                short(last.length),
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
    let name = name_at(at, last, category);
    let (first, last) = (first.length, last.length);
    let (low, high, n) = difference(at, category, first, last)?;
    let ends = tenths(low, high);
    let n = match n {
        Some(n) => format!(", n = {n} assumed, as none was given"),
        None => String::new(),
    };
    let (lost, interval) = (from - to, format!("95% interval {ends}{n}"));
    let (first, last) = (short(first), short(last));
    let ends = format!("at {last} tokens than at {first}");
    Some(match low <= 0.0 {
        true => format!(
            "RULER {name} is {lost:.1} points lower {ends}, which sampling error alone may explain ({interval})"
        ),
        false => format!(
            "RULER {name} loses {lost:.1} points from {first} to {last} tokens ({interval})"
        ),
    })
}

/// The name of a figure at a length, with its number of tasks if these are fewer than RULER's.
pub(super) fn name_at(
    at: &ConditionContext<'_>,
    here: &RulerAtLength,
    category: Option<RulerCategory>,
) -> String {
    let mut measured = at.evidence.ruler.iter();
    let of = |one: &&RulerFigure| one.category == category && one.length == here.length;
    match (measured.find(of), category) {
        (Some(figure), _) => figure.part(),
        (None, Some(category)) => category.name().to_owned(),
        (None, None) => here.mean_name(),
    }
}

/// The 95% interval of the loss between two lengths, and the number of samples assumed for
/// it, if none was given.
///
/// # Formula
/// Newcombe's hybrid of the two intervals: `d ± √(δ₁² + δ₂²)` with the distances of the ends that
/// face away. Source: Newcombe, Statistics in Medicine 17 (1998) 873, method 10.
fn difference(
    at: &ConditionContext<'_>,
    category: Option<RulerCategory>,
    first: Tokens,
    last: Tokens,
) -> Option<(f64, f64, Option<u32>)> {
    let ((a, a_known), (b, b_known)) = (figure(at, category, first)?, figure(at, category, last)?);
    let n = at.thresholds.assumed_n;
    let ((a_low, a_high), (b_low, b_high)) = (a.interval(n), b.interval(n));
    let lost = a.value - b.value;
    let below = libm::hypot(a.value - a_low, b_high - b.value);
    let above = libm::hypot(a_high - a.value, b.value - b_low);
    let assumed = (!(a_known && b_known)).then_some(n);
    Some((lost - below, lost + above, assumed))
}

/// A figure at a length, and whether its interval is known. For a mean that was put together from
/// categories, the interval is that of the mean of their means, each weighted by its number of tasks.
///
/// # Formula
/// `√(Σ t² h²) / Σ t` with the half-widths `h` and the tasks `t` of the categories.
fn figure(
    at: &ConditionContext<'_>,
    category: Option<RulerCategory>,
    length: Tokens,
) -> Option<(PercentFigure, bool)> {
    let here = || at.evidence.ruler.iter().filter(|one| one.length == length);
    if let Some(one) = here().find(|one| one.category == category) {
        return Some((one.figure(), one.figure().ends().is_some()));
    }
    let mut ruler = at.facts.ruler.iter();
    let value = ruler.find(|one| one.length == length)?.overall?;
    let (mut tasks, mut squares, mut known) = (0.0, 0.0, true);
    for one in here() {
        let figure = one.figure();
        let own = f64::from(tasks_of(&[one.category?]));
        let (low, high) = figure.interval(at.thresholds.assumed_n);
        known &= figure.ends().is_some();
        tasks += own;
        squares += (own * (high - low) / 2.0).powi(2);
    }
    let half = libm::sqrt(squares) / tasks;
    let whole = PercentFigure {
        value,
        n: None,
        low: Some((value - half).max(0.0)),
        high: Some((value + half).min(100.0)),
    };
    Some((whole, known))
}

/// What is as low at the shortest length as at the target.
pub(super) fn low_alike(at: &ConditionContext<'_>) -> Vec<String> {
    let (Some(first), Some(last)) = (at.facts.shorter(), &at.facts.at_target) else {
        return Vec::new();
    };
    let low = low_categories(last, at.thresholds).into_iter().map(Some);
    let low_mean = |value: f64| value < at.thresholds.acceptable;
    let mean = last.overall.filter(|value| low_mean(*value)).map(|_| None);
    let told = low.chain(mean).map(|category| {
        format!(
            "RULER {} is low at every length, at {} tokens as at {}",
            name_at(at, last, category),
            short(first.length),
            short(last.length)
        )
    });
    told.collect()
}

/// RULER at the shortest length, in one line.
pub(super) fn shortest(at: &ConditionContext<'_>) -> Vec<String> {
    let Some(first) = at.facts.shortest() else {
        return Vec::new();
    };
    let known = RulerCategory::ALL.into_iter().map(Some).chain([None]);
    let known = known.filter_map(|category| {
        let value = value_of(first, category)?;
        Some(format!("{} {value:.1}", name_at(at, first, category)))
    });
    let known: Vec<String> = known.collect();
    vec![format!(
        "RULER at {}: {}",
        short(first.length),
        known.join(", ")
    )]
}

/// What is lost already at the shortest length.
pub(super) fn lost_short(at: &ConditionContext<'_>) -> Vec<String> {
    let lost = lost_at_short(at).unwrap_or_default().into_iter();
    let told = lost.filter_map(|category| {
        let shortest = at.facts.shortest()?;
        Some(format!(
            "RULER {} already {:.1} at {}",
            category.name(),
            shortest.of(category)?,
            short(shortest.length)
        ))
    });
    told.collect()
}

/// On which side of a limit a value lies.
pub(super) fn against(value: f64, good: f64) -> String {
    match value < good {
        true => format!("below {good:.1}"),
        false => format!("good: {good:.1} or more"),
    }
}
