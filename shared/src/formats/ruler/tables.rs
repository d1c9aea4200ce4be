//! The tables that `evaluate.py` leaves beside predictions, byte for byte.

use std::fmt::Write;

use crate::formats::row::EvalRow;
use crate::score::ruler::RulerTaskScore;
use crate::score::string_match::clean;

/// What the original says of one task.
#[derive(Clone, PartialEq, Debug)]
pub struct RulerTableColumn {
    /// The task.
    pub task: String,
    /// Its score and empty answers.
    pub score: RulerTaskScore,
}

/// The name of the summary: with a single task, the original puts it into the name.
pub fn summary_name(columns: &[RulerTableColumn]) -> String {
    match columns {
        [only] => format!("summary-{}.csv", only.task),
        _ => "summary.csv".to_owned(),
    }
}

/// `summary.csv` as pandas writes it: numbered columns, then tasks, scores and empty answers.
pub fn summary_csv(columns: &[RulerTableColumn]) -> String {
    let line = |name: &str, cells: Vec<String>| {
        let cells: String = cells
            .iter()
            .map(|cell| format!(",{}", quoted(cell)))
            .collect();
        format!("{name}{cells}\n")
    };
    let numbers = (1..=columns.len()).map(|at| at.to_string()).collect();
    let tasks = columns.iter().map(|column| column.task.clone()).collect();
    // Rust and Python both print the shortest decimal that is the same number.
    let scores = columns
        .iter()
        .map(|column| format!("{:?}", column.score.percent))
        .collect();
    let nulls = columns
        .iter()
        .map(|column| format!("{}/{}", column.score.nulls, column.score.rows))
        .collect();
    [
        line("0", numbers),
        line("Tasks", tasks),
        line("Score", scores),
        line("Nulls", nulls),
    ]
    .concat()
}

/// `submission.csv` as pandas writes it: every cleaned answer. A failure, which the original
/// does not know, would be an empty cell.
pub fn submission_csv<'a>(rows: impl IntoIterator<Item = &'a EvalRow>) -> String {
    let mut out = "Task,ID,Prediction\n".to_owned();
    for row in rows {
        let text = clean(row.answer.text().unwrap_or_default());
        let id = row.id.to_string();
        // Writing to a string cannot fail.
        let _never = writeln!(
            out,
            "{},{},{}",
            quoted(&row.task),
            quoted(&id),
            quoted(&text)
        );
    }
    out
}

/// A cell of a table: quoted only where it must be, quotes doubled.
fn quoted(cell: &str) -> std::borrow::Cow<'_, str> {
    if cell.contains([',', '"', '\n', '\r']) {
        return format!("\"{}\"", cell.replace('"', "\"\"")).into();
    }
    cell.into()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::formats::row::RowOrigin;
    use crate::formats::ruler::{merge_chunks, read};
    use crate::score::ruler::{RulerTally, metric, order};

    macro_rules! golden {
        ($length:literal: $($name:literal)*) => {
            [$(($name, include_str!(concat!(
                "../../../../tests/golden/formats/ruler/model-a/synthetic/", $length, "/pred/", $name
            )))),*]
        };
    }

    /// Scores a folder as the original does; the golden tables are pandas' own.
    #[track_caller]
    fn check(files: &[(&str, &str)], summary: (&str, &str), submission: &str) {
        let names: Vec<&str> = files.iter().map(|(name, _)| *name).collect();
        let mut tasks = merge_chunks(&names);
        tasks.sort_by(|(a, _), (b, _)| order(a).cmp(&order(b)));
        let (mut columns, mut rows) = (Vec::new(), Vec::new());
        for (task, parts) in tasks {
            let mut tally = RulerTally::default();
            for part in parts {
                let (_, text) = files.iter().find(|(name, _)| *name == part).unwrap();
                let origin = RowOrigin {
                    task: task.clone(),
                    length: None,
                };
                for row in read(text.as_bytes(), &origin).unwrap().rows {
                    let text = row.answer.text().unwrap();
                    tally.add(metric(&task).unwrap(), text, &row.references);
                    rows.push(row);
                }
            }
            let score = tally.score();
            columns.push(RulerTableColumn { task, score });
        }
        assert_eq!(summary_name(&columns), summary.0);
        assert_eq!(summary_csv(&columns), summary.1);
        assert_eq!(submission_csv(&rows), submission);
    }

    #[test]
    fn tables_are_pandas_own() {
        let files = golden!("4096": "fwe.jsonl" "niah_multivalue.jsonl" "niah_single_1.jsonl" "qa_1.jsonl" "vt-0.jsonl" "vt-10.jsonl" "vt-2.jsonl");
        let [summary, submission] = golden!("4096": "summary.csv" "submission.csv");
        check(&files, summary, submission.1);
        let files = golden!("8192": "cwe.jsonl");
        let [summary, submission] = golden!("8192": "summary-cwe.csv" "submission.csv");
        check(&files, summary, submission.1);
    }
}
