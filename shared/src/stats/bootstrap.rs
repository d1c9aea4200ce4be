//! The Bayesian bootstrap for a mean of scores.

use super::strata::{StratifiedMoments, Stratum};
use super::wilson::wilson;
use super::{Interval, IntervalMethod};

/// The scores of one cell, as fractions, with the sources that they share.
///
/// # Example
/// ```
/// use fathom_shared::stats::bootstrap::ClusteredScores;
/// let scores = ClusteredScores::new(vec![0.2, 0.4, 1.0, 0.6]);
/// let interval = scores.interval().unwrap();
/// assert!(interval.low < 0.55 && interval.high > 0.55);
/// // Two answers of nine in ten do not show that all come to nine in ten.
/// let equal = ClusteredScores::new(vec![0.9, 0.9]).interval().unwrap();
/// assert!(equal.low < 0.5 && equal.high > 0.94);
/// ```
#[derive(Clone, PartialEq, Debug, Default)]
pub struct ClusteredScores {
    values: Vec<f64>,
    /// The source of each score; empty if each has its own.
    clusters: Vec<usize>,
}

impl ClusteredScores {
    /// These values, each from a source of its own.
    pub fn new(values: Vec<f64>) -> Self {
        let clusters = Vec::new();
        Self { values, clusters }
    }

    /// These values; equal numbers in `clusters` mean the same source.
    pub fn shared(values: Vec<f64>, clusters: Vec<usize>) -> Self {
        let mut seen = std::collections::BTreeSet::new();
        match clusters.iter().all(|cluster| seen.insert(*cluster)) {
            true => Self::new(values),
            false => Self { values, clusters },
        }
    }

    /// The values.
    pub fn values(&self) -> &[f64] {
        &self.values
    }

    /// Their mean; `None` if there are none.
    pub fn mean(&self) -> Option<f64> {
        let n = self.values.len();
        (n > 0).then(|| self.values.iter().sum::<f64>() / n as f64)
    }

    /// Whether every value is 0 or 1.
    pub fn is_binary(&self) -> bool {
        let mut values = self.values.iter();
        values.all(|value| *value == 0.0 || *value == 1.0)
    }

    /// Whether every value equals `value`.
    pub(super) fn all(&self, value: f64) -> bool {
        self.values.iter().all(|one| *one == value)
    }

    /// How many sources there are.
    pub(super) fn sources(&self) -> usize {
        match self.clusters.is_empty() {
            true => self.values.len(),
            false => self.clusters.iter().max().map_or(0, |last| last + 1),
        }
    }

    pub(super) fn stratum(&self, weight: f64) -> Stratum {
        match self.clusters.is_empty() {
            true => Stratum::alone(weight, &self.values),
            false => Stratum::shared(weight, &self.values, &self.clusters),
        }
    }

    /// One minus each score; the mean of these is 1 minus the mean.
    pub(super) fn missing(&self) -> Self {
        Self {
            values: self.values.iter().map(|value| 1.0 - value).collect(),
            clusters: self.clusters.clone(),
        }
    }

    /// The method for their interval, unless it is Wilson's.
    pub(super) fn method(&self) -> IntervalMethod {
        match self.clusters.is_empty() {
            true => IntervalMethod::Bootstrap,
            false => IntervalMethod::ClusterBootstrap,
        }
    }

