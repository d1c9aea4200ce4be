//! What is ordered ([`TaskSpec`]), what is made of it ([`Sample`]), and the registry of tasks.

mod category; // what kind of reading a task asks for
pub mod custom; // tasks that people write themselves
mod error; // why no sample was made
pub mod longbench_v2; // LongBench v2 as a task beside RULER's
pub mod options; // a task's options
pub mod ruler; // RULER's tasks, byte for byte as NVIDIA/RULER c3f5e3b makes them
mod sample; // what is made of a spec
mod spec; // what is ordered

use serde::{Deserialize, Serialize};

use crate::corpora::Corpora;
use crate::tokens::{TokenCounter, Tokens};
pub use category::RulerCategory;
pub use error::GenerateError;
pub use options::{OptionError, OptionKind, OptionValues, TaskOption};
pub use sample::{EvidenceKind, EvidenceSpan, OmittedSpan, Sample};
pub use spec::{MAX_SEQ_LENGTH, Profile, TaskSpec};

/// Every task, in the order in which the page and the help list them.
pub static TASKS: &[&dyn Task] = &[
    &ruler::NIAH_SINGLE_1,
    &ruler::NIAH_SINGLE_2,
    &ruler::NIAH_SINGLE_3,
    &ruler::NIAH_MULTIKEY_1,
    &ruler::NIAH_MULTIKEY_2,
    &ruler::NIAH_MULTIKEY_3,
    &ruler::NIAH_MULTIVALUE,
    &ruler::NIAH_MULTIQUERY,
    &ruler::VT,
    &ruler::CWE,
    &ruler::FWE,
    &ruler::QA_1,
    &ruler::QA_2,
    &longbench_v2::LONGBENCH_V2,
    &custom::CUSTOM,
];

/// Finds a task by its id.
///
/// # Errors
/// [`GenerateError::UnknownTask`] with the ids that exist.
pub fn find(id: &str) -> Result<&'static dyn Task, GenerateError> {
    TASKS
        .iter()
        .find(|task| task.id() == id)
        .copied()
        .ok_or_else(|| GenerateError::UnknownTask {
            got: id.to_owned(),
            known: TASKS
                .iter()
                .map(|task| task.id())
                .collect::<Vec<_>>()
                .join(", "),
        })
}

/// Whether a task, by its id, [asks questions](Task::asks_questions); one that is not known does not.
pub fn asks_questions(id: &str) -> bool {
    find(id).is_ok_and(Task::asks_questions)
}

/// How a task's answers are scored; the functions are in [`crate::score`].
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum Metric {
    /// The share of references found in the answer: RULER's `string_match_all`.
    #[default]
    StringMatchAll,
    /// Whether any reference is found in the answer: RULER's `string_match_part`.
    StringMatchPart,
    /// Whether the answer names the right option: LongBench v2's.
    Letter,
}

impl Metric {
    /// Whether a question without an answer counts as not right. RULER's mean is over the answers;
    /// LongBench v2's share is over all questions, and an answer that never came names no letter.
    pub fn counts_failures(self) -> bool {
        self == Self::Letter
    }
}

/// What a generator works with: who counts, and the texts it may read.
#[derive(Clone, Copy, Debug)]
pub struct GeneratorContext<'a> {
    /// Counts the tokens.
    pub counter: &'a TokenCounter<'a>,
    /// The texts.
    pub corpora: &'a Corpora,
}

/// Samples of a spec, in order.
pub type Samples<'a> = Box<dyn Iterator<Item = Result<Sample, GenerateError>> + 'a>;

/// A generator of samples: one file, listed in [`TASKS`].
pub trait Task: Sync {
    /// The id, in the field's own spelling.
    fn id(&self) -> &'static str;
    /// The name for people.
    fn title(&self) -> &'static str;
    /// One sentence: what it asks of a model.
    fn about(&self) -> &'static str;
    /// How its answers are scored.
    fn metric(&self) -> Metric;
    /// Room for the answer.
    fn tokens_to_generate(&self) -> Tokens;
    /// Its options.
    fn task_options(&self) -> &'static [TaskOption];
    /// RULER's category; nothing for a task that is not one of RULER's.
    fn category(&self) -> Option<RulerCategory> {
        None
    }
    /// Whether each sample is made by itself, whatever profile a spec asks for; RULER's own come
    /// from one stream of random numbers.
    fn stands_alone(&self) -> bool {
        false
    }
    /// Whether sample `k` is question `k` of a set, which a score by question belongs to.
    fn asks_questions(&self) -> bool {
        false
    }
    /// What is asked after the answer to `first`: nothing where one call is all.
    ///
    /// # Errors
    /// A sentence: what it is made of can no longer be read, or leaves no room.
    fn follow_up(
        &self,
        _spec: &TaskSpec,
        _first: &Sample,
        _answer: &str,
        _kit: GeneratorContext<'_>,
    ) -> Option<Result<Sample, String>> {
        None
    }
    /// Checks what the options say together, beyond each one's own bounds.
    ///
    /// # Errors
    /// The first that does not go with the others.
    fn check(&self, _options: &OptionValues, _profile: Profile) -> Result<(), GenerateError> {
        Ok(())
    }
    /// Room for the answers of a spec, where its options change it.
    fn room(&self, spec: &TaskSpec) -> Tokens {
        spec.said_room().unwrap_or(self.tokens_to_generate())
    }
    /// Makes the samples of a spec that is [valid](TaskSpec::validate), from number `first` on.
    ///
    /// # Errors
    /// When the smallest haystack does not fit.
    fn samples<'a>(
        &self,
        spec: &TaskSpec,
        kit: GeneratorContext<'a>,
        first: u32,
    ) -> Result<Samples<'a>, GenerateError>;
}
