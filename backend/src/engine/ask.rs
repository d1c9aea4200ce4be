//! What an engine is asked, what it reports meanwhile, and what comes of it.

use fathom_shared::prompt::Prompt;
use fathom_shared::tokens::Tokens;
use fathom_shared::transcript::{Failure, FailureKind, Outcome};

/// One prompt and how to answer it.
#[derive(Clone, Copy, Debug)]
pub struct Ask<'a> {
    /// The text to complete.
    pub prompt: &'a Prompt,
    /// Room for the answer.
    pub max_tokens: Tokens,
    /// How the answer is written.
    pub settings: &'a Settings,
}

/// How an answer is written; the default is what runs use: greedy, to the model's own end.
#[derive(Clone, PartialEq, Debug)]
pub struct Settings {
    /// Divides the logits; 0 is greedy.
    pub temperature: f32,
    /// The smallest set of tokens whose probabilities reach this is drawn from.
    pub top_p: f32,
    /// Seeds the draws.
    pub seed: u64,
    /// The answer ends before any of these.
    pub stop: Vec<String>,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            temperature: 0.0,
            top_p: 1.0,
            seed: 0,
            stop: Vec::new(),
        }
    }
}

/// What an engine reports while it answers.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Progress<'a> {
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

/// What came of one prompt.
#[derive(Clone, PartialEq, Debug)]
pub struct Answer {
    /// The prompt's length under the model's own tokenizer, where it came that far.
    pub prompt_tokens: Option<Tokens>,
    /// The completion or the failure.
    pub outcome: Outcome,
}

impl Answer {
    /// No text came.
    pub(crate) fn failed(
        prompt_tokens: Option<Tokens>,
        kind: FailureKind,
        message: impl Into<String>,
    ) -> Self {
        let message = message.into();
        Self {
            prompt_tokens,
            outcome: Outcome::Failed(Failure { kind, message }),
        }
    }
}
