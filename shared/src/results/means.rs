//! What cells come to: RULER's means by length and category, averages and effective length.

use super::{Category, Cell, ResultSet};
use crate::score::ruler::TASKS;
use crate::stats::grouped::{Group, mean_of_groups, summarise_groups};
use crate::stats::lengths::{EffectiveLength, Weighting, effective_length, weights};
use crate::stats::{Summary, summarise};
use crate::tokens::Tokens;

impl Cell {
    /// The mean with its n and interval.
    pub fn summary(&self) -> Summary {
        let asked = u32::try_from(self.samples.len()).unwrap_or(u32::MAX);
        let scores = self.samples.iter().map(|sample| sample.score);
        summarise(asked, self.metric, scores)
    }

    /// Answers with nothing to judge.
    pub fn blanks(&self) -> usize {
        self.samples.iter().filter(|sample| sample.blank).count()
    }

    /// Scores in the mean: a failure is 0 where the metric counts it, else left out.
    pub fn values(&self) -> Vec<f64> {
        let failure = self.metric.counts_failures().then_some(0.0);
        let samples = self.samples.iter();
        samples
            .filter_map(|sample| sample.score.or(failure))
            .collect()
    }

    /// Samples without an answer.
    pub fn failed(&self) -> u32 {
        let failed = self.samples.iter().filter(|sample| sample.score.is_none());
        u32::try_from(failed.count()).unwrap_or(u32::MAX)
    }
}

/// Groups that own their scores.
pub(super) struct Groups(Vec<(f64, Vec<f64>, u32)>);

impl Groups {
    /// Cells that share `weight` between them.
    pub(super) fn of<'a>(cells: impl IntoIterator<Item = &'a Cell>, weight: f64) -> Self {
        let each = |cell: &Cell| (0.0, cell.values(), cell.failed());
        let mut groups: Vec<_> = cells.into_iter().map(each).collect();
        let weight = weight / groups.len() as f64;
        groups.iter_mut().for_each(|group| group.0 = weight);
        Self(groups)
    }

    pub(super) fn views(&self) -> Vec<Group<'_>> {
        let groups = self.0.iter();
        groups
            .map(|(weight, values, failed)| Group {
                weight: *weight,
                values,
                failed: *failed,
            })
            .collect()
    }
}

impl ResultSet {
    /// The lengths at which any of RULER's tasks was asked, shortest first.
    pub fn lengths(&self) -> Vec<Tokens> {
        let ruler = self.cells.iter().filter(|cell| cell.is_ruler());
        let mut lengths: Vec<Tokens> = ruler.filter_map(|cell| cell.length).collect();
        lengths.sort_unstable();
        lengths.dedup();
        lengths
    }

    /// Which of RULER's thirteen tasks are not there at `length`.
    pub fn missing_at(&self, length: Tokens) -> Vec<&'static str> {
        let here = |task: &str| self.ruler_at(length).any(|cell| cell.task == task);
        let tasks = TASKS.iter().map(|(task, _)| *task);
        tasks.filter(|task| !here(task)).collect()
    }

    /// RULER's cells at `length`: its tasks with its own options.
    pub fn ruler_at(&self, length: Tokens) -> impl Iterator<Item = &Cell> {
        let cells = self.cells.iter();
        cells.filter(move |cell| cell.length == Some(length) && cell.is_ruler())
    }

    /// The mean over those of RULER's tasks that are there, each counting the same.
    pub fn mean_at(&self, length: Tokens) -> Summary {
        summarise_groups(&Groups::of(self.ruler_at(length), 1.0).views())
    }

    /// The mean over the tasks of a category at `length`, each counting the same.
    pub fn category_at(&self, category: Category, length: Tokens) -> Summary {
        let cells = self.ruler_at(length);
        let cells = cells.filter(|cell| Category::of(&cell.task) == Some(category));
        summarise_groups(&Groups::of(cells, 1.0).views())
    }

    /// RULER's wAvg: the means of the lengths, weighed by their rank.
    pub fn average(&self, weighting: Weighting) -> Summary {
        let lengths = self.lengths();
        let weights = weights(weighting, lengths.len());
        let each = lengths.into_iter().zip(weights);
        let groups: Vec<Groups> = each
            .map(|(length, weight)| Groups::of(self.ruler_at(length), weight))
            .collect();
        let views: Vec<Group<'_>> = groups.iter().flat_map(Groups::views).collect();
        summarise_groups(&views)
    }

    /// The effective length at a threshold in percent. Lengths without a mean do not count.
    pub fn effective_length(&self, threshold: f64) -> EffectiveLength {
        let means = self.lengths().into_iter().filter_map(|length| {
            let mean = mean_of_groups(&Groups::of(self.ruler_at(length), 1.0).views())?;
            Some((length, mean * 100.0))
        });
        effective_length(&means.collect::<Vec<_>>(), threshold)
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
        let mean = set.mean_at(Tokens(4096));
        assert_eq!((mean.mean, mean.answered, mean.failed), (Some(0.5), 3, 1));
        // Weights 1/3 and 2/3 on means of 0.5 and 1.
        let average = set.average(Weighting::Increasing).mean.unwrap();
        assert!((average - 5.0 / 6.0).abs() < 1e-12);
        let effective = set.effective_length(85.6);
        assert_eq!(effective.length, Some(Tokens(8192)));
        assert_eq!(effective.failed_below, [Tokens(4096)]);
        assert_eq!(set.missing_at(Tokens(4096)).len(), 11);
        let hops = set.category_at(Category::MultiHop, Tokens(4096));
        assert_eq!((hops.mean, hops.n), (Some(1.0), 2));
        let none = set.category_at(Category::SingleNeedle, Tokens(4096));
        assert_eq!((none.mean, none.n), (None, 0));
    }

    #[test]
    fn a_task_that_only_failed_leaves_no_mean() {
        let set = set(vec![
            cell("vt", 4096, &[None]),
            cell("cwe", 4096, &[Some(1.0)]),
        ]);
        assert_eq!(set.mean_at(Tokens(4096)).mean, None);
        assert_eq!(set.effective_length(85.6).length, None);
    }

    #[test]
    fn other_options_are_not_rulers_mean() {
        let mut other = cell("vt", 4096, &[Some(0.0)]);
        other.variant = "num_hops=2".to_owned();
        let set = set(vec![cell("vt", 4096, &[Some(1.0)]), other]);
        assert_eq!(set.mean_at(Tokens(4096)).mean, Some(1.0));
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
