//! Wilson's score interval for a proportion.

use super::{Interval, IntervalMethod};

/// The 97.5% point of the standard normal distribution.
const Z_95: f64 = 1.959_963_984_540_054;

/// Wilson score interval at 95% for `hits` of `n`; `None` for `n = 0`.
///
/// # Formula
/// `(p + z²/2n ± z·√(p(1−p)/n + z²/4n²)) / (1 + z²/n)`, with `p = hits / n`.
/// Source: Wilson, JASA 22 (1927) 209–212. Golden: `stats/wilson.json`. Result: fractions in
/// `[0, 1]`.
///
/// # Example
/// ```
/// // 50 of 50 still allows a true rate of 93%.
/// let interval = fathom_shared::stats::wilson::wilson(50, 50).unwrap();
/// assert!((interval.low - 0.9287).abs() < 5e-5);
/// ```
pub fn wilson(hits: u32, n: u32) -> Option<Interval> {
    if n == 0 {
        return None;
    }
    let (hits, n) = (f64::from(hits.min(n)), f64::from(n));
    let p = hits / n;
    let z2 = Z_95 * Z_95;
    let centre = p + z2 / (2.0 * n);
    let half = Z_95 * (p * (1.0 - p) / n + z2 / (4.0 * n * n)).sqrt();
    let scale = 1.0 + z2 / n;
    Some(Interval {
        low: ((centre - half) / scale).max(0.0),
        high: ((centre + half) / scale).min(1.0),
        level: 0.95,
        method: IntervalMethod::Wilson,
    })
}
