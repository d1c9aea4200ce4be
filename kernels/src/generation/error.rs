//! Errors of generation.

use super::ModelStop;

/// Why there is no answer.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
pub enum GenerationError {
    /// The prompt is empty.
    #[error("the prompt has no tokens, expected at least 1")]
    Empty,
    /// Prompt and answer do not fit the context window.
    #[error(
        "the prompt has {prompt} tokens and the answer may take {answer}, the model reads {context}"
    )]
    Context {
        /// Tokens in the prompt.
        prompt: usize,
        /// Most tokens that the answer may take.
        answer: u32,
        /// The context window.
        context: usize,
    },
    /// The options do not begin with distinct tokens.
    #[error("{0}")]
    Options(String),
    /// The caller cancelled the answer.
    #[error("the answer was cancelled")]
    Cancelled,
    /// The device was lost.
    #[error("{0}")]
    DeviceLost(String),
    /// The model failed.
    #[error("{0}")]
    Failed(String),
}

impl From<ModelStop> for GenerationError {
    fn from(stop: ModelStop) -> Self {
        match stop {
            ModelStop::Cancelled => Self::Cancelled,
            ModelStop::Lost(message) => Self::DeviceLost(message),
            ModelStop::Failed(message) => Self::Failed(message),
        }
    }
}
