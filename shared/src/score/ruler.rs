//! RULER's scorer for all answers of a task, with its rounding.

use serde::{Deserialize, Serialize};

use super::{score, string_match::clean};
use crate::task::{Metric, ruler};

/// The metric of one of RULER's tasks.
///
/// Source: `scripts/eval/synthetic/constants.py` of NVIDIA/RULER c3f5e3b.
pub fn metric(task: &str) -> Option<Metric> {
    let found = ruler::tasks().find(|one| one.id() == task);
    found.map(|one| one.metric())
}

/// A task's position in RULER's order; unknown tasks follow, sorted by name.
pub fn order(task: &str) -> (usize, &str) {
    let place = ruler::tasks().position(|one| one.id() == task);
    (place.unwrap_or_else(ruler::count), task)
}

/// RULER's score of a task.
#[derive(Clone, Copy, PartialEq, Debug, Serialize, Deserialize)]
pub struct RulerTaskScore {
    /// The mean, from 0 to 100, rounded to two decimals; 0 if there are no answers.
    pub percent: f64,
    /// Answers that are empty after cleaning.
    pub nulls: usize,
    /// Number of answers.
    pub rows: usize,
}

/// Adds up answers like the original.
///
/// # Formula
/// `round(sum of scores / n * 100, 2)`, with Python's `round`: the decimal nearest to the
/// double's exact value, a tie to the even digit.
#[derive(Clone, Copy, Debug, Default)]
pub struct RulerTally {
    sum: f64,
    nulls: usize,
    rows: usize,
}

impl RulerTally {
    /// Adds one answer and returns its score, an unrounded fraction.
    pub fn add(&mut self, metric: Metric, text: &str, references: &[String]) -> f64 {
        let value = score(metric, text, references).value;
        self.sum += value;
        self.rows += 1;
        self.nulls += usize::from(clean(text).is_empty());
        value
    }

    /// The score of all answers added so far.
    pub fn score(&self) -> RulerTaskScore {
        let percent = if self.rows == 0 {
            0.0
        } else {
            two_decimals(self.sum / self.rows as f64 * 100.0)
        };
        RulerTaskScore {
            percent,
            nulls: self.nulls,
            rows: self.rows,
        }
    }
}

/// Python's `round(value, 2)`.
fn two_decimals(value: f64) -> f64 {
    // Formatting is exact and rounds ties to even; its output always parses.
    format!("{value:.2}").parse().unwrap_or(value)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The expected values are what CPython 3.11 prints.
    #[test]
    fn rounds_as_python_does() {
        let cases = [
            (0.125, 0.12),
            (0.375, 0.38),
            (2.675, 2.67),
            (1.005, 1.0),
            (100.0 / 3.0, 33.33),
            (99.995, 100.0),
            (0.285, 0.28),
        ];
        for (value, rounded) in cases {
            assert_eq!(two_decimals(value), rounded, "{value}");
        }
    }

    #[test]
    fn the_registry_agrees() {
        for task in crate::task::TASKS {
            if let Some(metric) = metric(task.id()) {
                assert_eq!(metric, task.metric(), "{}", task.id());
            }
        }
    }

    #[test]
    fn unknown_tasks_come_last_by_name() {
        let mut tasks = ["zzz", "qa_2", "abc", "vt", "niah_single_1"];
        tasks.sort_by_key(|task| order(task));
        assert_eq!(tasks, ["niah_single_1", "vt", "qa_2", "abc", "zzz"]);
    }
}