    /// The 95% interval of their mean; `None` for fewer than two sources.
    ///
    /// # Formula
    /// Wilson's interval if each score is 0 or 1 and no source is shared. If all scores are 0 or
    /// all are 1, Wilson's interval with the number of sources as n. Otherwise the 2.5% and 97.5%
    /// points of the Bayesian bootstrap: the sources have Dirichlet-distributed weights, and half a
    /// source of 0 and half a source of 1 are added, so that equal scores do not look certain. The
    /// points are computed by a saddlepoint approximation, without random draws.
    /// Golden: `stats/bootstrap.json` (numpy). Unit: that of the values.
    pub fn interval(&self) -> Option<Interval> {
        let sources = u32::try_from(self.sources()).unwrap_or(u32::MAX);
        let shared = !self.clusters.is_empty();
        if shared && sources < 2 {
            return None;
        }
        if self.all(0.0) || self.all(1.0) {
            return wilson(if self.all(1.0) { sources } else { 0 }, sources);
        }
        if self.is_binary() && !shared {
            let hits = self.values.iter().filter(|value| **value == 1.0).count();
            return wilson(u32::try_from(hits).unwrap_or(u32::MAX), sources);
        }
        let spread = StratifiedMoments::of(&[self.stratum(1.0)])?;
        let (low, high) = spread.drawn().interval();
        Some(Interval {
            low: low.max(0.0),
            high: high.min(1.0),
            level: 0.95,
            method: self.method(),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn interval(values: &[f64]) -> Option<Interval> {
        ClusteredScores::new(values.to_vec()).interval()
    }

    #[test]
    fn close_to_the_normal_interval_for_many_values() {
        let few: Vec<f64> = (0..400).map(|i| f64::from(i % 5) / 4.0).collect();
        let many: Vec<f64> = (0..400).map(|i| f64::from(i) / 399.0).collect();
        for values in [few, many] {
            let variance = values.iter().map(|v| (v - 0.5).powi(2)).sum::<f64>() / 400.0;
            let half = 1.96 * (variance / 400.0).sqrt();
            let got = interval(&values).unwrap();
            assert!((got.low - (0.5 - half)).abs() < 0.002, "{got:?}");
            assert!((got.high - (0.5 + half)).abs() < 0.002, "{got:?}");
        }
    }

    #[test]
    fn one_score_has_none_and_equal_scores_are_not_certain() {
        assert_eq!(interval(&[0.2]), None);
        assert_eq!(interval(&[1.0, 0.0]), wilson(1, 2));
        for value in [0.1, 0.5, 0.9] {
            for n in [2, 5, 50] {
                let got = interval(&vec![value; n]).unwrap();
                let room = 0.4 / n as f64;
                assert!(got.low < value - room * value && got.high > value + room * (1.0 - value));
                assert!(got.low >= 0.0 && got.high <= 1.0, "{got:?}");
            }
        }
    }

    #[test]
    fn scores_of_one_source_are_one_piece_of_evidence() {
        let values: Vec<f64> = (0..80).map(|i| f64::from(i / 8 % 3) / 2.0).collect();
        let clusters: Vec<usize> = (0..80).map(|i| i / 8).collect();
        let width =
            |scores: ClusteredScores| scores.interval().map(|ends| ends.high - ends.low).unwrap();
        let alone = width(ClusteredScores::new(values.clone()));
        let shared = ClusteredScores::shared(values.clone(), clusters);
        assert_eq!(
            shared.interval().unwrap().method,
            IntervalMethod::ClusterBootstrap
        );
        assert!(width(shared) > 2.0 * alone);
        let apart = ClusteredScores::shared(values.clone(), (0..80).collect());
        assert_eq!(apart, ClusteredScores::new(values.clone()));
        let one = ClusteredScores::shared(values, vec![0; 80]);
        assert_eq!(one.interval(), None);
        let right = ClusteredScores::shared(vec![1.0; 80], (0..80).map(|i| i / 16).collect());
        assert_eq!(right.interval(), wilson(5, 5));
    }

    #[derive(serde::Deserialize)]
    struct BootstrapCase {
        values: Vec<f64>,
        low: f64,
        high: f64,
    }

    #[test]
    fn intervals_are_those_of_dirichlet_draws() {
        #[derive(serde::Deserialize)]
        struct BootstrapGolden {
            alone: Vec<BootstrapCase>,
        }
        let golden = include_str!("../../../tests/golden/stats/bootstrap.json");
        let golden: BootstrapGolden = serde_json::from_str(golden).unwrap();
        assert!(golden.alone.len() >= 8);
        for case in golden.alone {
            let got = interval(&case.values).unwrap();
            // The saddlepoint is least accurate where there are few data.
            let width = case.high - case.low;
            let off = width * if case.values.len() <= 5 { 0.02 } else { 0.01 };
            let near = |got: f64, want: f64| (got - want).abs() < off;
            assert!(near(got.low, case.low), "{got:?} {}", case.low);
            assert!(near(got.high, case.high), "{got:?} {}", case.high);
        }
    }
}
