//! The original's lines of predictions, in and out.

use serde::Serialize;
use serde_json::{Map, Value};

use super::question::{LongBenchRow, spelt};
use super::{ChoiceLetter, Difficulty, LengthClass, LongBenchQuestion, extract};
use crate::json::python;
use crate::thinking::{AnswerStart, part};

/// As much as the original keeps of a text, in characters.
const KEPT: usize = 1000;

/// What decides whether an answer is right, and its groups.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct JudgedAnswer {
    /// The question's difficulty, if the file states it.
    pub difficulty: Option<Difficulty>,
    /// The length class of its text, if the file states it.
    pub length: Option<LengthClass>,
    /// The right option.
    pub answer: ChoiceLetter,
    /// The option that the model named.
    pub pred: Option<ChoiceLetter>,
}

/// One line of a prediction file.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Prediction {
    /// The question's id.
    pub id: String,
    /// The domain, if the file states it.
    pub domain: Option<String>,
    /// The facts it is judged by.
    pub judged: JudgedAnswer,
    /// What the model wrote.
    pub response: String,
    /// Why there is no response, if the call failed. The original has no such line: it leaves the
    /// question out.
    pub failure: Option<String>,
}

/// Why a line is not a prediction.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
pub enum PredictionError {
    /// The line is not JSON.
    #[error("not JSON: {0}")]
    Json(String),
    /// A field is missing or invalid.
    #[error("field `{field}`: got {got}, expected {expected}")]
    Field {
        /// The field.
        field: &'static str,
        /// The actual value.
        got: String,
        /// The expected value.
        expected: &'static str,
    },
}

impl Prediction {
    /// Reads a line. With `again`, [`extract`] takes the letter from `response`, whatever `pred`
    /// says. Thinking is not part of a response.
    ///
    /// # Errors
    /// The field that is missing or invalid.
    pub fn read(line: &str, again: bool) -> Result<Self, PredictionError> {
        let row: Map<String, Value> =
            serde_json::from_str(line).map_err(|error| PredictionError::Json(error.to_string()))?;
        Self::of(&row, again)
    }

    /// Like [`read`](Self::read), from a parsed row.
    ///
    /// # Errors
    /// The field that is missing or invalid.
    pub fn of(row: &Map<String, Value>, again: bool) -> Result<Self, PredictionError> {
        let mut failure = row.get("error").and_then(Value::as_str).map(str::to_owned);
        let response = match row.get("response") {
            Some(Value::String(text)) => text.clone(),
            None if !again => String::new(),
            Some(Value::Null) => {
                let why = "the file has no answer (`response` is null)";
                failure.get_or_insert_with(|| why.to_owned());
                String::new()
            }
            got => return Err(odd("response", got, "a text")),
        };
        let answered = || extract(&part(&response, AnswerStart::Unknown).answer);
        let pred = match row.get("pred") {
            _ if again => answered(),
            None if row.contains_key("response") => answered(),
            Some(Value::Null) => None,
            Some(Value::String(text)) if text.trim().is_empty() => None,
            _ => Some(word(row, "pred", "A, B, C, D or null")?),
        };
        Ok(Self {
            id: match row.get("_id") {
                Some(Value::String(id)) => id.clone(),
                Some(Value::Number(id)) => spelt(id),
                got => return Err(odd("_id", got, "a text")),
            },
            domain: row.get("domain").and_then(Value::as_str).map(str::to_owned),
            judged: JudgedAnswer {
                difficulty: maybe(row, "difficulty", "easy or hard")?,
                length: maybe(row, "length", "short, medium or long")?,
                answer: word(row, "answer", "A, B, C or D")?,
                pred,
            },
            failure,
            response,
        })
    }

    /// The letter that the response names by the original's rule, ignoring thinking.
    pub fn named(&self) -> Option<ChoiceLetter> {
        extract(&part(&self.response, AnswerStart::Unknown).answer)
    }
}

