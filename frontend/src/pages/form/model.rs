//! The words of the form. Pure.

use fathom_shared::task::RulerCategory;
use fathom_shared::task::{OptionKind, Profile, TASKS, Task, TaskOption};

/// The tasks by the skill they ask for, in the registry's order.
pub(in super::super) fn groups() -> Vec<(&'static str, Vec<&'static dyn Task>)> {
    let mut groups: Vec<(&'static str, Vec<&'static dyn Task>)> = Vec::new();
    for task in TASKS {
        let title = match task.category() {
            Some(skill) => category(skill),
            None if task.takes_script() => "Your own",
            None if task.asks_questions() => "Real texts",
            None => "Other benchmarks",
        };
        match groups.iter_mut().find(|(known, _)| *known == title) {
            Some((_, tasks)) => tasks.push(*task),
            None => groups.push((title, vec![*task])),
        }
    }
    groups
}

fn category(category: RulerCategory) -> &'static str {
    match category {
        RulerCategory::SingleNeedle => "Single needle",
        RulerCategory::MultiNeedle => "Multi needle",
        RulerCategory::MultiHop => "Multi-hop tracing",
        RulerCategory::Aggregation => "Aggregation",
        RulerCategory::QuestionAnswering => "Question answering",
    }
}

/// What a profile does.
pub(in super::super) fn profile(profile: Profile) -> &'static str {
    match profile {
        Profile::Upstream => "Original, byte for byte (upstream)",
        Profile::Stratified => "Evidence spread evenly over the depth (stratified)",
    }
}

/// What an option takes, and what it is when nobody turns it.
pub(super) fn bounds(task_option: &TaskOption) -> String {
    match task_option.kind {
        OptionKind::Number {
            default,
            least,
            most,
        } => format!("From {least} to {most}, by default {default}"),
        OptionKind::Real {
            default,
            least,
            most,
        } => format!("From {least} to {most}, by default {default}"),
        OptionKind::Choice { default, .. } => format!("By default {default}"),
        OptionKind::Switch { default } => match default {
            true => "On by default".to_owned(),
            false => "Off by default".to_owned(),
        },
    }
}

/// An option's value when nobody changes it.
pub(super) fn default(task_option: &TaskOption) -> String {
    match task_option.kind {
        OptionKind::Number { default, .. } => default.to_string(),
        OptionKind::Real { default, .. } => default.to_string(),
        OptionKind::Choice { default, .. } => default.to_owned(),
        OptionKind::Switch { default } => default.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use fathom_shared::task::OptionValues;
    use std::collections::BTreeMap;

    #[test]
    fn every_task_is_in_one_group() {
        let groups = groups();
        // RULER's categories, other benchmarks, real texts, one's own.
        assert_eq!(groups.len(), RulerCategory::ALL.len() + 3);
        let listed: usize = groups.iter().map(|(_, tasks)| tasks.len()).sum();
        assert_eq!(listed, TASKS.len());
    }

    #[test]
    fn what_the_form_shows_as_default_is_accepted() {
        for task in TASKS {
            let task_options = task.task_options();
            let set: BTreeMap<_, _> = task_options
                .iter()
                .map(|task_option| (task_option.name.to_owned(), default(task_option)))
                .collect();
            let options = OptionValues::parse(task_options, &set).unwrap();
            assert!(
                task.check(&options, Default::default()).is_ok(),
                "{}",
                task.id()
            );
            assert!(
                task_options
                    .iter()
                    .all(|task_option| !bounds(task_option).is_empty())
            );
            for task_option in task_options {
                assert!(!task_option.label.is_empty(), "{}", task.id());
            }
        }
    }
}
