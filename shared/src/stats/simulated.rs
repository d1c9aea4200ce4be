//! Simulated scores whose true mean is known: for simulations and tests.

use super::random::SplitMix;

/// How the scores of a simulated task arise: each sample has a difficulty drawn from a beta
/// distribution, and each of the task's parts (hops, words, values) is found or not.
///
/// # Example
/// ```
/// use fathom_shared::stats::{simulated::SHORT, random::SplitMix};
/// let scores = SHORT[8].cell(&mut SplitMix::new(1), 4000);
/// let mean = scores.iter().sum::<f64>() / 4000.0;
/// assert!((mean - SHORT[8].mean).abs() < 0.01);
/// ```
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct SimulatedTask {
    /// The true mean.
    pub mean: f64,
    /// Number of parts, each of which is found or not.
    pub parts: u32,
    /// The sum of the beta distribution's two parameters: the lower it is, the more samples are all
    /// or nothing.
    pub alike: f64,
}

/// A task with this true mean.
pub const fn task(mean: f64, parts: u32, alike: f64) -> SimulatedTask {
    SimulatedTask { mean, parts, alike }
}

/// RULER's tasks as a good 8B model reads them at 4K, in the order of
/// [`ruler::tasks`](crate::task::ruler::tasks).
pub const SHORT: [SimulatedTask; 13] = [
    task(0.999, 1, 2.0),
    task(0.995, 1, 2.0),
    task(0.98, 1, 0.5),
    task(0.95, 1, 0.6),
    task(0.95, 1, 0.6),
    task(0.92, 1, 0.9),
    task(0.955, 4, 1.0),
    task(0.965, 4, 0.6),
    task(0.93, 5, 4.0),
    task(0.83, 10, 3.0),
    task(0.88, 3, 6.0),
    task(0.81, 1, 1.0),
    task(0.57, 1, 0.7),
];

/// The same tasks as the model reads them at 128K.
pub const LONG: [SimulatedTask; 13] = [
    task(0.99, 1, 1.0),
    task(0.98, 1, 1.0),
    task(0.95, 1, 0.5),
    task(0.85, 1, 0.6),
    task(0.75, 1, 0.6),
    task(0.56, 1, 0.9),
    task(0.87, 4, 1.0),
    task(0.86, 4, 0.6),
    task(0.55, 5, 4.0),
    task(0.29, 10, 3.0),
    task(0.69, 3, 6.0),
    task(0.64, 1, 1.0),
    task(0.52, 1, 0.7),
];

impl SimulatedTask {
    /// Draws the probability with which a sample's parts are found.
    pub fn difficulty(&self, chance: &mut SplitMix) -> f64 {
        let a = gamma(chance, self.mean * self.alike);
        let b = gamma(chance, (1.0 - self.mean) * self.alike);
        a / (a + b).max(f64::MIN_POSITIVE)
    }

    /// Draws the score of a sample whose parts are found with probability `rate`.
    pub fn score(&self, chance: &mut SplitMix, rate: f64) -> f64 {
        let found = (0..self.parts).filter(|_| chance.unit() < rate).count();
        found as f64 / f64::from(self.parts)
    }

    /// The scores of `n` samples.
    pub fn cell(&self, chance: &mut SplitMix, n: usize) -> Vec<f64> {
        let one = |_| {
            let rate = self.difficulty(chance);
            self.score(chance, rate)
        };
        (0..n).map(one).collect()
    }

    /// The same samples twice, the second time with a probability lowered by the share `loss`.
    pub fn pairs(&self, chance: &mut SplitMix, loss: f64, n: usize) -> Vec<(f64, f64)> {
        let one = |_| {
            let rate = self.difficulty(chance);
            let first = self.score(chance, rate);
            (first, self.score(chance, rate * (1.0 - loss)))
        };
        (0..n).map(one).collect()
    }
}

/// Draws from the gamma distribution of this shape: Marsaglia and Tsang, ACM TOMS 26 (2000)
/// 363–372.
fn gamma(chance: &mut SplitMix, shape: f64) -> f64 {
    if shape < 1.0 {
        return gamma(chance, shape + 1.0) * chance.unit().powf(1.0 / shape);
    }
    let d = shape - 1.0 / 3.0;
    loop {
        let radius = (-2.0 * (1.0 - chance.unit()).ln()).sqrt();
        let x = radius * (std::f64::consts::TAU * chance.unit()).cos();
        let v = (1.0 + x / (9.0 * d).sqrt()).powi(3);
        if v > 0.0 && (1.0 - chance.unit()).ln() < 0.5 * x * x + d - d * v + d * v.ln() {
            return d * v;
        }
    }
}
