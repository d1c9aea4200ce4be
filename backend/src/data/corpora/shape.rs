//! What RULER's data files look like, as far as its scripts read them.

use std::collections::HashMap;
use std::fmt;
use std::path::Path;

use fathom_shared::longbench::index::QuestionIndex;
use serde::Deserialize;
use serde::de::DeserializeOwned;

use crate::data::questions::{QuestionsError, index_of};
use crate::named_file::{self, LARGE};

/// The shape of a corpus.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum CorpusShape {
    /// `{"text": …}`.
    Text,
    /// SQuAD 2.0: `{"data": [{"paragraphs": [{"context", "qas": [{"question", …}]}]}]}`.
    Squad,
    /// `[{"question", "answer", "context": [[title, [sentence, …]], …]}, …]`.
    Hotpot,
    /// `{"0": word, …}`, in the order of the file.
    Words,
    /// LongBench v2: an array of its rows, or one a line. Larger than the memory may be, so it is
    /// read a row at a time, and gives an index.
    Questions,
}

/// How a file differs from its shape.
#[derive(Debug, thiserror::Error)]
pub enum ShapeError {
    /// A field of one of RULER's files.
    #[error("field `{field}`: {reason}")]
    Field {
        /// Where, as `data[3].paragraphs[0].context`; `.` is the whole.
        field: String,
        /// What is wrong there.
        reason: String,
    },
    /// Rows that are no questions.
    #[error(transparent)]
    Questions(#[from] QuestionsError),
    /// The file cannot be read.
    #[error(transparent)]
    Io(#[from] std::io::Error),
}

/// How much a corpus holds.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct CorpusContents {
    /// How many.
    pub count: usize,
    /// Of what.
    pub unit: &'static str,
}

impl fmt::Display for CorpusContents {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.count, self.unit)
    }
}

/// What a file was found to be.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct CheckedCorpus {
    /// How much it holds.
    pub contents: CorpusContents,
    /// Where its questions are, if it is a file of them.
    pub index: Option<QuestionIndex>,
}

#[derive(Deserialize)]
struct EssayShape {
    text: String,
}

#[derive(Deserialize)]
struct SquadShape {
    data: Vec<ArticleShape>,
}

#[derive(Deserialize)]
struct ArticleShape {
    paragraphs: Vec<ParagraphShape>,
}

#[derive(Deserialize)]
struct ParagraphShape {
    #[serde(rename = "context")]
    _context: String,
    qas: Vec<QuestionShape>,
}

#[derive(Deserialize)]
struct QuestionShape {
    #[serde(rename = "question")]
    _question: String,
    #[serde(rename = "is_impossible")]
    _is_impossible: bool,
    #[serde(rename = "answers")]
    _answers: Vec<AnswerShape>,
}

#[derive(Deserialize)]
struct AnswerShape {
    #[serde(rename = "text")]
    _text: String,
}

#[derive(Deserialize)]
struct HotpotShape {
    #[serde(rename = "question")]
    _question: String,
    #[serde(rename = "answer")]
    _answer: String,
    context: Vec<(String, Vec<String>)>,
}

impl CorpusShape {
    /// Whether the file at `path` has this shape and holds anything; `what` is its name in
    /// sentences. Blocks.
    ///
    /// # Errors
    /// The first field that differs, or all faults of questions.
    pub fn check(self, path: &Path, what: &str) -> Result<CheckedCorpus, ShapeError> {
        let mut index = None;
        let (field, count, unit) = match self {
            Self::Text => {
                let words = read::<EssayShape>(path)?.text.split_whitespace().count();
                ("text", words, "words")
            }
            Self::Squad => {
                let paragraphs = read::<SquadShape>(path)?.data.into_iter();
                let paragraphs = paragraphs.flat_map(|article| article.paragraphs);
                let questions = paragraphs.map(|paragraph| paragraph.qas.len()).sum();
                ("data", questions, "questions")
            }
            Self::Hotpot => {
                let hops = read::<Vec<HotpotShape>>(path)?;
                if let Some(empty) = hops.iter().position(|hop| hop.context.is_empty()) {
                    return Err(ShapeError::Field {
                        field: format!("[{empty}].context"),
                        reason: "it is empty, expected at least one paragraph".to_owned(),
                    });
                }
                (".", hops.len(), "questions")
            }
            Self::Words => (".", read::<HashMap<String, String>>(path)?.len(), "words"),
            Self::Questions => {
                let made = index_of(path, what, &mut |_, _| ())?;
                (".", index.insert(made).cards.len(), "questions")
            }
        };
        match count {
            0 => Err(ShapeError::Field {
                field: field.to_owned(),
                reason: format!("it holds no {unit}"),
            }),
            count => Ok(CheckedCorpus {
                contents: CorpusContents { count, unit },
                index,
            }),
        }
    }
}

