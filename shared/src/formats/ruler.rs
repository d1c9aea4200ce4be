//! RULER's own JSONL.

use serde::{Deserialize, Serialize};

use crate::task::Sample;
use crate::tokens::Tokens;

/// One row of RULER's `validation.jsonl`, fields in the original's order.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub struct DataRow {
    /// NIAH: character position of the first answer; other tasks: the sample's number.
    pub index: i64,
    /// The prompt without the answer prefix.
    pub input: String,
    /// The references.
    pub outputs: Vec<String>,
    /// Prompt, answer prefix and room for the answer, in tokens.
    pub length: Tokens,
    /// The same with the tokens set aside for a model's template.
    pub length_w_model_temp: Tokens,
    /// How the answer begins.
    pub answer_prefix: String,
    /// NIAH: tokens before the first answer.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub token_position_answer: Option<Tokens>,
}

impl From<&Sample> for DataRow {
    fn from(sample: &Sample) -> Self {
        Self {
            index: sample.index,
            input: sample.input.clone(),
            outputs: sample.references.clone(),
            length: sample.length,
            length_w_model_temp: sample.length_w_model_temp,
            answer_prefix: sample.answer_prefix.clone(),
            token_position_answer: sample.token_position_answer,
        }
    }
}
