//! The scores of a cell, summed up.

use crate::stats::Summary;
use crate::task::Metric;

/// Sums up scores by `metric`, out of `asked` samples; `None` is a failure.
///
/// # Example
/// ```
/// use fathom_shared::{score::summarise, task::Metric};
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
    let (mut answered, mut failed) = (0, 0);
    let mut counted = Vec::new();
    for score in scores {
        match score {
            Some(_) => answered += 1,
            None => failed += 1,
        }
        counted.extend(score.or(metric.counts_failures().then_some(0.0)));
    }
    Summary::of(asked, answered, failed, counted)
}
