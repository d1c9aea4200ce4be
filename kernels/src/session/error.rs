//! Why there is no session or no answer.

use crate::gpu::GpuError;
use crate::model::config::ModelConfigError;
use crate::model::gguf::GgufError;
use crate::model::tokenizer::TokenizerError;

/// Why there is no session or no answer.
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
    /// The prompt is empty.
    #[error("the prompt has no tokens, expected at least 1")]
    Empty,
    /// Prompt and answer are too long.
    #[error(
        "the prompt has {prompt} tokens and the answer may take {answer}, the model reads {context}"
    )]
    Context {
        /// Tokens of the prompt.
        prompt: usize,
        /// Room asked for the answer.
        answer: usize,
        /// Tokens the model reads.
        context: usize,
    },
    /// What the model computes is not a number.
    #[error("the model has no answer: {place} gives values that are no numbers (NaN or infinite)")]
    NotNumbers {
        /// The first part of it that does.
        place: String,
    },
    /// Someone stopped it.
    #[error("it was cancelled")]
    Cancelled,
    /// The adapter went away; the session is good for nothing more.
    #[error("the adapter was lost: {reason}; load the model again")]
    DeviceLost {
        /// What the system says.
        reason: String,
    },
}

impl From<GpuError> for SessionError {
    fn from(error: GpuError) -> Self {
        match error {
            GpuError::Lost { reason } => Self::DeviceLost { reason },
            other => Self::Gpu(other),
        }
    }
}
