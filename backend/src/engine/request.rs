//! What an engine is asked, what it reports meanwhile, and what comes of it.

use fathom_shared::prompt::Prompt;
use fathom_shared::tokens::Tokens;
use fathom_shared::transcript::Completion;

use super::TokenLogprob;

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

/// How an answer is written; the default is what runs use: greedy, to the model's own end.
#[derive(Clone, PartialEq, Debug)]
pub struct SamplingParams {
    /// Divides the logits; 0 is greedy.
    pub temperature: f32,
    /// The smallest set of tokens whose probabilities reach this is drawn from.
    pub top_p: f32,
    /// Seeds the draws.
    pub seed: u64,
    /// The answer ends before any of these, none of which is empty.
    pub stop: Vec<String>,
    /// Tell how likely each token of the answer was, and this many of the likeliest in its place.
    pub logprobs: Option<usize>,
    /// Tell the same of the prompt's tokens; all of them are read anew.
    pub prompt_logprobs: bool,
}

impl Default for SamplingParams {
    fn default() -> Self {
        Self {
            temperature: 0.0,
            top_p: 1.0,
            seed: 0,
            stop: Vec::new(),
            logprobs: None,
            prompt_logprobs: false,
        }
    }
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

/// What a model of this machine tells while it writes: as [`EngineProgress`], and of tokens where
/// [`SamplingParams`] ask for it.
#[derive(Clone, Copy, PartialEq, Debug)]
pub enum GenerationProgress<'a> {
    /// The prompt is being read.
    Prefill {
        /// Tokens read.
        done: Tokens,
        /// Tokens in all.
        total: Tokens,
    },
    /// How likely the prompt's tokens were; all are read.
    Prompt(&'a [TokenLogprob]),
    /// New text of the answer.
    Text {
        /// The text.
        text: &'a str,
        /// The tokens that begin in it.
        tokens: &'a [TokenLogprob],
    },
}

/// What a model of this machine wrote.
#[derive(Clone, PartialEq, Debug)]
pub struct GeneratedCompletion {
    /// The text and how it came about.
    pub completion: Completion,
    /// The prompt's tokens, where [`SamplingParams::prompt_logprobs`] asks for them.
    pub prompt: Vec<TokenLogprob>,
    /// The answer's tokens that begin before its end, where [`SamplingParams::logprobs`] asks for
    /// them.
    pub tokens: Vec<TokenLogprob>,
}
