//! Two runs over the same samples.

use serde::{Deserialize, Serialize};

use super::bootstrap::{Resampled, percentiles};
use super::clustered;
use super::equivalence::tost_by;
use super::mcnemar::mcnemar;
use super::{Interval, Method};

/// How a p-value was made.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum Test {
    /// McNemar's, exact: every score is 0 or 1.
    McNemar,
    /// The share of bootstrap means on the other side of nought, doubled.
    Bootstrap,
    /// The same with whole sources drawn, where samples share them.
    ClusterBootstrap,
}

impl Test {
    /// What a reader is told.
    pub fn name(self) -> &'static str {
        match self {
            Self::McNemar => "McNemar",
            Self::Bootstrap => "bootstrap",
            Self::ClusterBootstrap => "cluster bootstrap",
        }
    }
}

/// What the second run did better or worse than the first. Shares are fractions.
#[derive(Clone, Copy, PartialEq, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Paired {
    /// Samples that both answered.
    pub n: u32,
    /// Mean score of the first.
    pub first: f64,
    /// Mean score of the second.
    pub second: f64,
    /// 95% interval of the second minus the first; nothing for fewer than two pairs.
    pub interval: Option<Interval>,
    /// Samples where the second is better.
    pub gained: u32,
    /// Samples where the first is better.
    pub lost: u32,
    /// How surprising the difference is if there is none.
    pub p: f64,
    /// How that was made.
    pub test: Test,
}

impl Paired {
    /// Of pairs of scores, the first run's first; nothing where there is no pair.
    ///
    /// # Formula
    /// For scores of 0 and 1 [`mcnemar`]; else `min(1, 2·(1 + min(#{m ≤ 0}, #{m ≥ 0}))/(B + 1))`
    /// over the bootstrap's `B` means of the differences.
    ///
    /// # Example
    /// ```
    /// use fathom_shared::stats::paired::{Paired, Test};
    /// let pairs = [(1.0, 1.0), (1.0, 0.0), (1.0, 0.0), (0.0, 1.0)];
    /// let paired = Paired::of(&pairs).unwrap();
    /// assert_eq!((paired.gained, paired.lost, paired.test), (1, 2, Test::McNemar));
    /// assert_eq!((paired.difference(), paired.p), (-0.25, 1.0));
    /// ```
    pub fn of(pairs: &[(f64, f64)]) -> Option<Self> {
        let (differences, all) = differences(pairs)?;
        let whole = |score: f64| score == 0.0 || score == 1.0;
        let binary = pairs.iter().all(|(a, b)| whole(*a) && whole(*b));
        let differences = Resampled::new(differences);
        let (p, test) = match binary {
            true => (mcnemar(all.gained, all.lost), Test::McNemar),
            false => (
                sign_share(differences.values(), differences.means()),
                Test::Bootstrap,
            ),
        };
        Some(Self {
            interval: differences.interval(),
            p,
            test,
            ..all
        })
    }

    /// As [`of`](Self::of), where pairs of the same number in `clusters` share a source: interval
    /// and p-value draw whole sources, as McNemar's test takes every pair to be independent. Where
    /// none is shared it is the same as [`of`](Self::of).
    ///
    /// # Formula
    /// The 2.5% and 97.5% quantiles of the means of 10,000 samples of sources, and the share of
    /// them as above. Source: Davison and Hinkley, Bootstrap Methods (1997), section 3.8.
    pub fn clustered(pairs: &[(f64, f64)], clusters: &[usize]) -> Option<Self> {
        let groups = grouped(pairs, clusters);
        if groups.len() == pairs.len() {
            return Self::of(pairs);
        }
        let (differences, all) = differences(pairs)?;
        let several = (groups.len() > 1).then(|| clustered::means(&groups));
        let p = several.as_ref();
        Some(Self {
            p: p.map_or(1.0, |means| sign_share(&differences, means)),
            interval: several.map(|means| percentiles(means, Method::ClusterBootstrap)),
            test: Test::ClusterBootstrap,
            ..all
        })
    }

    /// The p-value of "the difference lies within ±`margin`", by [`tost_by`] with the error of the
    /// clusters; nothing for fewer than two.
    pub fn equivalence(pairs: &[(f64, f64)], clusters: &[usize], margin: f64) -> Option<f64> {
        let found = moments(pairs, clusters)?;
        let df = found.sources as f64 - 1.0;
        Some(tost_by(found.mean, found.error, df, margin))
    }

    /// The second minus the first.
    pub fn difference(&self) -> f64 {
        self.second - self.first
    }

    /// The share of pairs that differ.
    pub fn discordant(&self) -> f64 {
        f64::from(self.gained + self.lost) / f64::from(self.n)
    }
}

