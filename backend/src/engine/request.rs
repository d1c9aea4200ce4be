//! What an engine is asked, and what it reports meanwhile.

use fathom_kernels::generation::SamplingParams;
use fathom_shared::prompt::Prompt;
use fathom_shared::tokens::Tokens;

/// One prompt and how to answer it.
#[derive(Clone, Copy, Debug)]
pub struct CompletionRequest<'a> {
    /// The text to complete.
    pub prompt: &'a Prompt,
    /// Room for the answer.
    pub max_tokens: Tokens,
    /// Where there are any, nothing is written: the likeliest of these to come next is taken.
    pub options: &'a [String],
    /// How the answer is written.
    pub settings: &'a SamplingParams,
}

/// What an engine reports while it answers.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum EngineProgress<'a> {
    /// The prompt is being read.
    Prefill {
        /// Tokens read.
        done: Tokens,
        /// Tokens in all.
        total: Tokens,
    },
    /// New text of the answer.
    Text(&'a str),
    /// Nothing new, but the engine still waits for someone who is at work: a lease may be renewed.
    Alive,
}
