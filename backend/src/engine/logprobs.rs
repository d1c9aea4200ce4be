//! How likely each token was.

/// A token and what the model thought of it in its place.
#[derive(Clone, PartialEq, Debug)]
pub struct TokenLogprob {
    /// The token.
    pub id: u32,
    /// Where its text begins: characters from the beginning of the prompt or of the answer.
    pub offset: usize,
    /// The natural logarithm of its probability, at temperature 1. The first token of a prompt
    /// has none: nothing came before it.
    pub logprob: Option<f64>,
    /// The likeliest tokens in its place with theirs, the likeliest first; of equals the lower
    /// id.
    pub top: Vec<(u32, f64)>,
}
