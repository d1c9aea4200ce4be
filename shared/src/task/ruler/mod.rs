//! RULER's tasks, byte for byte as NVIDIA/RULER c3f5e3b makes them.
//!
//! The prompt templates, the noise and the word lists are the benchmark's own, kept as data under
//! `shared/data` with their licences in NOTICE.

mod chains;
mod common_words; // common words extraction
pub(super) mod draft; // a prompt while it is written
pub(super) mod fit; // how the size of a haystack is found
pub(super) mod frame; // what all of RULER's tasks have in common around a draft
mod frequent_words; // frequent words extraction
pub(super) mod haystack; // what evidence is hidden in
mod niah; // needle in a haystack
mod qa; // question answering
pub(super) mod streams; // the random streams of a generator, and where evidence goes
#[cfg(test)]
mod tests;
mod variable_tracking; // variable tracking
mod word_list; // counting a list of words without writing it
pub mod words; // the adjective-noun pairs that RULER uses as keys
mod zeta; // riemann's zeta function, which makes the frequencies of `fwe` a distribution

pub use common_words::CWE;
pub use frequent_words::FWE;
pub use niah::{
    NIAH_MULTIKEY_1, NIAH_MULTIKEY_2, NIAH_MULTIKEY_3, NIAH_MULTIQUERY, NIAH_MULTIVALUE,
    NIAH_SINGLE_1, NIAH_SINGLE_2, NIAH_SINGLE_3,
};
pub use qa::{QA_1, QA_2};
pub use variable_tracking::VT;

use crate::task::{OptionKind, TASKS, Task, TaskOption};
use crate::tokens::Tokens;

/// RULER's thirteen tasks, in the order of its `synthetic.yaml`.
///
/// Source: `scripts/synthetic.yaml` of NVIDIA/RULER c3f5e3b.
pub fn tasks() -> impl Iterator<Item = &'static dyn Task> {
    let ours = TASKS.iter().copied();
    ours.filter(|task| task.category().is_some())
}

/// How many there are.
///
/// # Example
/// ```
/// assert_eq!(fathom_shared::task::ruler::count(), 13);
/// ```
pub fn count() -> usize {
    tasks().count()
}

/// `remove_newline_tab`, an option of every script.
pub(super) const REMOVE_NEWLINE_TAB: TaskOption = TaskOption {
    name: "remove_newline_tab",
    about: "Join the prompt into one line, as for models that stop at line breaks.",
    kind: OptionKind::Switch { default: false },
};

/// `model_template_token`, an option of every script.
pub(super) const MODEL_TEMPLATE_TOKEN: TaskOption = TaskOption {
    name: "model_template_token",
    about: "Tokens set aside for the model's chat template.",
    kind: OptionKind::Number {
        default: 0,
        least: 0,
        most: 4096,
    },
};

/// `tokens_to_generate`, an option of every script; each task has a `default` of its own.
pub(super) const fn tokens_to_generate(default: Tokens) -> TaskOption {
    TaskOption {
        name: TOKENS_TO_GENERATE,
        about: "Room for the answer, in tokens.",
        kind: OptionKind::Number {
            default: default.0.cast_signed(),
            least: 1,
            most: 4096,
        },
    }
}

/// The name of that option.
pub(super) const TOKENS_TO_GENERATE: &str = "tokens_to_generate";

/// `add_fewshot`, an option of two scripts that read it and never look at it.
pub(super) const ADD_FEWSHOT: TaskOption = TaskOption {
    name: "add_fewshot",
    about: "Without effect, as in the original: `vt` always has its worked example, `fwe` none.",
    kind: OptionKind::Switch { default: false },
};
