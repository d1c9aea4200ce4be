//! The percentile bootstrap for a mean.

use super::{Interval, Method};

pub(super) const DRAWS: usize = 2_000;
/// Where every stream of draws begins.
pub(super) const SEED: u64 = 0x6661_7468_6f6d;

/// 95% percentile bootstrap interval of the mean of `values`; nothing for fewer than two.
///
/// The draws come from a fixed seed: the same values give the same interval everywhere.
///
/// # Formula
/// The 2.5% and 97.5% quantiles of the means of 2,000 samples of size n, drawn with replacement.
/// Source: Efron, Annals of Statistics 7 (1979) 1–26. Unit: that of `values`.
pub fn bootstrap(values: &[f64]) -> Option<Interval> {
    if values.len() < 2 {
        return None;
    }
    let mut means = means(values);
    means.sort_by(f64::total_cmp);
    Some(Interval {
        low: quantile(&means, 0.025),
        high: quantile(&means, 0.975),
        level: 0.95,
        method: Method::Bootstrap,
    })
}

/// The means of the draws, in the order in which they are drawn.
pub(super) fn means(values: &[f64]) -> Vec<f64> {
    let n = values.len();
    let mut state = SEED;
    let mean = |_| {
        let sum: f64 = (0..n).map(|_| values[below(&mut state, n)]).sum();
        sum / n as f64
    };
    (0..DRAWS).map(mean).collect()
}

/// A number below `n` by SplitMix64 (Steele, Lea and Flood, OOPSLA 2014) and a widening multiply.
pub(super) fn below(state: &mut u64, n: usize) -> usize {
    *state = state.wrapping_add(0x9e37_79b9_7f4a_7c15);
    let mut z = *state;
    z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    z ^= z >> 31;
    ((u128::from(z) * n as u128) >> 64) as usize
}

/// Linear interpolation between order statistics (type 7 of Hyndman and Fan, 1996).
pub(super) fn quantile(sorted: &[f64], q: f64) -> f64 {
    let at = q * (sorted.len() - 1) as f64;
    let (low, high) = (at.floor() as usize, at.ceil() as usize);
    sorted[low] + (sorted[high] - sorted[low]) * (at - at.floor())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn close_to_the_normal_interval_for_many_values() {
        let values: Vec<f64> = (0..400).map(|i| f64::from(i % 5) / 4.0).collect();
        let got = bootstrap(&values).unwrap();
        let half = 1.96 * (0.125_f64 / 400.0).sqrt();
        assert!((got.low - (0.5 - half)).abs() < 0.005, "{got:?}");
        assert!((got.high - (0.5 + half)).abs() < 0.005, "{got:?}");
    }

    #[test]
    fn the_same_everywhere_and_nothing_for_one() {
        assert_eq!(bootstrap(&[0.2, 0.4, 1.0]), bootstrap(&[0.2, 0.4, 1.0]));
        assert_eq!(bootstrap(&[0.2]), None);
    }

    #[test]
    fn quantiles_interpolate() {
        assert!((quantile(&[1.0, 2.0, 3.0, 4.0], 0.5) - 2.5).abs() < 1e-12);
    }
}
