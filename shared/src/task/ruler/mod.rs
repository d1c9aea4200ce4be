//! RULER's tasks, byte for byte as NVIDIA/RULER c3f5e3b makes them.
//!
//! The prompt templates, the noise and the word lists are the benchmark's own, kept as data under
//! `shared/data` with their licences in NOTICE.

mod chains; // chains of variables
mod common_words; // the `cwe` task: common words extraction
pub(super) mod draft; // a prompt being built, with its evidence
pub(super) mod fit; // fits the size of a haystack to a length
pub(super) mod frame; // the template and limits that all RULER tasks put around a draft
mod frequent_words; // the `fwe` task: frequent words extraction
pub(super) mod haystack; // haystacks: the text that evidence is hidden in
mod niah; // the needle-in-a-haystack tasks
mod qa; // the question answering tasks
pub(super) mod streams; // random streams, and where evidence is placed
#[cfg(test)]
mod tests;
mod variable_tracking; // the `vt` task: variable tracking
mod word_list; // counts the tokens of a word list without building its text
pub mod word_pairs; // the adjective-noun pairs that RULER uses as keys
mod zeta; // Riemann's zeta function, which normalises the word frequencies of `fwe`

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

/// How many RULER tasks there are.
///
/// # Example
/// ```
/// assert_eq!(fathom_shared::task::ruler::count(), 13);
/// ```
pub fn count() -> usize {
    tasks().count()
}

/// A count option, from 1 upwards.
pub(super) const fn how_many(
    name: &'static str,
    label: &'static str,
    about: &'static str,
    default: i32,
    most: i32,
) -> TaskOption {
    let least = 1;
    TaskOption {
        name,
        label,
        about,
        kind: OptionKind::Number {
            default,
            least,
            most,
        },
    }
}

/// `remove_newline_tab`, an option of every script.
pub(super) const REMOVE_NEWLINE_TAB: TaskOption = TaskOption {
    name: "remove_newline_tab",
    label: "Join into one line",
    about: "Join the prompt into one line, as for models that stop at line breaks.",
    kind: OptionKind::Switch { default: false },
};

/// `model_template_token`, an option of every script.
pub(super) const MODEL_TEMPLATE_TOKEN: TaskOption = TaskOption {
    name: "model_template_token",
    label: "Chat template tokens",
    about: "Tokens set aside for the model's chat template.",
    kind: OptionKind::Number {
        default: 0,
        least: 0,
        most: 4096,
    },
};

/// `tokens_to_generate`, an option of every script; each task has its own `default`.
pub(super) const fn tokens_to_generate(default: Tokens) -> TaskOption {
    TaskOption {
        name: super::options::TOKENS_TO_GENERATE,
        label: "Answer tokens",
        about: "Room for the answer, in tokens.",
        kind: OptionKind::Number {
            default: default.0.cast_signed(),
            least: 1,
            most: 4096,
        },
    }
}

/// `add_fewshot`, an option of two scripts that read it and never look at it.
pub(super) const ADD_FEWSHOT: TaskOption = TaskOption {
    name: "add_fewshot",
    label: "Worked example",
    about: "No effect, as in the original: `vt` always has a worked example, `fwe` never does.",
    kind: OptionKind::Switch { default: false },
};
