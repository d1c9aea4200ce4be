//! Task specs: what determines a set of samples.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::options::TOKENS_TO_GENERATE;
use super::{
    GenerateError, GeneratorContext, Metric, OptionValues, Profile, Sample, Samples, Task, find,
    generator,
};
use crate::corpora::CorpusKind;
use crate::tokens::Tokens;

/// The longest sample that is made: four times the longest published for RULER, so that a typing
/// error does not fill the memory.
pub const MAX_SEQ_LENGTH: Tokens = Tokens(4_194_304);

/// A task spec. Together with a tokenizer and the texts, it determines every byte of every sample.
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
    /// The profile that places and fits the samples.
    #[serde(default)]
    pub profile: Profile,
    /// The task's own options by the names of the original scripts; omitted options have their
    /// defaults.
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

    /// Whether the spec brings the script of its task.
    pub fn takes_script(&self) -> bool {
        find(&self.task).is_ok_and(Task::takes_script)
    }

    /// The replaceable texts that its samples are made of.
    ///
    /// # Example
    /// ```
    /// use fathom_shared::{corpora::CorpusKind, task::TaskSpec, tokens::Tokens};
    /// let spec = |task| TaskSpec::new(task, Tokens(4096), 42);
    /// assert_eq!(spec("niah_single_1").texts(), []);
    /// assert_eq!(spec("niah_single_2").texts(), [CorpusKind::Essay]);
    /// ```
    pub fn texts(&self) -> Vec<CorpusKind> {
        let texts = |task: &dyn Task| {
            let options = OptionValues::parse(task.task_options(), &self.set)?;
            Ok(task.texts(&options))
        };
        find(&self.task).and_then(texts).unwrap_or_default()
    }

    /// The task's title: for a custom task, its script's.
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

    /// The most tokens that the answer may take.
    ///
    /// # Errors
    /// An unknown task, or as [`about`](Self::about).
    pub fn tokens_to_generate(&self) -> Result<Tokens, GenerateError> {
        let room = || find(&self.task).map(|task| task.room(self));
        let about = self.about()?;
        about.map_or_else(room, |about| Ok(about.tokens_to_generate))
    }

    /// The answer limit that the options set by the original's name.
    pub(super) fn said_room(&self) -> Option<Tokens> {
        let said = self.set.get(TOKENS_TO_GENERATE)?;
        said.parse().ok().map(Tokens)
    }

    /// The profile that actually applies: tasks whose samples [stand
    /// alone](super::Task::stands_alone) ignore [`profile`](Self::profile).
    pub fn rules(&self) -> Profile {
        match find(&self.task).is_ok_and(Task::stands_alone) {
            true => Profile::Stratified,
            false => self.profile,
        }
    }

    /// Checks everything that can be checked without a tokenizer.
    ///
    /// # Errors
    /// A task or option is unknown, an option is out of range, a script is missing, unwanted or
    /// invalid, or the length leaves no tokens for an answer.
    pub fn validate(&self) -> Result<(), GenerateError> {
        self.check_options()?;
        self.check_length(self.tokens_to_generate()?)
    }

    /// Like [`validate`](Self::validate), but does not run the script, so its description is not
    /// known: for forms, whose specs are validated again by the program that makes the samples.
    /// # Errors
    /// As for [`validate`](Self::validate), except for errors in a script.
    pub fn validate_unrun(&self) -> Result<(), GenerateError> {
        self.check_options()?;
        let is_script = self.takes_script();
        self.check_length(match &self.script {
            Some(_) if is_script => Tokens(0),
            Some(_) => return Err(self.script_unwanted()),
            None if is_script => return Err(GenerateError::ScriptMissing),
            None => find(&self.task)?.room(self),
        })
    }

    pub(super) fn script_unwanted(&self) -> GenerateError {
        GenerateError::ScriptUnwanted {
            task: self.task.clone(),
        }
    }

    fn check_options(&self) -> Result<(), GenerateError> {
        let task = find(&self.task)?;
        task.check(
            &OptionValues::parse(task.task_options(), &self.set)?,
            self.rules(),
        )
    }

    fn check_length(&self, answer: Tokens) -> Result<(), GenerateError> {
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

    /// The samples in order, made one by one. Under [`Profile::Upstream`], sample `k` needs those
    /// before it, because the original uses a single random stream.
    ///
    /// # Errors
    /// As [`validate`](Self::validate), and when the smallest haystack does not fit.
    pub fn samples<'a>(
        &self,
        generator_context: GeneratorContext<'a>,
    ) -> Result<Samples<'a>, GenerateError> {
        self.validate()?;
        generator(&self.task)?.samples(self, generator_context, 0)
    }

    /// Only sample number `index`.
    ///
    /// # Errors
    /// As [`samples`](Self::samples).
    pub fn sample(
        &self,
        index: u32,
        generator_context: GeneratorContext<'_>,
    ) -> Result<Sample, GenerateError> {
        self.validate()?;
        let (first, mut left) = match self.rules() {
            Profile::Upstream => (0, index),
            Profile::Stratified => (index, 0),
        };
        let mut samples = generator(&self.task)?.samples(self, generator_context, first)?;
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::task::custom;

    #[test]
    fn a_form_is_checked_without_running_its_script() {
        let broken = TaskSpec::custom("fn about() { 1 +", Tokens(1024), 1);
        assert_eq!(broken.validate_unrun(), Ok(()));
        assert!(matches!(
            broken.validate(),
            Err(GenerateError::Script { .. })
        ));
        let missing = TaskSpec {
            script: None,
            ..broken.clone()
        };
        assert_eq!(missing.validate_unrun(), Err(GenerateError::ScriptMissing));
        let unwanted = TaskSpec {
            task: "vt".to_owned(),
            ..broken
        };
        assert_eq!(unwanted.validate_unrun(), unwanted.validate());
        assert!(unwanted.validate().is_err());
    }

    #[test]
    fn without_a_script_both_checks_say_the_same() {
        for task in super::super::TASKS
            .iter()
            .filter(|task| task.id() != custom::ID)
        {
            for length in [0, 12, 4096, u32::MAX] {
                let spec = TaskSpec::new(task.id(), Tokens(length), 1);
                assert_eq!(
                    spec.validate_unrun(),
                    spec.validate(),
                    "{} {length}",
                    task.id()
                );
            }
        }
    }
}
