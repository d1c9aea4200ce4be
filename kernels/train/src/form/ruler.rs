//! A sample of a task of the registry, with its answer.

use std::collections::BTreeMap;

use fathom_shared::task::{GenerateError, GeneratorContext, Profile, TaskSpec};
use fathom_shared::tokens::Tokens;
use serde::{Deserialize, Serialize};

use super::TextPart;
use super::sequence::SequenceBuilder;
use crate::random::Random;

/// A task of the registry, made by its own generator in the stratified profile.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct RulerForm {
    /// The id.
    task: String,
    /// The task's options that are not at their defaults; `tokens_to_generate` is the room that is kept
    /// for the answer.
    #[serde(default)]
    set: BTreeMap<String, String>,
    /// How the references become an answer.
    answer: AnswerForm,
    /// Whether the references stand in the answer as they do in the text, for tasks that ask for all of
    /// several things in no order: one order can be learned, a random one cannot.
    #[serde(default)]
    as_in_text: bool,
}

/// How references become an answer.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum AnswerForm {
    /// `a, b, c`.
    Commas,
    /// `a b c`.
    Spaces,
    /// `1. a 2. b 3. c`.
    Numbered,
}

impl AnswerForm {
    fn of(self, references: &[String]) -> String {
        match self {
            Self::Commas => references.join(", "),
            Self::Spaces => references.join(" "),
            Self::Numbered => {
                let lines = references.iter().enumerate();
                let lines = lines.map(|(at, word)| format!("{}. {word}", at + 1));
                lines.collect::<Vec<_>>().join(" ")
            }
        }
    }
}

impl RulerForm {
    fn spec(&self, length: usize, seed: u32) -> TaskSpec {
        let length = Tokens(u32::try_from(length).unwrap_or(u32::MAX));
        TaskSpec {
            profile: Profile::Stratified,
            set: self.set.clone(),
            ..TaskSpec::new(&self.task, length, seed)
        }
    }

    pub(super) fn check(&self) -> Result<(), String> {
        let spec = self.spec(1 << 16, 0);
        spec.validate_unrun().map_err(|error| error.to_string())
    }

    /// One sample of at most as many tokens as the sequence has.
    ///
    /// # Errors
    /// The smallest haystack does not fit.
    pub(super) fn fill(
        &self,
        random: &mut Random,
        context: GeneratorContext<'_>,
        builder: &mut SequenceBuilder<'_>,
    ) -> Result<(), GenerateError> {
        // The end of the text is a token too.
        let spec = self.spec(builder.most() - 1, random.bits() as u32);
        let number = random.bits() as u32 >> 8;
        let mut sample = spec.sample(number, context)?;
        if self.as_in_text {
            let input = &sample.input;
            sample
                .references
                .sort_by_cached_key(|reference| input.find(reference));
        }
        let prompt = [sample.input, sample.answer_prefix].concat();
        builder.push(TextPart::Given(&prompt));
        let answer = self.answer.of(&sample.references);
        match prompt.ends_with(char::is_whitespace) {
            true => builder.push(TextPart::Answer(&answer)),
            // Digits are tokens of their own, and so is the space before them; before letters it is
            // a part of the word's first token.
            false if answer.starts_with(|c: char| c.is_ascii_digit()) => {
                builder.push(TextPart::Given(" "));
                builder.push(TextPart::Answer(&answer));
            }
            false => builder.push(TextPart::Answer(&format!(" {answer}"))),
        }
        Ok(())
    }
}
