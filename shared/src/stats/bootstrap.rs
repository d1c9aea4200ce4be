//! The percentile bootstrap for a mean.

use std::cell::OnceCell;

use super::binomial::Multinomial;
use super::random::SplitMix;
use super::wilson::wilson;
use super::{Interval, Method};

/// So many samples are drawn anew for an interval.
pub const DRAWS: usize = 10_000;

/// Values with the means of samples that are drawn anew from them. These are made when first asked
/// for, and shared by everything that is reckoned from the values.
///
/// # Example
/// ```
/// use fathom_shared::stats::bootstrap::Resampled;
/// let values = Resampled::new(vec![0.2, 0.4, 1.0, 0.6]);
/// let interval = values.interval().unwrap();
/// assert!(interval.low < 0.55 && interval.high > 0.55);
/// ```
#[derive(Clone, Debug, Default)]
pub struct Resampled {
    values: Vec<f64>,
    means: OnceCell<Vec<f64>>,
}

impl Resampled {
    /// Of these values.
    pub fn new(values: Vec<f64>) -> Self {
        let means = OnceCell::new();
        Self { values, means }
    }

    /// The values.
    pub fn values(&self) -> &[f64] {
        &self.values
    }

    /// Their mean; nothing without any.
    pub fn mean(&self) -> Option<f64> {
        let n = self.values.len();
        (n > 0).then(|| self.values.iter().sum::<f64>() / n as f64)
    }

    /// Whether every value is 0 or 1.
    pub fn is_binary(&self) -> bool {
        let mut values = self.values.iter();
        values.all(|value| *value == 0.0 || *value == 1.0)
    }

    /// The means of [`DRAWS`] samples, in the order in which they are drawn. Each draw has a stream
    /// of its own that begins the same everywhere: the same values give the same means.
    pub fn means(&self) -> &[f64] {
        self.means.get_or_init(|| means(&self.values))
    }

    /// The 95% percentile bootstrap interval of the mean; nothing for fewer than two values.
    ///
    /// # Formula
    /// The 2.5% and 97.5% quantiles of the means of 10,000 samples of size n, drawn with
    /// replacement. Of few different values the counts are drawn, which are multinomial. Source:
    /// Efron, Annals of Statistics 7 (1979) 1–26. Golden: `stats/bootstrap.json` (scipy's
    /// `bootstrap`). Unit: that of the values.
    pub fn interval(&self) -> Option<Interval> {
        (self.values.len() > 1).then(|| percentiles(self.means().to_vec(), Method::Bootstrap))
    }

    /// The 95% interval of a mean of scores: Wilson's where each is 0 or 1, else the bootstrap's.
    pub fn interval_of_scores(&self) -> Option<Interval> {
        let hits = self.values.iter().filter(|value| **value == 1.0).count();
        match (u32::try_from(hits), u32::try_from(self.values.len())) {
            (Ok(hits), Ok(n)) if self.is_binary() => wilson(hits, n),
            _ => self.interval(),
        }
    }
}

fn means(values: &[f64]) -> Vec<f64> {
    let n = values.len() as f64;
    let draws = (0..DRAWS).map(SplitMix::of_draw);
    if let Some(mut counts) = Multinomial::of(values) {
        return draws.map(|mut draw| counts.sum(&mut draw) / n).collect();
    }
    let mean = |mut draw: SplitMix| {
        let mut sum = 0.0;
        draw.sample(values.len(), |at| sum += values[at]);
        sum / n
    };
    draws.map(mean).collect()
}

/// The 2.5% and 97.5% quantiles of draws.
pub(super) fn percentiles(mut draws: Vec<f64>, method: Method) -> Interval {
    Interval {
        low: quantile(&mut draws, 0.025),
        high: quantile(&mut draws, 0.975),
        level: 0.95,
        method,
    }
}

/// Linear interpolation between order statistics (type 7 of Hyndman and Fan, 1996).
fn quantile(draws: &mut [f64], q: f64) -> f64 {
    let at = q * (draws.len() - 1) as f64;
    let (_, low, above) = draws.select_nth_unstable_by(at as usize, f64::total_cmp);
    let high = above.iter().copied().min_by(f64::total_cmp).unwrap_or(*low);
    *low + (high - *low) * at.fract()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn bootstrap(values: &[f64]) -> Option<Interval> {
        Resampled::new(values.to_vec()).interval()
    }

    #[test]
    fn close_to_the_normal_interval_for_many_values() {
        // Few different values, and many.
        let few: Vec<f64> = (0..400).map(|i| f64::from(i % 5) / 4.0).collect();
        let many: Vec<f64> = (0..400).map(|i| f64::from(i) / 399.0).collect();
        for values in [few, many] {
            let variance = values.iter().map(|v| (v - 0.5).powi(2)).sum::<f64>() / 400.0;
            let half = 1.96 * (variance / 400.0).sqrt();
            let got = bootstrap(&values).unwrap();
            assert!((got.low - (0.5 - half)).abs() < 0.002, "{got:?}");
            assert!((got.high - (0.5 + half)).abs() < 0.002, "{got:?}");
        }
    }

    #[test]
    fn the_same_everywhere_and_nothing_for_one() {
        assert_eq!(bootstrap(&[0.2, 0.4, 1.0]), bootstrap(&[0.2, 0.4, 1.0]));
        assert_eq!(bootstrap(&[0.2]), None);
        assert_eq!(
            Resampled::new(vec![1.0, 0.0]).interval_of_scores(),
            wilson(1, 2)
        );
    }

    #[test]
    fn quantiles_interpolate() {
        let mut draws = [4.0, 1.0, 3.0, 2.0];
        assert!((quantile(&mut draws, 0.5) - 2.5).abs() < 1e-12);
        assert_eq!(quantile(&mut draws, 1.0), 4.0);
    }

    #[derive(serde::Deserialize)]
    struct Case {
        values: Vec<f64>,
        low: f64,
        high: f64,
        error: f64,
    }

    #[test]
    fn intervals_are_those_of_scipy() {
        #[derive(serde::Deserialize)]
        struct Golden {
            alone: Vec<Case>,
        }
        let golden = include_str!("../../../tests/golden/stats/bootstrap.json");
        let golden: Golden = serde_json::from_str(golden).unwrap();
        assert_eq!(golden.alone.len(), 7);
        for case in golden.alone {
            let got = bootstrap(&case.values).unwrap();
            // An end of 10,000 draws has a standard error of 0.027 of the mean's own.
            let near = |got: f64, want: f64| (got - want).abs() < 0.15 * case.error;
            assert!(near(got.low, case.low), "{got:?} {}", case.low);
            assert!(near(got.high, case.high), "{got:?} {}", case.high);
        }
    }
}
