//! Weighted means of groups whose scores may share sources.

use super::dirichlet::DirichletMean;

/// One group: its weight and its units, which are what is resampled. A unit is a source, given as
/// the sum and number of its scores; a score without a source is a unit of its own.
#[derive(Clone, Debug)]
pub(super) struct Stratum {
    /// How much its mean counts, relative to all weights.
    pub(super) weight: f64,
    /// Sum and number of the scores of each source.
    pub(super) units: Vec<(f64, f64)>,
}

impl Stratum {
    /// From independent scores.
    pub(super) fn alone(weight: f64, scores: &[f64]) -> Self {
        let units = scores.iter().map(|score| (*score, 1.0)).collect();
        Self { weight, units }
    }

    /// From scores; equal numbers in `clusters` mean the same source.
    pub(super) fn shared(weight: f64, scores: &[f64], clusters: &[usize]) -> Self {
        let mut units = std::collections::BTreeMap::<usize, (f64, f64)>::new();
        for (score, cluster) in scores.iter().zip(clusters) {
            let unit = units.entry(*cluster).or_default();
            *unit = (unit.0 + score, unit.1 + 1.0);
        }
        let units = units.into_values().collect();
        Self { weight, units }
    }

    fn size(&self) -> f64 {
        self.units.iter().map(|unit| unit.1).sum()
    }

    fn mean(&self) -> f64 {
        self.units.iter().map(|unit| unit.0).sum::<f64>() / self.size()
    }
}

/// The weighted mean of groups and its spread.
#[derive(Clone, Debug)]
pub(super) struct StratifiedMoments {
    /// The weighted mean of the groups' means.
    pub(super) mean: f64,
    /// Its standard error.
    pub(super) error: f64,
    /// The number of units minus one per group.
    pub(super) free: f64,
    /// How many units of a single group would be as informative, if all units were alike.
    pub(super) worth: f64,
    /// Each unit's score scaled by how it moves the mean: the mean of these values is the mean, and
    /// their spread gives its error. For a single group without shared sources these are the
    /// scores.
    values: Vec<f64>,
}

impl StratifiedMoments {
    /// `None` if there is no group, an empty group, or fewer than two units in all.
    ///
    /// # Formula
    /// With weights `w` that add up to 1, `n` scores and `C` units in a group, `N` units in all:
    /// mean `M = Σ w m`; a unit moves it by `e = w/n · Σ (x − m)`, and its error is `√(Σ C/(C−1) ·
    /// Σ e²)` (for one group Miller's clustered error, arXiv 2411.00640, section 2.2). The
    /// effective number of units is `N′ = 1 / Σ w²/C`, and a unit's value is `M + e · √(N′ (N−1)
    /// C/(C−1))`. A group with one unit says nothing about its spread: then `e` is taken about `M`,
    /// not `m`.
    pub(super) fn of(strata: &[Stratum]) -> Option<Self> {
        let total: f64 = strata.iter().map(|stratum| stratum.weight).sum();
        let n: usize = strata.iter().map(|stratum| stratum.units.len()).sum();
        let empty = strata.iter().any(|stratum| stratum.units.is_empty());
        if n < 2 || empty {
            return None;
        }
        let means: Vec<f64> = strata.iter().map(Stratum::mean).collect();
        let weighted = strata.iter().zip(&means).map(|(s, mean)| s.weight * mean);
        let mean = weighted.sum::<f64>() / total;
        let shares = strata
            .iter()
            .map(|s| (s.weight / total).powi(2) / s.units.len() as f64);
        let worth = 1.0 / shares.sum::<f64>();
        let whole = (n as f64 - 1.0) / n as f64;
        let (mut values, mut squares) = (Vec::with_capacity(n), 0.0);
        for (stratum, own) in strata.iter().zip(&means) {
            let count = stratum.units.len() as f64;
            let (about, few) = match stratum.units.len() {
                1 if strata.len() > 1 => (mean, 1.0),
                _ => (*own, count / (count - 1.0)),
            };
            let scale = stratum.weight / total / stratum.size();
            let stretch = (worth * n as f64 * few * whole).sqrt();
            for (sum, size) in &stratum.units {
                let off = scale * (sum - size * about);
                squares += few * off * off;
                values.push(off * stretch + mean);
            }
        }
        if let [only] = strata
            && only.units.iter().all(|unit| unit.1 == 1.0)
        {
            // Unchanged, without rounding.
            values = only.units.iter().map(|unit| unit.0).collect();
        }
        Some(Self {
            mean,
            error: squares.sqrt(),
            free: n as f64 - strata.len() as f64,
            worth,
            values,
        })
    }

