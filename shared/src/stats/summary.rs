//! A mean that cannot be shown without its n and interval.

use std::fmt;

use serde::{Deserialize, Serialize};

use super::bootstrap::Scores;
use super::{Estimate, Interval};
use crate::task::Metric;

/// What a set of answers comes to. `asked = answered + failed + open`.
#[derive(Clone, Copy, PartialEq, Debug, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Summary {
    /// Samples ordered.
    pub asked: u32,
    /// Samples with a completion.
    pub answered: u32,
    /// Samples with a failure.
    pub failed: u32,
    /// Samples in the mean: the answered, and where the metric
    /// [counts failures](Metric::counts_failures) the failed too.
    pub n: u32,
    /// Mean score of those `n`, a fraction.
    pub mean: Option<f64>,
    /// Its 95% interval.
    pub interval: Option<Interval>,
}

/// Sums up scores by `metric`, out of `asked` samples; `None` is a failure. Interval: Wilson's
/// where every score is 0 or 1, else the Bayesian bootstrap's.
///
/// # Example
/// ```
/// use fathom_shared::{stats::summarise, task::Metric};
/// let scores = [Some(1.0), Some(1.0), Some(0.0), None];
/// let ruler = summarise(4, Metric::StringMatchAll, scores);
/// assert_eq!((ruler.mean, ruler.n, ruler.failed), (Some(2.0 / 3.0), 3, 1));
/// let longbench = summarise(4, Metric::Letter, scores);
/// assert_eq!((longbench.mean, longbench.n, longbench.failed), (Some(0.5), 4, 1));
/// ```
pub fn summarise(
    asked: u32,
    metric: Metric,
    scores: impl IntoIterator<Item = Option<f64>>,
) -> Summary {
    let mut failed = 0;
    let mut values = Vec::new();
    for score in scores {
        failed += u32::from(score.is_none());
        values.extend(score.or(metric.counts_failures().then_some(0.0)));
    }
    let n = u32::try_from(values.len()).unwrap_or(u32::MAX);
    let values = Scores::new(values);
    Summary {
        asked,
        answered: n - if metric.counts_failures() { failed } else { 0 },
        failed,
        n,
        mean: values.mean(),
        interval: values.interval(),
    }
}

impl Summary {
    /// The mean with its interval; nothing without a score.
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
                write!(
                    f,
                    "{:.1} (95% {:.1}–{:.1} {}, n = {})",
                    mean * 100.0,
                    low * 100.0,
                    high * 100.0,
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
