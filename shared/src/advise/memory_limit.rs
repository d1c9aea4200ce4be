//! Says first, before any verdict, if the model does not fit into memory.

use super::advice::Advice;
use super::costs::PromptMemory;
use super::evidence::Evidence;
use super::sentences::short;
use super::verdict::Verdict;
use crate::tokens::Tokens;

/// The length in which retrieved passages are read.
const PASSAGES: Tokens = Tokens(8_192);

impl Advice {
    /// If the available memory cannot hold the model at the target, says so first: in the
    /// sentence, the next step and the plan.
    pub(super) fn made_to_fit(&mut self, evidence: &Evidence) {
        let lacking = self.memory.as_ref().filter(|memory| memory.lacks());
        let Some((memory, fitting)) =
            lacking.and_then(|memory| Some((memory, memory.fitting.as_ref()?)))
        else {
            return;
        };
        // Another model needs other memory, and passages are read in a short window.
        let spared = match self.action {
            Verdict::SwitchModel => true,
            Verdict::Retrieve => fitting.length.is_some_and(|length| length >= PASSAGES),
            _ => false,
        };
        if spared {
            return;
        }
        let model = evidence.model.as_ref().map(|one| one.name.as_str());
        let names = [Some(self.name.as_str()), model];
        let mut names = names.into_iter().flatten().filter(|one| !one.is_empty());
        let name = names.next().unwrap_or("this model");
        let there = held(memory);
        self.sentence = format!(
            "{name} does not run at {} tokens on {there}: make it fit first. {}",
            short(memory.length),
            match self.action {
                Verdict::Keep => "Nothing else that was measured calls for a change.",
                _ => self.sentence.as_str(),
            }
        );
        let ways = fitting.says();
        let then = match self.action {
            Verdict::Keep => {
                "measure again, as fewer bits and another model have their own losses".to_owned()
            }
            _ => lower(&self.next.what),
        };
        self.next.why = format!(
            "{there} cannot hold it at {} tokens; {}",
            short(memory.length),
            match self.action {
                Verdict::Keep => "nothing else that was measured calls for a change",
                _ => self.next.why.as_str(),
            }
        );
        // A step that asks to decide by cost stays one.
        self.next.what = match self.next.is_close() {
            true => format!("{}. Before that, make it fit: {ways}", self.next.what),
            false => format!("Make it fit first ({ways}); then {then}"),
        };
        self.plan.insert(0, format!("Make it fit: {ways}."));
        if self.action == Verdict::Keep {
            self.plan
                .retain(|line| !line.starts_with("Use it as it is"));
            self.plan
                .push("Validate: RULER at the target in the version that fits.".to_owned());
        }
    }
}

/// `2 × H100`.
fn held(memory: &PromptMemory) -> String {
    let there = memory.there_are.unwrap_or_default();
    format!("{there} × {}", memory.hardware)
}

/// With a lower-case first letter, except for names of benchmarks.
fn lower(text: &str) -> String {
    let mut letters = text.chars();
    let first = letters.next();
    let second = letters.clone().next();
    match (first, second) {
        (Some(first), Some(second)) if second.is_lowercase() => {
            first.to_lowercase().chain(letters).collect()
        }
        _ => text.to_owned(),
    }
}
