//! Rows of `pred/{task}.jsonl`.

use serde::Serialize;
use serde_json::{Map, Value};

use super::data::{references, tokens};
use crate::formats::error::{FormatError, FormatProblem};
use crate::formats::loss::LossReport;
use crate::formats::object::{JsonObject, lines, whole};
use crate::formats::row::{EvalRow, ImportedRows, RowAnswer, RowId, RowOrigin};
use crate::formats::thinking;
use crate::formats::unreadable_rows::UnreadRows;

/// One prediction, fields in the original's order. Written as JSON lines.
#[derive(Clone, PartialEq, Debug, Serialize)]
pub struct RulerPredRow {
    /// The data's index.
    pub index: i64,
    /// The answer; `null` for a failure, on which the original stops.
    pub pred: Option<String>,
    /// The prompt with the answer prefix.
    pub input: String,
    /// The references.
    pub outputs: Vec<String>,
    /// `id`, where it is not the index.
    pub others: Map<String, Value>,
    /// Always -1, as in the original.
    pub truncation: i64,
    /// The data's length, -1 where it is not known.
    pub length: i64,
}

/// Reads predictions. They name neither task nor length: `origin` does. A line that is not a
/// prediction is left out and reported.
///
/// # Errors
/// The first line that is no prediction, with its field, where no line is one.
pub fn read(bytes: &[u8], origin: &RowOrigin) -> Result<ImportedRows, FormatError> {
    let mut imported = ImportedRows::default();
    let mut unread = UnreadRows::of("line");
    for line in lines(bytes) {
        let (number, row) = match line {
            Ok(row) => row,
            Err(error) => {
                let number = error.line();
                match error.problem.is_broken() {
                    true => unread.add_broken(error, number, bytes),
                    false => unread.add(error),
                }
                continue;
            }
        };
        match pred_row(row, number, origin, &mut imported.report) {
            Ok(row) => imported.rows.push(row),
            Err(problem) => unread.add(problem.on_line(number)),
        }
    }
    unread.tell(!imported.rows.is_empty(), &mut imported.report)?;
    Ok(imported)
}

fn pred_row(
    mut row: JsonObject,
    line: usize,
    origin: &RowOrigin,
    report: &mut LossReport,
) -> Result<EvalRow, FormatProblem> {
    let index = index(&mut row, report);
    let answer = match row.take("pred") {
        Some(Value::String(text)) => thinking::answer(text, report),
        Some(Value::Number(number)) => {
            report.note_answer("pred", "a number; read as its digits");
            RowAnswer::Text(number.to_string())
        }
        Some(Value::Null) => {
            RowAnswer::Failed("the file has no answer (`pred` is null)".to_owned())
        }
        Some(Value::Array(mut items)) if items.len() == 1 && items[0].is_string() => {
            report.note_answer("pred", "a list of one string; read as the string");
            match items.pop() {
                Some(Value::String(text)) => thinking::answer(text, report),
                _ => RowAnswer::Failed("`pred` is an empty list".to_owned()),
            }
        }
        other => {
            return Err(row.expected("pred", other.as_ref(), "a string, or null for a failure"));
        }
    };
    let mut id = None;
    if let Some(mut others) = row.opt_object("others")? {
        id = row_id(&mut others, "id")?;
        others.note_rest(report, "not kept beside `id`");
    }
    let id = id.or(index.map(RowId::Number)).unwrap_or_else(|| {
        report.note("index", "none; the row goes by its line");
        RowId::Text(format!("line {line}"))
    });
    if let Some(cut) = row.opt_int("truncation")?.filter(|cut| *cut != -1) {
        report.note("truncation", &format!("no place for it, was {cut}"));
    }
    let references = references(&mut row)?;
    report.note_references(&references);
    let row_out = EvalRow {
        task: origin.task.clone(),
        length: origin.length,
        id,
        epoch: 1,
        index,
        input: row.opt_string("input")?,
        answer_prefix: None,
        references,
        answer,
        prompt_and_answer: tokens(&mut row, "length")?,
        stated: std::collections::BTreeMap::new(),
    };
    row.note_rest(report, "a field that RULER's predictions do not have");
    Ok(row_out)
}

/// RULER's `index`, which distinguishes rows and is not needed for a score; `None` if it is not a
/// number.
pub(in crate::formats) fn index(row: &mut JsonObject, report: &mut LossReport) -> Option<i64> {
    let value = row.take_some("index")?;
    let number = match &value {
        Value::String(text) => text.trim().parse().ok(),
        value => whole(value),
    };
    if number.is_none() {
        report.note("index", "no whole number");
    }
    number
}

/// A row's name: a number or a string.
pub(in crate::formats) fn row_id(
    object: &mut JsonObject,
    key: &str,
) -> Result<Option<RowId>, FormatProblem> {
    match object.take_some(key) {
        None => Ok(None),
        Some(Value::String(text)) => Ok(Some(RowId::Text(text))),
        Some(value) => match whole(&value) {
            Some(number) => Ok(Some(RowId::Number(number))),
            None => Err(object.expected(key, Some(&value), "a string or a whole number")),
        },
    }
}

