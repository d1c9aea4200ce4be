//! The three questions: which model, what for, how long; and the example that is shown first.

use fathom_shared::advise::evidence::Workload;

use super::{AdvisorForm, word};
use crate::protocol::results::SetKey;

/// Where the evidence about a model comes from: one of them answers “Which model?”.
const SOURCES: [&str; 5] = ["model", "run", "file", "set", "name"];
/// What the three questions ask.
const ASKED: [&str; 8] = [
    "model", "run", "file", "set", "name", "for", "errors", "target",
];

impl AdvisorForm {
    /// What stands there on a first visit.
    pub(in crate::pages::advisor) fn example() -> Self {
        Self::default()
            .with("model", "Llama3.1 8B".to_owned())
            .with("for", word(Workload::MultiDocumentSynthesis))
            .with("target", "128K".to_owned())
    }

    /// Whether nothing is filled in.
    pub(in crate::pages::advisor) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Whether more is filled in than the three questions ask.
    pub(in crate::pages::advisor) fn asks_more(&self) -> bool {
        self.0.keys().any(|key| !ASKED.contains(key))
    }

    /// The same about another model: one of `sets` by its label, a published one, or a name.
    pub(in crate::pages::advisor) fn with_model(
        self,
        text: &str,
        sets: &[(SetKey, String)],
        published: &[String],
    ) -> Self {
        let text = text.trim();
        let file = self.get("file").to_owned();
        let none = SOURCES
            .into_iter()
            .fold(self, |form, key| form.with(key, String::new()));
        let set = sets.iter().find(|(_, label)| label == text);
        match set.map(|(key, _)| key) {
            Some(key) => match key.strip_prefix("run:") {
                Some(run) => none.with("run", run.to_owned()),
                // A file beside the page is read again from its own address.
                None if key.starts_with("file:") && !file.is_empty() => none.with("file", file),
                None => none.with("set", key.clone()),
            },
            None if published.iter().any(|name| name == text) => {
                none.with("model", text.to_owned())
            }
            None => none.with("name", text.to_owned()),
        }
    }

    /// What stands in the field of the first question.
    pub(in crate::pages::advisor) fn model_text(&self, sets: &[(SetKey, String)]) -> String {
        let asked: Vec<SetKey> = sets.iter().map(|(key, _)| key.clone()).collect();
        let asked = self.sets(&asked);
        let first = asked.first();
        let label = sets.iter().find(|(key, _)| Some(key) == first);
        match (label, self.get("model")) {
            (Some((_, label)), _) => label.clone(),
            (None, "") => self.get("name").to_owned(),
            (None, model) => model.to_owned(),
        }
    }
}
