//! Files of LongBench v2's predictions, as a whole.

use std::collections::HashMap;

use serde_json::{Map, Value};

use super::LossReport;
use super::stated_scores::ScoreDifference;
use super::unreadable_rows::UnreadRows;
use crate::json::parse;
use crate::longbench::{Prediction, PredictionError};
use crate::thinking::{AnswerStart, part};

/// What a file of predictions holds.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Predictions {
    /// Every question once, in the order of the file.
    pub rows: Vec<Prediction>,
    /// What was left out, and what the file says otherwise.
    pub report: LossReport,
}

/// Why a file is not a file of predictions.
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
/// A repeated question is reported and counted once: the first answer, or a failure only if
/// there is nothing else. A row that is not a prediction is left out and reported. It is also reported
/// if a row's `judge` does not match its letter, or its letter not its `response`.
///
/// # Errors
/// The error of the first row, if no row is a prediction.
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
    let mut out = PredictionReader::default();
    let text = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
    let is_list = text.trim_ascii_start().starts_with(b"[");
    let place = if is_list { "row" } else { "line" };
    let wrong = |number: usize, error: PredictionError| PredictionsError {
        place,
        number: number + 1,
        error,
    };
    let no_json = |error: crate::json::JsonError| PredictionError::Json(error.to_string());
    let mut unread = UnreadRows::of(place);
    if is_list {
        let list = parse(text).map_err(|error| wrong(0, no_json(error)))?;
        let rows = match list {
            Value::Array(rows) => rows,
            _ => Vec::new(),
        };
        for (number, row) in rows.into_iter().enumerate() {
            let taken = object(row).and_then(|row| out.take(&row, again));
            if let Err(error) = taken {
                unread.add(wrong(number, error));
            }
        }
    } else {
        for (number, line) in text.split(|byte| *byte == b'\n').enumerate() {
            if line.trim_ascii().is_empty() {
                continue;
            }
            match parse(line) {
                Ok(row) => {
                    let taken = object(row).and_then(|row| out.take(&row, again));
                    if let Err(error) = taken {
                        unread.add(wrong(number, error));
                    }
                }
                Err(error) => unread.add_broken(wrong(number, no_json(error)), number + 1, text),
            }
        }
    }
    unread.tell(
        !out.predictions.rows.is_empty(),
        &mut out.predictions.report,
    )?;
    Ok(out.finish())
}

fn object(row: Value) -> Result<Map<String, Value>, PredictionError> {
    match row {
        Value::Object(row) => Ok(row),
        _ => Err(PredictionError::Json("expected an object".to_owned())),
    }
}

/// Predictions as they are read.
#[derive(Default)]
struct PredictionReader {
    predictions: Predictions,
    /// What each row states about its own answer.
    stated: Vec<StatedJudgement>,
    places: HashMap<String, usize>,
}

/// What a row says of its own answer.
#[derive(Clone, Copy, Default)]
struct StatedJudgement {
    /// Its field `judge`.
    judge: Option<bool>,
    /// Whether its `pred` is not the letter of its `response`.
    other_letter: bool,
}

impl PredictionReader {
    /// Takes a row, and reports one whose id was there already; `again` is that of
    /// [`Prediction::of`].
    fn take(&mut self, row: &Map<String, Value>, again: bool) -> Result<(), PredictionError> {
        let prediction = Prediction::of(row, again)?;
        let stated = StatedJudgement {
            judge: match row.get("judge") {
                Some(Value::Bool(judge)) => Some(*judge),
                Some(Value::Number(judge)) => judge.as_f64().map(|judge| judge != 0.0),
                _ => None,
            },
            other_letter: !again
                && row.contains_key("pred")
                && prediction
                    .named()
                    .is_some_and(|named| Some(named) != prediction.judged.pred),
        };
        let report = &mut self.predictions.report;
        let rows = &mut self.predictions.rows;
        let Some(place) = self.places.get(&prediction.id) else {
            if part(&prediction.response, AnswerStart::Unknown)
                .thinking
                .is_some()
            {
                report.note_answer("thinking", "before the answer; no letter is taken from it");
            }
            self.places.insert(prediction.id.clone(), rows.len());
            rows.push(prediction);
            self.stated.push(stated);
            return Ok(());
        };
        let first = &mut rows[*place];
        if *first == prediction {
            report.note_became("there twice; counted once", 1);
            return Ok(());
        }
        let why = "there again with another answer; the first counts, a failure only if nothing else came";
        report.note_became(why, 1);
        if first.failure.is_some() && prediction.failure.is_none() {
            *first = prediction;
            self.stated[*place] = stated;
        }
        Ok(())
    }

