//! Pairs of samples, and samples that share a source.

use std::collections::BTreeMap;

use crate::formats::RowId;
use crate::results::{ResultCell, SampleScore};
use crate::stats::paired::ScorePairs;
use crate::tokens::Tokens;

/// One sample in both sets.
#[derive(Clone)]
pub(in crate::results) struct SamplePair<'a> {
    pub(in crate::results) task: &'a str,
    pub(in crate::results) length: Option<Tokens>,
    pub(in crate::results) first: &'a SampleScore,
    pub(in crate::results) second: &'a SampleScore,
    pub(in crate::results) scores: (f64, f64),
}

/// The samples in both cells, in the order of the first.
pub(in crate::results) fn pairs<'a>(
    first: &'a ResultCell,
    second: &'a ResultCell,
) -> Vec<SamplePair<'a>> {
    let mut others = BTreeMap::<&RowId, Vec<&SampleScore>>::new();
    for sample in second.samples.iter().rev() {
        others.entry(&sample.id).or_default().push(sample);
    }
    let failure = first.metric.counts_failures().then_some(0.0);
    let pairs = first.samples.iter().filter_map(|sample| {
        let other = others.get_mut(&sample.id)?.pop()?;
        Some(SamplePair {
            task: &first.task,
            length: first.length,
            first: sample,
            second: other,
            scores: (sample.score.or(failure)?, other.score.or(failure)?),
        })
    });
    pairs.collect()
}

/// The number of each pair's source, and how many sources there are; a sample without a source
/// counts as its own.
fn clusters(pairs: &[SamplePair<'_>]) -> (Vec<usize>, usize) {
    let mut known = BTreeMap::<(&str, &str), usize>::new();
    let mut count = 0;
    let mut fresh = || {
        count += 1;
        count - 1
    };
    let numbers = pairs.iter().map(|pair| {
        let source = pair
            .first
            .cluster
            .as_deref()
            .or(pair.second.cluster.as_deref());
        match source {
            Some(source) => *known.entry((pair.task, source)).or_insert_with(&mut fresh),
            None => fresh(),
        }
    });
    let numbers = numbers.collect();
    (numbers, count)
}

/// Pairs with their sources; each cell (a task at a length) is a group. Means and intervals of both
/// sides are then those of [`CellMeans`](super::super::CellMeans).
pub(in crate::results) fn of_cells(pairs: &[SamplePair<'_>]) -> ScorePairs {
    let mut known = BTreeMap::new();
    let cells = pairs.iter().map(|pair| {
        let next = known.len();
        *known.entry((pair.task, pair.length)).or_insert(next)
    });
    let cells: Vec<usize> = cells.collect();
    let scores: Vec<(f64, f64)> = pairs.iter().map(|pair| pair.scores).collect();
    ScorePairs::new(&scores, &clusters(pairs).0, &cells)
}
