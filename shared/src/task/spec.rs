//! What is ordered.

use std::collections::BTreeMap;
use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use super::custom::{self, TaskAbout};
use super::{GenerateError, GeneratorContext, Metric, OptionValues, Sample, Samples, find, ruler};
use crate::tokens::Tokens;

/// The longest sample that is made: four times the longest that is published of RULER, so that a
/// slip of the keyboard does not fill the memory.
pub const MAX_SEQ_LENGTH: Tokens = Tokens(4_194_304);

/// What was ordered. With a tokenizer and the texts it determines every byte of every sample.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct TaskSpec {
    /// The task's id in [`TASKS`](super::TASKS); RULER's own spelling for RULER's tasks.
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
    /// The Rhai source of the task `custom`; no other task has one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub script: Option<String>,
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
            script: None,
        }
    }

    /// A spec of the task `custom` with its script.
    pub fn custom(script: &str, max_seq_length: Tokens, random_seed: u32) -> Self {
        Self {
            profile: Profile::Stratified,
            script: Some(script.to_owned()),
            ..Self::new(custom::ID, max_seq_length, random_seed)
        }
    }

    /// What the script of a custom task says of itself; nothing for the other tasks.
    ///
    /// # Errors
    /// The script is missing, wrong, or there without its task.
    pub fn about(&self) -> Result<Option<TaskAbout>, GenerateError> {
        match &self.script {
            Some(script) if self.task == custom::ID => TaskAbout::read(script).map(Some),
            Some(_) => Err(GenerateError::ScriptUnwanted {
                task: self.task.clone(),
            }),
            None if self.task == custom::ID => Err(GenerateError::ScriptMissing),
            None => Ok(None),
        }
    }

    /// The task's name for people: its script's for a custom task.
    ///
    /// # Errors
    /// An unknown task, or as [`about`](Self::about).
    pub fn title(&self) -> Result<String, GenerateError> {
        let title = || find(&self.task).map(|task| task.title().to_owned());
        self.about()?.map_or_else(title, |about| Ok(about.title))
    }

    /// How answers are scored.
    ///
    /// # Errors
    /// An unknown task, or as [`about`](Self::about).
    pub fn metric(&self) -> Result<Metric, GenerateError> {
        let metric = || find(&self.task).map(|task| task.metric());
        self.about()?.map_or_else(metric, |about| Ok(about.metric))
    }

    /// Room for the answer.
    ///
    /// # Errors
    /// An unknown task, or as [`about`](Self::about).
    pub fn tokens_to_generate(&self) -> Result<Tokens, GenerateError> {
        let room = || find(&self.task).map(|task| task.room(self));
        let about = self.about()?;
        about.map_or_else(room, |about| Ok(about.tokens_to_generate))
    }

    /// The room for the answer that the options ask for by the original's name.
    pub(super) fn said_room(&self) -> Option<Tokens> {
        let said = self.set.get(ruler::TOKENS_TO_GENERATE)?;
        said.parse().ok().map(Tokens)
    }

    /// Whose rules place and fit the samples: those that
    /// [stand alone](super::Task::stands_alone) do so whatever [`profile`](Self::profile) says.
    pub fn rules(&self) -> Profile {
        match find(&self.task).is_ok_and(super::Task::stands_alone) {
            true => Profile::Stratified,
            false => self.profile,
        }
    }

    /// Checks everything that can be known without a tokenizer.
    ///
    /// # Errors
    /// An unknown task or option, an option out of its range, a script that is missing, unwanted
    /// or wrong, a length that leaves no room for an answer.
    pub fn validate(&self) -> Result<(), GenerateError> {
        let task = find(&self.task)?;
        task.check(
            &OptionValues::parse(task.task_options(), &self.set)?,
            self.rules(),
        )?;
        let answer = self.tokens_to_generate()?;
        if self.max_seq_length <= answer {
            return Err(GenerateError::NoRoom {
                got: self.max_seq_length,
                answer,
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

    /// The samples in order, made one by one. Under [`Profile::Upstream`] sample `k` needs those
    /// before it, as the original's single random stream does.
    ///
    /// # Errors
    /// As [`validate`](Self::validate), and when the smallest haystack does not fit.
    pub fn samples<'a>(&self, kit: GeneratorContext<'a>) -> Result<Samples<'a>, GenerateError> {
        self.validate()?;
        find(&self.task)?.samples(self, kit, 0)
    }

    /// Sample number `index` alone.
    ///
    /// # Errors
    /// As [`samples`](Self::samples).
    pub fn sample(&self, index: u32, kit: GeneratorContext<'_>) -> Result<Sample, GenerateError> {
        self.validate()?;
        let (first, mut left) = match self.rules() {
            Profile::Upstream => (0, index),
            Profile::Stratified => (index, 0),
        };
        let mut samples = find(&self.task)?.samples(self, kit, first)?;
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

/// Whose rules place and fit a sample.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum Profile {
    /// The original program's, byte for byte.
    #[default]
    Upstream,
    /// The original's text, with the evidence spread evenly over the depth of the context and at
    /// another place in every sample; every sample stands alone, and fitting always ends.
    Stratified,
}

impl Profile {
    /// All of them.
    pub const ALL: [Self; 2] = [Self::Upstream, Self::Stratified];

    /// The name in records, URLs and on the command line.
    pub fn name(self) -> &'static str {
        match self {
            Self::Upstream => "upstream",
            Self::Stratified => "stratified",
        }
    }
}

impl fmt::Display for Profile {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

impl FromStr for Profile {
    type Err = GenerateError;
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let found = Self::ALL.into_iter().find(|profile| profile.name() == text);
        found.ok_or_else(|| GenerateError::UnknownProfile {
            got: text.to_owned(),
        })
    }
}
