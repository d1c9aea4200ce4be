//! What was answered in this browser, kept in it.

use std::fmt;
use std::sync::Arc;

use fathom_shared::longbench::{Card, Letter, Setting, Verdict};
use fathom_shared::tokens::Tokens;
use leptos::prelude::*;
use serde::{Deserialize, Serialize};

const KEY: &str = "fathom.longbench";
/// So many are kept; the oldest go first.
const KEPT: usize = 3000;

/// How a question is put and answered: what is never mixed.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub(crate) struct Way {
    /// How it is put.
    pub(crate) setting: Setting,
    /// Whether the likeliest letter is taken instead of what the model writes.
    pub(crate) letters: bool,
}

impl fmt::Display for Way {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let by = if self.letters { " by letters" } else { "" };
        write!(f, "{}{by}", self.setting)
    }
}

/// An answer to a question about a long text.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub(crate) struct Record {
    /// SHA-256 of the questions' set.
    pub(crate) set: String,
    /// The question's number in it.
    pub(crate) number: u32,
    /// Its id.
    pub(crate) id: String,
    /// How it was put.
    pub(crate) setting: Setting,
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
    pub(crate) letter: Option<Letter>,
    /// The right one.
    pub(crate) answer: Letter,
    /// When, in ms.
    pub(crate) at_ms: f64,
}

impl Record {
    /// What became of the question.
    pub(crate) fn verdict(&self) -> Verdict {
        match (&self.response, self.letter) {
            (Err(_), _) => Verdict::Failed,
            (Ok(_), None) => Verdict::Unparsed,
            (Ok(_), Some(letter)) if letter == self.answer => Verdict::Right,
            (Ok(_), Some(_)) => Verdict::Wrong,
        }
    }

    /// Whether it is about this question, put and answered this way.
    pub(crate) fn is_about(&self, set: &str, card: &Card, way: Way) -> bool {
        self.set == set && self.id == card.id && self.way() == way
    }

    /// How it was put and answered.
    pub(crate) fn way(&self) -> Way {
        Way {
            setting: self.setting,
            letters: self.letters,
        }
    }
}

/// The records.
#[derive(Clone, Copy)]
pub(crate) struct Records {
    /// All of them, the oldest first.
    pub(crate) all: RwSignal<Arc<Vec<Record>>>,
    /// Whether the browser keeps them.
    pub(crate) kept: RwSignal<bool>,
}

impl Records {
    /// Those that the browser kept.
    pub(crate) fn new() -> Self {
        let read = || serde_json::from_str(&storage()?.get_item(KEY).ok()??).ok();
        let all: Vec<Record> = read().unwrap_or_default();
        Self {
            all: RwSignal::new(Arc::new(all)),
            kept: RwSignal::new(true),
        }
    }

    /// Keeps another.
    pub(crate) fn add(self, record: Record) {
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