    /// The distribution of the mean by the Bayesian bootstrap, with half a unit of 0 and half a
    /// unit of 1 added: values that were not observed remain possible, and for a single group of
    /// scores of 0 and 1 the interval is Jeffreys'.
    ///
    /// Source: Rubin, Annals of Statistics 9 (1981) 130–134; the halves are those of Jeffreys'
    /// prior, as Brown, Cai and DasGupta recommend for shares, Statistical Science 16 (2001)
    /// 101–133. Coverage: docs/results.md, `cargo xtask bench intervals`.
    pub(super) fn drawn(&self) -> DirichletMean {
        self.with(&[(0.0, 0.5), (1.0, 0.5)])
    }

    /// The distribution of a mean of score differences, with half a unit upwards and half a unit
    /// downwards added. Four fifths of each half lie at the largest observed difference, as
    /// differences of scores in tenths rarely reach 1; the last fifth lies at 1, as a sample may be
    /// lost completely although none was. For scores of 0 and 1 the halves lie at 1.
    pub(super) fn differing(&self) -> DirichletMean {
        let values = self.values.iter();
        let largest = values.fold(0.0_f64, |most, value| most.max(value.abs()));
        let end = if largest > 0.0 { largest.min(1.0) } else { 1.0 };
        self.with(&[(-end, 0.4), (end, 0.4), (-1.0, 0.1), (1.0, 0.1)])
    }

    /// The observed units, and the added values with their masses.
    fn with(&self, added: &[(f64, f64)]) -> DirichletMean {
        let mass = self.worth / self.values.len() as f64;
        let seen = self.values.iter().map(|value| (*value, mass));
        DirichletMean::new(seen.chain(added.iter().copied()).collect())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_group_is_its_scores() {
        let scores = [0.2, 0.9, 0.4, 1.0];
        let spread = StratifiedMoments::of(&[Stratum::alone(3.0, &scores)]).unwrap();
        assert_eq!(spread.values, scores);
        assert!((spread.mean - 0.625).abs() < 1e-12 && (spread.worth - 4.0).abs() < 1e-12);
        // s / √n
        let squares: f64 = scores.iter().map(|x| (x - 0.625_f64).powi(2)).sum();
        assert!((spread.error - (squares / 3.0 / 4.0).sqrt()).abs() < 1e-12);
        assert!(StratifiedMoments::of(&[]).is_none());
        assert!(StratifiedMoments::of(&[Stratum::alone(1.0, &[0.5])]).is_none());
    }

    #[test]
    fn groups_add_up_their_errors_and_not_their_distance() {
        let (high, low) = ([0.9, 1.0, 0.8], [0.1, 0.2, 0.0, 0.1]);
        let both = [Stratum::alone(1.0, &high), Stratum::alone(1.0, &low)];
        let spread = StratifiedMoments::of(&both).unwrap();
        assert!((spread.mean - 0.5).abs() < 1e-12);
        // √(0.01/3 + 0.02/3/4) / 2
        let error = (0.01_f64 / 3.0 + 0.02 / 3.0 / 4.0).sqrt() / 2.0;
        assert!((spread.error - error).abs() < 1e-12);
        // The values have that spread too, whatever the weights are.
        let n = spread.values.len() as f64;
        let mean = spread.values.iter().sum::<f64>() / n;
        let squares: f64 = spread.values.iter().map(|v| (v - mean).powi(2)).sum();
        assert!((mean - 0.5).abs() < 1e-12);
        let theirs = (squares / (n - 1.0) / spread.worth).sqrt();
        assert!((theirs - error).abs() < 1e-12, "{theirs} {error}");
    }
}
