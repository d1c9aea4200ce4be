//! A sample: its text, references and evidence.

use std::borrow::Cow;
use std::ops::Range;

use serde::{Deserialize, Serialize};

use super::Profile;
use crate::text_source::TextSource;
use crate::tokens::Tokens;

/// One question with its references and evidence spans.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Sample {
    /// Its number within the spec, from 0.
    pub number: u32,
    /// The profile by which it was placed and fitted.
    pub profile: Profile,
    /// The texts and lists that it was made of.
    pub sources: Vec<TextSource>,
    /// The field `index` of RULER's row: for NIAH, the character position of the first answer.
    pub index: i64,
    /// What the model reads, without the answer prefix.
    pub input: String,
    /// Texts that a correct answer contains.
    pub references: Vec<String>,
    /// The words with which the answer begins; the model continues them.
    pub answer_prefix: String,
    /// The options for the rest of the answer, of which the most likely is taken. Empty if the
    /// model writes the answer.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub options: Vec<String>,
    /// Tokens of prompt and answer prefix, plus the answer limit.
    pub length: Tokens,
    /// The same plus the tokens reserved for a model's chat template.
    pub length_w_model_temp: Tokens,
    /// Tokens before the first answer; NIAH only.
    pub token_position_answer: Option<Tokens>,
    /// The most tokens that the answer may take.
    pub tokens_to_generate: Tokens,
    /// Tokens of `input` alone.
    pub input_tokens: Tokens,
    /// Every needle, hop, gold document and counted word, in the order of `input`.
    pub evidence: Vec<EvidenceSpan>,
    /// The part removed from the middle of `input`, if the text was too long.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cut: Option<OmittedSpan>,
}

/// A part of a text that was removed.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct OmittedSpan {
    /// The byte of [`Sample::input`] before which it was removed.
    pub at: usize,
    /// How many bytes were removed.
    pub bytes: usize,
    /// Tokens of the whole text before it was cut.
    pub tokens: Tokens,
}

/// A span of [`Sample::input`] that matters for the answer.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct EvidenceSpan {
    /// What kind of evidence it is.
    pub kind: EvidenceKind,
    /// Whether the question asks for it; others are distractors or belong to the worked example.
    pub gold: bool,
    /// A label for readers: a key, a variable, a word.
    pub label: String,
    /// Bytes of [`Sample::input`].
    pub bytes: Range<usize>,
    /// Tokens of [`Sample::input`].
    pub tokens: Range<u32>,
}

/// The kind of a piece of evidence.
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
    /// One occurrence of a word that has to be counted.
    Word,
}

impl Sample {
    /// The whole answer for `text`: if an option was chosen, it includes the answer prefix.
    pub fn whole_answer<'t>(&self, text: &'t str) -> Cow<'t, str> {
        match self.options.is_empty() {
            true => text.into(),
            false => format!("{}{text}", self.answer_prefix).into(),
        }
    }

    /// The characters (not bytes) of `input` that a byte range covers, counted as in Python.
    pub fn characters(&self, bytes: &Range<usize>) -> Range<usize> {
        let before = |at: usize| self.input[..at].chars().count();
        let start = before(bytes.start);
        start..start + self.input[bytes.clone()].chars().count()
    }
}
