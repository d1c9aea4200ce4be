//! Questions put to the model in this browser, one after the other.

use std::collections::VecDeque;

use fathom_shared::longbench::{Card, Letter, Setting, extract};
use fathom_shared::task::longbench_v2::LETTER_PREFIX;
use fathom_shared::transcript::Outcome;
use leptos::prelude::*;
use std::sync::Arc;

use super::answer::Answer;
use super::lab::Lab;
use super::library::Library;
use super::now_ms;
use super::records::{Record, Records, Way};
use crate::protocol::{Built, Put};

/// A question as it is being answered.
#[derive(Clone, PartialEq, Debug)]
pub(crate) struct Trial {
    /// SHA-256 of the questions' set.
    pub(crate) set: String,
    /// The question.
    pub(crate) card: Card,
    /// How it is put.
    pub(crate) put: Put,
    /// What the model thinks first, where it is asked to.
    pub(crate) thoughts: Answer,
    /// What it answers.
    pub(crate) answer: Answer,
    /// Why it was not asked.
    pub(crate) fault: Option<String>,
}

impl Trial {
    /// The letter of its answer.
    pub(crate) fn letter(&self) -> Option<Letter> {
        match &self.answer {
            Answer::Over(_) if self.put.letters => {
                let whole = [LETTER_PREFIX, self.answer.text()].concat();
                extract(&whole)
            }
            Answer::Over(_) => extract(self.answer.text()),
            _ => None,
        }
    }

    fn is(&self, (set, put): &(String, Put)) -> bool {
        self.set == *set && self.put == *put
    }

    /// How the question is put and answered.
    pub(crate) fn way(&self) -> Way {
        Way {
            setting: self.put.setting,
            letters: self.put.letters,
        }
    }

    /// Whether it is over, well or not.
    pub(crate) fn is_over(&self) -> bool {
        self.fault.is_some() || matches!(self.answer, Answer::Over(_))
    }
}

/// The trials of this visit.
#[derive(Clone, Copy)]
pub(crate) struct Trials {
    /// All of them, the latest last; of the same question put the same way there is one.
    pub(crate) all: RwSignal<Vec<Trial>>,
    /// Whether one is under way.
    pub(crate) busy: RwSignal<bool>,
    lab: Lab,
    library: Library,
    records: Records,
    inner: StoredValue<Inner>,
}

#[derive(Default)]
struct Inner {
    waiting: VecDeque<Trial>,
    /// The one under way.
    current: Option<(String, Put)>,
    /// The hash of the prompt that the model is asked; nothing while it is being made.
    hash: Option<String>,
    /// Rises with every trial that is taken up or given up: a prompt that was made for an earlier
    /// one is not asked.
    round: u32,
}

/// What is said of a question that was given up before the model was asked.
const UNASKED: &str = "Stopped while its prompt was being made; the model was not asked.";

impl Trials {
    pub(crate) fn new(lab: Lab, library: Library, records: Records) -> Self {
        let trials = Self {
            all: RwSignal::new(Vec::new()),
            busy: RwSignal::new(false),
            lab,
            library,
            records,
            inner: StoredValue::new(Inner::default()),
        };
        Effect::new(move |_| {
            let (hash, answer) = lab.answer.get();
            let mine = trials
                .inner
                .with_value(|inner| inner.hash.as_deref() == Some(hash.as_str()));
            if mine {
                trials.hear(answer);
            }
        });
        trials
    }