fn read<T: DeserializeOwned>(path: &Path) -> Result<T, ShapeError> {
    let json = named_file::read(path, LARGE)?;
    let mut reader = serde_json::Deserializer::from_slice(&json);
    let read =
        serde_path_to_error::deserialize(&mut reader).map_err(|error| ShapeError::Field {
            field: error.path().to_string(),
            reason: error.into_inner().to_string(),
        })?;
    reader.end().map_err(|error| ShapeError::Field {
        field: ".".to_owned(),
        reason: error.to_string(),
    })?;
    Ok(read)
}

#[cfg(test)]
mod tests {
    use super::CorpusShape;

    const SQUAD: &str = r#"{"version": "v2.0", "data": [{"title": "T", "paragraphs": [{"context": "A b.",
     "qas": [{"question": "Q?", "is_impossible": false, "answers": [{"text": "b"}]}]}]}]}"#;

    #[test]
    fn each_shape_names_what_it_lacks() {
        let cases = [
            (CorpusShape::Text, r#"{"text": "a b"}"#, Ok("2 words")),
            (CorpusShape::Text, r#"{"body": "a b"}"#, Err("`text`")),
            (
                CorpusShape::Text,
                r#"{"text": " "}"#,
                Err("`text`: it holds no words"),
            ),
            (CorpusShape::Text, "<html>", Err("expected value")),
            (
                CorpusShape::Text,
                r#"{"text": "a"} b"#,
                Err("trailing characters"),
            ),
            (CorpusShape::Squad, SQUAD, Ok("1 questions")),
            (
                CorpusShape::Squad,
                r#"{"data": []}"#,
                Err("`data`: it holds no"),
            ),
            (
                CorpusShape::Hotpot,
                r#"[{"_id": "1", "question": "Q?", "answer": "a", "context": [["T", ["a.", " b."]]]}]"#,
                Ok("1 questions"),
            ),
            (
                CorpusShape::Hotpot,
                r#"[{"question": "Q?", "answer": "a", "context": {"title": ["T"]}}]"#,
                Err("[0].context"),
            ),
            (
                CorpusShape::Hotpot,
                r#"[{"question": "Q?", "answer": "a", "context": []}]"#,
                Err("[0].context"),
            ),
            (CorpusShape::Words, r#"{"0": "a", "1": "b"}"#, Ok("2 words")),
            (CorpusShape::Words, r#"{"0": 1}"#, Err("`0`")),
            (
                CorpusShape::Words,
                "version https://git-lfs.github.com/spec/v1\n",
                Err("expected value"),
            ),
            (
                CorpusShape::Questions,
                r#"[{"_id": "1"}]"#,
                Err("it.json: line 1: field `domain`: got nothing, expected a text"),
            ),
        ];
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("it.json");
        for (shape, json, expected) in cases {
            std::fs::write(&path, json).unwrap();
            match (shape.check(&path, "it.json"), expected) {
                (Ok(held), Ok(expected)) => assert_eq!(held.contents.to_string(), expected),
                (Err(error), Err(expected)) => {
                    let error = error.to_string();
                    assert!(error.contains(expected), "{error}");
                }
                (got, _) => panic!("{json}: got {got:?}, expected {expected:?}"),
            }
        }
    }
}
