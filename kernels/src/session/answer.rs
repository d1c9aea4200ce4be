//! What comes of a prompt.

/// What happens on the way to an answer.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum GenerationEvent<'a> {
    /// The prompt is being read.
    Prefill {
        /// Tokens read.
        done: u32,
        /// Tokens in all.
        total: u32,
    },
    /// New text.
    Text(&'a str),
}

/// An answer.
#[derive(Clone, PartialEq, Debug)]
pub struct Generation {
    /// Its text.
    pub text: String,
    /// The prompt's length.
    pub prompt_tokens: u32,
    /// Tokens written.
    pub tokens: u32,
    /// Why it ended.
    pub finish: GenerationEnd,
    /// Reading the prompt, in milliseconds.
    pub prefill_ms: f64,
    /// Writing the answer, in milliseconds.
    pub decode_ms: f64,
}

/// Why an answer ended.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum GenerationEnd {
    /// The model ended its turn.
    Stop,
    /// The room was full.
    Length,
}
