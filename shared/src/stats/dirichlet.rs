//! A mean with random weights: the Bayesian bootstrap's distribution of a mean.

use super::special::{normal_cdf, normal_quantile};

/// Values with their masses, equal values merged, smallest first.
///
/// Its mean is `Σ w x` with weights `w` drawn from a Dirichlet distribution with these masses.
/// Observed values have mass 1 each: that is Rubin's Bayesian bootstrap. With values of 0 and 1
/// only, the mean has a beta distribution.
#[derive(Clone, Debug)]
pub(super) struct DirichletMean {
    values: Vec<(f64, f64)>,
    mean: f64,
    /// The standard deviation of the mean.
    deviation: f64,
}

impl DirichletMean {
    /// From values with masses above 0.
    pub(super) fn new(mut values: Vec<(f64, f64)>) -> Self {
        values.sort_unstable_by(|a, b| a.0.total_cmp(&b.0));
        values.dedup_by(|next, kept| {
            let same = next.0 == kept.0;
            if same {
                kept.1 += next.1;
            }
            same
        });
        let mass: f64 = values.iter().map(|(_, mass)| mass).sum();
        let mean = values.iter().map(|(x, a)| a * x).sum::<f64>() / mass;
        let squares = values.iter().map(|(x, a)| a * (x - mean).powi(2));
        let deviation = (squares.sum::<f64>() / mass / (mass + 1.0)).sqrt();
        Self {
            values,
            mean,
            deviation,
        }
    }

    /// The 2.5% and 97.5% points of the mean.
    pub(super) fn interval(&self) -> (f64, f64) {
        let z = normal_quantile(0.975);
        (self.point(-z), self.point(z))
    }

    /// The probability that the mean is at most `q`.
    pub(super) fn below(&self, q: f64) -> f64 {
        normal_cdf(self.root(q))
    }

    /// The probability that the mean is at least `q`.
    pub(super) fn above(&self, q: f64) -> f64 {
        normal_cdf(-self.root(q))
    }

    /// The point where [`root`](Self::root) is `z`, by false position between the outermost values.
    fn point(&self, z: f64) -> f64 {
        let ends = self.values.first().zip(self.values.last());
        let Some((&(least, _), &(most, _))) = ends else {
            return self.mean;
        };
        let (mut low, mut high) = (least, most);
        let (mut at_low, mut at_high) = (f64::NEG_INFINITY, f64::INFINITY);
        let mut q = self.mean + z * self.deviation;
        let mut side = 0;
        for _ in 0..80 {
            if !(q > low && q < high) {
                q = f64::midpoint(low, high);
            }
            let off = self.root(q) - z;
            if off.abs() < 1e-7 || high - low < 1e-12 {
                break;
            }
            // Illinois variant: an end that stays twice counts half.
            match off < 0.0 {
                true => {
                    (low, at_low) = (q, off);
                    at_high *= if side == -1 { 0.5 } else { 1.0 };
                    side = -1;
                }
                false => {
                    (high, at_high) = (q, off);
                    at_low *= if side == 1 { 0.5 } else { 1.0 };
                    side = 1;
                }
            }
            q = match at_low.is_finite() && at_high.is_finite() {
                true => (low * at_high - high * at_low) / (at_high - at_low),
                // One end is unknown: step as for a normally distributed mean.
                false => q - off * self.deviation,
            };
        }
        q
    }

