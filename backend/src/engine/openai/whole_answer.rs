//! A complete reply.

use fathom_shared::tokens::Tokens;
use fathom_shared::transcript::{FinishReason, TokenUsage};

/// A whole answer.
#[derive(Debug)]
pub(super) struct WholeAnswer {
    pub(super) text: String,
    pub(super) thinking: Option<String>,
    /// Whether the thinking had only an end tag, so that it may have been the answer.
    pub(super) end_alone: bool,
    pub(super) finish: FinishReason,
    pub(super) usage: Option<TokenUsage>,
    /// Tokens written, if the server said how many.
    pub(super) written: Option<Tokens>,
    /// The likeliest first tokens, where they were asked for.
    pub(super) likely: Vec<(String, f64)>,
}
