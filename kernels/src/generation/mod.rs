//! Generates text from a prompt's tokens, or chooses the most likely of several options: one loop
//! for every model in memory, natively and in the browser, whatever computes its logits.

mod cached_tokens; // which tokens the cache holds
mod draft; // an answer being written
mod error; // errors of generation
mod events; // progress events and results of generation
mod generator; // the generation loop
mod language_model; // the trait that a model in memory implements
mod prompt; // reads a prompt
mod sampling_params; // sampling parameters
mod stop; // stop strings
#[cfg(test)]
mod tests;

pub use error::GenerationError;
pub use events::{Generation, GenerationEnd, GenerationEvent, OptionLogprobs, TokenLogprob};
pub use generator::TextGenerator;
pub use language_model::{
    EachLogits, LanguageModel, LogitsFuture, LogprobsFuture, ModelStop, TokensFuture,
};
pub use sampling_params::SamplingParams;