/// Rows as predictions, in their order, and what predictions cannot hold.
pub fn predictions(rows: &[EvalRow]) -> (Vec<RulerPredRow>, LossReport) {
    let mut report = LossReport::default();
    let rows = rows
        .iter()
        .enumerate()
        .map(|(at, row)| prediction(at, row, &mut report));
    (rows.collect(), report)
}

fn prediction(at: usize, row: &EvalRow, report: &mut LossReport) -> RulerPredRow {
    let index = row.index.or(match row.id {
        RowId::Number(number) => Some(number),
        RowId::Text(_) => None,
    });
    let index = index.unwrap_or_else(|| i64::try_from(at).unwrap_or(i64::MAX));
    let mut others = Map::new();
    if row.id != RowId::Number(index) {
        others.insert("id".to_owned(), serde_json::json!(row.id));
    }
    if row.epoch != 1 {
        report.note("epoch", "predictions know no repetitions");
    }
    if !row.stated.is_empty() {
        report.note(
            "stated scores",
            "predictions hold none; RULER's scorer makes them",
        );
    }
    let pred = match &row.answer {
        RowAnswer::Text(text) => Some(text.clone()),
        RowAnswer::Failed(_) => {
            report.note("the reason of a failure", "written as `pred`: null");
            None
        }
    };
    let mut input = row.input.clone().unwrap_or_default();
    if row.input.is_none() {
        report.note("input", "the row has none; written as an empty string");
    }
    input.push_str(row.answer_prefix.as_deref().unwrap_or_default());
    RulerPredRow {
        index,
        pred,
        input,
        outputs: row.references.clone(),
        others,
        truncation: -1,
        length: row
            .prompt_and_answer
            .map_or(-1, |tokens| i64::from(tokens.0)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tokens::Tokens;

    fn origin() -> RowOrigin {
        RowOrigin {
            task: "vt".to_owned(),
            length: Some(Tokens(4096)),
        }
    }

    const NEW: &str = r#"{"index": 7, "pred": " a", "input": "q", "outputs": ["a", "b"], "others": {}, "truncation": -1, "length": 4000}"#;
    const OLD: &str = r#"{"index": 8, "pred": "", "input": "q", "output": "x", "others": {"id": "s-8", "more": 1}}"#;
    const FAILED: &str = r#"{"index": 9, "pred": null, "input": "q", "outputs": ["a"], "others": {}, "truncation": 3}"#;

    #[test]
    fn new_and_old_rows_and_failures_are_told_apart() {
        let text = format!("{NEW}\n{OLD}\r\n\n{FAILED}");
        let imported = read(text.as_bytes(), &origin()).unwrap();
        let [new, old, failed] = &imported.rows[..] else {
            panic!("{} rows", imported.rows.len());
        };
        assert_eq!(new.id, RowId::Number(7));
        assert_eq!(new.references, ["a", "b"]);
        assert_eq!(new.prompt_and_answer, Some(Tokens(4000)));
        assert_eq!(old.id, RowId::Text("s-8".to_owned()));
        assert_eq!(old.references, ["x"]);
        assert_eq!(old.answer, RowAnswer::Text(String::new()));
        assert!(matches!(failed.answer, RowAnswer::Failed(_)));
        let losses: Vec<String> = imported
            .report
            .losses()
            .iter()
            .map(ToString::to_string)
            .collect();
        assert_eq!(
            losses,
            [
                "others.more: not kept beside `id` (1 row)",
                "truncation: no place for it, was 3 (1 row)"
            ]
        );
    }

    /// Answers cut within a character, floats for counts, `null` for what is not there, thinking.
    #[test]
    fn what_other_programs_write_is_read() {
        let text = r#"{"index": 0.0, "pred": " 1234567 \ud83d", "input": "q", "outputs": ["1234567"], "others": null, "truncation": null, "length": 4000.0}
{"index": 1, "pred": "<think>1234567?</think> 8", "input": null, "outputs": null, "output": ["1234567"], "length": -1}"#;
        let imported = read(text.as_bytes(), &origin()).unwrap();
        let [cut, thought] = &imported.rows[..] else {
            panic!("{} rows", imported.rows.len());
        };
        assert_eq!(cut.answer, RowAnswer::Text(" 1234567 \u{fffd}".to_owned()));
        assert_eq!(cut.prompt_and_answer, Some(Tokens(4000)));
        assert_eq!(thought.answer, RowAnswer::Text("8".to_owned()));
        assert_eq!(
            (thought.input.as_deref(), &*thought.references),
            (None, &["1234567".to_owned()][..])
        );
        let told: Vec<&str> = imported
            .report
            .losses()
            .iter()
            .map(|loss| &*loss.what)
            .collect();
        assert_eq!(told, ["thinking", "half a surrogate pair"]);
    }

    #[test]
    fn an_empty_reference_is_told_as_every_answer_holds_it() {
        let text = r#"{"index": 1, "pred": "no", "input": "q", "outputs": ["", "a"]}"#;
        let told = read(text.as_bytes(), &origin()).unwrap().report;
        assert_eq!(
            told.losses()[0].to_string(),
            "references: an empty one, which every answer holds (1 row)"
        );
    }

    #[test]
    fn predictions_come_back_as_they_were() {
        let text = format!("{NEW}\n{OLD}\n{FAILED}");
        let rows = read(text.as_bytes(), &origin()).unwrap().rows;
        let (predictions, report) = predictions(&rows);
        assert_eq!(report.losses().len(), 1, "{report:?}");
        assert!(serde_json::to_string(&predictions[0]).unwrap().starts_with(
            r#"{"index":7,"pred":" a","input":"q","outputs":["a","b"],"others":{},"truncation":-1"#
        ));
        let written: Vec<String> = predictions
            .iter()
            .map(|row| serde_json::to_string(row).unwrap())
            .collect();
        assert_eq!(
            read(written.join("\n").as_bytes(), &origin()).unwrap().rows,
            rows
        );
    }

    #[test]
    fn a_bad_row_is_named_and_the_others_are_read() {
        let cases = [
            (
                r#"{"index": 1, "outputs": ["a"]}"#,
                "field `pred`: got nothing, expected a string, or null for a failure",
            ),
            (
                r#"{"index": 1, "pred": ["a", "b"], "outputs": ["a"]}"#,
                "field `pred`: got a list of 2, expected a string, or null for a failure",
            ),
            (
                r#"{"index": 1, "pred": "", "outputs": []}"#,
                "field `outputs`: got a list of 0, expected at least one reference",
            ),
            (
                r#"{"index": 1, "pred": "", "outputs": ["a", null]}"#,
                "field `outputs[1]`: got null, expected a string",
            ),
            (
                r#"{"index": 1, "pred": "#,
                "not JSON: EOF while parsing a value at line 1 column 21",
            ),
        ];
        for (line, problem) in cases {
            let alone = read(format!("\n{line}").as_bytes(), &origin()).unwrap_err();
            assert_eq!(alone.to_string(), format!("line 2: {problem}"));
            assert_eq!(
                told(&format!("{NEW}\n{line}\n{FAILED}\n")).1[0],
                format!("1 line is not read: line 2: {problem}")
            );
        }
        let two = told(&format!("7\n{NEW}\n[]\n"));
        let first = "line 1: got the number 7, expected an object";
        assert_eq!(two.1, [format!("2 lines are not read; the first: {first}")]);
    }

    #[test]
    fn json_of_another_kind_is_no_broken_json() {
        for end in ["", "\n"] {
            let list = format!("[1, 2, 3]{end}");
            let alone = read(list.as_bytes(), &origin()).unwrap_err().to_string();
            assert_eq!(alone, "line 1: got a list of 3, expected an object");
            let (_, said) = told(&format!("{NEW}\n{list}"));
            let why = "1 line is not read: line 2: got a list of 3, expected an object";
            assert_eq!(said, [why]);
        }
    }

    /// The rows of a file that is read, and what is told of it.
    fn told(text: &str) -> (Vec<EvalRow>, Vec<String>) {
        let imported = read(text.as_bytes(), &origin()).unwrap();
        let losses = imported.report.losses();
        let said = losses.iter().map(ToString::to_string).collect();
        (imported.rows, said)
    }

    #[test]
    fn a_last_line_that_is_cut_costs_no_other() {
        let (rows, said) = told(&format!("{NEW}\n{NEW}\n{{\"index\": 1, \"pre"));
        assert_eq!(rows.len(), 2);
        assert_eq!(said, ["the last line, 3, is cut off: not read"]);
        // Ended, it was not cut.
        let (_, said) = told(&format!("{NEW}\n{{\"index\": 1, \"pre\n"));
        assert!(
            said[0].starts_with("1 line is not read: line 2: "),
            "{said:?}"
        );
    }

    #[test]
    fn rows_that_other_programs_loosened_are_read() {
        let text = r#"{"index": "2", "pred": 7, "input": "q", "outputs": [7]}
{"index": null, "pred": ["7"], "input": "q", "outputs": 7}
{"pred": "7", "input": "q", "outputs": "7"}"#;
        let (rows, said) = told(text);
        let ids: Vec<String> = rows.iter().map(|row| row.id.to_string()).collect();
        assert_eq!(ids, ["2", "line 2", "line 3"]);
        for row in &rows {
            assert_eq!(row.answer, RowAnswer::Text("7".to_owned()));
            assert_eq!(row.references, ["7"]);
        }
        assert_eq!(
            said,
            [
                "pred: a number; read as its digits (1 row)",
                "pred: a list of one string; read as the string (1 row)",
                "index: none; the row goes by its line (2 rows)",
            ]
        );
    }
}