/// The result of a question.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum PredictionOutcome<'a> {
    /// An answer, with the thoughts before it, if there were any.
    Answer {
        /// The thoughts from the first of two calls.
        thoughts: Option<&'a str>,
        /// The response of the last call.
        response: &'a str,
    },
    /// No answer; the reason.
    Failure(&'a str),
}

/// A line as the original writes it: the question, the first 1,000 characters of its text, the
/// response, the letter and whether it is right. A failure has an additional field `error`, no
/// letter, and is not right: the original's report counts it that way.
///
/// # Example
/// ```
/// # use fathom_shared::longbench::{LongBenchQuestion, prediction};
/// # let row = serde_json::json!({
/// #     "_id": "q", "domain": "d", "sub_domain": "s", "difficulty": "hard", "length": "short",
/// #     "question": "Who?", "choice_A": "a", "choice_B": "b", "choice_C": "c", "choice_D": "d",
/// #     "answer": "C", "context": "text" });
/// use prediction::PredictionOutcome::Answer;
/// let question = LongBenchQuestion::check(row).unwrap();
/// let answer = Answer { thoughts: None, response: "The correct answer is (C)" };
/// let line = prediction::write(&question, answer);
/// assert!(line.ends_with(r#""response": "The correct answer is (C)", "pred": "C", "judge": true}"#));
/// ```
pub fn write(question: &LongBenchQuestion, written: PredictionOutcome<'_>) -> String {
    let context = question.context.as_str();
    let kept = context
        .char_indices()
        .nth(KEPT)
        .map_or(context.len(), |(at, _)| at);
    let (thoughts, response, error) = match written {
        PredictionOutcome::Answer { thoughts, response } => (thoughts, response.trim(), None),
        PredictionOutcome::Failure(why) => (None, "", Some(why)),
    };
    let pred = extract(response);
    let line = PredictionLine {
        question: question.row().with_context(&context[..kept]),
        response_cot: thoughts.map(str::trim),
        response,
        pred,
        judge: pred == Some(question.answer),
        error,
    };
    let mut text = Vec::new();
    // Neither step can fail: writing to a vector always works, and the values are valid JSON.
    let written = python::write_unicode(&mut text, &line);
    let text = written.ok().and_then(|()| String::from_utf8(text).ok());
    text.unwrap_or_default()
}

#[derive(Serialize)]
struct PredictionLine<'a> {
    #[serde(flatten)]
    question: LongBenchRow<'a>,
    #[serde(skip_serializing_if = "Option::is_none")]
    response_cot: Option<&'a str>,
    response: &'a str,
    pred: Option<ChoiceLetter>,
    judge: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    error: Option<&'a str>,
}

/// Parses a word in any case, with the brackets, periods and spaces that people write around
/// letters.
fn word<T: std::str::FromStr>(
    row: &Map<String, Value>,
    field: &'static str,
    expected: &'static str,
) -> Result<T, PredictionError> {
    let got = row.get(field);
    let word = got.and_then(Value::as_str).and_then(|word| {
        let around = |c: char| c.is_whitespace() || "()[].*:".contains(c);
        let word = word.trim_matches(around);
        let spelt = [word.to_owned(), word.to_lowercase(), word.to_uppercase()];
        spelt.iter().find_map(|word| word.parse().ok())
    });
    word.ok_or_else(|| odd(field, got, expected))
}

/// The same for a field that may be missing.
fn maybe<T: std::str::FromStr>(
    row: &Map<String, Value>,
    field: &'static str,
    expected: &'static str,
) -> Result<Option<T>, PredictionError> {
    match row.get(field) {
        None | Some(Value::Null) => Ok(None),
        Some(_) => word(row, field, expected).map(Some),
    }
}

fn odd(field: &'static str, got: Option<&Value>, expected: &'static str) -> PredictionError {
    PredictionError::Field {
        field,
        got: got.map_or_else(
            || "nothing".to_owned(),
            |got| got.to_string().chars().take(60).collect(),
        ),
        expected,
    }
}
