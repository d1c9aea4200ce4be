//! What a model file says. Plain Rust: the page, the server and candle share it.

pub mod config; // the model's dimensions
pub mod dtype; // weight formats and how to decode them
pub mod gguf; // the GGUF file format
#[cfg(test)]
mod hostile; // tests with damaged files
pub mod logprobs; // log probabilities of tokens
pub mod rope; // rotary positions and their scaling
pub mod sampler; // chooses a token from logits
#[cfg(test)]
pub(crate) mod testing; // model files for tests
pub mod tokenizer; // text to tokens and back
