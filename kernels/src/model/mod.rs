//! What a model file says. Plain Rust: the page, the server and candle share it.

pub mod config; //         the numbers that shape the model
pub mod dtype; //          how weights are stored, and what they are worth
pub mod gguf; //           the file
#[cfg(test)]
mod hostile; //            what damaged files do
pub mod logprobs; //       how likely tokens are
pub mod rope; //           positions
pub mod sampler; //        from logits to a token
#[cfg(test)]
pub(crate) mod testing; // files for tests
pub mod tokenizer; //      text to tokens and back
