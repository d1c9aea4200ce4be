//! Scores a completion. One metric per file.

pub mod answer_parts; // which references an answer holds, and where in the text they stood
pub mod ruler; // RULER's scorer for a whole task, with its rounding
pub mod string_match; // RULER's two string-match metrics
mod summarise; // summarises the scores of a cell

use serde::{Deserialize, Serialize};

use crate::longbench;
use crate::task::Metric;
pub use summarise::{SourcedScore, counted, summarise};

/// Increases with every change that can change a score.
pub const SCORER_VERSION: u32 = 1;

/// The score of one completion.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Score {
    /// A fraction from 0 to 1, not rounded.
    pub value: f64,
    /// For each reference, whether the completion contains it.
    pub found: Vec<bool>,
    /// Whether there was nothing to judge: the text is empty after cleaning, or names no option.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub blank: bool,
    /// Where the references stood, as far as known: [`answer_parts::parts`].
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub parts: Vec<answer_parts::AnswerPart>,
    /// Identifies the text that the sample shares with others: [`answer_parts::source`].
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub source: Option<String>,
    /// The [`SCORER_VERSION`] that computed it.
    pub version: u32,
}

/// Scores `text` against `references`.
pub fn score(metric: Metric, text: &str, references: &[String]) -> Score {
    let found = match metric {
        Metric::Letter => vec![longbench::is_right(text, references)],
        _ => string_match::found(text, references),
    };
    let blank = match metric {
        Metric::Letter => longbench::extract(text).is_none(),
        _ => string_match::clean(text).is_empty(),
    };
    let value = match metric {
        Metric::Letter => string_match::all(&found),
        Metric::StringMatchAll => string_match::all(&found),
        Metric::StringMatchPart => string_match::part(&found),
    };
    Score {
        value,
        found,
        blank,
        parts: Vec::new(),
        source: None,
        version: SCORER_VERSION,
    }
}
