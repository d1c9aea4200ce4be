//! Tests for two runs over the same samples.

use serde::{Deserialize, Serialize};

use super::bootstrap::ClusteredScores;
use super::equivalence::{not_worse, tost_by};
use super::grouped::{WeightedGroup, summarise_groups};
use super::mcnemar::mcnemar;
use super::signflip::sign_flip;
use super::strata::{StratifiedMoments, Stratum};
use super::wilson::wilson;
use super::{Estimate, Interval, IntervalMethod};

/// How a p-value was computed.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum PairedTest {
    /// McNemar's exact test: every score is 0 or 1.
    McNemar,
    /// Random signs of the differences, counted exactly or by a saddlepoint.
    SignFlip,
    /// The same with one sign per source, for samples that share them.
    ClusterSignFlip,
    /// Random signs, of two sums over several groups; the smaller p-value is doubled.
    PooledSignFlip,
    /// The same with one sign per source.
    PooledClusterSignFlip,
}

impl PairedTest {
    /// The name shown to readers.
    pub fn name(self) -> &'static str {
        match self {
            Self::McNemar => "McNemar",
            Self::SignFlip => "sign flips",
            Self::ClusterSignFlip => "sign flips by source",
            Self::PooledSignFlip => "two sign-flip tests, the smaller p doubled",
            Self::PooledClusterSignFlip => "two sign-flip tests by source, the smaller p doubled",
        }
    }
}

/// How the second run differs from the first. Shares are fractions.
#[derive(Clone, Copy, PartialEq, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct PairedDifference {
    /// Samples answered by both.
    pub n: u32,
    /// Mean score of the first.
    pub first: Estimate,
    /// Mean score of the second.
    pub second: Estimate,
    /// The second minus the first; no interval for fewer than two pairs, or sources.
    pub difference: Estimate,
    /// Samples where the second is better.
    pub gained: u32,
    /// Samples where the first is better.
    pub lost: u32,
    /// The p-value of the difference.
    pub p: f64,
    /// How the p-value was computed.
    pub test: PairedTest,
}

impl PairedDifference {
    /// Compares pairs of scores, the first run's score first; `None` if there are no pairs. See
    /// [`ScorePairs::paired`].
    ///
    /// # Example
    /// ```
    /// use fathom_shared::stats::paired::{PairedDifference, PairedTest};
    /// let pairs = [(1.0, 1.0), (1.0, 0.0), (1.0, 0.0), (0.0, 1.0)];
    /// let paired = PairedDifference::of(&pairs).unwrap();
    /// assert_eq!((paired.gained, paired.lost, paired.test), (1, 2, PairedTest::McNemar));
    /// assert_eq!((paired.difference.value, paired.p), (-0.25, 1.0));
    /// ```
    pub fn of(pairs: &[(f64, f64)]) -> Option<Self> {
        let alone: Vec<usize> = (0..pairs.len()).collect();
        Self::clustered(pairs, &alone)
    }

    /// Like [`of`](Self::of), for pairs that share sources: equal numbers in `clusters` mean the
    /// same source.
    pub fn clustered(pairs: &[(f64, f64)], clusters: &[usize]) -> Option<Self> {
        ScorePairs::new(pairs, clusters, &vec![0; pairs.len()]).paired()
    }

    /// The share of pairs that differ.
    pub fn discordant(&self) -> f64 {
        f64::from(self.gained + self.lost) / f64::from(self.n)
    }
}

/// The mean difference, as needed for t tests and sample sizes.
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct DifferenceMoments {
    /// The mean of the second minus the first.
    pub mean: f64,
    /// Its standard error, clustered by source.
    pub error: f64,
    /// Degrees of freedom: the number of sources minus one per group.
    pub free: f64,
    /// How many sources there are.
    pub sources: usize,
    /// How many pairs of a single group without shared sources would be as informative.
    pub worth: u32,
}

/// Pairs of one group.
#[derive(Clone, Debug, Default)]
struct PairGroup {
    first: Vec<f64>,
    second: Vec<f64>,
    differences: Vec<f64>,
    clusters: Vec<usize>,
}

/// Pairs of scores in groups of equal weight, such as tasks, with the sources that they share.
#[derive(Clone, Debug)]
pub struct ScorePairs {
    parts: Vec<PairGroup>,
    n: usize,
}

