//! A LongBench v2 question, checked field by field.

use std::fmt;
use std::ops::Range;
use std::str::FromStr;

use serde::{Deserialize, Serialize};
use serde_json::{Map, Number, Value};

/// A multiple-choice question about a long text.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct LongBenchQuestion {
    /// Its id, unique within its file: `_id`.
    pub id: String,
    /// The domain as the dataset names it, such as `Single-Document QA`.
    pub domain: String,
    /// The kind of text within the domain.
    pub sub_domain: String,
    /// How hard it was for people and models.
    pub difficulty: Difficulty,
    /// The dataset's length class of its text.
    pub length: LengthClass,
    /// The text of the question.
    pub question: String,
    /// The four options, A to D.
    pub choices: [String; 4],
    /// The right option.
    pub answer: ChoiceLetter,
    /// The text to read.
    pub context: String,
    /// The byte ranges of the context from which the answer follows, in order; the dataset has
    /// none.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub evidence: Vec<Range<usize>>,
}

/// The letter of an option.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub enum ChoiceLetter {
    /// The first.
    A,
    /// The second.
    B,
    /// The third.
    C,
    /// The fourth.
    D,
}

/// How hard a question was for people and models.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum Difficulty {
    /// Easy.
    Easy,
    /// Hard.
    Hard,
}

/// The dataset's length classes: below 32,000 words, below 128,000, and longer.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum LengthClass {
    /// Short.
    Short,
    /// Medium.
    Medium,
    /// Long.
    Long,
}

/// One error in a row.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
#[error("field `{field}`: got {got}, expected {expected}")]
pub struct QuestionFieldError {
    /// The field by its name in the file.
    pub field: &'static str,
    /// The actual value.
    pub got: String,
    /// The expected value.
    pub expected: &'static str,
}

/// The names of the option fields.
pub const CHOICES: [&str; 4] = ["choice_A", "choice_B", "choice_C", "choice_D"];

impl ChoiceLetter {
    /// All four.
    pub const ALL: [Self; 4] = [Self::A, Self::B, Self::C, Self::D];

    /// Its index among the options, from 0.
    pub fn index(self) -> usize {
        self as usize
    }

    /// The letter.
    pub fn as_str(self) -> &'static str {
        ["A", "B", "C", "D"][self.index()]
    }
}

impl Difficulty {
    /// Both of them.
    pub const ALL: [Self; 2] = [Self::Easy, Self::Hard];

    /// The word in the dataset.
    pub fn as_str(self) -> &'static str {
        ["easy", "hard"][self as usize]
    }
}

impl LengthClass {
    /// All three of them.
    pub const ALL: [Self; 3] = [Self::Short, Self::Medium, Self::Long];

    /// The word in the dataset.
    pub fn as_str(self) -> &'static str {
        ["short", "medium", "long"][self as usize]
    }

    /// The class of a text with this many words.
    ///
    /// # Example
    /// ```
    /// use fathom_shared::longbench::LengthClass;
    /// assert_eq!(LengthClass::of_words(31_999), LengthClass::Short);
    /// assert_eq!(LengthClass::of_words(128_000), LengthClass::Long);
    /// ```
    pub fn of_words(words: usize) -> Self {
        match words {
            0..32_000 => Self::Short,
            32_000..128_000 => Self::Medium,
            _ => Self::Long,
        }
    }
}

macro_rules! words {
    ($($type:ty),*) => {$(
        impl fmt::Display for $type {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(self.as_str())
            }
        }

        impl FromStr for $type {
            type Err = ();
            fn from_str(text: &str) -> Result<Self, ()> {
                Self::ALL.into_iter().find(|one| one.as_str() == text).ok_or(())
            }
        }
    )*};
}
words!(ChoiceLetter, Difficulty, LengthClass);

impl LongBenchQuestion {
    /// Reads one row and checks all its fields.
    ///
    /// # Errors
    /// All errors, in the order of the fields.
    ///
    /// # Example
    /// ```
    /// use fathom_shared::longbench::LongBenchQuestion;
    /// let row = serde_json::json!({ "_id": "1", "answer": "E" });
    /// let faults = LongBenchQuestion::check(row).unwrap_err();
    /// let answer = faults.iter().find(|fault| fault.field == "answer").unwrap();
    /// assert_eq!(answer.to_string(), "field `answer`: got \"E\", expected A, B, C or D");
    /// ```
    pub fn check(row: Value) -> Result<Self, Vec<QuestionFieldError>> {
        let Value::Object(row) = row else {
            let fault = fault("row", Some(&row), "an object");
            return Err(vec![fault]);
        };
        let mut fields = RowFields {
            row,
            faults: Vec::new(),
        };
        let question = Self {
            id: fields.text("_id"),
            domain: fields.text("domain"),
            sub_domain: fields.text("sub_domain"),
            difficulty: fields.word("difficulty", "easy or hard", Difficulty::Easy),
            length: fields.word("length", "short, medium or long", LengthClass::Short),
            question: fields.text("question"),
            choices: CHOICES.map(|name| fields.text(name)),
            answer: fields.word("answer", "A, B, C or D", ChoiceLetter::A),
            context: fields.text("context"),
            evidence: Vec::new(),
        };
        let mut faults = fields.faults;
        let evidence = fields.row.get("evidence").filter(|value| !value.is_null());
        match evidence.map(|value| read_evidence(value, &question.context)) {
            Some(Err(got)) => {
                faults.push(QuestionFieldError {
                    field: "evidence",
                    got,
                    expected: "a list of [start, end], bytes of the context, in order",
                });
                Err(faults)
            }
            _ if !faults.is_empty() => Err(faults),
            Some(Ok(evidence)) => Ok(Self {
                evidence,
                ..question
            }),
            None => Ok(question),
        }
    }

