//! The scores that a file states, compared with ours.

use std::collections::BTreeMap;
use std::fmt;

use super::row::{EvalRow, RowAnswer};
use crate::score::score;
use crate::task::Metric;
use crate::tokens::Tokens;

/// Scores further apart than this are different ones; less is rounding.
const ROUNDING: f64 = 1e-6;

/// Adds up, over the same rows, the scores that files state and ours.
#[derive(Clone, Debug, Default)]
pub struct StatedScores {
    cells: BTreeMap<(String, Option<Tokens>, String), ScoreSums>,
}

#[derive(Clone, Copy, Debug, Default)]
struct ScoreSums {
    theirs: f64,
    ours: f64,
    rows: u32,
    differ: u32,
    odd: bool,
}

/// A score that is not ours.
#[derive(Clone, PartialEq, Debug)]
pub struct ScoreDifference {
    /// The task.
    pub task: String,
    /// The length.
    pub length: Option<Tokens>,
    /// The score's name in the file.
    pub name: String,
    /// Its mean over `rows`, from 0 to 100.
    pub theirs: f64,
    /// The mean of ours over the same rows, from 0 to 100.
    pub ours: f64,
    /// Rows that state it and have an answer.
    pub rows: u32,
    /// Those of them in which it is not ours.
    pub differ: u32,
}

impl StatedScores {
    /// Adds a row that was scored by `metric`. A failure has no score of ours.
    ///
    /// # Example
    /// ```
    /// use fathom_shared::formats::{RowOrigin, lm_eval};
    /// use fathom_shared::formats::stated_scores::StatedScores;
    /// use fathom_shared::task::Metric;
    /// let line = br#"{"doc_id": 0, "doc": {}, "target": "7", "resps": [["8"]],
    ///     "filter": "none", "metrics": ["acc"], "acc": 1.0}"#.map(|b| if b == b'\n' { b' ' } else { b });
    /// let origin = RowOrigin { task: "mine".to_owned(), length: None };
    /// let mut stated = StatedScores::default();
    /// for row in lm_eval::read(&line, &origin).unwrap().rows {
    ///     stated.add(&row, Metric::StringMatchAll);
    /// }
    /// let told = stated.differences()[0].to_string();
    /// assert_eq!(told, "`acc` of mine: the file says 100.00, ours is 0.00; they differ in 1 of 1 row");
    /// ```
    pub fn add(&mut self, row: &EvalRow, metric: Metric) {
        let RowAnswer::Text(text) = &row.answer else {
            return;
        };
        if row.stated.is_empty() {
            return;
        }
        let ours = score(metric, text, &row.references).value;
        for (name, theirs) in &row.stated {
            let key = (row.task.clone(), row.length, name.clone());
            let sums = self.cells.entry(key).or_default();
            sums.theirs += theirs;
            sums.ours += ours;
            sums.rows += 1;
            sums.differ += u32::from((theirs - ours).abs() > ROUNDING);
            sums.odd |= !(0.0..=1.0).contains(theirs);
        }
    }

    /// The scores that are not ours in some row. What is not from 0 to 1 measures something else
    /// and is left out.
    pub fn differences(&self) -> Vec<ScoreDifference> {
        let told = self
            .cells
            .iter()
            .filter(|(_, sums)| sums.differ > 0 && !sums.odd);
        told.map(|((task, length, name), sums)| {
            let mean = |sum: f64| sum / f64::from(sums.rows) * 100.0;
            ScoreDifference {
                task: task.clone(),
                length: *length,
                name: name.clone(),
                theirs: mean(sums.theirs),
                ours: mean(sums.ours),
                rows: sums.rows,
                differ: sums.differ,
            }
        })
        .collect()
    }
}

impl fmt::Display for ScoreDifference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "`{}` of {}", self.name, self.task)?;
        if let Some(length) = self.length {
            write!(f, " at {length}")?;
        }
        let rows = if self.rows == 1 { "row" } else { "rows" };
        write!(
            f,
            ": the file says {:.2}, ours is {:.2}; they differ in {} of {} {rows}",
            self.theirs, self.ours, self.differ, self.rows
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::formats::row::RowId;

    fn row(answer: &str, stated: &[(&str, f64)]) -> EvalRow {
        EvalRow {
            task: "vt".to_owned(),
            length: Some(Tokens(4096)),
            id: RowId::Number(0),
            epoch: 1,
            index: None,
            input: None,
            answer_prefix: None,
            references: vec!["a".to_owned(), "b".to_owned()],
            answer: RowAnswer::Text(answer.to_owned()),
            prompt_and_answer: None,
            stated: stated
                .iter()
                .map(|(name, x)| ((*name).to_owned(), *x))
                .collect(),
        }
    }

    #[test]
    fn only_what_differs_is_told() {
        let mut all = StatedScores::default();
        all.add(
            &row("a b", &[("4096", 1.0), ("includes", 0.0), ("seconds", 7.5)]),
            Metric::StringMatchAll,
        );
        all.add(
            &row("a", &[("4096", 0.5), ("includes", 1.0)]),
            Metric::StringMatchAll,
        );
        all.add(&row("none", &[]), Metric::StringMatchAll);
        let failed = EvalRow {
            answer: RowAnswer::Failed("gone".to_owned()),
            ..row("", &[("4096", 0.0)])
        };
        all.add(&failed, Metric::StringMatchAll);
        let told: Vec<String> = all.differences().iter().map(ToString::to_string).collect();
        assert_eq!(
            told,
            [
                "`includes` of vt at 4096: the file says 50.00, ours is 75.00; they differ in 2 of 2 rows"
            ]
        );
    }
}
