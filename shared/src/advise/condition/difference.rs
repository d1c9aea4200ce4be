//! Differences between two ways of answering the same questions, with their intervals.

use super::ConditionContext;
use crate::advise::draws::{ALIKE, Z_95};
use crate::advise::evidence::{LongBenchFigure, LongBenchMode, ThinkingGain};
use crate::numbers::tenths;

/// The gain of `with` over `without`, points; nothing where one of them is not known.
///
/// # Formula
/// `d ± 1.96 √(s₁² + s₂² − 2 ρ s₁ s₂)` with the standard errors of the two shares and `ρ = 0.5`
/// for answers to the same questions whose pairs are not known (assumed).
pub(in crate::advise) fn gain(
    at: &ConditionContext<'_>,
    with: LongBenchMode,
    without: LongBenchMode,
) -> Option<ThinkingGain> {
    let of = |reading| {
        let whole = |one: &&LongBenchFigure| {
            one.reading == reading && one.domain.is_none() && one.length.is_none()
        };
        let found = at.evidence.longbench.iter().find(whole);
        found.map(LongBenchFigure::figure)
    };
    let (with, without) = (of(with)?, of(without)?);
    let assumed = at.thresholds.assumed_n;
    let error = |one: crate::advise::evidence::PercentFigure| {
        let (low, high) = one.interval(assumed);
        (high - low) / (2.0 * Z_95)
    };
    let (a, b) = (error(with), error(without));
    let half = Z_95 * libm::sqrt((a * a + b * b - 2.0 * ALIKE * a * b).max(0.0));
    let value = with.value - without.value;
    let pairs = with.n.unwrap_or(assumed).min(without.n.unwrap_or(assumed));
    Some(ThinkingGain {
        value,
        n: pairs,
        low: value - half,
        high: value + half,
    })
}

/// What a chain of thought adds: by pairs where they are known.
pub(super) fn thinking_gain(at: &ConditionContext<'_>) -> Option<ThinkingGain> {
    at.facts.direct.and(at.facts.cot)?;
    let unpaired = gain(at, LongBenchMode::Cot, LongBenchMode::Direct);
    at.evidence.thinking_gain.or(unpaired)
}

/// Whether more is right without the text than with it, beyond what sampling explains.
pub(super) fn hurts(at: &ConditionContext<'_>) -> Option<bool> {
    let direct = gain(at, LongBenchMode::NoContext, LongBenchMode::Direct);
    let gain = direct.or_else(|| gain(at, LongBenchMode::NoContext, LongBenchMode::Cot))?;
    Some(gain.low > 0.0)
}

/// Whether the difference of two ways of answering rests on a number of samples that was not told.
pub(super) fn is_assumed(at: &ConditionContext<'_>, both: [LongBenchMode; 2]) -> bool {
    let whole = at.evidence.longbench.iter();
    let whole = whole.filter(|one| one.domain.is_none() && one.length.is_none());
    let mut of = whole.filter(|one| both.contains(&one.reading));
    of.any(|one| one.figure().ends().is_none())
}

/// In words: `7.0 points more (95% interval 2.6 to 11.4)`, with the number of samples where it is
/// assumed.
pub(super) fn told(gain: Option<ThinkingGain>, assumed: bool) -> String {
    let Some(ThinkingGain {
        value,
        low,
        high,
        n,
    }) = gain
    else {
        return String::new();
    };
    let (points, way) = (value.abs(), if value < 0.0 { "fewer" } else { "more" });
    let (low, high) = match value < 0.0 {
        true => (-high, -low),
        false => (low, high),
    };
    let n = match assumed {
        true => format!(", n = {n} assumed, as none was given"),
        false => String::new(),
    };
    format!(
        "{points:.1} points {way} (95% interval {}{n})",
        tenths(low, high)
    )
}
