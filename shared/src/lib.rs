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
//! In the order of the alphabet; the way of a sample is the one drawn above.

pub mod advise; //        what to do about it
pub mod api; //           what crosses the wire
pub mod chart; //         figures as shapes and words
pub mod corpora; //       what samples are made of
pub mod engine; //        which engine answers
pub mod formats; //       other programs' files
#[doc(hidden)]
pub mod fuzzed; //        what fuzzers run
pub mod json; //          as Python writes it
pub mod lines; //         how a text breaks
pub mod longbench; //     questions about real texts
pub mod numbers; //       as people read them
pub mod prompt; //        Sample -> Prompt
pub mod published; //     what others measured
pub mod python_random; // Python's stream of random numbers
pub mod results; //       what was measured
pub mod run; //           what a run covers, and the loop that answers it
pub mod score; //         Transcript -> Score
pub mod stats; //         scores with n and interval
pub mod task; //          TaskSpec -> Sample
pub mod template; //      texts with fields
pub mod text_source; //   where a text came from
pub mod thinking; //      what is no part of an answer
pub mod tokens; //        how long is it
pub mod transcript; //    what is kept of an answer