    /// The row as the dataset writes it, with `evidence` if there is any.
    pub fn row(&self) -> LongBenchRow<'_> {
        let [choice_a, choice_b, choice_c, choice_d] = &self.choices;
        LongBenchRow {
            id: &self.id,
            domain: &self.domain,
            sub_domain: &self.sub_domain,
            difficulty: self.difficulty,
            length: self.length,
            question: &self.question,
            choice_a,
            choice_b,
            choice_c,
            choice_d,
            answer: self.answer,
            context: &self.context,
            evidence: self
                .evidence
                .iter()
                .map(|span| [span.start, span.end])
                .collect(),
        }
    }
}

/// A row with the fields in the dataset's order.
#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct LongBenchRow<'a> {
    #[serde(rename = "_id")]
    id: &'a str,
    domain: &'a str,
    sub_domain: &'a str,
    difficulty: Difficulty,
    length: LengthClass,
    question: &'a str,
    #[serde(rename = "choice_A")]
    choice_a: &'a str,
    #[serde(rename = "choice_B")]
    choice_b: &'a str,
    #[serde(rename = "choice_C")]
    choice_c: &'a str,
    #[serde(rename = "choice_D")]
    choice_d: &'a str,
    answer: ChoiceLetter,
    context: &'a str,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    evidence: Vec<[usize; 2]>,
}

impl<'a> LongBenchRow<'a> {
    /// The row with another context, whose evidence is unknown.
    pub(super) fn with_context(self, context: &'a str) -> Self {
        Self {
            context,
            evidence: Vec::new(),
            ..self
        }
    }
}

/// Spans that lie in the text, on characters' boundaries, one after the other; or the first piece
/// that is none, and why.
fn read_evidence(value: &Value, context: &str) -> Result<Vec<Range<usize>>, String> {
    let Value::Array(pieces) = value else {
        return Err(shown(value));
    };
    let mut spans: Vec<Range<usize>> = Vec::new();
    for piece in pieces {
        let Ok([from, to]) = serde_json::from_value::<[usize; 2]>(piece.clone()) else {
            let piece: String = piece.to_string().chars().take(SHOWN).collect();
            return Err(format!("the piece {piece}"));
        };
        let end = spans.last().map_or(0, |before| before.end);
        let why = match context.get(from..to) {
            _ if to > context.len() => {
                format!(" in a context of {} bytes", context.len())
            }
            Some("") => ", which is empty".to_owned(),
            None if from > to => ", which ends before it starts".to_owned(),
            None => ", which cuts a character in two".to_owned(),
            Some(_) if from < end => format!(", which starts before the last one ends, at {end}"),
            Some(_) => {
                spans.push(from..to);
                continue;
            }
        };
        return Err(format!("[{from}, {to}]{why}"));
    }
    Ok(spans)
}

struct RowFields {
    row: Map<String, Value>,
    faults: Vec<QuestionFieldError>,
}

impl RowFields {
    /// Reads a text that must not be empty.
    fn text(&mut self, name: &'static str) -> String {
        match self.row.get_mut(name).map(Value::take) {
            Some(Value::String(text)) if !text.trim().is_empty() => text,
            Some(Value::Number(id)) if name == "_id" => spelt(&id),
            got => {
                self.faults.push(fault(name, got.as_ref(), "a text"));
                String::new()
            }
        }
    }

    fn word<T: FromStr>(&mut self, name: &'static str, expected: &'static str, other: T) -> T {
        let got = self.row.get(name);
        let word = got
            .and_then(Value::as_str)
            .and_then(|word| word.parse().ok());
        word.unwrap_or_else(|| {
            self.faults.push(fault(name, got, expected));
            other
        })
    }
}

/// Characters of a value that a sentence shows.
const SHOWN: usize = 40;

fn fault(field: &'static str, got: Option<&Value>, expected: &'static str) -> QuestionFieldError {
    let got = got.map_or_else(|| "nothing".to_owned(), shown);
    QuestionFieldError {
        field,
        got,
        expected,
    }
}

/// The text of an id that is a number, whole or not: 5 and 5.0 are the same.
pub(super) fn spelt(id: &Number) -> String {
    let whole = id
        .as_f64()
        .filter(|id| id.fract() == 0.0 && id.abs() < 9e15);
    match whole.filter(|_| id.is_f64()) {
        Some(whole) => (whole as i64).to_string(),
        None => id.to_string(),
    }
}

/// As much of a value as a sentence can hold.
fn shown(value: &Value) -> String {
    match value {
        Value::Array(_) => "a list".to_owned(),
        Value::Object(_) => "an object".to_owned(),
        Value::String(text) => {
            let cut: String = text.chars().take(SHOWN).collect();
            let more = if cut.len() < text.len() { "…" } else { "" };
            format!("{cut:?}{more}")
        }
        value => value.to_string(),
    }
}

#[cfg(test)]
mod tests;