impl ScorePairs {
    /// From pairs, the first run's score first, each with the numbers of its source and its group.
    pub fn new(pairs: &[(f64, f64)], clusters: &[usize], groups: &[usize]) -> Self {
        let mut parts = std::collections::BTreeMap::<usize, PairGroup>::new();
        let each = pairs.iter().zip(clusters).zip(groups);
        for (((first, second), cluster), group) in each {
            let part = parts.entry(*group).or_default();
            part.first.push(*first);
            part.second.push(*second);
            part.differences.push(second - first);
            part.clusters.push(*cluster);
        }
        for part in parts.values_mut() {
            // Renumber, so that the highest number gives the count.
            let mut known = std::collections::BTreeMap::new();
            for cluster in &mut part.clusters {
                let next = known.len();
                *cluster = *known.entry(*cluster).or_insert(next);
            }
        }
        let parts = parts.into_values().collect();
        Self {
            parts,
            n: pairs.len(),
        }
    }

    /// Means, difference, intervals and p-value; `None` if there are no pairs.
    ///
    /// # Formula
    /// Intervals: for each run as for any scores ([`summarise_groups`]); for the difference the
    /// Bayesian bootstrap's ([`ClusteredScores::interval`]) with four fifths of its halves at the
    /// largest observed difference and one fifth at 1, or, if all pairs differ equally, what
    /// Wilson's interval leaves possible. p: [`mcnemar`] for one group of scores of 0 and 1 without
    /// shared sources, else [`sign_flip`] with one sign per source. For several groups, two sums
    /// are tested: the sum of the groups' means, and the sum in which groups are weighted by the
    /// reciprocal of how much their pairs differ. The second detects a small loss in every task,
    /// the first a large loss in one task. The smaller p-value is doubled, and the second sum
    /// counts only if it has the sign of the first.
    pub fn paired(&self) -> Option<PairedDifference> {
        let n = count(self.n);
        if n == 0 {
            return None;
        }
        let [first, second] = [
            self.side(|part| &part.first),
            self.side(|part| &part.second),
        ];
        let (p, test) = self.test();
        let [gained, lost] = self.moved();
        Some(PairedDifference {
            n,
            difference: Estimate {
                value: second.value - first.value,
                interval: self.difference(),
            },
            first,
            second,
            gained,
            lost,
            p,
            test,
        })
    }

    fn side(&self, scores: fn(&PairGroup) -> &Vec<f64>) -> Estimate {
        let each = self.parts.iter();
        let each =
            each.map(|part| ClusteredScores::shared(scores(part).clone(), part.clusters.clone()));
        let scores: Vec<ClusteredScores> = each.collect();
        let groups = scores.iter().map(|scores| WeightedGroup {
            weight: 1.0,
            scores,
            failed: 0,
        });
        let summary = summarise_groups(&groups.collect::<Vec<_>>());
        Estimate {
            value: summary.mean.unwrap_or_default(),
            interval: summary.interval,
        }
    }

    /// Numbers of pairs in which the second is better, and in which the first is.
    fn moved(&self) -> [u32; 2] {
        let all = || self.parts.iter().flat_map(|part| &part.differences);
        let gained = all().filter(|d| **d > 0.0).count();
        let lost = all().filter(|d| **d < 0.0).count();
        [count(gained), count(lost)]
    }

    fn strata(&self) -> Vec<Stratum> {
        let parts = self.parts.iter();
        let parts = parts.map(|part| Stratum::shared(1.0, &part.differences, &part.clusters));
        parts.collect()
    }

    fn sources(&self) -> usize {
        self.strata()
            .iter()
            .map(|stratum| stratum.units.len())
            .sum()
    }

    fn spread(&self) -> Option<StratifiedMoments> {
        StratifiedMoments::of(&self.strata())
    }

    /// The difference of all pairs, if it is the same for all.
    fn constant(&self) -> Option<f64> {
        let mut all = self.parts.iter().flat_map(|part| &part.differences);
        let first = *all.next()?;
        all.all(|d| *d == first).then_some(first)
    }

    /// The 95% interval of the difference; `None` for fewer than two sources.
    fn difference(&self) -> Option<Interval> {
        let spread = self.spread()?;
        if let Some(same) = self.constant() {
            return unmoved(same, count(spread.worth as usize));
        }
        let (low, high) = spread.differing().interval();
        Some(Interval {
            low: low.max(-1.0),
            high: high.min(1.0),
            level: 0.95,
            method: match self.sources() == self.n {
                true => IntervalMethod::Bootstrap,
                false => IntervalMethod::ClusterBootstrap,
            },
        })
    }

