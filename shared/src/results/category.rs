//! What kind of reading a task asks for.

use serde::{Deserialize, Serialize};

/// RULER's categories, retrieval in two: what vanilla NIAH tests, and what it does not.
///
/// Source: Hsieh et al., arXiv 2404.06654, section 3.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum Category {
    /// One needle, as in the vanilla test.
    SingleNeedle,
    /// Several needles, keys, values or questions.
    MultiNeedle,
    /// A chain of references.
    MultiHop,
    /// Words counted over the whole text.
    Aggregation,
    /// A question about documents.
    QuestionAnswering,
}

impl Category {
    /// All of them, in RULER's order.
    pub const ALL: [Self; 5] = [
        Self::SingleNeedle,
        Self::MultiNeedle,
        Self::MultiHop,
        Self::Aggregation,
        Self::QuestionAnswering,
    ];

    /// The category of one of RULER's tasks; any other has none.
    ///
    /// # Example
    /// ```
    /// use fathom_shared::results::Category;
    /// assert_eq!(Category::of("vt"), Some(Category::MultiHop));
    /// assert_eq!(Category::of("longbench_v2"), None);
    /// ```
    pub fn of(task: &str) -> Option<Self> {
        match task {
            "niah_single_1" | "niah_single_2" | "niah_single_3" => Some(Self::SingleNeedle),
            "niah_multikey_1" | "niah_multikey_2" | "niah_multikey_3" | "niah_multivalue"
            | "niah_multiquery" => Some(Self::MultiNeedle),
            "vt" => Some(Self::MultiHop),
            "cwe" | "fwe" => Some(Self::Aggregation),
            "qa_1" | "qa_2" => Some(Self::QuestionAnswering),
            _ => None,
        }
    }

    /// What a reader is told.
    pub fn name(self) -> &'static str {
        match self {
            Self::SingleNeedle => "single needle",
            Self::MultiNeedle => "multi needle",
            Self::MultiHop => "multi-hop tracing",
            Self::Aggregation => "aggregation",
            Self::QuestionAnswering => "question answering",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::score::ruler::TASKS;

    #[test]
    fn every_task_of_ruler_has_its_category() {
        for (task, _) in TASKS {
            assert!(Category::of(task).is_some(), "{task}");
        }
        for category in Category::ALL {
            assert!(
                TASKS
                    .iter()
                    .any(|(task, _)| Category::of(task) == Some(category))
            );
        }
    }
}
