//! Progress events and results of generation.

/// A progress event of generation.
#[derive(Clone, Copy, PartialEq, Debug)]
pub enum GenerationEvent<'a> {
    /// The prompt is being read.
    Prefill {
        /// Tokens read so far.
        done: u32,
        /// Tokens in the prompt.
        total: u32,
    },
    /// The log probabilities of the prompt's tokens, sent once the whole prompt is read, if
    /// [`prompt_logprobs`](super::SamplingParams::prompt_logprobs) requests them.
    Prompt(&'a [TokenLogprob]),
    /// New text.
    Text {
        /// The text.
        text: &'a str,
        /// The tokens that begin in this text, if [`logprobs`](super::SamplingParams::logprobs)
        /// requests them.
        tokens: &'a [TokenLogprob],
    },
}

/// A token and its log probability.
#[derive(Clone, PartialEq, Debug)]
pub struct TokenLogprob {
    /// The token.
    pub id: u32,
    /// Where its text begins, in characters from the beginning of the prompt or of the answer.
    pub offset: usize,
    /// The natural logarithm of its probability at temperature 1. The first token of a prompt has
    /// none, because no token precedes it.
    pub logprob: Option<f64>,
    /// The most likely tokens at this position with their log probabilities, most likely first;
    /// ties are sorted by id.
    pub top: Vec<(u32, f64)>,
}

/// An answer.
#[derive(Clone, PartialEq, Debug)]
pub struct Generation {
    /// Its text.
    pub text: String,
    /// Tokens written.
    pub tokens: u32,
    /// Why it ended.
    pub finish: GenerationEnd,
    /// Time to read the prompt, in milliseconds.
    pub prefill_ms: f64,
    /// Time to write the answer, in milliseconds.
    pub decode_ms: f64,
    /// The prompt's tokens, if [`prompt_logprobs`](super::SamplingParams::prompt_logprobs) requests
    /// them.
    pub prompt_logprobs: Vec<TokenLogprob>,
    /// The answer's tokens that begin before its end, if
    /// [`logprobs`](super::SamplingParams::logprobs) requests them.
    pub logprobs: Vec<TokenLogprob>,
}

/// Why an answer ended.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum GenerationEnd {
    /// The model ended its turn, or wrote a stop string.
    Stop,
    /// The answer reached its maximum length.
    Length,
}

/// How likely each of several options is to come next.
#[derive(Clone, PartialEq, Debug)]
pub struct OptionLogprobs {
    /// The natural logarithm of the probability of each option's first token, in the options'
    /// order.
    pub logprobs: Vec<f64>,
    /// Time to read the prompt, in milliseconds.
    pub prefill_ms: f64,
}
