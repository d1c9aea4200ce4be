//! Summarises the scores of a cell.

use std::collections::BTreeMap;

use crate::stats::Summary;
use crate::stats::bootstrap::ClusteredScores;
use crate::task::Metric;

/// A sample's score and the source that it shares with others, if it does
/// ([`Score::source`](super::Score::source)); a failure has no score.
pub type SourcedScore<'a> = (Option<f64>, Option<&'a str>);

/// Summarises scores by `metric`, out of `asked` samples. Samples from one source are not
/// independent, so the interval is computed over sources.
///
/// # Example
/// ```
/// use fathom_shared::{score::summarise, task::Metric};
/// let scores = [Some(1.0), Some(1.0), Some(0.0), None].map(|score| (score, None));
/// let ruler = summarise(4, Metric::StringMatchAll, scores);
/// assert_eq!((ruler.mean, ruler.n, ruler.failed), (Some(2.0 / 3.0), 3, 1));
/// let longbench = summarise(4, Metric::Letter, scores);
/// assert_eq!((longbench.mean, longbench.n, longbench.failed), (Some(0.5), 4, 1));
/// ```
pub fn summarise<'a>(
    asked: u32,
    metric: Metric,
    scores: impl IntoIterator<Item = SourcedScore<'a>>,
) -> Summary {
    let (mut answered, mut failed) = (0, 0);
    let told = scores.into_iter().inspect(|(score, _)| match score {
        Some(_) => answered += 1,
        None => failed += 1,
    });
    let counted = counted(metric, told);
    Summary::of(asked, answered, failed, &counted)
}

/// The scores that count for the mean, with the sources that they share: a failure is 0 if the
/// metric counts failures, else left out.
pub fn counted<'a>(
    metric: Metric,
    scores: impl IntoIterator<Item = SourcedScore<'a>>,
) -> ClusteredScores {
    let failure = metric.counts_failures().then_some(0.0);
    let mut known = BTreeMap::new();
    let (mut values, mut sources, mut next) = (Vec::new(), Vec::new(), 0);
    for (score, source) in scores {
        let Some(value) = score.or(failure) else {
            continue;
        };
        let number = match source {
            Some(source) => *known.entry(source).or_insert(next),
            None => next,
        };
        next = next.max(number + 1);
        values.push(value);
        sources.push(number);
    }
    ClusteredScores::shared(values, sources)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::stats::IntervalMethod;

    #[test]
    fn samples_about_one_text_are_one_piece_of_evidence() {
        // Two texts with ten questions each; all about the first are right.
        let texts = ["a", "b"].into_iter().flat_map(|text| [text; 10]);
        let score = |text: &str| Some(f64::from(u8::from(text == "a")));
        let scores: Vec<_> = texts.map(|text| (score(text), Some(text))).collect();
        let shared = summarise(20, Metric::StringMatchPart, scores.iter().copied());
        let alone = scores.iter().map(|(score, _)| (*score, None));
        let alone = summarise(20, Metric::StringMatchPart, alone);
        assert_eq!((shared.mean, shared.n), (alone.mean, alone.n));
        let (shared, alone) = (shared.interval.unwrap(), alone.interval.unwrap());
        assert_eq!(shared.method, IntervalMethod::ClusterBootstrap);
        assert_eq!(alone.method, IntervalMethod::Wilson);
        assert!(shared.high - shared.low > 1.5 * (alone.high - alone.low));
        // One text alone says nothing about others.
        let one = scores[..10].iter().copied();
        assert_eq!(summarise(10, Metric::StringMatchPart, one).interval, None);
    }

    #[test]
    fn what_failed_has_no_source() {
        let scores = [(None, None), (Some(1.0), Some("a")), (None, None)];
        let all = counted(Metric::Letter, scores);
        assert_eq!(all.values(), [0.0, 1.0, 0.0]);
        assert_eq!(all, ClusteredScores::new(vec![0.0, 1.0, 0.0]));
        assert_eq!(counted(Metric::StringMatchAll, scores).values(), [1.0]);
    }
}