/// The differences of pairs, and what needs no draws of what they come to; nothing for none.
fn differences(pairs: &[(f64, f64)]) -> Option<(Vec<f64>, Paired)> {
    let n = u32::try_from(pairs.len()).ok().filter(|n| *n > 0)?;
    let count = |keep: fn(&(f64, f64)) -> bool| {
        let kept = pairs.iter().filter(|pair| keep(pair)).count();
        u32::try_from(kept).unwrap_or(u32::MAX)
    };
    let mean = |of: fn(&(f64, f64)) -> f64| pairs.iter().map(of).sum::<f64>() / f64::from(n);
    let all = Paired {
        n,
        first: mean(|pair| pair.0),
        second: mean(|pair| pair.1),
        interval: None,
        gained: count(|(a, b)| b > a),
        lost: count(|(a, b)| b < a),
        p: 1.0,
        test: Test::Bootstrap,
    };
    Some((pairs.iter().map(|(a, b)| b - a).collect(), all))
}

/// What t tests need of pairs.
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct Moments {
    /// Mean score of the first.
    pub first: f64,
    /// Mean score of the second.
    pub second: f64,
    /// The mean of the second minus the first.
    pub mean: f64,
    /// Its standard error, clustered by source.
    pub error: f64,
    /// How many sources there are.
    pub sources: usize,
}

/// Mean difference with its [`clustered::standard_error`]; nothing for fewer than two sources.
pub fn moments(pairs: &[(f64, f64)], clusters: &[usize]) -> Option<Moments> {
    let groups = grouped(pairs, clusters);
    let (mean, error) = clustered::standard_error(&groups)?;
    let n = pairs.len() as f64;
    Some(Moments {
        first: pairs.iter().map(|pair| pair.0).sum::<f64>() / n,
        second: pairs.iter().map(|pair| pair.1).sum::<f64>() / n,
        mean,
        error,
        sources: groups.len(),
    })
}

/// The differences of pairs, those of one cluster together.
fn grouped(pairs: &[(f64, f64)], clusters: &[usize]) -> Vec<Vec<f64>> {
    let mut groups = std::collections::BTreeMap::<usize, Vec<f64>>::new();
    for ((a, b), cluster) in pairs.iter().zip(clusters) {
        groups.entry(*cluster).or_default().push(b - a);
    }
    groups.into_values().collect()
}

fn sign_share(differences: &[f64], means: &[f64]) -> f64 {
    if differences.iter().all(|d| *d == 0.0) {
        return 1.0;
    }
    let beyond = |keep: fn(&&f64) -> bool| means.iter().filter(keep).count();
    let least = beyond(|mean| **mean <= 0.0).min(beyond(|mean| **mean >= 0.0));
    let share = (1.0 + least as f64) / (means.len() as f64 + 1.0);
    (2.0 * share).min(1.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fractions_are_tested_by_the_bootstrap() {
        let better: Vec<(f64, f64)> = (0..60)
            .map(|i| (0.25, 0.5 + f64::from(i % 3) / 4.0))
            .collect();
        let paired = Paired::of(&better).unwrap();
        assert_eq!(
            (paired.test, paired.gained, paired.lost),
            (Test::Bootstrap, 60, 0)
        );
        assert!(paired.p < 0.002, "{paired:?}");
        let same: Vec<(f64, f64)> = (0..60)
            .map(|i| if i % 2 == 0 { (0.25, 0.5) } else { (0.5, 0.25) })
            .collect();
        let paired = Paired::of(&same).unwrap();
        assert!(paired.p > 0.5 && paired.discordant() == 1.0, "{paired:?}");
        let equal = Paired::of(&[(0.5, 0.5), (0.25, 0.25)]).unwrap();
        assert_eq!((equal.p, equal.difference()), (1.0, 0.0));
        assert_eq!(Paired::of(&[]), None);
    }

    #[test]
    fn a_worse_answer_never_helps() {
        let mut pairs: Vec<(f64, f64)> = (0..40).map(|i| (f64::from(i % 2), 1.0)).collect();
        let mut before = Paired::of(&pairs).unwrap();
        for at in 0..20 {
            pairs[2 * at].1 = 0.0;
            let now = Paired::of(&pairs).unwrap();
            assert!(now.difference() < before.difference() && now.p >= before.p);
            before = now;
        }
    }

    #[test]
    fn pairs_of_one_source_are_one_piece_of_evidence() {
        let pairs: Vec<(f64, f64)> = (0..80)
            .map(|i| (1.0, f64::from(u8::from(i >= 16))))
            .collect();
        let alone: Vec<usize> = (0..80).collect();
        let shared: Vec<usize> = (0..80).map(|i| i / 16).collect();
        let (a, b) = (
            Paired::of(&pairs).unwrap(),
            Paired::clustered(&pairs, &shared).unwrap(),
        );
        assert_eq!(Paired::clustered(&pairs, &alone), Some(a));
        assert_eq!(
            (b.n, b.difference(), b.test),
            (80, a.difference(), Test::ClusterBootstrap)
        );
        assert!(a.p < 0.001 && b.p > 0.1, "{a:?} {b:?}");
        let (close, far) = (0.5, 0.3);
        let p = |clusters: &[usize], margin| Paired::equivalence(&pairs, clusters, margin).unwrap();
        assert!(p(&alone, far) < 0.05 && p(&shared, far) > 0.05 && p(&alone, close) < 0.001);
        assert_eq!(Paired::equivalence(&pairs, &[0; 80], far), None);
    }
}
