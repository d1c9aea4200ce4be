//! The scores of a run's cells as a map of tasks and lengths that fills up. Pure.

use fathom_shared::run::{RunGrid, TaskChoice};
use fathom_shared::score::{SourcedScore, summarise};
use fathom_shared::stats::Summary;
use fathom_shared::task::Metric;
use fathom_shared::tokens::Tokens;

use super::run_state::{CellRows, RunState};

/// A task at a length, under one seed or all of them.
#[derive(Clone, PartialEq, Debug, Default)]
pub(crate) struct HeatSquare {
    /// Its cells.
    pub(crate) cells: Vec<u32>,
    /// How their answers are scored.
    pub(crate) metric: Metric,
    /// What they come to. Of fractional scores the interval may still be on its way.
    pub(crate) summary: Summary,
    /// Answers that have no text to score.
    textless: u32,
    /// Of which state of the cells that is.
    version: u64,
    settled: bool,
}

/// The map: a row per task, a column per length.
#[derive(Clone, PartialEq, Debug, Default)]
pub(crate) struct RunHeatMap {
    /// What the rows are called.
    pub(crate) tasks: Vec<String>,
    /// The columns.
    pub(crate) lengths: Vec<Tokens>,
    /// Row by row.
    pub(crate) squares: Vec<HeatSquare>,
}

impl RunHeatMap {
    /// The empty map of a grid: of all seeds, or of one.
    pub(crate) fn new(grid: &RunGrid, seed: Option<u32>) -> Self {
        let wanted = |at: &usize| seed.is_none_or(|seed| grid.seeds.get(*at) == Some(&seed));
        let seeds: Vec<usize> = (0..grid.seeds.len()).filter(wanted).collect();
        let metrics: Vec<Metric> = grid.tasks.iter().map(TaskChoice::listed_metric).collect();
        let squares = (0..grid.tasks.len() * grid.lengths.len()).map(|square| {
            let cells = seeds.iter().map(|seed| square * grid.seeds.len() + seed);
            let cells: Vec<u32> = cells.filter_map(|cell| u32::try_from(cell).ok()).collect();
            let asked = grid.count * u32::try_from(cells.len()).unwrap_or_default();
            HeatSquare {
                cells,
                metric: metrics[square / grid.lengths.len()],
                summary: Summary {
                    asked,
                    ..Summary::default()
                },
                textless: 0,
                settled: true,
                version: 0,
            }
        });
        Self {
            tasks: grid.names(),
            lengths: grid.lengths.clone(),
            squares: squares.collect(),
        }
    }

    /// Takes in what was stored since. Means are there at once; the intervals of fractional scores
    /// take two thousand draws each and are left to [`settle`](Self::settle).
    pub(crate) fn take(&mut self, run: &RunState) {
        for square in &mut self.squares {
            let cells = square.stored(run);
            let version = cells.iter().map(|cell| cell.version).sum();
            if version != square.version {
                square.summary = plain(square.summary.asked, square.metric, &cells);
                square.settled = is_plain(&cells) || square.summary.answered < 2;
                if square.settled {
                    square.summary = summary(square.summary.asked, square.metric, &cells);
                }
                let rows = cells.iter().flat_map(|cell| cell.rows.values());
                let textless = rows.filter(|row| row.textless.is_some()).count();
                square.textless = u32::try_from(textless).unwrap_or(u32::MAX);
                square.version = version;
            }
        }
    }

    /// Works out intervals that are missing, about `budget` answers' worth; says whether all are
    /// there.
    pub(crate) fn settle(&mut self, run: &RunState, budget: u32) -> bool {
        let mut spent = 0;
        for square in self.squares.iter_mut().filter(|square| !square.settled) {
            if spent >= budget {
                return false;
            }
            let cells = square.stored(run);
            square.summary = summary(square.summary.asked, square.metric, &cells);
            square.settled = true;
            spent += square.summary.answered;
        }
        true
    }

    /// The number of the square that holds `cell`.
    pub(crate) fn square_of(&self, cell: u32) -> Option<usize> {
        let mut squares = self.squares.iter();
        squares.position(|square| square.cells.contains(&cell))
    }

    /// What the square is called.
    pub(crate) fn name(&self, square: usize) -> String {
        let columns = self.lengths.len().max(1);
        let task = self.tasks.get(square / columns);
        let length = self.lengths.get(square % columns);
        match (task, length) {
            (Some(task), Some(length)) => format!("{task} at {length:#} tokens"),
            _ => String::new(),
        }
    }
}

impl HeatSquare {
    fn stored<'a>(&self, run: &'a RunState) -> Vec<&'a CellRows> {
        let cells = self.cells.iter();
        cells.filter_map(|cell| run.cell(*cell)).collect()
    }

    /// For people: score, n, interval, and what is missing.
    pub(crate) fn says(&self) -> String {
        let Summary {
            asked,
            answered,
            failed,
            ..
        } = self.summary;
        let open = asked.saturating_sub(answered + failed);
        let open = match open {
            0 => String::new(),
            open => format!(", {open} of {asked} remaining"),
        };
        let textless = match self.textless {
            0 => String::new(),
            n => format!(", {n} without text"),
        };
        format!("{}{textless}{open}", self.summary)
    }
}

/// What cells come to together, out of `asked` samples.
pub(crate) fn summary(asked: u32, metric: Metric, cells: &[&CellRows]) -> Summary {
    summarise(asked, metric, scores(cells))
}

