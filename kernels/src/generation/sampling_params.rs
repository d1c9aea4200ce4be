//! Sampling parameters.

/// How an answer is written. The default is what runs use: greedy, until the model ends its turn.
#[derive(Clone, PartialEq, Debug)]
pub struct SamplingParams {
    /// Divides the logits; 0 means greedy.
    pub temperature: f32,
    /// Draw from the smallest set of tokens whose probabilities reach this sum.
    pub top_p: f32,
    /// Seeds the random draws.
    pub seed: u64,
    /// The answer ends before any of these strings, none of which is empty.
    pub stop: Vec<String>,
    /// Report the log probability of each answer token, and this many of the most likely tokens at
    /// its position.
    pub logprobs: Option<usize>,
    /// Report the same for the prompt's tokens; then the whole prompt is read again.
    pub prompt_logprobs: bool,
}

impl SamplingParams {
    /// How many of the likeliest tokens a greedy answer needs at each place: a token's own probability is
    /// that of the first.
    pub(super) fn likeliest(&self) -> usize {
        self.logprobs.map_or(0, |top| top.max(1))
    }
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
