//! What is asked, what was answered, what it means.
//!
//! ```text
//! TaskSpec --generate(seed, &TokenCounter)--> Sample --render--> Prompt --RunCell--> SampleRequest
//!                                                                 engine (not here)
//! Summary <--summarise-- score of ScoredTranscript <--score-- Transcript <--RunCell-- Completion | Failure
//! ```
//!
//! Pure on every target: no files, sockets, clocks, threads or ambient randomness. The same spec,
//! seed and tokenizer give the same bytes natively and in the browser.
//!
//! The modules are listed alphabetically; the diagram above shows the path of a sample.

pub mod advise; // the advisor: from evidence to a recommendation
pub mod api; // types and paths of the HTTP API
pub mod chart; // charts as shapes and words
pub mod corpora; // the texts that samples are made of
pub mod engine; // engine kinds, KV formats, preflight reports
pub mod formats; // import and export of other programs' files
#[doc(hidden)]
pub mod fuzzed; // entry points for fuzzing
pub mod json; // JSON as Python writes it
pub mod lines; // breaking text into lines
pub mod longbench; // LongBench v2: questions about real texts
pub mod numbers; // numbers formatted for people
pub mod prompt; // renders a sample as a prompt
pub mod published; // figures published by others
pub mod python_random; // Python's random number generator
pub mod results; // result sets: comparison, gates, reports
pub mod run; // a run's grid, and the loop that answers it
pub mod score; // scores a transcript
pub mod stats; // statistics: means and tests with n and interval
pub mod task; // makes samples from a task spec
pub mod template; // text templates with fields
pub mod text_source; // where a text came from
pub mod thinking; // separates a model's thinking from its answer
pub mod tokens; // token counting
pub mod transcript; // what is stored of an answer
