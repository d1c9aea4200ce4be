//! From a sample to the text that a model reads.

pub mod chat; // chat templates
mod chat_message; // one message of a dialogue
pub mod jinja; // chat templates rendered as transformers renders them

use std::ops::Range;

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use crate::task::Sample;
use crate::thinking;
pub use chat::{ChatError, ChatTemplate};
pub use jinja::{Date, DateError};

/// How the sample is put to the model.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum PromptMode {
    /// The model's own chat template; the answer prefix begins the assistant's turn.
    #[default]
    Chat,
    /// The sample as it is, followed by the answer prefix: for base models.
    Completion,
}

/// Who puts a dialogue into the model's words.
#[derive(Clone, PartialEq, Debug)]
pub enum DialogueRenderer {
    /// We do, by the model's own chat template.
    Template(ChatTemplate),
    /// The endpoint does: it is sent the message and the beginning of the answer.
    Endpoint,
    /// Nobody: the model has no template, so only [`PromptMode::Completion`] asks it.
    Unknown,
}

impl From<Option<ChatTemplate>> for DialogueRenderer {
    fn from(template: Option<ChatTemplate>) -> Self {
        template.map_or(Self::Unknown, Self::Template)
    }
}

/// The text sent, and where the sample stands in it.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Prompt {
    /// Everything the model reads.
    pub text: String,
    /// The bytes of `text` that are the sample's input.
    pub input: Range<usize>,
    /// The bytes of `text` that are the answer prefix.
    pub prefix: Range<usize>,
}

impl Prompt {
    /// `text` as it is, nothing of it a sample.
    pub fn plain(text: &str) -> Self {
        Self::join("", text, "", "")
    }

    /// Renders `sample`. In [`PromptMode::Chat`] the answer prefix loses its leading white space,
    /// as the template already ends the line before it, and thinking that the template opens is
    /// closed before it: an answer that is begun is past the thinking.
    ///
    /// # Errors
    /// A template that does not render.
    pub fn render(
        sample: &Sample,
        mode: PromptMode,
        dialogue: &DialogueRenderer,
    ) -> Result<Self, ChatError> {
        let (text, input) = match (mode, dialogue) {
            (PromptMode::Completion, _) => {
                return Ok(Self::join("", &sample.input, "", &sample.answer_prefix));
            }
            (PromptMode::Chat, DialogueRenderer::Unknown) => return Err(ChatError::Missing),
            (PromptMode::Chat, DialogueRenderer::Template(template)) => {
                template.user(&sample.input)?
            }
            (PromptMode::Chat, DialogueRenderer::Endpoint) => {
                (sample.input.clone(), 0..sample.input.len())
            }
        };
        let prefix = sample.answer_prefix.trim_start();
        let bridge = match prefix {
            "" => String::new(),
            _ => thinking::bridge(&text[input.end..]),
        };
        let prefix_start = text.len() + bridge.len();
        Ok(Self {
            text: [text.as_str(), &bridge, prefix].concat(),
            input,
            prefix: prefix_start..prefix_start + prefix.len(),
        })
    }

    /// Where the answer begins: in the block of thinking that the template leaves open, or in none.
    pub fn opened(&self) -> thinking::AnswerStart {
        match thinking::left_open(&self.text[self.input.end..]) {
            Some(opened) => thinking::AnswerStart::Within(opened),
            None => thinking::AnswerStart::Closed,
        }
    }

    /// SHA-256 of the text, in hex: proves that a prompt made again is the one that was sent.
    pub fn hash(&self) -> String {
        hex::encode(Sha256::digest(self.text.as_bytes()))
    }

    fn join(before: &str, input: &str, after: &str, prefix: &str) -> Self {
        let input_end = before.len() + input.len();
        let prefix_start = input_end + after.len();
        Self {
            text: [before, input, after, prefix].concat(),
            input: before.len()..input_end,
            prefix: prefix_start..prefix_start + prefix.len(),
        }
    }
}

#[cfg(test)]
mod tests;