fn plain(asked: u32, metric: Metric, cells: &[&CellRows]) -> Summary {
    let (mut sum, mut answered, mut failed) = (0.0, 0_u32, 0_u32);
    for (score, _) in scores(cells) {
        match score {
            Some(score) => (sum, answered) = (sum + score, answered + 1),
            None => failed += 1,
        }
    }
    let n = answered + if metric.counts_failures() { failed } else { 0 };
    Summary {
        asked,
        answered,
        failed,
        n,
        mean: (n > 0).then(|| sum / f64::from(n)),
        interval: None,
    }
}

fn scores<'a>(cells: &'a [&CellRows]) -> impl Iterator<Item = SourcedScore<'a>> + 'a {
    let rows = cells.iter().flat_map(|cell| cell.rows.values());
    rows.map(|row| (row.score, row.source.as_deref()))
}

/// Whether the interval takes no time: scores of 0 and 1, each with a text of its own.
fn is_plain(cells: &[&CellRows]) -> bool {
    scores(cells).all(|(score, source)| {
        source.is_none() && score.is_none_or(|score| score == 0.0 || score == 1.0)
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::state::run_state::tests::{at, row, rows, run};
    use fathom_shared::api::{RowView, RunStatus};
    use fathom_shared::stats::IntervalMethod;
    use fathom_shared::transcript::TextlessAnswer;

    fn grid() -> RunGrid {
        run(RunStatus::Running, 0, 0).run_spec.grid
    }

    #[test]
    fn seeds_are_pooled_or_apart() {
        let heat = RunHeatMap::new(&grid(), None);
        assert_eq!(heat.tasks, ["vt", "niah_single_1"]);
        let cells: Vec<_> = heat.squares.iter().map(|s| s.cells.clone()).collect();
        assert_eq!(cells, [[0, 1], [2, 3]]);
        assert_eq!(heat.squares[0].summary.asked, 6);
        assert_eq!((heat.square_of(3), heat.square_of(4)), (Some(1), None));
        let one = RunHeatMap::new(&grid(), Some(43));
        assert_eq!(one.squares[1].cells, [3]);
        assert_eq!(one.name(1), "niah_single_1 at 1,024 tokens");
    }

    #[test]
    fn means_come_at_once_and_intervals_follow() {
        let mut state = RunState::default();
        let scores = [
            (at(0, 0), Some(1.0)),
            (at(1, 0), Some(0.5)),
            (at(0, 1), None),
        ];
        let told = scores.map(|(place, score)| row(place, score)).to_vec();
        state.apply(rows(told), Some(1), 0.0);
        state.apply(rows(vec![row(at(2, 0), Some(1.0))]), Some(2), 0.0);
        let mut heat = RunHeatMap::new(&grid(), None);
        assert_eq!(heat.squares[0].says(), "no answer yet, 6 of 6 remaining");
        heat.take(&state);
        let square = heat.squares[0].clone();
        assert_eq!((square.summary.mean, square.settled), (Some(0.75), false));
        assert_eq!(square.says(), "75.0 (n = 2), 1 failed, 3 of 6 remaining");
        assert!(heat.squares[1].settled);
        assert!(heat.settle(&state, 100));
        assert!(heat.squares[0].summary.interval.is_some());
        // What did not change is not summed up again.
        let before = heat.clone();
        heat.take(&state);
        assert_eq!(heat, before);
    }

    #[test]
    fn questions_about_one_text_and_answers_without_one_are_told() {
        let mut state = RunState::default();
        let about = |sample, text: &str, score| RowView {
            source: Some(text.to_owned()),
            textless: (score == 0.0).then_some(TextlessAnswer::Thinking),
            ..row(at(0, sample), Some(score))
        };
        let told = vec![about(0, "a", 1.0), about(1, "a", 1.0), about(2, "b", 0.0)];
        state.apply(rows(told), Some(1), 0.0);
        assert_eq!(state.textless(TextlessAnswer::Thinking), 1);
        assert_eq!(state.textless(TextlessAnswer::Empty), 0);
        let mut heat = RunHeatMap::new(&grid(), Some(42));
        heat.take(&state);
        assert!(!heat.squares[0].settled && heat.settle(&state, 100));
        let square = &heat.squares[0];
        let method = square.summary.interval.map(|interval| interval.method);
        assert_eq!(method, Some(IntervalMethod::ClusterBootstrap));
        assert!(
            square.says().ends_with(", 1 without text"),
            "{}",
            square.says()
        );
        // Asked again, it has a text.
        let again = vec![about(2, "b", 1.0)];
        state.apply(rows(again), Some(2), 0.0);
        assert_eq!(state.textless(TextlessAnswer::Thinking), 0);
    }

    #[test]
    fn intervals_are_worked_out_a_few_at_a_time() {
        let mut state = RunState::default();
        for cell in 0..4 {
            let scores = (0..3).map(|sample| row(at(cell, sample), Some(0.5)));
            state.apply(rows(scores.collect()), Some(1), 0.0);
        }
        let mut heat = RunHeatMap::new(&grid(), None);
        heat.take(&state);
        assert!(!heat.settle(&state, 1));
        let settled = heat.squares.iter().map(|square| square.settled);
        assert_eq!(settled.collect::<Vec<_>>(), [true, false]);
        assert!(heat.settle(&state, 1));
    }

    #[test]
    fn the_same_task_twice_is_told_apart() {
        let mut grid = grid();
        let mut other = TaskChoice::new("vt");
        other.set.insert("num_hops".into(), "2".into());
        grid.tasks.push(other);
        let heat = RunHeatMap::new(&grid, None);
        assert_eq!(heat.tasks[2], "vt (num_hops=2)");
    }
}
