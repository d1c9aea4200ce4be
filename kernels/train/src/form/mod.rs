//! What training sequences are made of: dense forms of our own, with an answer every few tokens, and
//! the tasks of the registry.

mod chains; // chains of variables, every chain asked
mod copies; // words to be repeated
mod pairs; // keys with values, as many questions
mod ruler; // the tasks of the registry, with their answers
mod sequence; // text with answers, as tokens

pub(crate) use sequence::{SequenceBuilder, TrainingSequence};

use fathom_shared::task::{GenerateError, GeneratorContext};
use serde::{Deserialize, Serialize};

use crate::random::Random;
use chains::ChainForm;
use copies::CopyForm;
use pairs::PairForm;
use ruler::RulerForm;
use sequence::TextPart;

/// What a sequence is made of.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
#[serde(tag = "form", rename_all = "snake_case")]
pub(crate) enum SequenceForm {
    /// Keys with values, and as many questions.
    Pairs(PairForm),
    /// Words to be repeated in their order.
    Copies(CopyForm),
    /// Chains of variables, every chain asked.
    Chains(ChainForm),
    /// A sample of a task of the registry.
    Ruler(RulerForm),
}

impl SequenceForm {
    /// Checks what can be checked before the first sequence.
    ///
    /// # Errors
    /// What is wrong, in words.
    pub(crate) fn check(&self) -> Result<(), String> {
        match self {
            Self::Pairs(form) => form.check(),
            Self::Copies(form) => form.check(),
            Self::Chains(form) => form.check(),
            Self::Ruler(form) => form.check(),
        }
    }

    /// Fills a sequence, whose content follows from `random`.
    ///
    /// # Errors
    /// The smallest sample of a task does not fit.
    pub(crate) fn fill(
        &self,
        random: &mut Random,
        context: GeneratorContext<'_>,
        builder: &mut SequenceBuilder<'_>,
    ) -> Result<(), GenerateError> {
        match self {
            Self::Pairs(form) => form.fill(random, builder),
            Self::Copies(form) => form.fill(random, builder),
            Self::Chains(form) => form.fill(random, builder),
            Self::Ruler(form) => return form.fill(random, context, builder),
        }
        Ok(())
    }
}
