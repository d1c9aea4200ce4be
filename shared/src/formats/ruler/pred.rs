//! Rows of `pred/{task}.jsonl`.

use serde::Serialize;
use serde_json::{Map, Value};

use super::data::{references, tokens};
use crate::formats::error::{FormatError, FormatProblem};
use crate::formats::loss::LossReport;
use crate::formats::object::{JsonObject, lines, whole};
use crate::formats::row::{EvalRow, ImportedRows, RowAnswer, RowId, RowOrigin};
use crate::formats::thinking;

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

/// Reads predictions. They name neither task nor length: `origin` does.
///
/// # Errors
/// The first line that is no prediction, with its field.
pub fn read(bytes: &[u8], origin: &RowOrigin) -> Result<ImportedRows, FormatError> {
    let mut imported = ImportedRows::default();
    for line in lines(bytes) {
        let (number, row) = line?;
        let row = pred_row(row, origin, &mut imported.report);
        imported
            .rows
            .push(row.map_err(|problem| problem.on_line(number))?);
    }
    Ok(imported)
}

fn pred_row(
    mut row: JsonObject,
    origin: &RowOrigin,
    report: &mut LossReport,
) -> Result<EvalRow, FormatProblem> {
    let index = row.opt_int("index")?;
    let answer = match row.take("pred") {
        Some(Value::String(text)) => thinking::answer(text, report),
        Some(Value::Null) => {
            RowAnswer::Failed("the file has no answer (`pred` is null)".to_owned())
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
    let id = id
        .or(index.map(RowId::Number))
        .ok_or_else(|| row.expected("index", None, "a whole number"))?;
    if let Some(cut) = row.opt_int("truncation")?.filter(|cut| *cut != -1) {
        report.note("truncation", &format!("no place for it, was {cut}"));
    }
    let references = references(&mut row)?;
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

/// Which files of a `pred` folder make up which task, as `evaluate.py` merges them: the chunks
/// `{task}-{number}.jsonl` in the order of their names, in place of `{task}.jsonl` where both
/// are there. Tasks come sorted by name.
pub fn merge_chunks(names: &[&str]) -> Vec<(String, Vec<String>)> {
    let mut sorted: Vec<&str> = names.to_vec();
    sorted.sort_unstable();
    let mut tasks = std::collections::BTreeMap::<String, (Option<String>, Vec<String>)>::new();
    for name in sorted {
        let Some(stem) = name.strip_suffix(".jsonl") else {
            continue;
        };
        match chunk_of(stem) {
            Some(task) => tasks
                .entry(task.to_owned())
                .or_default()
                .1
                .push(name.to_owned()),
            None => tasks.entry(stem.to_owned()).or_default().0 = Some(name.to_owned()),
        }
    }
    let merged = tasks.into_iter().map(|(task, (whole, chunks))| {
        let files = if chunks.is_empty() {
            whole.into_iter().collect()
        } else {
            chunks
        };
        (task, files)
    });
    merged.collect()
}

/// The task of a chunk: `.*[^_]+-\d+`, cut at the last hyphen.
fn chunk_of(stem: &str) -> Option<&str> {
    let (task, number) = stem.rsplit_once('-')?;
    let digits = !number.is_empty() && number.chars().all(|c| c.is_ascii_digit());
    let named = task.chars().next_back().is_some_and(|c| c != '_');
    (digits && named).then_some(task)
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
        assert_eq!(told, ["half a surrogate pair", "thinking"]);
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
    fn a_bad_row_is_named() {
        let cases = [
            (
                r#"{"index": 1, "outputs": ["a"]}"#,
                "field `pred`: got nothing, expected a string, or null for a failure",
            ),
            (
                r#"{"index": 1, "pred": 7, "outputs": ["a"]}"#,
                "field `pred`: got the number 7, expected a string, or null for a failure",
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
                r#"{"pred": "", "outputs": ["a"]}"#,
                "field `index`: got nothing, expected a whole number",
            ),
            (
                r#"{"index": 1, "pred": "#,
                "not JSON: EOF while parsing a value at line 1 column 21",
            ),
        ];
        for (line, problem) in cases {
            let error = read(format!("{NEW}\n{line}").as_bytes(), &origin()).unwrap_err();
            assert_eq!(error.to_string(), format!("line 2: {problem}"));
        }
    }

    #[test]
    fn chunks_are_merged_by_name() {
        let names = [
            "vt-10.jsonl",
            "vt-2.jsonl",
            "vt.jsonl",
            "cwe.jsonl",
            "a_-1.jsonl",
            "x.txt",
            "b-.jsonl",
        ];
        let merged = merge_chunks(&names);
        let shown: Vec<String> = merged
            .iter()
            .map(|(task, files)| format!("{task}: {}", files.join(" ")))
            .collect();
        assert_eq!(
            shown,
            [
                "a_-1: a_-1.jsonl",
                "b-: b-.jsonl",
                "cwe: cwe.jsonl",
                "vt: vt-10.jsonl vt-2.jsonl"
            ]
        );
    }
}
