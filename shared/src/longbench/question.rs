//! A question of LongBench v2's schema, checked field by field.

use std::fmt;
use std::ops::Range;
use std::str::FromStr;

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

/// A multiple-choice question about a long text.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct LongBenchQuestion {
    /// Its id, unlike any other of its file: `_id`.
    pub id: String,
    /// The domain in the dataset's words, as `Single-Document QA`.
    pub domain: String,
    /// The kind of text within the domain.
    pub sub_domain: String,
    /// How hard it was for people and models.
    pub difficulty: Difficulty,
    /// How long its text is, by the dataset's classes.
    pub length: LengthClass,
    /// What is asked.
    pub question: String,
    /// The four options, A to D.
    pub choices: [String; 4],
    /// The right one.
    pub answer: ChoiceLetter,
    /// The text that is to be read.
    pub context: String,
    /// Bytes of the context from which the answer follows, in order; the dataset has none.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub evidence: Vec<Range<usize>>,
}

/// An option.
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

/// The dataset's classes of length: below 32,000 words, below 128,000, and longer.
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

/// One fault of a row.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
#[error("field `{field}`: got {got}, expected {expected}")]
pub struct QuestionFieldError {
    /// The field by its name in the file.
    pub field: &'static str,
    /// What stands there.
    pub got: String,
    /// What should.
    pub expected: &'static str,
}

/// The names of the options' fields.
pub const CHOICES: [&str; 4] = ["choice_A", "choice_B", "choice_C", "choice_D"];

impl ChoiceLetter {
    /// All four.
    pub const ALL: [Self; 4] = [Self::A, Self::B, Self::C, Self::D];

    /// Its place among the options, from 0.
    pub fn index(self) -> usize {
        self as usize
    }

    /// The letter.
    pub fn as_str(self) -> &'static str {
        ["A", "B", "C", "D"][self.index()]
    }
}

impl Difficulty {
    /// Both.
    pub const ALL: [Self; 2] = [Self::Easy, Self::Hard];

    /// The word in the dataset.
    pub fn as_str(self) -> &'static str {
        ["easy", "hard"][self as usize]
    }
}

impl LengthClass {
    /// All three.
    pub const ALL: [Self; 3] = [Self::Short, Self::Medium, Self::Long];

    /// The word in the dataset.
    pub fn as_str(self) -> &'static str {
        ["short", "medium", "long"][self as usize]
    }

    /// The class of a text of so many words.
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
    /// Reads one row and checks every field of it.
    ///
    /// # Errors
    /// All faults, in the order of the fields.
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
            Some(None) => {
                let expected = "a list of [start, end], bytes of the context, in order";
                faults.push(fault("evidence", evidence, expected));
                Err(faults)
            }
            _ if !faults.is_empty() => Err(faults),
            evidence => Ok(Self {
                evidence: evidence.flatten().unwrap_or_default(),
                ..question
            }),
        }
    }

    /// The row as the dataset writes it, with `evidence` where there is any.
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

/// A row in the order of the dataset's fields.
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
    /// The row with another context, in which no evidence is known.
    pub(super) fn with_context(self, context: &'a str) -> Self {
        Self {
            context,
            evidence: Vec::new(),
            ..self
        }
    }
}

/// Spans that lie in the text, on characters' boundaries, one after the other.
fn read_evidence(value: &Value, context: &str) -> Option<Vec<Range<usize>>> {
    let pairs: Vec<[usize; 2]> = serde_json::from_value(value.clone()).ok()?;
    let mut end = 0;
    let spans = pairs.into_iter().map(|[from, to]| {
        let whole = from < to && context.get(from..to).is_some() && from >= end;
        end = to;
        whole.then_some(from..to)
    });
    spans.collect()
}

struct RowFields {
    row: Map<String, Value>,
    faults: Vec<QuestionFieldError>,
}

impl RowFields {
    /// A text that is not empty.
    fn text(&mut self, name: &'static str) -> String {
        match self.row.get_mut(name).map(Value::take) {
            Some(Value::String(text)) if !text.trim().is_empty() => text,
            Some(Value::Number(id)) if name == "_id" => id.to_string(),
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

/// As much of a value as a sentence can hold.
fn fault(field: &'static str, got: Option<&Value>, expected: &'static str) -> QuestionFieldError {
    const SHOWN: usize = 40;
    let got = match got {
        None => "nothing".to_owned(),
        Some(Value::Array(_)) => "a list".to_owned(),
        Some(Value::Object(_)) => "an object".to_owned(),
        Some(Value::String(text)) => {
            let cut: String = text.chars().take(SHOWN).collect();
            let more = if cut.len() < text.len() { "…" } else { "" };
            format!("{cut:?}{more}")
        }
        Some(value) => value.to_string(),
    };
    QuestionFieldError {
        field,
        got,
        expected,
    }
}

#[cfg(test)]
mod tests;
