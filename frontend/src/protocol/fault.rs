//! Why there is no sample, and which field of the form to look at.

use fathom_shared::task::{GenerateError, OptionError};
use serde::{Deserialize, Serialize};

/// The field of the form that a refusal belongs to.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Field {
    /// The task.
    Task,
    /// The length.
    Length,
    /// The seed.
    Seed,
    /// The sample's number.
    Sample,
    /// How many samples the server runs.
    Count,
    /// Chat or completion.
    Mode,
    /// Who counts.
    Tokenizer,
    /// Whose rules place and fit.
    Profile,
    /// The script of a task of one's own.
    Script,
    /// An option of the task, by name.
    Option(String),
}

/// A place in a script, both from 1.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub(crate) struct Place {
    /// The line.
    pub(crate) line: u32,
    /// The character in it; nothing where only the line is known.
    pub(crate) column: Option<u32>,
}

/// Why there is no sample: a sentence, and the field to look at.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub(crate) struct Fault {
    /// Where it belongs.
    pub(crate) field: Field,
    /// The sentence.
    pub(crate) message: String,
    /// The place in the script, where it is the script's.
    pub(crate) place: Option<Place>,
}

impl Fault {
    /// A fault of `field`.
    pub(crate) fn new(field: Field, message: impl Into<String>) -> Self {
        Self {
            field,
            message: message.into(),
            place: None,
        }
    }
}

impl From<&GenerateError> for Fault {
    fn from(error: &GenerateError) -> Self {
        let field = match error {
            GenerateError::UnknownTask { .. } => Field::Task,
            GenerateError::UnknownProfile { .. } => Field::Profile,
            GenerateError::Option(
                OptionError::Unknown { name, .. } | OptionError::Value { name, .. },
            ) => Field::Option(name.clone()),
            GenerateError::OtherDataset { .. } => Field::Option("dataset".to_owned()),
            GenerateError::ChainTooLong { .. } | GenerateError::ExampleTooLong { .. } => {
                Field::Option("num_hops".to_owned())
            }
            GenerateError::Script { .. }
            | GenerateError::ScriptMissing
            | GenerateError::ScriptUnwanted { .. } => Field::Script,
            GenerateError::NameCollision { .. } => Field::Seed,
            GenerateError::NoSuchSample { .. }
            | GenerateError::TooFewQuestions { .. }
            | GenerateError::Question { .. } => Field::Sample,
            _ => Field::Length,
        };
        // Where in the script is told apart from what is wrong.
        let (place, message) = match error {
            GenerateError::Script {
                line,
                column,
                message,
                ..
            } => {
                let (line, column) = (*line, Some(*column));
                (Some(Place { line, column }), message.clone())
            }
            _ => (None, error.to_string()),
        };
        Self {
            place,
            ..Self::new(field, message)
        }
    }
}
