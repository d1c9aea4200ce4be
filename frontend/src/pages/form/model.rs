//! The words of the form. Pure.

use fathom_shared::task::Category;
use fathom_shared::task::custom;
use fathom_shared::task::{Knob, KnobKind, Profile, TASKS, Task};

/// The tasks by the skill they ask for, in the registry's order.
pub(in super::super) fn groups() -> Vec<(&'static str, Vec<&'static dyn Task>)> {
    let mut groups: Vec<(&'static str, Vec<&'static dyn Task>)> = Vec::new();
    for task in TASKS {
        let title = match task.id() {
            custom::ID => "Your own",
            id => Category::of(id).map_or("Real texts", category),
        };
        match groups.iter_mut().find(|(known, _)| *known == title) {
            Some((_, tasks)) => tasks.push(*task),
            None => groups.push((title, vec![*task])),
        }
    }
    groups
}

fn category(category: Category) -> &'static str {
    match category {
        Category::SingleNeedle => "Single needle",
        Category::MultiNeedle => "Multi needle",
        Category::MultiHop => "Multi-hop tracing",
        Category::Aggregation => "Aggregation",
        Category::QuestionAnswering => "Question answering",
    }
}

/// What a profile does.
pub(in super::super) fn profile(profile: Profile) -> &'static str {
    match profile {
        Profile::Upstream => "upstream · byte for byte as the original program",
        Profile::Stratified => "stratified · evidence evenly over the depth",
    }
}

/// What a knob takes, and what it is when nobody turns it.
pub(super) fn bounds(knob: &Knob) -> String {
    match knob.kind {
        KnobKind::Number {
            default,
            least,
            most,
        } => format!("From {least} to {most}, by default {default}"),
        KnobKind::Real {
            default,
            least,
            most,
        } => format!("From {least} to {most}, by default {default}"),
        KnobKind::Choice { default, .. } => format!("By default {default}"),
        KnobKind::Switch { default } => match default {
            true => "On by default".to_owned(),
            false => "Off by default".to_owned(),
        },
    }
}

/// A knob's value when nobody turns it.
pub(super) fn default(knob: &Knob) -> String {
    match knob.kind {
        KnobKind::Number { default, .. } => default.to_string(),
        KnobKind::Real { default, .. } => default.to_string(),
        KnobKind::Choice { default, .. } => default.to_owned(),
        KnobKind::Switch { default } => default.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use fathom_shared::task::Options;
    use std::collections::BTreeMap;

    #[test]
    fn every_task_is_in_one_group() {
        let groups = groups();
        // RULER's categories, real texts, one's own.
        assert_eq!(groups.len(), Category::ALL.len() + 2);
        let listed: usize = groups.iter().map(|(_, tasks)| tasks.len()).sum();
        assert_eq!(listed, TASKS.len());
    }

    #[test]
    fn what_the_form_shows_as_default_is_accepted() {
        for task in TASKS {
            let knobs = task.knobs();
            let set: BTreeMap<_, _> = knobs
                .iter()
                .map(|knob| (knob.name.to_owned(), default(knob)))
                .collect();
            let options = Options::parse(knobs, &set).unwrap();
            assert!(
                task.check(&options, Default::default()).is_ok(),
                "{}",
                task.id()
            );
            assert!(knobs.iter().all(|knob| !bounds(knob).is_empty()));
        }
    }
}
