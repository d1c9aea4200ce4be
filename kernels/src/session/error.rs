//! Errors of loading and running a session.

use std::io;

use crate::generation::ModelStop;
use crate::gpu::GpuError;
use crate::model::config::ModelConfigError;
use crate::model::gguf::GgufError;
use crate::model::tokenizer::TokenizerError;

/// Why there is no session, or it has no logits.
#[derive(Debug, thiserror::Error)]
pub enum SessionError {
    /// The file.
    #[error(transparent)]
    Gguf(#[from] GgufError),
    /// The model in it.
    #[error(transparent)]
    Config(#[from] ModelConfigError),
    /// Its tokenizer.
    #[error(transparent)]
    Tokenizer(#[from] TokenizerError),
    /// The adapter, but for its loss.
    #[error(transparent)]
    Gpu(GpuError),
    /// Weights that nothing can be computed with.
    #[error("tensor `{0}` holds weights that are no numbers (NaN or infinite)")]
    Numbers(String),
    /// No attention kernel for the model's heads.
    #[error("the model's heads are {got} wide, expected {want}")]
    HeadDim {
        /// Values per head.
        got: usize,
        /// Widths that the kernels take.
        want: String,
    },
    /// The kernels read weights in blocks.
    #[error("the model's {what} is {got}, expected a multiple of 32, the kernels' block")]
    Block {
        /// Which size.
        what: &'static str,
        /// What it is.
        got: usize,
    },
    /// Someone stopped it.
    #[error("it was cancelled")]
    Cancelled,
    /// The adapter went away, and was not opened again, or too often.
    #[error("the GPU was lost ({}); load the model again", reason.trim_end_matches('.'))]
    DeviceLost {
        /// What the system says.
        reason: String,
    },
    /// The adapter went away, and the file is not to be read again.
    #[error("the GPU was lost, and the model's file cannot be opened again")]
    Reopen(#[source] io::Error),
}

impl From<GpuError> for SessionError {
    fn from(error: GpuError) -> Self {
        match error {
            GpuError::Lost { reason } => Self::DeviceLost { reason },
            other => Self::Gpu(other),
        }
    }
}

impl From<SessionError> for ModelStop {
    fn from(error: SessionError) -> Self {
        match error {
            SessionError::Cancelled => Self::Cancelled,
            SessionError::DeviceLost { .. } | SessionError::Reopen(_) => {
                Self::Lost(error.to_string())
            }
            other => Self::Failed(other.to_string()),
        }
    }
}

impl From<GpuError> for ModelStop {
    fn from(error: GpuError) -> Self {
        SessionError::from(error).into()
    }
}
