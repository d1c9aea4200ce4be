//! How much the differences of pairs vary, and hence what so many pairs can show.

use serde::{Deserialize, Serialize};

use super::pairs::SamplePair;
use crate::stats::paired::{PairedDifference, PairedTest, ScorePairs};
use crate::stats::power::{detectable, pairs_for};
use crate::stats::wilson::wilson;

/// How much the differences of pairs vary.
#[derive(Clone, Copy, PartialEq, Debug, Serialize, Deserialize)]
pub struct PairSpread {
    /// The variance of a pair's difference, with regard to sources that pairs share.
    pub variance: f64,
    /// How many pairs there are.
    pub pairs: u32,
    /// How many sources they have.
    pub sources: u32,
    /// How many pairs differ.
    pub differing: u32,
    /// Whether pairs that differ do so wholly, by 1.
    pub whole: bool,
    /// Whether the smaller of two p-values is doubled.
    pub pooled: bool,
}

impl PairSpread {
    /// # Formula
    /// The variance of the differences about their mean. If fewer than half of the pairs differ, it
    /// is at least `u·m`: `u` is the upper end of Wilson's interval for the share that differs if
    /// none did, `m` the mean square of those that differ, or 1 if none does. So one more differing
    /// pair never makes a smaller difference detectable.
    pub(in crate::results) fn of(
        pairs: &[SamplePair<'_>],
        all: &ScorePairs,
        paired: &PairedDifference,
    ) -> Self {
        let moments = all.moments();
        let variance = moments.map(|found| found.error.powi(2) * f64::from(paired.n));
        let differences = pairs.iter().map(|pair| pair.scores.1 - pair.scores.0);
        let squares = differences.map(|one| one.powi(2)).sum::<f64>();
        let differing = paired.gained + paired.lost;
        let square = match differing {
            0 => 1.0,
            number => squares / f64::from(number),
        };
        let unseen = wilson(0, paired.n).map_or(1.0, |interval| interval.high);
        Self {
            variance: match variance.unwrap_or_default() {
                0.0 => unseen,
                variance if 2 * differing < paired.n => variance.max(unseen * square),
                variance => variance,
            },
            pairs: paired.n,
            sources: moments.map_or(1, |found| u32::try_from(found.sources).unwrap_or(u32::MAX)),
            differing,
            whole: square > 0.99,
            pooled: matches!(
                paired.test,
                PairedTest::PooledSignFlip | PairedTest::PooledClusterSignFlip
            ),
        }
    }

    /// The smallest difference, as a fraction, that these pairs detect at level `alpha` with
    /// probability `power`; `None` if no p-value of so few can be as small as that.
    ///
    /// # Formula
    /// [`detectable`]; where pairs differ wholly, at least the share that has to differ for a
    /// p-value of `alpha`.
    pub fn detectable(&self, alpha: f64, power: f64) -> Option<f64> {
        let share = self.fewest(alpha) / f64::from(self.sources);
        let seen = detectable(self.pairs, self.variance, alpha, power);
        let seen = if self.whole { seen.max(share) } else { seen };
        (share <= 1.0).then_some(seen)
    }

    /// How many pairs detect a difference of `wanted`, a fraction. At least as many as have to
    /// differ for a p-value of `alpha`.
    pub fn needed(&self, wanted: f64, alpha: f64, power: f64) -> u32 {
        let differing = f64::from(self.differing) / f64::from(self.pairs.max(1));
        let fewest = self.fewest(alpha) / differing.max(wanted);
        let pairs = pairs_for(wanted, self.variance, alpha, power);
        pairs.max(fewest.ceil().min(f64::from(u32::MAX)) as u32)
    }

    /// How many pairs are missing to detect a difference as large as the one found, `found`; `None`
    /// if there is none.
    pub fn more(&self, found: f64, alpha: f64, power: f64) -> Option<u32> {
        let needed = (found != 0.0).then(|| self.needed(found.abs(), alpha, power))?;
        Some(needed.saturating_sub(self.pairs).max(1))
    }

    /// How many sources have to change in the same direction for a p-value of `alpha`.
    ///
    /// # Formula
    /// `2·2⁻ⁿ ≤ α`, or `4·2⁻ⁿ ≤ α` where the smaller of two p-values is doubled.
    fn fewest(&self, alpha: f64) -> f64 {
        let ways: f64 = if self.pooled { 4.0 } else { 2.0 };
        (ways / alpha).log2().ceil()
    }
}
