//! Imported rows by task and length, scored by RULER's metrics, and what RULER makes of them.

use std::collections::BTreeMap;

use super::row::{Answer, Row};
use crate::score::ruler::{TASKS, Tally, TaskScore, order};
use crate::stats::Summary;
use crate::stats::grouped::{Group, mean_of_groups, summarise_groups};
use crate::stats::lengths::{EffectiveLength, Weighting, effective_length, weights};
use crate::stats::summary::summarise_values;
use crate::task::Metric;
use crate::tokens::Tokens;

/// The scores of one model.
#[derive(Clone, Debug, Default)]
pub struct Board {
    cells: BTreeMap<(Place, Option<Tokens>), Cell>,
}

/// RULER's order of tasks, unknown ones after, by name.
type Place = (usize, String);

/// One task at one length.
#[derive(Clone, Debug, Default)]
pub struct Cell {
    tally: Tally,
    values: Vec<f64>,
    failed: u32,
}

impl Cell {
    /// RULER's numbers: the score with its two decimals, empty answers, answers.
    pub fn ruler(&self) -> TaskScore {
        self.tally.score()
    }

    /// The mean with its n and interval.
    pub fn summary(&self) -> Summary {
        let asked = u32::try_from(self.values.len()).unwrap_or(u32::MAX);
        let answers = self.values.iter().copied().map(Some);
        let failures = (0..self.failed).map(|_| None);
        summarise_values(asked.saturating_add(self.failed), answers.chain(failures))
    }
}

impl Board {
    /// Scores one row.
    pub fn add(&mut self, row: &Row, metric: Metric) {
        let (place, task) = order(&row.task);
        let key = ((place, task.to_owned()), row.length);
        let cell = self.cells.entry(key).or_default();
        match &row.answer {
            Answer::Text(text) => {
                let value = cell.tally.add(metric, text, &row.references);
                cell.values.push(value);
            }
            Answer::Failed(_) => cell.failed += 1,
        }
    }

    /// Every task at every length, in order.
    pub fn cells(&self) -> impl Iterator<Item = (&str, Option<Tokens>, &Cell)> {
        self.cells
            .iter()
            .map(|(((_, task), length), cell)| (task.as_str(), *length, cell))
    }

    /// The lengths at which any of RULER's tasks was asked, shortest first.
    pub fn lengths(&self) -> Vec<Tokens> {
        let mut lengths: Vec<Tokens> = self.ruler_cells().filter_map(|(at, _)| at).collect();
        lengths.sort_unstable();
        lengths.dedup();
        lengths
    }

    /// Which of RULER's thirteen tasks are not there at `length`.
    pub fn missing_at(&self, length: Tokens) -> Vec<&'static str> {
        let here = |task: &str| {
            let (place, task) = order(task);
            self.cells
                .contains_key(&((place, task.to_owned()), Some(length)))
        };
        let tasks = TASKS.iter().map(|(task, _)| *task);
        tasks.filter(|task| !here(task)).collect()
    }

    /// The mean over those of RULER's tasks that are there, each counting the same.
    pub fn mean_at(&self, length: Tokens) -> Summary {
        summarise_groups(&self.groups_at(length, 1.0))
    }

    /// RULER's wAvg: the means of the lengths, weighed by their rank.
    pub fn average(&self, weighting: Weighting) -> Summary {
        let lengths = self.lengths();
        let weights = weights(weighting, lengths.len());
        let groups = lengths
            .into_iter()
            .zip(weights)
            .flat_map(|(length, weight)| self.groups_at(length, weight));
        summarise_groups(&groups.collect::<Vec<_>>())
    }

    /// The effective length at a threshold in percent. Lengths without a mean do not count.
    pub fn effective_length(&self, threshold: f64) -> EffectiveLength {
        let means = self.lengths().into_iter().filter_map(|length| {
            let mean = mean_of_groups(&self.groups_at(length, 1.0))?;
            Some((length, mean * 100.0))
        });
        effective_length(&means.collect::<Vec<_>>(), threshold)
    }

    fn ruler_cells(&self) -> impl Iterator<Item = (Option<Tokens>, &Cell)> {
        self.cells
            .iter()
            .filter(|(((place, _), _), _)| *place < TASKS.len())
            .map(|((_, length), cell)| (*length, cell))
    }

    /// The tasks at a length, sharing `weight` between them.
    fn groups_at(&self, length: Tokens, weight: f64) -> Vec<Group<'_>> {
        let here = || self.ruler_cells().filter(|(at, _)| *at == Some(length));
        let weight = weight / here().count() as f64;
        here()
            .map(|(_, cell)| Group {
                weight,
                values: &cell.values,
                failed: cell.failed,
            })
            .collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::formats::row::RowId;

    fn row(task: &str, length: u32, text: Option<&str>) -> Row {
        Row {
            task: task.to_owned(),
            length: Some(Tokens(length)),
            id: RowId::Number(0),
            epoch: 1,
            index: None,
            input: None,
            answer_prefix: None,
            references: vec!["yes".to_owned()],
            answer: text.map_or_else(
                || Answer::Failed("gone".to_owned()),
                |text| Answer::Text(text.to_owned()),
            ),
            prompt_and_answer: None,
            stated: BTreeMap::new(),
        }
    }

    fn board(rows: &[(&str, u32, Option<&str>)]) -> Board {
        let mut board = Board::default();
        for (task, length, text) in rows {
            board.add(&row(task, *length, *text), Metric::StringMatchAll);
        }
        board
    }

    #[test]
    fn tasks_count_the_same_and_failures_are_counted_apart() {
        let board = board(&[
            ("vt", 4096, Some("yes")),
            ("vt", 4096, Some("yes")),
            ("vt", 4096, None),
            ("cwe", 4096, Some("")),
            ("vt", 8192, Some("yes")),
            ("cwe", 8192, Some("yes")),
            ("mine", 4096, Some("no")),
        ]);
        let mean = board.mean_at(Tokens(4096));
        assert_eq!((mean.mean, mean.answered, mean.failed), (Some(0.5), 3, 1));
        // Weights 1/3 and 2/3 on means of 0.5 and 1.
        let average = board.average(Weighting::Increasing).mean.unwrap();
        assert!((average - 5.0 / 6.0).abs() < 1e-12);
        let effective = board.effective_length(85.6);
        assert_eq!(effective.length, Some(Tokens(8192)));
        assert_eq!(effective.failed_below, [Tokens(4096)]);
        assert_eq!(board.missing_at(Tokens(4096)).len(), 11);
        let tasks: Vec<&str> = board.cells().map(|(task, ..)| task).collect();
        assert_eq!(tasks, ["vt", "vt", "cwe", "cwe", "mine"]);
        let nulls: Vec<usize> = board.cells().map(|(.., cell)| cell.ruler().nulls).collect();
        assert_eq!(nulls, [0, 0, 1, 0, 0]);
    }

    #[test]
    fn a_task_that_only_failed_leaves_no_mean() {
        let board = board(&[("vt", 4096, None), ("cwe", 4096, Some("yes"))]);
        assert_eq!(board.mean_at(Tokens(4096)).mean, None);
        assert_eq!(board.effective_length(85.6).length, None);
    }
}
