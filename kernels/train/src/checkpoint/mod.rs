//! What a run writes: its whole state, to go on from, and checkpoints that any engine reads.

mod atomic; // the old file or the whole new one
mod folder; // a checkpoint as a Hugging Face folder
mod state; // the whole state of a run
#[cfg(test)]
mod tests;

pub(crate) use atomic::write_whole;
pub(crate) use folder::read_parameters;
pub use folder::write_folder;
pub(crate) use state::{read_state, write_state};

use std::io;
use std::path::{Path, PathBuf};

/// Why a checkpoint or a state was not read or written.
#[derive(Debug, thiserror::Error)]
pub enum CheckpointError {
    /// A file.
    #[error("`{}` cannot be {verb}", path.display())]
    File {
        /// The file.
        path: PathBuf,
        /// What was tried.
        verb: &'static str,
        /// What the system says.
        source: io::Error,
    },
    /// Its form.
    #[error("`{}` is not valid: {reason}", path.display())]
    Form {
        /// The file.
        path: PathBuf,
        /// What is wrong.
        reason: String,
    },
    /// A tensor is missing.
    #[error("`{}` has no tensor `{name}`", path.display())]
    NoTensor {
        /// The file.
        path: PathBuf,
        /// The tensor.
        name: String,
    },
    /// A tensor has another shape.
    #[error("tensor `{name}` has shape {got:?}, the stage's model asks for {want:?}")]
    TensorShape {
        /// The tensor.
        name: String,
        /// Its shape.
        got: Vec<usize>,
        /// The shape it should have.
        want: Vec<usize>,
    },
    /// The state is another stage's.
    #[error("the training state is of another stage: it has `{got}`, the stage file `{want}`")]
    OtherStage {
        /// The first line of the state's stage that differs.
        got: String,
        /// The same line now.
        want: String,
    },
    /// What candle says.
    #[error(transparent)]
    Candle(#[from] candle_core::Error),
}

impl CheckpointError {
    fn file(path: &Path, verb: &'static str) -> impl FnOnce(io::Error) -> Self {
        let path = path.to_owned();
        move |source| Self::File { path, verb, source }
    }

    fn form(path: &Path, reason: &dyn ToString) -> Self {
        Self::Form {
            path: path.to_owned(),
            reason: reason.to_string(),
        }
    }
}
