//! Files of LongBench v2's predictions, as a whole.

use std::collections::HashMap;

use serde_json::{Map, Value};

use super::LossReport;
use crate::json::parse;
use crate::longbench::{Prediction, PredictionError};

/// What a file of predictions holds.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Predictions {
    /// Every question once, in the order of the file.
    pub rows: Vec<Prediction>,
    /// What was left out.
    pub report: LossReport,
}

/// Why a file is none of predictions.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
#[error("{place} {number}: {error}")]
pub struct PredictionsError {
    /// `line` or, of a list, `row`.
    pub place: &'static str,
    /// Which, from 1.
    pub number: usize,
    /// What is wrong there.
    pub error: PredictionError,
}

/// Reads a file: one object a line, as the original writes; or all in one list, which it reads as
/// well. With `again` the letter is taken from the text.
///
/// A question that comes again is told and counted once: the first answer, a failure only where
/// nothing else came.
///
/// # Errors
/// The first row that is no prediction.
///
/// # Example
/// ```
/// use fathom_shared::formats::longbench::read;
/// let row = r#"{"_id": "q", "difficulty": "easy", "length": "short", "answer": "A", "pred": "A"}"#;
/// let file = format!("{row}\n{row}\n");
/// let read = read(file.as_bytes(), false).unwrap();
/// assert_eq!((read.rows.len(), read.report.losses()[0].rows), (1, 1));
/// ```
pub fn read(bytes: &[u8], again: bool) -> Result<Predictions, PredictionsError> {
    let mut out = Predictions::default();
    let mut places = HashMap::new();
    let text = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
    let is_list = text.trim_ascii_start().starts_with(b"[");
    let place = if is_list { "row" } else { "line" };
    let wrong = |number: usize, error: PredictionError| PredictionsError {
        place,
        number: number + 1,
        error,
    };
    if is_list {
        let list =
            parse(text).map_err(|error| wrong(0, PredictionError::Json(error.to_string())))?;
        let rows = match list {
            Value::Array(rows) => rows,
            _ => Vec::new(),
        };
        for (number, row) in rows.into_iter().enumerate() {
            let prediction = object(row).and_then(|row| Prediction::of(&row, again));
            out.take(
                prediction.map_err(|error| wrong(number, error))?,
                &mut places,
            );
        }
        return Ok(out);
    }
    for (number, line) in text.split(|byte| *byte == b'\n').enumerate() {
        if line.trim_ascii().is_empty() {
            continue;
        }
        let row = parse(line).map_err(|error| PredictionError::Json(error.to_string()));
        let prediction = row
            .and_then(object)
            .and_then(|row| Prediction::of(&row, again));
        out.take(
            prediction.map_err(|error| wrong(number, error))?,
            &mut places,
        );
    }
    Ok(out)
}

fn object(row: Value) -> Result<Map<String, Value>, PredictionError> {
    match row {
        Value::Object(row) => Ok(row),
        _ => Err(PredictionError::Json("expected an object".to_owned())),
    }
}

impl Predictions {
    /// Takes a row, and tells of one that was there already.
    fn take(&mut self, row: Prediction, places: &mut HashMap<String, usize>) {
        let Some(place) = places.get(&row.id) else {
            places.insert(row.id.clone(), self.rows.len());
            self.rows.push(row);
            return;
        };
        let first = &mut self.rows[*place];
        if *first == row {
            self.report.note_became("there twice; counted once", 1);
            return;
        }
        let why = "there again with another answer; the first counts, a failure only if nothing else came";
        self.report.note_became(why, 1);
        if first.failure.is_some() && row.failure.is_none() {
            *first = row;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::longbench::ChoiceLetter;

    fn row(id: &str, rest: &str) -> String {
        format!(
            r#"{{"_id": "{id}", "difficulty": "easy", "length": "short", "answer": "A"{rest}}}"#
        )
    }

    #[test]
    fn odd_rows_are_read_and_questions_count_once() {
        let rows = [
            row(
                "a",
                r#", "pred": "A", "response": "(A)", "judge": true, "new": [1, null]"#,
            ),
            row("b", r#", "pred": null, "response": null, "domain": null"#),
            row("b", r#", "pred": "B", "response": "\ud83d (B)""#),
            row("a", r#", "pred": "C", "response": "(C)""#),
            // Nobody took the letter yet.
            row("c", r#", "response": "The correct answer is (D)""#),
        ];
        let list = format!("[\n{}\n]", rows.join(",\n"));
        for file in [rows.join("\n"), list] {
            let read = read(file.as_bytes(), false).unwrap();
            let preds: Vec<_> = read.rows.iter().map(|row| row.judged.pred).collect();
            let expected = [
                Some(ChoiceLetter::A),
                Some(ChoiceLetter::B),
                Some(ChoiceLetter::D),
            ];
            assert_eq!(preds, expected);
            assert!(read.rows.iter().all(|row| row.failure.is_none()));
            assert_eq!(read.report.losses()[0].rows, 2);
        }
    }

    #[test]
    fn a_response_that_is_null_is_a_failure() {
        let file = row("a", r#", "pred": null, "response": null"#);
        assert!(
            read(file.as_bytes(), true).unwrap().rows[0]
                .failure
                .is_some()
        );
    }

    #[test]
    fn what_is_wrong_is_named_with_its_place() {
        let bad = row("a", r#", "pred": "E""#);
        let says = |file: &str| read(file.as_bytes(), false).unwrap_err().to_string();
        let wrong = "field `pred`: got \"E\", expected A, B, C, D or null";
        assert_eq!(says(&format!("\n{bad}")), format!("line 2: {wrong}"));
        assert_eq!(says(&format!("[{bad}]")), format!("row 1: {wrong}"));
        assert!(says("{").starts_with("line 1: no JSON"));
        assert!(says("[7]").starts_with("row 1: no JSON"));
    }
}
