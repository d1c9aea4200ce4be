//! Two runs over the same samples.

use serde::{Deserialize, Serialize};

use super::bootstrap::{Resampled, percentiles};
use super::clustered;
use super::equivalence::tost_by;
use super::mcnemar::mcnemar;
use super::wilson::wilson;
use super::{Estimate, Interval, Method};

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
    pub first: Estimate,
    /// Mean score of the second.
    pub second: Estimate,
    /// The second minus the first; no interval for fewer than two pairs, or sources.
    pub difference: Estimate,
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
    /// over the bootstrap's `B` means of the differences. Intervals: of each run as of any scores;
    /// of the difference the bootstrap's, or where all pairs differ alike what Wilson's interval
    /// leaves open.
    ///
    /// # Example
    /// ```
    /// use fathom_shared::stats::paired::{Paired, Test};
    /// let pairs = [(1.0, 1.0), (1.0, 0.0), (1.0, 0.0), (0.0, 1.0)];
    /// let paired = Paired::of(&pairs).unwrap();
    /// assert_eq!((paired.gained, paired.lost, paired.test), (1, 2, Test::McNemar));
    /// assert_eq!((paired.difference.value, paired.p), (-0.25, 1.0));
    /// ```
    pub fn of(pairs: &[(f64, f64)]) -> Option<Self> {
        let [first, second] = sides(pairs).map(Resampled::new);
        let differences = Resampled::new(differences(pairs));
        let (p, test) = match first.is_binary() && second.is_binary() {
            true => {
                let [gained, lost] = moved(pairs);
                (mcnemar(gained, lost), Test::McNemar)
            }
            false => (
                sign_share(differences.values(), differences.means()),
                Test::Bootstrap,
            ),
        };
        let intervals = [
            first.interval_of_scores(),
            second.interval_of_scores(),
            unmoved(differences.values(), pairs.len()).or_else(|| differences.interval()),
        ];
        Self::with(pairs, intervals, p, test)
    }

    /// As [`of`](Self::of), where pairs of the same number in `clusters` share a source: intervals
    /// and p-value draw whole sources, as McNemar's test takes every pair to be independent. Where
    /// none is shared it is the same as [`of`](Self::of).
    ///
    /// # Formula
    /// The 2.5% and 97.5% quantiles of the means of 10,000 samples of sources, and the share of
    /// them as above. Source: Davison and Hinkley, Bootstrap Methods (1997), section 3.8. Of a run
    /// with nothing but 0 or nothing but 1 Wilson's interval of as many scores as there are sources,
    /// since drawing them again shows nothing.
    pub fn clustered(pairs: &[(f64, f64)], clusters: &[usize]) -> Option<Self> {
        let differences = differences(pairs);
        let groups = grouped(&differences, clusters);
        if groups.len() == pairs.len() {
            return Self::of(pairs);
        }
        let means = (groups.len() > 1).then(|| clustered::means(&groups));
        let p = means.as_deref();
        let p = p.map_or(1.0, |means| sign_share(&differences, means));
        let [first, second] = sides(pairs).map(|scores| shared(&scores, clusters));
        let drawn = |means| percentiles(means, Method::ClusterBootstrap);
        let difference = unmoved(&differences, groups.len()).or_else(|| means.map(drawn));
        Self::with(
            pairs,
            [first, second, difference],
            p,
            Test::ClusterBootstrap,
        )
    }

    /// With the intervals of first, second and difference; nothing without pairs.
    fn with(
        pairs: &[(f64, f64)],
        [first, second, difference]: [Option<Interval>; 3],
        p: f64,
        test: Test,
    ) -> Option<Self> {
        let n = count(pairs.len());
        if n == 0 {
            return None;
        }
        let mean = |of: fn(&(f64, f64)) -> f64| pairs.iter().map(of).sum::<f64>() / f64::from(n);
        let (a, b) = (mean(|pair| pair.0), mean(|pair| pair.1));
        let estimate = |value, interval| Estimate { value, interval };
        let [gained, lost] = moved(pairs);
        Some(Self {
            n,
            first: estimate(a, first),
            second: estimate(b, second),
            difference: estimate(b - a, difference),
            gained,
            lost,
            p,
            test,
        })
    }

    /// The p-value of "the difference lies within ±`margin`", by [`tost_by`] with the error of the
    /// clusters; nothing for fewer than two.
    pub fn equivalence(pairs: &[(f64, f64)], clusters: &[usize], margin: f64) -> Option<f64> {
        let found = moments(pairs, clusters)?;
        let df = found.sources as f64 - 1.0;
        Some(tost_by(found.mean, found.error, df, margin))
    }

    /// The share of pairs that differ.
    pub fn discordant(&self) -> f64 {
        f64::from(self.gained + self.lost) / f64::from(self.n)
    }
}

/// The scores of each run.
fn sides(pairs: &[(f64, f64)]) -> [Vec<f64>; 2] {
    let (first, second) = pairs.iter().copied().unzip();
    [first, second]
}

fn differences(pairs: &[(f64, f64)]) -> Vec<f64> {
    pairs.iter().map(|(a, b)| b - a).collect()
}

