//! The difference between two ways of answering, in words.

use super::ConditionContext;
use crate::advise::evidence::{LongBenchMode, ThinkingGain};
use crate::numbers::tenths;

/// Whether the difference between two ways of answering rests on an assumed number of samples.
pub(super) fn is_assumed(at: &ConditionContext<'_>, both: [LongBenchMode; 2]) -> bool {
    let whole = at.evidence.longbench.iter();
    let whole = whole.filter(|one| one.domain.is_none() && one.length.is_none());
    let mut of = whole.filter(|one| both.contains(&one.reading));
    of.any(|one| one.figure().ends().is_none())
}

/// In words: `7.0 points more (95% interval 2.6 to 11.4)`, with the number of samples if it is
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
