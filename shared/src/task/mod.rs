//! What is ordered ([`TaskSpec`]), what is made of it ([`Sample`]), and the registry of tasks.

pub mod options;
pub mod ruler;

use std::collections::BTreeMap;
use std::fmt;
use std::ops::Range;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use crate::tokens::{Counter, Tokens};
pub use options::{Knob, KnobKind, OptionError, Options};

/// Every task, in the order in which the page and the help list them.
pub static TASKS: &[&dyn Task] = &[&ruler::NIAH_SINGLE_1, &ruler::VT];

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

/// What was ordered. With a tokenizer it determines every byte of every sample.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TaskSpec {
    /// The task's id in [`TASKS`]; RULER's own spelling for RULER's tasks.
    pub task: String,
    /// Prompt and answer together, in tokens of the tokenizer in use.
    pub max_seq_length: Tokens,
    /// Seeds every random stream of the generator.
    pub random_seed: u32,
    /// Whose rules place and fit the sample.
    #[serde(default)]
    pub profile: Profile,
    /// The task's own options by the names of the original scripts; absent means the default.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub set: BTreeMap<String, String>,
}

impl TaskSpec {
    /// A spec with default options.
    pub fn new(task: &str, max_seq_length: Tokens, random_seed: u32) -> Self {
        Self {
            task: task.to_owned(),
            max_seq_length,
            random_seed,
            profile: Profile::Upstream,
            set: BTreeMap::new(),
        }
    }

    /// Checks everything that can be known without a tokenizer.
    ///
    /// # Errors
    /// An unknown task or option, an option out of its range, a length that leaves no room for an
    /// answer.
    pub fn validate(&self) -> Result<(), GenerateError> {
        let task = find(&self.task)?;
        Options::parse(task.knobs(), &self.set)?;
        if self.max_seq_length <= task.tokens_to_generate() {
            return Err(GenerateError::NoRoom {
                got: self.max_seq_length,
                answer: task.tokens_to_generate(),
            });
        }
        if self.max_seq_length > MAX_SEQ_LENGTH {
            return Err(GenerateError::TooLong {
                got: self.max_seq_length,
                most: MAX_SEQ_LENGTH,
            });
        }
        Ok(())
    }

    /// The samples in order, made one by one; sample `k` needs those before it, as the original's
    /// single random stream does.
    ///
    /// # Errors
    /// As [`validate`](Self::validate), and when the smallest haystack does not fit.
    pub fn samples<'a>(&self, counter: &'a Counter<'a>) -> Result<Samples<'a>, GenerateError> {
        self.validate()?;
        find(&self.task)?.samples(self, counter)
    }

    /// Sample number `index` alone.
    ///
    /// # Errors
    /// As [`samples`](Self::samples).
    pub fn sample(&self, index: u32, counter: &Counter<'_>) -> Result<Sample, GenerateError> {
        let mut samples = self.samples(counter)?;
        let mut left = index;
        loop {
            match samples.next() {
                Some(Ok(sample)) if left == 0 => return Ok(sample),
                Some(Ok(_)) => left -= 1,
                Some(Err(error)) => return Err(error),
                None => return Err(GenerateError::NoSuchSample { index }),
            }
        }
    }
}

/// The longest sample that is made: twice RULER's longest, so that a slip of the keyboard does
/// not fill the memory.
pub const MAX_SEQ_LENGTH: Tokens = Tokens(262_144);

/// Whose rules place and fit a sample.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Profile {
    /// The original program's, byte for byte.
    #[default]
    Upstream,
}

impl fmt::Display for Profile {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Upstream => "upstream",
        })
    }
}

impl FromStr for Profile {
    type Err = GenerateError;
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        match text {
            "upstream" => Ok(Self::Upstream),
            other => Err(GenerateError::UnknownProfile {
                got: other.to_owned(),
            }),
        }
    }
}

/// One question with its references and the places where the evidence lies.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub struct Sample {
    /// Its number within the spec, from 0.
    pub number: u32,
    /// The field `index` of RULER's row: for NIAH the character position of the first answer.
    pub index: i64,
    /// What the model reads, without the answer prefix.
    pub input: String,
    /// What a right answer holds.
    pub references: Vec<String>,
    /// The words with which the answer begins; the model continues them.
    pub answer_prefix: String,
    /// Prompt, answer prefix and room for the answer, in tokens.
    pub length: Tokens,
    /// The same with the tokens set aside for a model's template.
    pub length_w_model_temp: Tokens,
    /// Tokens before the first answer; NIAH only.
    pub token_position_answer: Option<Tokens>,
    /// Room for the answer.
    pub tokens_to_generate: Tokens,
    /// Tokens of `input` alone.
    pub input_tokens: Tokens,
    /// Every needle and hop, in the order in which they stand in `input`.
    pub evidence: Vec<Evidence>,
}

