//! Means of cells: RULER's means by length and category, averages and effective length.

use super::{ResultCell, ResultSet};
use crate::score::counted;
use crate::stats::Summary;
use crate::stats::bootstrap::ClusteredScores;
use crate::stats::grouped::{WeightedGroup, summarise_groups};
use crate::stats::lengths::{
    EffectiveLength, LengthWeighting, MeanAtLength, effective_length, weights,
};
use crate::task::RulerCategory;
use crate::task::ruler;
use crate::tokens::Tokens;

impl ResultCell {
    /// The mean with its n and interval.
    pub fn summary(&self) -> Summary {
        self.summary_of(&self.scores())
    }

    /// Its [`values`](Self::values), with the sources that they share.
    pub fn scores(&self) -> ClusteredScores {
        let samples = self.samples.iter();
        counted(
            self.metric,
            samples.map(|sample| (sample.score, sample.cluster.as_deref())),
        )
    }

    /// The same summary, from its given [`scores`](Self::scores).
    fn summary_of(&self, values: &ClusteredScores) -> Summary {
        let asked = u32::try_from(self.samples.len()).unwrap_or(u32::MAX);
        let failed = self.failed();
        Summary::of(asked, asked - failed, failed, values)
    }

    fn is_ruler_at(&self, length: Tokens) -> bool {
        self.length == Some(length) && self.is_ruler()
    }

    /// Number of answers with nothing to judge.
    pub fn blanks(&self) -> usize {
        self.samples.iter().filter(|sample| sample.blank).count()
    }

    /// The scores that count for the mean: a failure is 0 if the metric counts failures, else left
    /// out.
    pub fn values(&self) -> Vec<f64> {
        let failure = self.metric.counts_failures().then_some(0.0);
        let samples = self.samples.iter();
        samples
            .filter_map(|sample| sample.score.or(failure))
            .collect()
    }

    /// Number of samples without an answer.
    pub fn failed(&self) -> u32 {
        let failed = self.samples.iter().filter(|sample| sample.score.is_none());
        u32::try_from(failed.count()).unwrap_or(u32::MAX)
    }
}

/// Cells with their scores, extracted once for any number of means.
///
/// # Example
/// ```
/// use fathom_shared::results::{ResultSetInfo, ResultCell, CellMeans, ResultOrigin, ResultSet};
/// # use fathom_shared::{task::Metric, tokens::Tokens};
/// let about = ResultSetInfo { name: "mine".into(), model: String::new(), origin: ResultOrigin::Page };
/// let cell = ResultCell::new("vt", Some(Tokens(4096)), "", Metric::StringMatchAll);
/// let set = ResultSet::new(about, vec![cell]);
/// assert_eq!(set.means().at(Tokens(4096)).mean, None);
/// ```
#[derive(Debug)]
pub struct CellMeans<'a>(Vec<(&'a ResultCell, ClusteredScores)>);

impl<'a> CellMeans<'a> {
    /// From these cells.
    pub fn of(cells: impl IntoIterator<Item = &'a ResultCell>) -> Self {
        let each = |cell: &'a ResultCell| (cell, cell.scores());
        Self(cells.into_iter().map(each).collect())
    }

    /// Each cell with its summary.
    pub fn cells(&self) -> impl Iterator<Item = (&'a ResultCell, Summary)> {
        let cells = self.0.iter();
        cells.map(|(cell, scores)| (*cell, cell.summary_of(scores)))
    }

    /// The mean over all cells, equally weighted.
    pub fn whole(&self) -> Summary {
        summarise_groups(&self.groups(|_| true))
    }

    /// The mean over those of RULER's tasks that are available, equally weighted.
    pub fn at(&self, length: Tokens) -> Summary {
        summarise_groups(&self.groups(|cell| cell.is_ruler_at(length)))
    }

    /// The mean over the tasks of a category at `length`, equally weighted.
    pub fn category(&self, category: RulerCategory, length: Tokens) -> Summary {
        summarise_groups(&self.categories(&[category], length))
    }

    /// RULER's wAvg: the means by length, weighted by rank.
    pub fn average(&self, weighting: LengthWeighting) -> Summary {
        let lengths = self.lengths();
        let weights = weights(weighting, lengths.len());
        let each = lengths.into_iter().zip(weights);
        let groups = each.flat_map(|(length, weight)| {
            let mut groups = self.groups(|cell| cell.is_ruler_at(length));
            let weight = weight / groups.len() as f64;
            groups.iter_mut().for_each(|group| group.weight = weight);
            groups
        });
        summarise_groups(&groups.collect::<Vec<_>>())
    }

    pub(super) fn lengths(&self) -> Vec<Tokens> {
        lengths(self.0.iter().map(|(cell, _)| *cell))
    }

    /// The tasks of some categories at a length, equally weighted.
    pub(super) fn categories(
        &self,
        wanted: &[RulerCategory],
        length: Tokens,
    ) -> Vec<WeightedGroup<'_>> {
        let is_wanted =
            |cell: &ResultCell| RulerCategory::of(&cell.task).is_some_and(|c| wanted.contains(&c));
        self.groups(|cell| cell.is_ruler_at(length) && is_wanted(cell))
    }

    /// Some of the cells, equally weighted.
    pub(super) fn groups(&self, keep: impl Fn(&ResultCell) -> bool) -> Vec<WeightedGroup<'_>> {
        let kept = self.0.iter().filter(|(cell, _)| keep(cell));
        let groups = kept.map(|(cell, scores)| WeightedGroup {
            weight: 1.0,
            scores,
            failed: cell.failed(),
        });
        groups.collect()
    }
}

