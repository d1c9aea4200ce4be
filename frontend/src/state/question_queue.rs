//! Questions put to the model in this browser, one after the other.

use std::collections::VecDeque;

use fathom_shared::longbench::{ChoiceLetter, LongBenchSetting, QuestionCard, extract};
use fathom_shared::task::longbench_v2::whole_answer;
use leptos::prelude::*;

use super::answer::AnswerState;
use super::engine::EngineState;
use super::library::QuestionLibrary;
use crate::protocol::{AnswerSetup, BuiltSample, QuestionRequest};

/// A question as it is being answered.
#[derive(Clone, PartialEq, Debug)]
pub(crate) struct QuestionInProgress {
    /// SHA-256 of the questions' set.
    pub(crate) set: String,
    /// The question.
    pub(crate) card: QuestionCard,
    /// How it is put.
    pub(crate) put: QuestionRequest,
    /// What the model thinks first, where it is asked to.
    pub(crate) thoughts: AnswerState,
    /// What it answers.
    pub(crate) answer: AnswerState,
    /// Why it was not asked.
    pub(crate) fault: Option<String>,
}

impl QuestionInProgress {
    /// The letter of its answer.
    pub(crate) fn letter(&self) -> Option<ChoiceLetter> {
        match &self.answer {
            AnswerState::Over(_) => extract(&whole_answer(self.answer.text(), self.put.letters)),
            _ => None,
        }
    }

    fn is(&self, (set, put): &(String, QuestionRequest)) -> bool {
        self.set == *set && self.put == *put
    }

    /// How the question is put and answered.
    pub(crate) fn way(&self) -> AnswerSetup {
        AnswerSetup {
            setting: self.put.setting,
            letters: self.put.letters,
        }
    }

    /// Whether it is over, well or not.
    pub(crate) fn is_over(&self) -> bool {
        self.fault.is_some() || matches!(self.answer, AnswerState::Over(_))
    }
}

/// The questions of this visit.
#[derive(Clone, Copy)]
pub(crate) struct QuestionQueue {
    /// All of them, the latest last; of the same question put the same way there is one.
    pub(crate) all: RwSignal<Vec<QuestionInProgress>>,
    /// Whether one is under way.
    pub(crate) busy: RwSignal<bool>,
    lab: EngineState,
    library: QuestionLibrary,
    inner: StoredValue<QuestionQueueInner>,
}

#[derive(Default)]
struct QuestionQueueInner {
    waiting: VecDeque<QuestionInProgress>,
    /// The one under way.
    current: Option<(String, QuestionRequest)>,
    /// The hash of the prompt that the model is asked; nothing while it is being made.
    hash: Option<String>,
    /// Rises with every entry that is taken up or given up: a prompt that was made for an earlier
    /// one is not asked.
    round: u32,
}

/// What is said of a question that was given up before the model was asked.
const UNASKED: &str = "Stopped while the prompt was being built; the model was not asked.";

impl QuestionQueue {
    pub(crate) fn new(lab: EngineState, library: QuestionLibrary) -> Self {
        let queue = Self {
            all: RwSignal::new(Vec::new()),
            busy: RwSignal::new(false),
            lab,
            library,
            inner: StoredValue::new(QuestionQueueInner::default()),
        };
        Effect::new(move |_| {
            let (hash, answer) = lab.answer.get();
            let thoughts = lab.thoughts.get();
            let mine = queue
                .inner
                .with_value(|inner| inner.hash.as_deref() == Some(hash.as_str()));
            if mine {
                queue.hear(answer, thoughts);
            }
        });
        queue
    }

    /// Puts a question, after those that wait.
    pub(crate) fn put(self, set: String, card: QuestionCard, put: QuestionRequest) {
        let entry = QuestionInProgress {
            set,
            card,
            put,
            thoughts: AnswerState::Idle,
            answer: AnswerState::Queued,
            fault: None,
        };
        self.inner
            .update_value(|inner| inner.waiting.push_back(entry.clone()));
        self.all.update(|all| {
            all.retain(|known| known.set != entry.set || known.put != entry.put);
            all.push(entry);
        });
        if !self.busy.get_untracked() {
            self.next();
        }
    }

    /// Stops the one under way and forgets those that wait.
    pub(crate) fn cancel(self) {
        let waiting = self
            .inner
            .try_update_value(|inner| std::mem::take(&mut inner.waiting));
        for entry in waiting.into_iter().flatten() {
            let is = |known: &QuestionInProgress| known.set == entry.set && known.put == entry.put;
            self.all.update(|all| all.retain(|known| !is(known)));
        }
        let unasked = self
            .inner
            .with_value(|inner| inner.current.is_some() && inner.hash.is_none());
        if unasked {
            self.change(|entry| {
                entry.answer = AnswerState::Idle;
                entry.fault = Some(UNASKED.to_owned());
            });
            self.next();
        } else {
            self.lab.cancel();
        }
    }

    fn next(self) {
        let next = self
            .inner
            .try_update_value(|inner| inner.waiting.pop_front())
            .flatten();
        self.busy.set(next.is_some());
        let current = next
            .as_ref()
            .map(|entry| (entry.set.clone(), entry.put.clone()));
        self.inner.update_value(|inner| {
            inner.current = current;
            inner.round = inner.round.wrapping_add(1);
        });
        if let Some(entry) = next {
            self.build(entry.put);
        }
    }

    /// Lets the prompt of the entry under way be made, and asks it.
    fn build(self, put: QuestionRequest) {
        let round = self.inner.with_value(|inner| inner.round);
        self.library.build(put, move |built| {
            if self.inner.with_value(|inner| inner.round) == round {
                self.ask(built);
            }
        });
    }

    fn ask(self, built: Result<BuiltSample, String>) {
        match built {
            Ok(built) => {
                self.inner
                    .update_value(|inner| inner.hash = Some(built.prompt_hash.clone()));
                self.lab.ask(&built);
            }
            Err(message) => {
                self.change(|entry| entry.fault = Some(message));
                self.next();
            }
        }
    }

    /// The model's answer goes on, or is over.
    fn hear(self, answer: AnswerState, thoughts: AnswerState) {
        let Some(entry) = self.current() else {
            return;
        };
        let is_over = matches!(answer, AnswerState::Over(_));
        let thinks =
            entry.put.setting == LongBenchSetting::Cot && !matches!(thoughts, AnswerState::Over(_));
        self.change(|entry| {
            entry.thoughts = match thinks {
                true => answer.clone(),
                false => thoughts,
            };
            // Thoughts that came to nothing are all there is.
            if !thinks || is_over {
                entry.answer = answer;
            }
        });
        if is_over {
            self.over();
        }
    }

    /// The entry under way is over; the worker keeps its row.
    fn over(self) {
        self.inner.update_value(|inner| inner.hash = None);
        self.next();
    }

    /// The entry under way.
    fn current(self) -> Option<QuestionInProgress> {
        let current = self.inner.with_value(|inner| inner.current.clone())?;
        self.all.with_untracked(|all| {
            let mut all = all.iter();
            all.find(|entry| entry.is(&current)).cloned()
        })
    }

    fn change(self, change: impl FnOnce(&mut QuestionInProgress)) {
        let Some(current) = self.inner.with_value(|inner| inner.current.clone()) else {
            return;
        };
        self.all.update(|all| {
            if let Some(entry) = all.iter_mut().find(|entry| entry.is(&current)) {
                change(entry);
            }
        });
    }
}
