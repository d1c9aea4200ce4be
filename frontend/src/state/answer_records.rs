//! What was answered in this browser, kept in it.

use std::fmt;
use std::sync::Arc;

use fathom_shared::longbench::{AnswerVerdict, ChoiceLetter, LongBenchSetting, QuestionCard};
use fathom_shared::tokens::Tokens;
use leptos::prelude::*;
use serde::{Deserialize, Serialize};

const KEY: &str = "fathom.longbench";
/// So many are kept; the oldest go first.
const KEPT: usize = 3000;

/// How a question is put and answered: what is never mixed.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub(crate) struct AnswerSetup {
    /// How it is put.
    pub(crate) setting: LongBenchSetting,
    /// Whether the likeliest letter is taken instead of what the model writes.
    pub(crate) letters: bool,
}

impl fmt::Display for AnswerSetup {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let by = if self.letters { " by letters" } else { "" };
        write!(f, "{}{by}", self.setting)
    }
}

/// An answer to a question about a long text.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub(crate) struct AnswerRecord {
    /// SHA-256 of the questions' set.
    pub(crate) set: String,
    /// The question's number in it.
    pub(crate) number: u32,
    /// Its id.
    pub(crate) id: String,
    /// How it was put.
    pub(crate) setting: LongBenchSetting,
    /// Whether the likeliest letter was taken instead of what the model writes.
    #[serde(default)]
    pub(crate) letters: bool,
    /// Prompt and answer together.
    pub(crate) length: Tokens,
    /// The model.
    pub(crate) model: String,
    /// What ran it.
    pub(crate) device: String,
    /// What it thought first, where it was asked to.
    pub(crate) thoughts: Option<String>,
    /// What it wrote, or why nothing came.
    pub(crate) response: Result<String, String>,
    /// The letter taken from it.
    pub(crate) letter: Option<ChoiceLetter>,
    /// The right one.
    pub(crate) answer: ChoiceLetter,
    /// When, in ms.
    pub(crate) at_ms: f64,
}

impl AnswerRecord {
    /// What became of the question.
    pub(crate) fn verdict(&self) -> AnswerVerdict {
        match (&self.response, self.letter) {
            (Err(_), _) => AnswerVerdict::Failed,
            (Ok(_), None) => AnswerVerdict::Unparsed,
            (Ok(_), Some(letter)) if letter == self.answer => AnswerVerdict::Right,
            (Ok(_), Some(_)) => AnswerVerdict::Wrong,
        }
    }

    /// Whether it is about this question, put and answered this way.
    pub(crate) fn is_about(&self, set: &str, card: &QuestionCard, way: AnswerSetup) -> bool {
        self.set == set && self.id == card.id && self.way() == way
    }

    /// How it was put and answered.
    pub(crate) fn way(&self) -> AnswerSetup {
        AnswerSetup {
            setting: self.setting,
            letters: self.letters,
        }
    }
}

/// The records.
#[derive(Clone, Copy)]
pub(crate) struct AnswerRecords {
    /// All of them, the oldest first.
    pub(crate) all: RwSignal<Arc<Vec<AnswerRecord>>>,
    /// Whether the browser keeps them.
    pub(crate) kept: RwSignal<bool>,
}

impl AnswerRecords {
    /// Those that the browser kept.
    pub(crate) fn new() -> Self {
        let read = || serde_json::from_str(&storage()?.get_item(KEY).ok()??).ok();
        let all: Vec<AnswerRecord> = read().unwrap_or_default();
        Self {
            all: RwSignal::new(Arc::new(all)),
            kept: RwSignal::new(true),
        }
    }

    /// Keeps another.
    pub(crate) fn add(self, record: AnswerRecord) {
        self.all.update(|all| {
            let all = Arc::make_mut(all);
            all.push(record);
            let over = all.len().saturating_sub(KEPT);
            all.drain(..over);
        });
        self.save();
    }

    /// Forgets those about one set.
    pub(crate) fn forget(self, set: &str) {
        self.all
            .update(|all| Arc::make_mut(all).retain(|record| record.set != set));
        self.save();
    }

    fn save(self) {
        let json = self.all.with_untracked(|all| serde_json::to_string(&**all));
        let kept = storage().zip(json.ok());
        let kept = kept.is_some_and(|(storage, json)| storage.set_item(KEY, &json).is_ok());
        self.kept.set(kept);
    }
}

fn storage() -> Option<web_sys::Storage> {
    window().local_storage().ok().flatten()
}
