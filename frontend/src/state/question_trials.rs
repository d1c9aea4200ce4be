//! Questions put to the model in this browser, one after the other.

use std::collections::VecDeque;

use fathom_shared::longbench::{ChoiceLetter, LongBenchSetting, QuestionCard, extract};
use fathom_shared::task::longbench_v2::LETTER_PREFIX;
use fathom_shared::transcript::Outcome;
use leptos::prelude::*;

use super::answer::AnswerState;
use super::answer_records::{AnswerRecord, AnswerRecords, AnswerSetup};
use super::engine::EngineState;
use super::library::QuestionLibrary;
use super::now_ms;
use crate::protocol::{BuiltSample, QuestionRequest};

/// A question as it is being answered.
#[derive(Clone, PartialEq, Debug)]
pub(crate) struct QuestionTrial {
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

impl QuestionTrial {
    /// The letter of its answer.
    pub(crate) fn letter(&self) -> Option<ChoiceLetter> {
        match &self.answer {
            AnswerState::Over(_) if self.put.letters => {
                let whole = [LETTER_PREFIX, self.answer.text()].concat();
                extract(&whole)
            }
            AnswerState::Over(_) => extract(self.answer.text()),
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

/// The trials of this visit.
#[derive(Clone, Copy)]
pub(crate) struct QuestionTrials {
    /// All of them, the latest last; of the same question put the same way there is one.
    pub(crate) all: RwSignal<Vec<QuestionTrial>>,
    /// Whether one is under way.
    pub(crate) busy: RwSignal<bool>,
    lab: EngineState,
    library: QuestionLibrary,
    records: AnswerRecords,
    inner: StoredValue<TrialsInner>,
}

#[derive(Default)]
struct TrialsInner {
    waiting: VecDeque<QuestionTrial>,
    /// The one under way.
    current: Option<(String, QuestionRequest)>,
    /// The hash of the prompt that the model is asked; nothing while it is being made.
    hash: Option<String>,
    /// Rises with every trial that is taken up or given up: a prompt that was made for an earlier
    /// one is not asked.
    round: u32,
}

/// What is said of a question that was given up before the model was asked.
const UNASKED: &str = "Stopped while its prompt was being made; the model was not asked.";

impl QuestionTrials {
    pub(crate) fn new(lab: EngineState, library: QuestionLibrary, records: AnswerRecords) -> Self {
        let trials = Self {
            all: RwSignal::new(Vec::new()),
            busy: RwSignal::new(false),
            lab,
            library,
            records,
            inner: StoredValue::new(TrialsInner::default()),
        };
        Effect::new(move |_| {
            let (hash, answer) = lab.answer.get();
            let thoughts = lab.thoughts.get();
            let mine = trials
                .inner
                .with_value(|inner| inner.hash.as_deref() == Some(hash.as_str()));
            if mine {
                trials.hear(answer, thoughts);
            }
        });
        trials
    }

    /// Puts a question, after those that wait.
    pub(crate) fn put(self, set: String, card: QuestionCard, put: QuestionRequest) {
        let trial = QuestionTrial {
            set,
            card,
            put,
            thoughts: AnswerState::Idle,
            answer: AnswerState::Queued,
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
            let is = |known: &QuestionTrial| known.set == trial.set && known.put == trial.put;
            self.all.update(|all| all.retain(|known| !is(known)));
        }
        let unasked = self
            .inner
            .with_value(|inner| inner.current.is_some() && inner.hash.is_none());
        if unasked {
            self.change(|trial| {
                trial.answer = AnswerState::Idle;
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
            self.build(trial.put);
        }
    }

    /// Lets the prompt of the trial under way be made, and asks it.
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
                self.change(|trial| trial.fault = Some(message));
                self.next();
            }
        }
    }

    /// The model's answer goes on, or is over.
    fn hear(self, answer: AnswerState, thoughts: AnswerState) {
        let Some(trial) = self.current() else {
            return;
        };
        let is_over = matches!(answer, AnswerState::Over(_));
        let thinks =
            trial.put.setting == LongBenchSetting::Cot && !matches!(thoughts, AnswerState::Over(_));
        self.change(|trial| {
            trial.thoughts = match thinks {
                true => answer.clone(),
                false => thoughts,
            };
            // Thoughts that came to nothing are all there is.
            if !thinks || is_over {
                trial.answer = answer;
            }
        });
        if is_over {
            self.over();
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
    fn current(self) -> Option<QuestionTrial> {
        let current = self.inner.with_value(|inner| inner.current.clone())?;
        self.all.with_untracked(|all| {
            let mut all = all.iter();
            all.find(|trial| trial.is(&current)).cloned()
        })
    }

    fn change(self, change: impl FnOnce(&mut QuestionTrial)) {
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
fn record(trial: &QuestionTrial) -> Option<AnswerRecord> {
    let scored = trial.answer.scored()?;
    if trial.answer.state() == "cancelled" {
        return None;
    }
    Some(AnswerRecord {
        set: trial.set.clone(),
        number: trial.put.number,
        id: trial.card.id.clone(),
        setting: trial.put.setting,
        letters: trial.put.letters,
        length: trial.put.length,
        model: scored.transcript.engine.model.clone(),
        device: scored.transcript.engine.device.clone(),
        thoughts: (trial.put.setting == LongBenchSetting::Cot)
            .then(|| trial.thoughts.text().to_owned()),
        response: match &scored.transcript.outcome {
            Outcome::Completed(done) => Ok(done.text.clone()),
            Outcome::Failed(failure) => Err(failure.message.clone()),
        },
        letter: trial.letter(),
        answer: trial.card.answer,
        at_ms: now_ms(),
    })
}