/// Pairs in which the second is better, and those in which the first is.
fn moved(pairs: &[(f64, f64)]) -> [u32; 2] {
    let of = |keep: fn(&&(f64, f64)) -> bool| count(pairs.iter().filter(keep).count());
    [of(|(a, b)| b > a), of(|(a, b)| b < a)]
}

fn count(n: usize) -> u32 {
    u32::try_from(n).unwrap_or(u32::MAX)
}

/// The interval of a mean of scores that share sources; nothing for one source.
fn shared(scores: &[f64], clusters: &[usize]) -> Option<Interval> {
    let groups = grouped(scores, clusters);
    let sources = count(groups.len());
    let all = |value: f64| scores.iter().all(|score| *score == value);
    match () {
        () if sources < 2 => None,
        () if all(0.0) => wilson(0, sources),
        () if all(1.0) => wilson(sources, sources),
        () => Some(percentiles(
            clustered::means(&groups),
            Method::ClusterBootstrap,
        )),
    }
}

/// The interval of differences that are all the same, `d`, of which drawing them again shows
/// nothing; nothing where they are not, or for fewer than two of what is drawn.
///
/// # Formula
/// Of `n` the share that is otherwise may be up to the upper end `u` of Wilson's interval of 0 in
/// `n`, and these may differ by anything from −1 to 1: `d − u (1 + d)` to `d + u (1 − d)`.
fn unmoved(differences: &[f64], n: usize) -> Option<Interval> {
    let first = *differences.first()?;
    if n < 2 || differences.iter().any(|d| *d != first) {
        return None;
    }
    let share = wilson(0, count(n))?;
    Some(Interval {
        low: first - share.high * (1.0 + first).max(0.0),
        high: first + share.high * (1.0 - first).max(0.0),
        ..share
    })
}

/// What t tests need of pairs.
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct Moments {
    /// The mean of the second minus the first.
    pub mean: f64,
    /// Its standard error, clustered by source.
    pub error: f64,
    /// How many sources there are.
    pub sources: usize,
}

/// Mean difference with its [`clustered::standard_error`]; nothing for fewer than two sources.
pub fn moments(pairs: &[(f64, f64)], clusters: &[usize]) -> Option<Moments> {
    let groups = grouped(&differences(pairs), clusters);
    let (mean, error) = clustered::standard_error(&groups)?;
    Some(Moments {
        mean,
        error,
        sources: groups.len(),
    })
}

/// Values, those of one cluster together.
fn grouped(values: &[f64], clusters: &[usize]) -> Vec<Vec<f64>> {
    let mut groups = std::collections::BTreeMap::<usize, Vec<f64>>::new();
    for (value, cluster) in values.iter().zip(clusters) {
        groups.entry(*cluster).or_default().push(*value);
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
        assert_eq!((equal.p, equal.difference.value), (1.0, 0.0));
        // That none of two differs says little of those to come.
        let open = wilson(0, 2).unwrap().high;
        let ends = |of: &Paired| of.difference.interval.map(|i| (i.low, i.high));
        assert_eq!(ends(&equal), Some((-open, open)));
        let lost = Paired::of(&[(1.0, 0.0); 9]).unwrap();
        let open = wilson(0, 9).unwrap().high;
        assert_eq!(ends(&lost), Some((-1.0, -1.0 + 2.0 * open)));
        assert_eq!(ends(&Paired::of(&[(1.0, 0.0)]).unwrap()), None);
        assert_eq!(Paired::of(&[]), None);
    }

    #[test]
    fn a_worse_answer_never_helps() {
        let mut pairs: Vec<(f64, f64)> = (0..40).map(|i| (f64::from(i % 2), 1.0)).collect();
        let mut before = Paired::of(&pairs).unwrap();
        for at in 0..20 {
            pairs[2 * at].1 = 0.0;
            let now = Paired::of(&pairs).unwrap();
            assert!(now.difference.value < before.difference.value && now.p >= before.p);
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
            (b.n, b.difference.value, b.test),
            (80, a.difference.value, Test::ClusterBootstrap)
        );
        assert!(a.p < 0.001 && b.p > 0.1, "{a:?} {b:?}");
        // Both sides as well: of 5 sources that are all right no more is known than of 5 scores.
        assert_eq!(
            [a.first.interval, b.first.interval],
            [wilson(80, 80), wilson(5, 5)]
        );
        let [one_by_one, whole] = [a.second, b.second].map(|side| side.interval.unwrap());
        assert_eq!(whole.method, Method::ClusterBootstrap);
        assert!(whole.high - whole.low > 2.0 * (one_by_one.high - one_by_one.low));
        assert_eq!(
            Paired::clustered(&pairs, &[0; 80]).unwrap().second.interval,
            None
        );
        let (close, far) = (0.5, 0.3);
        let p = |clusters: &[usize], margin| Paired::equivalence(&pairs, clusters, margin).unwrap();
        assert!(p(&alone, far) < 0.05 && p(&shared, far) > 0.05 && p(&alone, close) < 0.001);
        assert_eq!(Paired::equivalence(&pairs, &[0; 80], far), None);
    }
}