    fn test(&self) -> (f64, PairedTest) {
        let strata = self.strata();
        let alone = self.sources() == self.n;
        let is_binary = |scores: &[f64]| scores.iter().all(|s| *s == 0.0 || *s == 1.0);
        if let [only] = self.parts.as_slice()
            && alone
            && is_binary(&only.first)
            && is_binary(&only.second)
        {
            let [gained, lost] = self.moved();
            return (mcnemar(gained, lost), PairedTest::McNemar);
        }
        let test = match (alone, strata.len()) {
            (true, 1) => PairedTest::SignFlip,
            (false, 1) => PairedTest::ClusterSignFlip,
            (true, _) => PairedTest::PooledSignFlip,
            (false, _) => PairedTest::PooledClusterSignFlip,
        };
        let size = |stratum: &Stratum| stratum.units.iter().map(|unit| unit.1).sum::<f64>();
        let most = strata.iter().map(size).fold(0.0, f64::max);
        let equally = weighted(&strata, |stratum| most / size(stratum));
        if strata.len() == 1 {
            return (sign_flip(&equally), test);
        }
        let steady = weighted(&strata, |stratum| {
            let squares: f64 = stratum.units.iter().map(|unit| unit.0 * unit.0).sum();
            1.0 / (squares / size(stratum) + STEADIEST)
        });
        let sum = |all: &[f64]| all.iter().sum::<f64>();
        let mut p = sign_flip(&equally);
        if sum(&equally) * sum(&steady) > 0.0 {
            p = p.min(sign_flip(&steady));
        }
        ((2.0 * p).min(1.0), test)
    }

    /// The p-value of "the difference lies within ±`margin`"; `None` for fewer than two sources.
    /// Below 0.025, the 95% interval lies within the margin as well.
    ///
    /// # Formula
    /// The largest of [`tost_by`]'s p-value and the probabilities that the Bayesian bootstrap gives
    /// to a difference beyond either end. If all `n` pairs differ equally, by `d`: `(1 − s)ⁿ` with
    /// the share `s = (m − |d|)/(1 + |d|)` of other pairs that would move the mean to the margin.
    pub fn within(&self, margin: f64) -> Option<f64> {
        let spread = self.spread()?;
        if let Some(same) = self.constant() {
            let room = (margin - same.abs()) / (1.0 + same.abs());
            return Some((1.0 - room.clamp(0.0, 1.0)).powf(spread.worth));
        }
        let drawn = spread.differing();
        let t = tost_by(spread.mean, spread.error, spread.free.max(1.0), margin);
        Some(t.max(drawn.below(-margin)).max(drawn.above(margin)))
    }

    /// The p-value of "the difference is above −`margin`", computed in the same way.
    pub fn no_worse(&self, margin: f64) -> Option<f64> {
        let spread = self.spread()?;
        if let Some(same) = self.constant() {
            let room = (margin + same) / (1.0 + same).max(1e-9);
            return Some((1.0 - room.clamp(0.0, 1.0)).powf(spread.worth));
        }
        let t = not_worse(spread.mean, spread.error, spread.free.max(1.0), margin);
        Some(t.max(spread.differing().below(-margin)))
    }

    /// The mean difference with its standard error; `None` for fewer than two sources.
    pub fn moments(&self) -> Option<DifferenceMoments> {
        let spread = self.spread()?;
        Some(DifferenceMoments {
            mean: spread.mean,
            error: match self.constant() {
                Some(_) => 0.0,
                None => spread.error,
            },
            free: spread.free,
            sources: self.sources(),
            worth: count(spread.worth as usize),
        })
    }
}

/// The mean square of a group's differences counts as at least this, so that a group in which a
/// single sample changed does not dominate.
const STEADIEST: f64 = 0.02;

fn weighted(strata: &[Stratum], weight: impl Fn(&Stratum) -> f64) -> Vec<f64> {
    let each = strata.iter().flat_map(|stratum| {
        let weight = weight(stratum);
        stratum.units.iter().map(move |unit| unit.0 * weight)
    });
    each.collect()
}

fn count(n: usize) -> u32 {
    u32::try_from(n).unwrap_or(u32::MAX)
}

/// The interval of `n` differences that all equal `d`, where resampling shows no variation.
///
/// # Formula
/// The share of other differences may be up to the upper end `u` of Wilson's interval of 0 in `n`,
/// and these may be anything from −1 to 1: `d − u (1 + d)` to `d + u (1 − d)`.
fn unmoved(d: f64, n: u32) -> Option<Interval> {
    let share = wilson(0, n)?;
    Some(Interval {
        low: d - share.high * (1.0 + d).max(0.0),
        high: d + share.high * (1.0 - d).max(0.0),
        ..share
    })
}

#[cfg(test)]
mod tests;
