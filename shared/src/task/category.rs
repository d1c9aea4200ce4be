//! Task categories.

use serde::{Deserialize, Serialize};

use super::{TASKS, Task, find};

/// RULER's categories, with retrieval split in two: what vanilla NIAH tests, and what it does not.
///
/// Source: Hsieh et al., arXiv 2404.06654, section 3.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum RulerCategory {
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

impl RulerCategory {
    /// All of them, in RULER's order.
    pub const ALL: [Self; 5] = [
        Self::SingleNeedle,
        Self::MultiNeedle,
        Self::MultiHop,
        Self::Aggregation,
        Self::QuestionAnswering,
    ];

    /// The category of a RULER task; other tasks have none.
    ///
    /// # Example
    /// ```
    /// use fathom_shared::task::RulerCategory;
    /// assert_eq!(RulerCategory::of("vt"), Some(RulerCategory::MultiHop));
    /// assert_eq!(RulerCategory::of("longbench_v2"), None);
    /// ```
    pub fn of(task: &str) -> Option<Self> {
        find(task).ok().and_then(Task::category)
    }

    /// RULER's tasks of this category, in RULER's order.
    ///
    /// # Example
    /// ```
    /// use fathom_shared::task::RulerCategory;
    /// let counts = RulerCategory::ALL.map(|category| category.tasks().count());
    /// assert_eq!(counts, [3, 5, 1, 2, 2]);
    /// ```
    pub fn tasks(self) -> impl Iterator<Item = &'static dyn Task> {
        TASKS
            .iter()
            .copied()
            .filter(move |task| task.category() == Some(self))
    }

    /// The name shown to readers.
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
    use crate::task::ruler;

    #[test]
    fn every_task_of_ruler_has_its_category() {
        let counts = RulerCategory::ALL.map(|category| category.tasks().count());
        assert_eq!(counts, [3, 5, 1, 2, 2]);
        assert_eq!(counts.iter().sum::<usize>(), ruler::count());
    }
}
