//! Request and response types for multiple-choice questions about long texts.

use std::ops::Range;

use serde::{Deserialize, Serialize};

use crate::longbench::QuestionCard;
use crate::longbench::viewer::WindowStart;
use crate::text_source::TextSource;

/// `GET /api/questions`: the questions that runs of `longbench_v2` ask, without their texts.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct QuestionSet {
    /// Where they came from.
    pub source: TextSource,
    /// In the order of the file.
    pub cards: Vec<QuestionCard>,
}

/// `GET /api/questions/{number}`: one of them, still without its text.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct QuestionView {
    /// The question.
    pub card: QuestionCard,
    /// Bytes of its text from which the answer follows, where that is known.
    pub evidence: Vec<Range<u32>>,
}

/// Which lines of a text to return: `GET /api/questions/{number}/window`.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct WindowQuery {
    /// The most characters in a line.
    pub columns: u32,
    /// The first line wanted.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub line: Option<u32>,
    /// Or a byte of the text; its line will be in the middle.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub byte: Option<u32>,
    /// How many lines, 400 at most.
    pub lines: u32,
}

impl WindowQuery {
    /// Where the window begins: at its byte, if it has one.
    pub fn begin(&self) -> WindowStart {
        match self.byte {
            Some(byte) => WindowStart::Byte(byte),
            None => WindowStart::Line(self.line.unwrap_or_default()),
        }
    }
}
