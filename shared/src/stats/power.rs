//! How small a difference can be detected, and how many samples that takes.

use super::special::normal_quantile;

/// The smallest difference of two shares, as a fraction, that `n` pairs of right or wrong answers
/// detect at level `alpha`, two-sided, with probability `power`, if a share of `discordant` pairs
/// differs; 1 if so few pairs detect no possible difference.
///
/// # Formula
/// `min(1, (z_{1−α/2} + z_{power})·√(d/n))`. Source: Miller, arXiv 2411.00640 (2024), section 5, with the
/// variance of a paired difference, `d − δ² ≈ d`. Golden: `stats/power.json` (statsmodels).
///
/// # Example
/// ```
/// use fathom_shared::stats::power::detectable;
/// // LongBench v2's 503 questions when a fifth of the answers differ: 5.6 points.
/// assert!((detectable(503, 0.2, 0.05, 0.8) - 0.0559).abs() < 1e-4);
/// ```
pub fn detectable(n: u32, discordant: f64, alpha: f64, power: f64) -> f64 {
    let z = normal_quantile(1.0 - alpha / 2.0) + normal_quantile(power);
    (z * (discordant.clamp(0.0, 1.0) / f64::from(n.max(1))).sqrt()).min(1.0)
}

/// How many pairs detect a difference of `wanted`, as a fraction; the inverse of [`detectable`].
///
/// # Example
/// ```
/// use fathom_shared::stats::power::{detectable, pairs_for};
/// let n = pairs_for(0.05, 0.2, 0.05, 0.8);
/// assert!(detectable(n, 0.2, 0.05, 0.8) <= 0.05 && detectable(n - 1, 0.2, 0.05, 0.8) > 0.05);
/// ```
pub fn pairs_for(wanted: f64, discordant: f64, alpha: f64, power: f64) -> u32 {
    let z = normal_quantile(1.0 - alpha / 2.0) + normal_quantile(power);
    let n = (z / wanted).powi(2) * discordant.clamp(0.0, 1.0);
    n.ceil().clamp(1.0, f64::from(u32::MAX)) as u32
}

/// How many pairs detect, one-sided at level `alpha` with probability `power`, a mean difference
/// `distance` beyond its bound, if the differences of pairs have this `variance`; `None` if the
/// distance is not above 0.
///
/// # Formula
/// `(z_{1−α} + z_{power})²·σ²/d²`.
pub fn pairs_for_one_side(distance: f64, variance: f64, alpha: f64, power: f64) -> Option<u32> {
    let z = normal_quantile(1.0 - alpha) + normal_quantile(power);
    let n = (z / distance).powi(2) * variance;
    (n.is_finite() && n < 1e9).then_some(n.ceil() as u32)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_of_pairs_are_those_of_statsmodels() {
        #[derive(serde::Deserialize)]
        struct PowerGolden {
            pairs: Vec<(f64, f64, f64, f64, f64, f64)>,
        }
        let golden = include_str!("../../../tests/golden/stats/power.json");
        let golden: PowerGolden = serde_json::from_str(golden).unwrap();
        assert_eq!(golden.pairs.len(), 4);
        for (wanted, variance, alpha, power, two, one) in golden.pairs {
            let found = f64::from(pairs_for(wanted, variance, alpha, power));
            assert_eq!(found, two.ceil());
            // The difference that this many pairs detect is the wanted one, or slightly smaller.
            let seen = detectable(found as u32, variance, alpha, power);
            assert!(
                (seen - wanted * (two / found).sqrt()).abs() < 1e-9,
                "{seen}"
            );
            let found = pairs_for_one_side(wanted, variance, alpha, power);
            assert_eq!(found.map(f64::from), Some(one.ceil()));
        }
    }
}
