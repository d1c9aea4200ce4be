//! What is compared: a cell, or a row that combines several.

use serde::{Deserialize, Serialize};

use crate::longbench::QuestionGroup;
use crate::results::correction::TestGroup;
use crate::results::{ResultCell, length_text};
use crate::stats::lengths::RULER_TASKS;
use crate::task::RulerCategory;
use crate::tokens::Tokens;

/// What is compared.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "is")]
pub enum ComparisonSubject {
    /// One task at one length with one choice of options.
    Cell {
        /// The task's id.
        task: String,
        /// Length of prompt and answer together.
        length: Option<Tokens>,
        /// [`variant`](super::variant).
        variant: String,
    },
    /// All of RULER's tasks that both sets have at a length, equally weighted.
    Length {
        /// Length of prompt and answer together.
        length: Tokens,
        /// How many tasks both have there; with fewer than thirteen it is not called RULER.
        #[serde(default = "all_tasks")]
        tasks: u32,
    },
    /// Those of these tasks that belong to one category.
    Category {
        /// The category.
        category: RulerCategory,
        /// Length of prompt and answer together.
        length: Tokens,
    },
    /// LongBench's questions of one group.
    Questions {
        /// [`variant`](super::variant).
        variant: String,
        /// `overall`, `easy`, `long`, a domain.
        group: String,
    },
}

fn all_tasks() -> u32 {
    RULER_TASKS as u32
}

impl std::fmt::Display for ComparisonSubject {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Cell {
                task,
                length,
                variant,
            } => f.write_str(&ResultCell::new(task, *length, variant, Default::default()).name()),
            Self::Length { length, tasks } if *tasks < all_tasks() => {
                let at = length_text(*length);
                write!(f, "{tasks} of RULER's {} tasks at {at}", all_tasks())
            }
            Self::Length { length, .. } => write!(f, "RULER at {}", length_text(*length)),
            Self::Category { category, length } => {
                write!(f, "{} at {}", category.name(), length_text(*length))
            }
            Self::Questions { variant, group } if variant.is_empty() => {
                write!(f, "LongBench v2, {group}")
            }
            Self::Questions { variant, group } => write!(f, "LongBench v2 ({variant}), {group}"),
        }
    }
}

impl ComparisonSubject {
    /// Its length; `None` without one, and for questions.
    pub(in crate::results) fn length(&self) -> Option<Tokens> {
        match self {
            Self::Cell { length, .. } => *length,
            Self::Length { length, .. } | Self::Category { length, .. } => Some(*length),
            Self::Questions { .. } => None,
        }
    }

    /// Whether it is a part of another row.
    pub fn is_part(&self) -> bool {
        self.group() == TestGroup::Part
    }

    /// The tests that it shares the level with.
    pub(in crate::results) fn group(&self) -> TestGroup {
        match self {
            Self::Cell { .. } => TestGroup::Cell,
            Self::Length { .. } => TestGroup::Whole,
            Self::Category { .. } => TestGroup::Part,
            Self::Questions { group, .. } => match *group == QuestionGroup::Overall.to_string() {
                true => TestGroup::Whole,
                false => TestGroup::Part,
            },
        }
    }
}
