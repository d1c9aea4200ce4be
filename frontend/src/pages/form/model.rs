//! The words of the form. Pure.

use fathom_shared::task::RulerCategory;
use fathom_shared::task::custom;
use fathom_shared::task::{OptionKind, Profile, TASKS, Task, TaskOption};

/// The tasks by the skill they ask for, in the registry's order.
pub(in super::super) fn groups() -> Vec<(&'static str, Vec<&'static dyn Task>)> {
    let mut groups: Vec<(&'static str, Vec<&'static dyn Task>)> = Vec::new();
    for task in TASKS {
        let title = match task.id() {
            custom::ID => "Your own",
            id => RulerCategory::of(id).map_or("Real texts", category),
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
        Profile::Upstream => "upstream · byte for byte as the original program",
        Profile::Stratified => "stratified · evidence evenly over the depth",
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

/// The options of the registry's tasks in words, by the names that they have there.
const LABELS: [(&str, &str); 25] = [
    ("tokens_to_generate", "Tokens of the answer"),
    ("add_fewshot", "Worked example"),
    ("alpha", "Exponent of the frequencies"),
    ("answer", "What counts as the answer"),
    ("coded_wordlen", "Letters of a word"),
    ("dataset", "Question set"),
    ("freq_cw", "Repeats of a common word"),
    ("freq_ucw", "Repeats of any other word"),
    ("model_template_token", "Tokens of the chat template"),
    ("num_chains", "Chains"),
    ("num_cw", "Common words"),
    ("num_fewshot", "Worked examples"),
    ("num_hops", "Hops"),
    ("num_needle_k", "Keys"),
    ("num_needle_q", "Keys asked for"),
    ("num_needle_v", "Values of a key"),
    ("pre_samples", "Questions to skip"),
    ("rag_top", "Chunks retrieved"),
    ("remove_newline_tab", "One line"),
    ("setting", "Setting"),
    ("tail_tokens", "Tokens of the end"),
    ("type_haystack", "Haystack"),
    ("type_needle_k", "Kind of key"),
    ("type_needle_v", "Kind of value"),
    ("vocab_size", "Different words"),
];

/// An option in words; one of a task that is not in the registry by its own name.
pub(super) fn label(task_option: &TaskOption) -> &'static str {
    let known = LABELS.iter().find(|(name, _)| *name == task_option.name);
    known.map_or(task_option.name, |(_, label)| label)
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
        // RULER's categories, real texts, one's own.
        assert_eq!(groups.len(), RulerCategory::ALL.len() + 2);
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
                assert_ne!(
                    label(task_option),
                    task_option.name,
                    "{} has no label",
                    task.id()
                );
            }
        }
    }
}
