//! Why a model cannot be had: its name, its files, or what they hold.

use std::io;
use std::path::PathBuf;

use fathom_kernels::model::gguf::GgufError;
use fathom_kernels::model::tokenizer::TokenizerError;
use fathom_shared::prompt::ChatError;

use super::folder::FolderError;
use crate::errors::{chain, shortened};

/// Why there is no such model.
#[derive(Debug, thiserror::Error)]
pub enum ModelError {
    /// No file of this name.
    #[error("there is no model `{id}` in `{}`; there is {here}", folder.display())]
    Unknown {
        /// The id asked for.
        id: String,
        /// Where it was looked for.
        folder: PathBuf,
        /// The ids of those that can be used.
        here: String,
    },
    /// A name that could lead out of the folder, or that no file should have.
    #[error(
        "`{id}` cannot be a model's id: expected letters, digits and `-_.`, at most 128, no dot first"
    )]
    Name {
        /// The id asked for.
        id: String,
    },
    /// The file is not a model that we read.
    #[error("`{}` is not a model that can be used", path.display())]
    Bad {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        source: Box<ModelFileError>,
    },
    /// The file or folder cannot be read or written.
    #[error("cannot use `{}`", path.display())]
    Read {
        /// The file.
        path: PathBuf,
        /// What the system says.
        source: io::Error,
    },
}

impl ModelError {
    /// What is wrong, without the place of the files.
    pub fn reason(&self) -> String {
        match self {
            Self::Bad { source, .. } => chain(&**source),
            Self::Read { source, .. } => format!("it cannot be read: {source}"),
            other => other.to_string(),
        }
    }
}

/// Characters of a sentence with a model file's own words in it.
pub(super) const SENTENCE: usize = 600;

/// What is wrong with a model's files.
#[derive(Debug, thiserror::Error)]
pub enum ModelFileError {
    /// The GGUF file.
    #[error(transparent)]
    Gguf(#[from] GgufError),
    /// The folder.
    #[error(transparent)]
    Folder(#[from] FolderError),
    /// The tokenizer of either.
    #[error(transparent)]
    Tokenizer(#[from] TokenizerError),
    /// The chat template of either.
    #[error(transparent)]
    Template(#[from] ChatError),
    /// What the process says that read them.
    #[error("{0}")]
    Apart(String),
}

impl ModelFileError {
    /// The same as one line of limited length: names in a file may have line breaks, and any length.
    pub(super) fn on_one_line(self) -> Self {
        let told = chain(&self);
        let line = shortened(&told, SENTENCE);
        match line == told {
            true => self,
            false => Self::Apart(line),
        }
    }
}
