//! What is made of a spec.

use std::borrow::Cow;
use std::ops::Range;

use serde::{Deserialize, Serialize};

use super::Profile;
use crate::text_source::TextSource;
use crate::tokens::Tokens;

/// One question with its references and the places where the evidence lies.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Sample {
    /// Its number within the spec, from 0.
    pub number: u32,
    /// Whose rules placed and fitted it.
    pub profile: Profile,
    /// The texts and lists that it was made of.
    pub sources: Vec<TextSource>,
    /// The field `index` of RULER's row: for NIAH the character position of the first answer.
    pub index: i64,
    /// What the model reads, without the answer prefix.
    pub input: String,
    /// What a right answer holds.
    pub references: Vec<String>,
    /// The words with which the answer begins; the model continues them.
    pub answer_prefix: String,
    /// How the answer may go on: the likeliest of these is taken. Empty where the model writes.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub options: Vec<String>,
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
    /// Every needle, hop, gold document and counted word, in the order in which they stand in
    /// `input`.
    pub evidence: Vec<EvidenceSpan>,
    /// What was left out of the middle of `input`, where the text was too long for it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cut: Option<OmittedSpan>,
}

/// A part of a text that was left out.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct OmittedSpan {
    /// The byte of [`Sample::input`] before which it is missing.
    pub at: usize,
    /// How many bytes are missing.
    pub bytes: usize,
    /// Tokens of the whole, before it was cut.
    pub tokens: Tokens,
}

/// A place in [`Sample::input`] that matters for the answer.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct EvidenceSpan {
    /// What stands there.
    pub kind: EvidenceKind,
    /// Whether the question asks for it; the rest are distractors and the worked example.
    pub gold: bool,
    /// What a reader is told about it: a key, a variable, a word.
    pub label: String,
    /// Bytes of [`Sample::input`].
    pub bytes: Range<usize>,
    /// Tokens of [`Sample::input`].
    pub tokens: Range<u32>,
}

/// What a piece of evidence is.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
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
    /// A passage that answers the question.
    Document,
    /// One occurrence of a word that is to be counted.
    Word,
}

impl Sample {
    /// The answer that `text` stands for: where an option was taken, the answer prefix belongs to it.
    pub fn whole_answer<'t>(&self, text: &'t str) -> Cow<'t, str> {
        match self.options.is_empty() {
            true => text.into(),
            false => format!("{}{text}", self.answer_prefix).into(),
        }
    }

    /// Characters (not bytes) of `input` that a byte range covers, as Python counts.
    pub fn characters(&self, bytes: &Range<usize>) -> Range<usize> {
        let before = |at: usize| self.input[..at].chars().count();
        let start = before(bytes.start);
        start..start + self.input[bytes.clone()].chars().count()
    }
}