    /// The normal deviate of "the mean is `q` at most".
    ///
    /// # Formula
    /// The mean is at most `q` where `Σ g (x − q) ≤ 0` with gamma variables `g` of the masses `a`:
    /// `K(t) = −Σ a ln(1 − t (x − q))`, `K′(t) = 0`, `w = ±√(−2K(t))` with the sign of `t`,
    /// `u = t√K″(t)`, and `w + ln(u/w)/w`. Source: Lugannani and Rice, Advances in Applied
    /// Probability 12 (1980) 475–490, in the form of Barndorff-Nielsen, Biometrika 73 (1986)
    /// 307–322. Golden: `stats/bootstrap.json` (Dirichlet draws by numpy).
    fn root(&self, q: f64) -> f64 {
        let ends = self.values.first().zip(self.values.last());
        let Some((&(least, _), &(most, _))) = ends else {
            return 0.0;
        };
        if q <= least {
            return f64::NEG_INFINITY;
        }
        if q >= most {
            return f64::INFINITY;
        }
        // The function has poles at these ends and increases between them.
        let (mut low, mut high) = (1.0 / (least - q), 1.0 / (most - q));
        let mut t = 0.0;
        for _ in 0..200 {
            let (slope, curve) = self.derivatives(q, t);
            match slope > 0.0 {
                true => high = t,
                false => low = t,
            }
            let next = t - slope / curve;
            let next = match next > low && next < high {
                true => next,
                false => f64::midpoint(low, high),
            };
            let step = (next - t).abs();
            t = next;
            if step <= 1e-10 * t.abs() || high - low <= 1e-14 * (high.abs() + low.abs()) {
                break;
            }
        }
        let (_, curve) = self.derivatives(q, t);
        let logs = self.values.iter().map(|(x, a)| a * (-t * (x - q)).ln_1p());
        let w = (2.0 * logs.sum::<f64>()).max(0.0).sqrt() * t.signum();
        let u = t * curve.sqrt();
        if w.abs() < 1e-4 || u == 0.0 {
            return w;
        }
        w + (u / w).ln() / w
    }

    fn derivatives(&self, q: f64, t: f64) -> (f64, f64) {
        let (mut slope, mut curve) = (0.0, 0.0);
        for (x, a) in &self.values {
            let y = (x - q) / (1.0 - t * (x - q));
            slope += a * y;
            curve += a * y * y;
        }
        (slope, curve)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn near(got: (f64, f64), low: f64, high: f64, off: f64) {
        let far = (got.0 - low).abs().max((got.1 - high).abs());
        assert!(far < off, "{got:?} {low} {high}");
    }

    #[test]
    fn of_two_values_it_is_a_beta_distribution() {
        // scipy.stats.beta.ppf([.025, .975], h + .5, n - h + .5)
        for (hits, n, low, high, off) in [
            (9.0, 10.0, 0.618_685, 0.988_988, 0.001),
            (47.0, 50.0, 0.848_467, 0.982_813, 1e-4),
            (25.0, 50.0, 0.364_687, 0.635_313, 1e-5),
            (5.0, 5.0, 0.620_623, 0.999_907, 0.006),
            (1.0, 2.0, 0.060_830, 0.939_170, 0.002),
        ] {
            let drawn = DirichletMean::new(vec![(1.0, hits + 0.5), (0.0, n - hits + 0.5)]);
            near(drawn.interval(), low, high, off);
        }
        // scipy.stats.beta.cdf(.8, 9.5, 1.5)
        let drawn = DirichletMean::new(vec![(1.0, 9.5), (0.0, 1.5)]);
        assert!((drawn.below(0.8) - 0.226_365).abs() < 0.002);
        assert!((drawn.below(0.8) + drawn.above(0.8) - 1.0).abs() < 1e-12);
    }

    #[test]
    fn equal_values_are_one_and_ends_are_ends() {
        let apart = DirichletMean::new(vec![(0.9, 1.0), (0.0, 0.5), (0.9, 1.0), (1.0, 0.5)]);
        let together = DirichletMean::new(vec![(0.9, 2.0), (1.0, 0.5), (0.0, 0.5)]);
        assert_eq!(apart.interval(), together.interval());
        assert_eq!((apart.below(0.0), apart.below(1.0)), (0.0, 1.0));
        assert_eq!((apart.above(-1.0), apart.above(2.0)), (1.0, 0.0));
    }

    #[test]
    fn points_and_shares_are_each_others_reverse() {
        let values: Vec<(f64, f64)> = (0..50).map(|i| (f64::from(i * i) / 2500.0, 1.0)).collect();
        let drawn = DirichletMean::new(values);
        let (low, high) = drawn.interval();
        assert!((drawn.below(low) - 0.025).abs() < 1e-6);
        assert!((drawn.above(high) - 0.025).abs() < 1e-6);
    }
}
