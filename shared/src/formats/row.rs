//! One evaluated sample, as every format can say it.

use std::collections::BTreeMap;
use std::fmt;

use serde::{Deserialize, Serialize};

use super::loss::LossReport;
use crate::tokens::Tokens;

/// What an importer made of a file.
#[derive(Clone, PartialEq, Debug, Default)]
pub struct ImportedRows {
    /// The model that answered, where the file says so.
    pub model: Option<String>,
    /// The rows in the file's order.
    pub rows: Vec<EvalRow>,
    /// What could not be carried.
    pub report: LossReport,
}

/// One question with its references and what became of it.
#[derive(Clone, PartialEq, Debug)]
pub struct EvalRow {
    /// The task, in RULER's spelling where it is RULER's.
    pub task: String,
    /// The context length that was asked for.
    pub length: Option<Tokens>,
    /// Its name within the file.
    pub id: RowId,
    /// Which repetition, from 1.
    pub epoch: u32,
    /// RULER's field `index`.
    pub index: Option<i64>,
    /// What the model read, without `answer_prefix`.
    pub input: Option<String>,
    /// How the answer began, where the file keeps it apart.
    pub answer_prefix: Option<String>,
    /// What a right answer holds; never empty.
    pub references: Vec<String>,
    /// The text got, or why there is none.
    pub answer: RowAnswer,
    /// RULER's field `length`: prompt and room for the answer, in tokens.
    pub prompt_and_answer: Option<Tokens>,
    /// The scores that the file states, by metric. They are kept apart from ours.
    pub stated: BTreeMap<String, f64>,
}

/// A row's name within its file.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(untagged)]
pub enum RowId {
    /// A number.
    Number(i64),
    /// Anything other than a number.
    Text(String),
}

impl fmt::Display for RowId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Number(number) => write!(f, "{number}"),
            Self::Text(text) => f.write_str(text),
        }
    }
}

/// The text got, or why there is none. A failure is never an empty text.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum RowAnswer {
    /// Text came, be it empty.
    Text(String),
    /// None came.
    Failed(String),
}

impl RowAnswer {
    /// The text, where one came.
    pub fn text(&self) -> Option<&str> {
        match self {
            Self::Text(text) => Some(text),
            Self::Failed(_) => None,
        }
    }
}

/// What a file does not say itself, but its name or folder does.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct RowOrigin {
    /// The task.
    pub task: String,
    /// The context length that was asked for.
    pub length: Option<Tokens>,
}

/// A file to be written, by a path below the folder that was asked for.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct ExportFile {
    /// The path, with `/`.
    pub path: String,
    /// The content.
    pub bytes: Vec<u8>,
}

/// What an exporter made of rows.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct ExportedFiles {
    /// The files to write.
    pub files: Vec<ExportFile>,
    /// What could not be carried.
    pub report: LossReport,
}

/// A name that is safe as one part of a path on every system.
pub(super) fn path_part(name: &str) -> String {
    let safe = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.');
    let part: String = name
        .chars()
        .map(|c| if safe(c) { c } else { '_' })
        .take(100)
        .collect();
    if part.trim_matches('.').is_empty() {
        return "unnamed".to_owned();
    }
    part
}

#[cfg(test)]
mod tests {
    #[test]
    fn no_name_leaves_its_folder() {
        assert_eq!(super::path_part("../../etc/passwd"), ".._.._etc_passwd");
        assert_eq!(super::path_part(".."), "unnamed");
        assert_eq!(super::path_part(""), "unnamed");
        assert_eq!(super::path_part("meta/Llama 3"), "meta_Llama_3");
    }
}