    /// Puts a question, after those that wait.
    pub(crate) fn put(self, set: String, card: Card, put: Put) {
        let trial = Trial {
            set,
            card,
            put,
            thoughts: Answer::Idle,
            answer: Answer::Queued,
            fault: None,
        };
        self.inner
            .update_value(|inner| inner.waiting.push_back(trial.clone()));
        self.all.update(|all| {
            all.retain(|known| known.set != trial.set || known.put != trial.put);
            all.push(trial);
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
        for trial in waiting.into_iter().flatten() {
            let is = |known: &Trial| known.set == trial.set && known.put == trial.put;
            self.all.update(|all| all.retain(|known| !is(known)));
        }
        let unasked = self
            .inner
            .with_value(|inner| inner.current.is_some() && inner.hash.is_none());
        if unasked {
            self.change(|trial| {
                trial.answer = Answer::Idle;
                trial.fault = Some(UNASKED.to_owned());
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
            .map(|trial| (trial.set.clone(), trial.put.clone()));
        self.inner.update_value(|inner| {
            inner.current = current;
            inner.round = inner.round.wrapping_add(1);
        });
        if let Some(trial) = next {
            self.build(trial.put, None);
        }
    }

    /// Lets the prompt of the trial under way be made, and asks it; with `thoughts` that of its
    /// second call.
    fn build(self, put: Put, thoughts: Option<String>) {
        let round = self.inner.with_value(|inner| inner.round);
        self.library.build(put, thoughts, move |built| {
            if self.inner.with_value(|inner| inner.round) == round {
                self.ask(built);
            }
        });
    }

    fn ask(self, built: Result<Built, String>) {
        match built {
            Ok(built) => {
                self.inner
                    .update_value(|inner| inner.hash = Some(built.prompt_hash.clone()));
                self.lab.ask(Arc::new(built));
            }
            Err(message) => {
                self.change(|trial| trial.fault = Some(message));
                self.next();
            }
        }
    }

    /// The model's answer goes on, or is over.
    fn hear(self, answer: Answer) {
        let Some(trial) = self.current() else {
            return;
        };
        let thinks =
            trial.put.setting == Setting::Cot && !matches!(trial.thoughts, Answer::Over(_));
        if !thinks {
            self.change(|trial| trial.answer = answer.clone());
            if matches!(answer, Answer::Over(_)) {
                self.over();
            }
            return;
        }
        self.change(|trial| trial.thoughts = answer.clone());
        let Answer::Over(scored) = &answer else {
            return;
        };
        match &scored.transcript.outcome {
            Outcome::Completed(done) => {
                self.inner.update_value(|inner| inner.hash = None);
                self.build(trial.put, Some(done.text.clone()));
            }
            Outcome::Failed(_) => {
                self.change(|trial| trial.answer = answer.clone());
                self.over();
            }
        }
    }

    /// Keeps what came of the trial under way.
    fn over(self) {
        self.inner.update_value(|inner| inner.hash = None);
        if let Some(record) = self.current().as_ref().and_then(record) {
            self.records.add(record);
        }
        self.next();
    }

    /// The trial under way.
    fn current(self) -> Option<Trial> {
        let current = self.inner.with_value(|inner| inner.current.clone())?;
        self.all.with_untracked(|all| {
            let mut all = all.iter();
            all.find(|trial| trial.is(&current)).cloned()
        })
    }

    fn change(self, change: impl FnOnce(&mut Trial)) {
        let Some(current) = self.inner.with_value(|inner| inner.current.clone()) else {
            return;
        };
        self.all.update(|all| {
            if let Some(trial) = all.iter_mut().find(|trial| trial.is(&current)) {
                change(trial);
            }
        });
    }
}

/// What is kept of a trial; nothing of one that was cancelled.
fn record(trial: &Trial) -> Option<Record> {
    let scored = trial.answer.scored()?;
    if trial.answer.state() == "cancelled" {
        return None;
    }
    Some(Record {
        set: trial.set.clone(),
        number: trial.put.number,
        id: trial.card.id.clone(),
        setting: trial.put.setting,
        letters: trial.put.letters,
        length: trial.put.length,
        model: scored.transcript.engine.model.clone(),
        device: scored.transcript.engine.device.clone(),
        thoughts: (trial.put.setting == Setting::Cot).then(|| trial.thoughts.text().to_owned()),
        response: match &scored.transcript.outcome {
            Outcome::Completed(done) => Ok(done.text.clone()),
            Outcome::Failed(failure) => Err(failure.message.clone()),
        },
        letter: trial.letter(),
        answer: trial.card.answer,
        at_ms: now_ms(),
    })
}