/// A place in [`Sample::input`] that matters for the answer.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub struct Evidence {
    /// What stands there.
    pub kind: EvidenceKind,
    /// Whether the question asks for it; the rest are distractors and the worked example.
    pub gold: bool,
    /// What a reader is told about it: a key, a variable.
    pub label: String,
    /// Bytes of [`Sample::input`].
    pub bytes: Range<usize>,
    /// Tokens of [`Sample::input`].
    pub tokens: Range<u32>,
}

/// What a piece of evidence is.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "is")]
pub enum EvidenceKind {
    /// A key with its value, hidden in the haystack.
    Needle,
    /// One assignment of a variable chain; hop 0 assigns the value itself.
    Hop {
        /// Which chain, from 0.
        chain: u32,
        /// Which link, from 0.
        hop: u32,
    },
}

/// The kind of skill that a task asks for; RULER's four categories.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Category {
    /// Find what was hidden.
    Retrieval,
    /// Follow references from place to place.
    MultiHop,
    /// Gather from all over the text.
    Aggregation,
    /// Answer from passages.
    QuestionAnswering,
}

/// How a task's answers are scored; the functions are in [`crate::score`].
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Metric {
    /// The share of references found in the answer: RULER's `string_match_all`.
    StringMatchAll,
    /// Whether any reference is found in the answer: RULER's `string_match_part`.
    StringMatchPart,
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
    /// The skill it asks for.
    fn category(&self) -> Category;
    /// How its answers are scored.
    fn metric(&self) -> Metric;
    /// Room for the answer.
    fn tokens_to_generate(&self) -> Tokens;
    /// Its options.
    fn knobs(&self) -> &'static [Knob];
    /// Makes the samples of a spec that is [valid](TaskSpec::validate).
    ///
    /// # Errors
    /// When the smallest haystack does not fit.
    fn samples<'a>(
        &self,
        spec: &TaskSpec,
        counter: &'a Counter<'a>,
    ) -> Result<Samples<'a>, GenerateError>;
}

/// Why no sample was made.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
pub enum GenerateError {
    /// No such task.
    #[error("unknown task `{got}`; the tasks are {known}")]
    UnknownTask {
        /// The id asked for.
        got: String,
        /// The ids that exist.
        known: String,
    },
    /// No such profile.
    #[error("unknown profile `{got}`; expected `upstream`")]
    UnknownProfile {
        /// The name asked for.
        got: String,
    },
    /// An option is unknown or out of range.
    #[error(transparent)]
    Option(#[from] OptionError),
    /// Nothing is left for the prompt.
    #[error("max_seq_length is {got} tokens, but the answer alone needs {answer}; ask for more")]
    NoRoom {
        /// The length asked for.
        got: Tokens,
        /// The room the answer needs.
        answer: Tokens,
    },
    /// Longer than is made.
    #[error("max_seq_length is {got} tokens; the longest sample made is {most}")]
    TooLong {
        /// The length asked for.
        got: Tokens,
        /// The longest.
        most: Tokens,
    },
    /// The smallest haystack is too long.
    #[error("`{task}` does not fit in {got} tokens: its smallest haystack needs {needed}")]
    DoesNotFit {
        /// The task.
        task: String,
        /// The length asked for.
        got: Tokens,
        /// The least that was needed, answer included.
        needed: Tokens,
    },
    /// The haystack has fewer places than there are things to hide.
    #[error(
        "`{task}` cannot hide {needles} pieces in a haystack of {places}; ask for fewer pieces or a longer context"
    )]
    TooManyPieces {
        /// The task.
        task: String,
        /// Things to hide.
        needles: usize,
        /// Places to hide them in.
        places: usize,
    },
    /// The original program ends here: drawn variable names collided while it searched its size.
    #[error(
        "seed {seed} draws the same variable name twice while the size is searched, where the original program ends; choose another seed"
    )]
    NameCollision {
        /// The seed.
        seed: u32,
    },
    /// The spec has fewer samples.
    #[error("the spec has no sample number {index}")]
    NoSuchSample {
        /// The number asked for.
        index: u32,
    },
}