    /// All predictions, with a report of where the file disagrees.
    fn finish(mut self) -> Predictions {
        let (mut theirs, mut ours, mut judged, mut differ, mut letters) = (0, 0, 0, 0, 0);
        for (row, stated) in self.predictions.rows.iter().zip(&self.stated) {
            letters += u32::from(stated.other_letter);
            let Some(judge) = stated.judge else {
                continue;
            };
            let right = row.judged.pred == Some(row.judged.answer);
            judged += 1;
            theirs += u32::from(judge);
            ours += u32::from(right);
            differ += u32::from(judge != right);
        }
        let report = &mut self.predictions.report;
        if differ > 0 {
            let percent = |right: u32| f64::from(right) / f64::from(judged) * 100.0;
            let difference = ScoreDifference {
                task: "LongBench v2".to_owned(),
                length: None,
                name: "judge".to_owned(),
                theirs: percent(theirs),
                ours: percent(ours),
                rows: judged,
                differ,
            };
            report.note_sentence("judge", &difference.to_string(), differ);
        }
        if letters > 0 {
            let all = self.predictions.rows.len();
            let rows = if all == 1 { "row" } else { "rows" };
            let told = format!(
                "`pred` is not the letter that `response` names in {letters} of {all} {rows}; `pred` counts, with --extract the letter of `response`"
            );
            report.note_sentence("pred", &told, letters);
        }
        self.predictions
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

    fn told(file: &str, again: bool) -> (Vec<Option<ChoiceLetter>>, Vec<String>) {
        let read = read(file.as_bytes(), again).unwrap();
        let told = read.report.losses().iter().map(ToString::to_string);
        let preds = read.rows.iter().map(|row| row.judged.pred).collect();
        (preds, told.collect())
    }

    #[test]
    fn no_letter_is_taken_from_thinking() {
        let response = "<think>The correct answer is (C)</think>The correct answer is (A)";
        let thought = "thinking: before the answer; no letter is taken from it (1 row)";
        let other = "`pred` is not the letter that `response` names in 1 of 1 row; `pred` counts, with --extract the letter of `response`";
        for (rest, again, pred, says) in [
            (r#", "pred": "C""#, true, ChoiceLetter::A, vec![thought]),
            ("", false, ChoiceLetter::A, vec![thought]),
            (
                r#", "pred": "C""#,
                false,
                ChoiceLetter::C,
                vec![thought, other],
            ),
        ] {
            let file = row("a", &format!(r#"{rest}, "response": "{response}""#));
            let want = says.into_iter().map(str::to_owned).collect();
            assert_eq!(told(&file, again), (vec![Some(pred)], want), "{rest}");
        }
    }

    #[test]
    fn what_the_file_judges_otherwise_is_told() {
        let rows = [
            row("a", r#", "pred": "C", "judge": true"#),
            row("b", r#", "pred": "A", "judge": 1"#),
            row("c", r#", "pred": "A", "judge": null"#),
            row("d", r#", "pred": null, "judge": false"#),
        ];
        let says = "`judge` of LongBench v2: the file says 66.67, ours is 33.33; they differ in 1 of 3 rows";
        assert_eq!(told(&rows.join("\n"), false).1, [says]);
        assert!(told(&rows[1..].join("\n"), false).1.is_empty());
    }

    #[test]
    fn an_odd_row_does_not_refuse_the_others() {
        let good = row("a", r#", "pred": "A""#);
        let lenient = [
            good.clone(),
            r#"{"_id": "b", "difficulty": null, "answer": "a", "pred": "(A)"}"#.to_owned(),
            r#"{"_id": "c", "difficulty": "Easy", "length": "SHORT", "answer": " A.", "pred": ""}"#
                .to_owned(),
        ];
        let (preds, says) = told(&lenient.join("\n"), false);
        let a = Some(ChoiceLetter::A);
        assert_eq!((preds, says), (vec![a, a, None], vec![]));
        let odd = row("d", r#", "pred": "Brazil""#);
        let field = "field `pred`: got \"Brazil\", expected A, B, C, D or null";
        let says = |file: &str| {
            let (preds, says) = told(file, false);
            assert_eq!(preds, [a]);
            says
        };
        let file = format!("{odd}\n{good}\n{odd}\n[]\n");
        let first = format!("3 lines are not read; the first: line 1: {field}");
        assert_eq!(says(&file), [first]);
        let list = format!("[{good}, {odd}]");
        assert_eq!(says(&list), [format!("1 row is not read: row 2: {field}")]);
        let cut = "the last line, 2, is cut off: not read";
        assert_eq!(says(&format!("{good}\n{{\"_id\": \"b\", ")), [cut]);
    }

    #[test]
    fn what_is_wrong_is_named_with_its_place() {
        let bad = row("a", r#", "pred": "E""#);
        let says = |file: &str| read(file.as_bytes(), false).unwrap_err().to_string();
        let wrong = "field `pred`: got \"E\", expected A, B, C, D or null";
        assert_eq!(says(&format!("\n{bad}")), format!("line 2: {wrong}"));
        assert_eq!(says(&format!("[{bad}]")), format!("row 1: {wrong}"));
        assert!(says("{").starts_with("line 1: not JSON"));
        assert!(says("[7]").starts_with("row 1: not JSON"));
    }
}