fn lengths<'a>(cells: impl Iterator<Item = &'a ResultCell>) -> Vec<Tokens> {
    let ruler = cells.filter(|cell| cell.is_ruler());
    let mut lengths: Vec<Tokens> = ruler.filter_map(|cell| cell.length).collect();
    lengths.sort_unstable();
    lengths.dedup();
    lengths
}

impl ResultSet {
    /// The means of its cells.
    pub fn means(&self) -> CellMeans<'_> {
        CellMeans::of(&self.cells)
    }

    /// The lengths at which any of RULER's tasks was asked, shortest first.
    pub fn lengths(&self) -> Vec<Tokens> {
        lengths(self.cells.iter())
    }

    /// Which of RULER's thirteen tasks are missing at `length`.
    pub fn missing_at(&self, length: Tokens) -> Vec<&'static str> {
        let here = |task: &str| self.ruler_at(length).any(|cell| cell.task == task);
        let tasks = ruler::tasks().map(|task| task.id());
        tasks.filter(|task| !here(task)).collect()
    }

    /// RULER's cells at `length`: its tasks with its own options.
    pub fn ruler_at(&self, length: Tokens) -> impl Iterator<Item = &ResultCell> {
        let cells = self.cells.iter();
        cells.filter(move |cell| cell.is_ruler_at(length))
    }

    /// The effective length for a threshold in percent, by the means and by their intervals.
    /// Lengths without a mean do not count.
    pub fn effective_length(&self, threshold: f64) -> EffectiveLength {
        let means = self.means();
        let reached = self.lengths().into_iter().filter_map(|length| {
            let summary = means.at(length);
            let ends = summary
                .interval
                .map(|ends| (ends.low * 100.0, ends.high * 100.0));
            Some(MeanAtLength {
                length,
                mean: summary.mean? * 100.0,
                ends,
                tasks: self.ruler_at(length).count(),
            })
        });
        effective_length(&reached.collect::<Vec<_>>(), threshold)
    }
}

#[cfg(test)]
mod tests {
    use super::super::testing::{cell, set};
    use super::*;

    #[test]
    fn tasks_count_the_same_and_failures_are_counted_apart() {
        let set = set(vec![
            cell("mine", 4096, &[Some(0.0)]),
            cell("vt", 8192, &[Some(1.0)]),
            cell("cwe", 4096, &[Some(0.0)]),
            cell("cwe", 8192, &[Some(1.0)]),
            cell("vt", 4096, &[Some(1.0), Some(1.0), None]),
        ]);
        let tasks: Vec<&str> = set.cells.iter().map(|cell| cell.task.as_str()).collect();
        assert_eq!(tasks, ["vt", "vt", "cwe", "cwe", "mine"]);
        let mean = set.means().at(Tokens(4096));
        assert_eq!((mean.mean, mean.answered, mean.failed), (Some(0.5), 3, 1));
        // Weights 1/3 and 2/3 for means of 0.5 and 1.
        let average = set
            .means()
            .average(LengthWeighting::Increasing)
            .mean
            .unwrap();
        assert!((average - 5.0 / 6.0).abs() < 1e-12);
        let effective = set.effective_length(85.6);
        assert_eq!(effective.length, Some(Tokens(8192)));
        assert_eq!(effective.failed_below, [Tokens(4096)]);
        assert_eq!(set.missing_at(Tokens(4096)).len(), 11);
        let hops = set.means().category(RulerCategory::MultiHop, Tokens(4096));
        assert_eq!((hops.mean, hops.n), (Some(1.0), 2));
        let none = set
            .means()
            .category(RulerCategory::SingleNeedle, Tokens(4096));
        assert_eq!((none.mean, none.n), (None, 0));
    }

    #[test]
    fn a_task_that_only_failed_leaves_no_mean() {
        let set = set(vec![
            cell("vt", 4096, &[None]),
            cell("cwe", 4096, &[Some(1.0)]),
        ]);
        assert_eq!(set.means().at(Tokens(4096)).mean, None);
        assert_eq!(set.effective_length(85.6).length, None);
    }

    #[test]
    fn other_options_are_not_rulers_mean() {
        let mut other = cell("vt", 4096, &[Some(0.0)]);
        other.variant = "num_hops=2".to_owned();
        let set = set(vec![cell("vt", 4096, &[Some(1.0)]), other]);
        assert_eq!(set.means().at(Tokens(4096)).mean, Some(1.0));
    }

    #[test]
    fn what_failed_is_not_right_in_longbench() {
        let mut cell = cell("longbench_v2", 4096, &[Some(1.0), None]);
        assert_eq!(cell.summary().mean, Some(1.0));
        cell.metric = crate::task::Metric::Letter;
        let summary = cell.summary();
        assert_eq!((summary.mean, summary.n, summary.failed), (Some(0.5), 2, 1));
    }
}
