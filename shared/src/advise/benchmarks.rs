//! How many tasks RULER has, and how many questions LongBench v2.

use std::sync::LazyLock;

use crate::longbench::LengthClass;
use crate::published::longbench::LeaderboardColumn;
use crate::task::RulerCategory;

/// RULER's categories with needles.
pub(super) const NEEDLES: [RulerCategory; 2] =
    [RulerCategory::SingleNeedle, RulerCategory::MultiNeedle];
/// RULER's categories that follow references and count words.
pub(super) const HARD: [RulerCategory; 2] = [RulerCategory::MultiHop, RulerCategory::Aggregation];

/// The number of RULER's tasks in each category, in the order of [`RulerCategory::ALL`], from the
/// registry of tasks.
pub(super) static TASKS: LazyLock<[f64; 5]> =
    LazyLock::new(|| RulerCategory::ALL.map(|category| f64::from(tasks_of(&[category]))));

/// The number of RULER's tasks in some categories.
pub(super) fn tasks_of(categories: &[RulerCategory]) -> u32 {
    let all = categories.iter().flat_map(|category| category.tasks());
    all.map(|_| 1).sum()
}

/// The number of all of RULER's tasks.
pub(super) fn ruler_tasks() -> u32 {
    tasks_of(&RulerCategory::ALL)
}

/// The number of RULER's tasks in a category; of all of them without one.
pub(super) fn tasks_in(category: Option<RulerCategory>) -> u32 {
    category.map_or_else(ruler_tasks, |category| tasks_of(&[category]))
}

/// The number of RULER's tasks with needles.
pub(super) fn needle_tasks() -> u32 {
    tasks_of(&NEEDLES)
}

/// The name of a mean over `tasks` of RULER's tasks.
pub(super) fn mean_of(tasks: u32) -> String {
    let (all, needles) = (ruler_tasks(), needle_tasks());
    match tasks {
        tasks if tasks == all => "mean".to_owned(),
        tasks if tasks == needles => format!("mean of its {needles} tasks with needles"),
        tasks => format!("mean of {tasks} of its {all} tasks"),
    }
}

/// LongBench v2's domain of questions about several documents.
pub(super) const MULTI_DOCUMENT: &str = "Multi-Document QA";

/// LongBench v2's domains and the number of questions in each. Source: arXiv 2412.15204, table 1.
pub(super) const DOMAINS: [(&str, u32); 6] = [
    ("Single-Document QA", 175),
    (MULTI_DOCUMENT, 125),
    ("Long In-context Learning", 81),
    ("Long-dialogue History Understanding", 39),
    ("Code Repository Understanding", 50),
    ("Long Structured Data Understanding", 33),
];

/// The number of LongBench v2's questions.
pub(super) fn questions() -> u32 {
    LeaderboardColumn::Overall.questions()
}

/// The number of LongBench v2's questions of a domain, or of a length, or of both at most.
pub(super) fn questions_of(domain: Option<&str>, length: Option<LengthClass>) -> u32 {
    let named = |one: &&(&str, u32)| Some(one.0) == domain;
    let domain = DOMAINS
        .iter()
        .find(named)
        .map_or_else(questions, |one| one.1);
    let length = length.map_or_else(questions, |length| {
        LeaderboardColumn::Length(length).questions()
    });
    domain.min(length)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::stats::lengths::RULER_TASKS;
    use crate::stats::simulated::{LONG, SHORT};

    /// What `stats` keeps by number, as it cannot see the registry of tasks, is the registry's.
    #[test]
    fn the_numbers_of_tasks_are_the_registry_s() {
        let all = ruler_tasks() as usize;
        assert_eq!([all, SHORT.len(), LONG.len()], [RULER_TASKS; 3]);
        assert_eq!(*TASKS, [3.0, 5.0, 1.0, 2.0, 2.0]);
        assert_eq!((needle_tasks(), tasks_of(&HARD)), (8, 3));
    }

    #[test]
    fn the_domains_have_all_questions() {
        let sum: u32 = DOMAINS.iter().map(|one| one.1).sum();
        assert_eq!(sum, questions());
        let long = questions_of(Some(MULTI_DOCUMENT), Some(LengthClass::Long));
        assert_eq!(long, 108);
    }
}
