//! RULER's tasks, byte for byte as NVIDIA/RULER c3f5e3b makes them.
//!
//! The prompt templates, the noise and the word lists are the benchmark's own, kept as data under
//! `shared/data` with their licences in NOTICE.

mod chains;
pub mod fit;
pub mod niah;
pub mod python_random;
pub mod variable_tracking;
pub mod words;

pub use niah::NIAH_SINGLE_1;
pub use variable_tracking::VT;

use crate::task::{GenerateError, TaskSpec};
use crate::tokens::Tokens;

/// The five sentences that fill a haystack of noise.
const NOISE: &str = include_str!("../../../data/ruler/noise.txt");

/// What is left for prompt and answer when `aside` tokens are set aside for a model's template.
fn room(spec: &TaskSpec, aside: u32, answer: Tokens) -> Result<Tokens, GenerateError> {
    let most = spec.max_seq_length.0.saturating_sub(aside);
    if most <= answer.0 {
        return Err(GenerateError::NoRoom {
            got: spec.max_seq_length,
            answer: Tokens(answer.0 + aside),
        });
    }
    Ok(Tokens(most))
}

/// `remove_newline_tab`: every run of white space becomes one space, the ends are trimmed.
fn flatten(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// Cuts the answer prefix off: at the last place where its template's first ten characters stand.
fn split_prefix(text: &str, prefix_template: &str) -> (String, String) {
    let ten = prefix_template
        .char_indices()
        .nth(10)
        .map_or(prefix_template.len(), |(at, _)| at);
    // Every template ends in its prefix, so it is found; if not, nothing is cut.
    let cut = text.rfind(&prefix_template[..ten]).unwrap_or(text.len());
    (text[..cut].to_owned(), text[cut..].to_owned())
}

/// Characters (not bytes) before byte `at`, as Python counts.
fn chars_before(text: &str, at: usize) -> i64 {
    i64::try_from(text[..at].chars().count()).unwrap_or(i64::MAX)
}
