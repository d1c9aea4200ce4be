//! A mean that cannot be shown without its n and interval.

use std::fmt;

use serde::{Deserialize, Serialize};

use super::bootstrap::ClusteredScores;
use super::{Estimate, Interval};
use crate::numbers::ends;

/// A summary of a set of answers. `asked = answered + failed + open`.
#[derive(Clone, Copy, PartialEq, Debug, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Summary {
    /// Samples requested.
    pub asked: u32,
    /// Samples with a completion.
    pub answered: u32,
    /// Samples with a failure.
    pub failed: u32,
    /// Samples that count for the mean: those answered and, if the metric counts failures, those
    /// that failed.
    pub n: u32,
    /// Mean score of these `n` samples, a fraction.
    pub mean: Option<f64>,
    /// Its 95% interval.
    pub interval: Option<Interval>,
}

impl Summary {
    /// Summarises the `scores` that count, out of `asked` samples, with [their
    /// interval](ClusteredScores::interval).
    ///
    /// # Example
    /// ```
    /// use fathom_shared::stats::{Summary, bootstrap::ClusteredScores};
    /// let scores = ClusteredScores::new(vec![1.0, 1.0, 0.0]);
    /// let found = Summary::of(4, 3, 1, &scores);
    /// assert_eq!((found.mean, found.n, found.failed), (Some(2.0 / 3.0), 3, 1));
    /// ```
    pub fn of(asked: u32, answered: u32, failed: u32, scores: &ClusteredScores) -> Self {
        let n = u32::try_from(scores.values().len()).unwrap_or(u32::MAX);
        Self {
            asked,
            answered,
            failed,
            n,
            mean: scores.mean(),
            interval: scores.interval(),
        }
    }

    /// The mean with its interval; `None` without a score.
    pub fn estimate(&self) -> Option<Estimate> {
        let interval = self.interval;
        self.mean.map(|value| Estimate { value, interval })
    }
}

impl fmt::Display for Summary {
    /// `87.5 (95% 52.9–97.8, n = 8)`, as percentages; failures are added when there are any.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match (self.mean, self.interval) {
            (None, _) => write!(f, "no answer yet")?,
            (Some(mean), None) => write!(f, "{:.1} (n = {})", mean * 100.0, self.n)?,
            (
                Some(mean),
                Some(Interval {
                    low, high, method, ..
                }),
            ) => {
                let told = |one: f64, digits: usize| format!("{one:.digits$}");
                let (low, high) = ends(low * 100.0, high * 100.0, told);
                write!(
                    f,
                    "{:.1} (95% {low}–{high} {}, n = {})",
                    mean * 100.0,
                    method.name(),
                    self.n
                )?;
            }
        }
        if self.failed > 0 {
            write!(f, ", {} failed", self.failed)?;
        }
        Ok(())
    }
}
