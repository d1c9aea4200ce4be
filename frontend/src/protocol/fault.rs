//! Why there is no sample, and which field of the form to look at.

use fathom_shared::task::{GenerateError, OptionError};
use serde::{Deserialize, Serialize};

/// The field of the form that a refusal belongs to.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum FormField {
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
    /// The script of a custom task.
    Script,
    /// An option of the task, by name.
    Option(String),
}

/// A place in a script, both from 1.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub(crate) struct ScriptPosition {
    /// The line.
    pub(crate) line: u32,
    /// The character in it; nothing where only the line is known.
    pub(crate) column: Option<u32>,
}

/// Why there is no sample: a sentence, and the field to look at.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub(crate) struct BuildError {
    /// Where it belongs.
    pub(crate) field: FormField,
    /// The sentence.
    pub(crate) message: String,
    /// The place in the script, where it is the script's.
    pub(crate) place: Option<ScriptPosition>,
    /// A length that would do, where it is too short.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) use_length: Option<u32>,
}

impl BuildError {
    /// A fault of `field`.
    pub(crate) fn new(field: FormField, message: impl Into<String>) -> Self {
        Self {
            field,
            message: message.into(),
            place: None,
            use_length: None,
        }
    }
}

/// In addition to the answer, enough for the smallest sample of most tasks.
const SMALL_SAMPLE: u32 = 896;

/// A round length at which the sample fits: each draws texts of its own, some a little longer.
pub(crate) fn fitting(error: &GenerateError) -> Option<u32> {
    let least = match error {
        GenerateError::NoRoom { answer, .. } => answer.0.saturating_add(SMALL_SAMPLE),
        GenerateError::DoesNotFit { needed, .. } => needed.0,
        _ => return None,
    };
    least.checked_next_multiple_of(64)
}

impl From<&GenerateError> for BuildError {
    fn from(error: &GenerateError) -> Self {
        let field = match error {
            GenerateError::UnknownTask { .. } => FormField::Task,
            GenerateError::UnknownProfile { .. } => FormField::Profile,
            GenerateError::Option(
                OptionError::Unknown { name, .. } | OptionError::Value { name, .. },
            ) => FormField::Option(name.clone()),
            GenerateError::OtherDataset { .. } => FormField::Option("dataset".to_owned()),
            GenerateError::ChainTooLong { .. } | GenerateError::ExampleTooLong { .. } => {
                FormField::Option("num_hops".to_owned())
            }
            GenerateError::Script { .. }
            | GenerateError::ScriptMissing
            | GenerateError::ScriptUnwanted { .. } => FormField::Script,
            GenerateError::NameCollision { .. } => FormField::Seed,
            GenerateError::NoSuchSample { .. }
            | GenerateError::TooFewQuestions { .. }
            | GenerateError::Question { .. } => FormField::Sample,
            _ => FormField::Length,
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
                (Some(ScriptPosition { line, column }), message.clone())
            }
            _ => (None, error.to_string()),
        };
        Self {
            place,
            use_length: fitting(error),
            ..Self::new(field, message)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use fathom_shared::tokens::Tokens;

    #[test]
    fn a_length_that_is_too_short_comes_with_one_that_is_not() {
        let needed = BuildError::from(&GenerateError::DoesNotFit {
            task: "vt".to_owned(),
            got: Tokens(300),
            needed: Tokens(641),
        });
        assert_eq!(
            (needed.field, needed.use_length),
            (FormField::Length, Some(704))
        );
        let (got, answer) = (Tokens(12), Tokens(128));
        let none = BuildError::from(&GenerateError::NoRoom { got, answer });
        assert_eq!(none.use_length, Some(1024));
        let other = BuildError::from(&GenerateError::ScriptMissing);
        assert_eq!(other.use_length, None);
    }
}
