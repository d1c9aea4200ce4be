//! Task specs ([`TaskSpec`]), the samples made from them ([`Sample`]), and the registry of tasks.

mod category; // task categories
pub mod custom; // tasks written by users
mod error; // errors of making samples
mod kv_retrieval; // a key's value in a long JSON object, of Lost in the Middle
pub mod longbench_v2; // LongBench v2 as a task
pub mod options; // task options
mod profile; // whose rules place and fit a sample
pub mod ruler; // RULER's tasks, byte for byte as NVIDIA/RULER c3f5e3b makes them
mod sample; // a sample: its text, references and evidence
mod script_fault; // what kind of thing went wrong in a script
mod spec; // task specs: what determines a set of samples

use std::ops::Range;

use serde::{Deserialize, Serialize};

use crate::corpora::{Corpora, CorpusKind};
use crate::tokens::{TokenCounter, Tokens};
pub use category::RulerCategory;
pub use error::GenerateError;
pub use options::{OptionError, OptionKind, OptionValues, TaskOption};
pub use profile::Profile;
pub use sample::{EvidenceKind, EvidenceSpan, OmittedSpan, Sample};
pub use spec::{MAX_SEQ_LENGTH, TaskSpec};

/// Generates both lists from one.
macro_rules! tasks {
    ($($task:path,)*) => {
        /// All tasks, in the order of the page and the help.
        pub static TASKS: &[&dyn Task] = &[$(&$task,)*];
        /// The same tasks as generators. This list is separate so that a program that only names
        /// tasks, such as the page, contains neither generators nor texts.
        static GENERATORS: &[&dyn TaskGenerator] = &[$(&$task,)*];
    };
}

tasks![
    ruler::NIAH_SINGLE_1,
    ruler::NIAH_SINGLE_2,
    ruler::NIAH_SINGLE_3,
    ruler::NIAH_MULTIKEY_1,
    ruler::NIAH_MULTIKEY_2,
    ruler::NIAH_MULTIKEY_3,
    ruler::NIAH_MULTIVALUE,
    ruler::NIAH_MULTIQUERY,
    ruler::VT,
    ruler::CWE,
    ruler::FWE,
    ruler::QA_1,
    ruler::QA_2,
    kv_retrieval::KV_RETRIEVAL,
    longbench_v2::LONGBENCH_V2,
    custom::CUSTOM,
];

/// Finds a task by its id.
///
/// # Errors
/// [`GenerateError::UnknownTask`], which lists the known ids.
pub fn find(id: &str) -> Result<&'static dyn Task, GenerateError> {
    among(TASKS, id)
}

/// Finds the generator of a task's samples.
///
/// # Errors
/// As [`find`].
pub(crate) fn generator(id: &str) -> Result<&'static dyn TaskGenerator, GenerateError> {
    among(GENERATORS, id)
}

fn among<T: Task + ?Sized>(
    tasks: &'static [&'static T],
    id: &str,
) -> Result<&'static T, GenerateError> {
    let found = tasks.iter().find(|task| task.id() == id);
    found.copied().ok_or_else(|| GenerateError::UnknownTask {
        got: id.to_owned(),
        known: tasks
            .iter()
            .map(|task| task.id())
            .collect::<Vec<_>>()
            .join(", "),
    })
}

/// Whether the task with this id [asks questions](Task::asks_questions); `false` for an unknown
/// task.
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
    /// Whether the answer names the right option: LongBench v2's metric.
    Letter,
}

impl Metric {
    /// Whether a question without an answer counts as wrong. RULER's mean is over the answers;
    /// LongBench v2's is over all questions, and a missing answer names no letter.
    pub fn counts_failures(self) -> bool {
        self == Self::Letter
    }
}

/// What a generator works with: the token counter and the texts.
#[derive(Clone, Copy, Debug)]
pub struct GeneratorContext<'a> {
    /// Counts the tokens.
    pub counter: &'a TokenCounter<'a>,
    /// The texts that it may read.
    pub corpora: &'a Corpora,
}

/// The samples of a spec, in order.
pub type Samples<'a> = Box<dyn Iterator<Item = Result<Sample, GenerateError>> + 'a>;

/// The facts about a task: one file per task, listed in [`TASKS`].
pub trait Task: Sync {
    /// The id, in the field's own spelling.
    fn id(&self) -> &'static str;
    /// The title.
    fn title(&self) -> &'static str;
    /// One sentence that says what it asks of a model.
    fn about(&self) -> &'static str;
    /// How its answers are scored.
    fn metric(&self) -> Metric;
    /// The most tokens that the answer may take.
    fn tokens_to_generate(&self) -> Tokens;
    /// Its options.
    fn task_options(&self) -> &'static [TaskOption];
    /// RULER's category, if it is one of RULER's tasks.
    fn category(&self) -> Option<RulerCategory> {
        None
    }
    /// The RULER script that makes it; one script may make several tasks.
    fn ruler_script(&self) -> Option<&'static str> {
        None
    }
    /// Its name in lm-evaluation-harness.
    fn lm_eval_name(&self) -> &'static str {
        self.id()
    }
    /// The replaceable texts that its samples use with these `options`.
    fn texts(&self, _options: &OptionValues) -> Vec<CorpusKind> {
        Vec::new()
    }
    /// Whether the answer is counted over the whole text, so that its evidence has no single place.
    fn counts_whole_text(&self) -> bool {
        false
    }
    /// The part of `input` that several samples share and are about, which makes them dependent;
    /// `gold` are the relevant ranges. `None` if each sample has its own text.
    fn shared_text<'t>(&self, _input: &'t str, _gold: &[Range<usize>]) -> Option<&'t str> {
        None
    }
    /// Whether the spec contains a script that makes the samples.
    fn takes_script(&self) -> bool {
        false
    }
    /// Whether each sample is made independently, whatever the spec's profile; RULER's own come
    /// from one stream of random numbers.
    fn stands_alone(&self) -> bool {
        false
    }
    /// Whether sample `k` is question `k` of a set, so that scores belong to questions.
    fn asks_questions(&self) -> bool {
        false
    }
    /// Checks combinations of options; each option's own bounds are checked elsewhere.
    ///
    /// # Errors
    /// The first combination that is not allowed.
    fn check(&self, _options: &OptionValues, _profile: Profile) -> Result<(), GenerateError> {
        Ok(())
    }
    /// The answer limit for a spec, if its options change it.
    fn room(&self, spec: &TaskSpec) -> Tokens {
        spec.said_room().unwrap_or(self.tokens_to_generate())
    }
}

/// Makes a task's samples.
pub trait TaskGenerator: Task {
    /// The call that follows the answer to `first`; `None` if the task asks once.
    ///
    /// # Errors
    /// A sentence that says why the call cannot be made: its text can no longer be read, or it does
    /// not fit.
    fn follow_up(
        &self,
        _spec: &TaskSpec,
        _first: &Sample,
        _answer: &str,
        _kit: GeneratorContext<'_>,
    ) -> Option<Result<Sample, String>> {
        None
    }
    /// Makes the samples of a spec that is [valid](TaskSpec::validate), from number `first` on.
    ///
    /// # Errors
    /// The smallest haystack does not fit.
    fn samples<'a>(
        &self,
        spec: &TaskSpec,
        generator_context: GeneratorContext<'a>,
        first: u32,
    ) -> Result<Samples<'a>, GenerateError>;
}
