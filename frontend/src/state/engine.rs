//! The model in this browser.

use std::collections::BTreeMap;
use std::rc::Rc;
use std::sync::Arc;

use fathom_shared::api::{RunEvent, RunView};
use js_sys::JsString;
use leptos::prelude::*;
use wasm_bindgen::JsValue;

use super::answer::AnswerState;
use super::builder::BuilderState;
use super::now_ms;
use super::reader::ReaderState;
use super::settings::storage;
use crate::protocol::{
    BuiltSample, EngineChoice, FromEngine, LoadStep, LoadedModel, ModelLocation, PageRunCall,
    PageRunReply, QuestionAnswer, StoredModel, ToEngine,
};
use crate::worker_host::WorkerHost;

/// Where the browser keeps what models run on.
const CHOICE: &str = "fathom.engine";

/// How far the model is.
#[derive(Clone, PartialEq, Debug)]
pub(crate) enum ModelState {
    /// None was asked for.
    None,
    /// On its way.
    Loading {
        step: LoadStep,
        done: u64,
        of: Option<u64>,
    },
    /// Here.
    Ready(LoadedModel),
    /// Not here, and why.
    Failed(String),
}

impl ModelState {
    /// The word for tests and style sheets.
    pub(crate) fn state(&self) -> &'static str {
        match self {
            Self::None => "none",
            Self::Loading { .. } => "loading",
            Self::Ready(_) => "ready",
            Self::Failed(_) => "failed",
        }
    }
}

/// The lab.
#[derive(Clone, Copy)]
pub(crate) struct EngineState {
    /// The model.
    pub(crate) model: RwSignal<ModelState>,
    /// What the next model runs on; kept in the browser.
    pub(crate) choice: RwSignal<EngineChoice>,
    /// What the browser keeps.
    pub(crate) stored: RwSignal<Vec<StoredModel>>,
    /// Why it keeps nothing.
    pub(crate) no_storage: RwSignal<Option<String>>,
    /// The answer, and the hash of the prompt it belongs to.
    pub(crate) answer: RwSignal<(String, AnswerState)>,
    /// What was thought before it, where that was a call of its own.
    pub(crate) thoughts: RwSignal<AnswerState>,
    /// The runs that this browser keeps, the newest first.
    pub(crate) runs: RwSignal<Vec<RunView>>,
    /// Every answer to a question that was asked by itself, the oldest first: rows of those runs.
    pub(crate) answers: RwSignal<Arc<Vec<QuestionAnswer>>>,
    /// Why the last answer is not among them.
    pub(crate) unkept: RwSignal<Option<String>>,
    inner: StoredValue<EngineInner, LocalStorage>,
}

/// What is done with a reply about runs.
type OnRunReply = Box<dyn FnOnce(Result<PageRunReply, String>, JsValue)>;

/// What is done with an event of a run.
type OnRunEvent = Rc<dyn Fn(i64, i64, RunEvent)>;

#[derive(Default)]
struct EngineInner {
    host: Option<WorkerHost<ToEngine>>,
    ticket: u32,
    /// The ticket of the answer that is shown.
    asked: u32,
    /// Who waits for a reply about runs, by ticket.
    waiting: BTreeMap<u32, OnRunReply>,
    /// Receives the events of runs: the run, the event's number, the event.
    on_run: Option<OnRunEvent>,
    builder: Option<BuilderState>,
    reader: Option<ReaderState>,
}

impl EngineState {
    pub(crate) fn new(builder: BuilderState, reader: ReaderState) -> Self {
        let kept = storage().and_then(|kept| kept.get_item(CHOICE).ok()?);
        let lab = Self {
            model: RwSignal::new(ModelState::None),
            choice: RwSignal::new(
                kept.as_deref()
                    .map_or_else(Default::default, EngineChoice::of),
            ),
            stored: RwSignal::new(Vec::new()),
            no_storage: RwSignal::new(None),
            answer: RwSignal::new((String::new(), AnswerState::Idle)),
            thoughts: RwSignal::new(AnswerState::Idle),
            runs: RwSignal::new(Vec::new()),
            answers: RwSignal::new(Arc::default()),
            unkept: RwSignal::new(None),
            inner: StoredValue::new_local(EngineInner::default()),
        };
        let started = WorkerHost::start(
            "engine",
            move |message, beside| lab.hear(message, beside),
            move |message| lab.broke(message),
        );
        match started {
            Ok(host) => lab.inner.update_value(|inner| {
                inner.host = Some(host);
                inner.builder = Some(builder);
                inner.reader = Some(reader);
            }),
            Err(message) => lab.broke(message),
        }
        lab
    }

    /// Chooses what models run on. One that is loaded is loaded again.
    pub(crate) fn choose(self, choice: EngineChoice) {
        self.choice.set(choice);
        if let Some(kept) = storage() {
            // A full or forbidden store forgets the choice, and that is all.
            let _kept = kept.set_item(CHOICE, choice.as_str());
        }
        if let ModelState::Ready(model) = self.model.get_untracked() {
            let sha256 = model.engine.model_sha256;
            self.load(ModelLocation::Stored { sha256 }, &JsValue::UNDEFINED);
        }
    }

    /// Loads a model; `file` is the picked file, where there is one.
    pub(crate) fn load(self, source: ModelLocation, file: &JsValue) {
        self.model.set(ModelState::Loading {
            step: LoadStep::Fetch,
            done: 0,
            of: None,
        });
        let engine = self.choice.get_untracked();
        self.send(&ToEngine::Load { source, engine }, file);
    }

    /// Forgets a stored model.
    pub(crate) fn forget(self, sha256: String) {
        self.send(&ToEngine::Forget { sha256 }, &JsValue::UNDEFINED);
    }

    /// Asks the model for an answer, with the second call that a task makes of it.
    pub(crate) fn ask(self, built: &BuiltSample) {
        self.thoughts.set(AnswerState::Idle);
        self.unkept.set(None);
        self.answer
            .set((built.prompt_hash.clone(), AnswerState::Queued));
        let mut built = Box::new(built.clone());
        let text = JsString::from(built.take_text());
        let ticket = self.next_ticket();
        self.inner.update_value(|inner| inner.asked = ticket);
        self.send(&ToEngine::Ask { ticket, built }, &text);
    }

    /// The model that is loaded.
    pub(crate) fn loaded(self) -> Option<LoadedModel> {
        match self.model.get() {
            ModelState::Ready(model) => Some(model),
            _ => None,
        }
    }

    /// Wants something of the runs that this browser keeps.
    pub(crate) fn call(
        self,
        call: PageRunCall,
        then: impl FnOnce(Result<PageRunReply, String>) + 'static,
    ) {
        self.call_beside(call, move |outcome, _| then(outcome));
    }

    /// The same, with its attachment.
    pub(crate) fn call_beside(
        self,
        call: PageRunCall,
        then: impl FnOnce(Result<PageRunReply, String>, JsValue) + 'static,
    ) {
        if self.inner.with_value(|inner| inner.host.is_none()) {
            let none = "The worker that stores runs could not start.";
            return then(Err(none.to_owned()), JsValue::UNDEFINED);
        }
        let ticket = self.next_ticket();
        self.inner.update_value(|inner| {
            inner.waiting.insert(ticket, Box::new(then));
        });
        self.send(&ToEngine::Runs { ticket, call }, &JsValue::UNDEFINED);
    }

    /// From now on, `hear` receives the events of runs.
    pub(crate) fn on_run(self, hear: impl Fn(i64, i64, RunEvent) + 'static) {
        self.inner
            .update_value(|inner| inner.on_run = Some(Rc::new(hear)));
    }

    fn next_ticket(self) -> u32 {
        let ticket = self.inner.try_update_value(|inner| {
            inner.ticket += 1;
            inner.ticket
        });
        ticket.unwrap_or_default()
    }

    /// Stops the work in progress.
    pub(crate) fn cancel(self) {
        self.send(&ToEngine::Cancel, &JsValue::UNDEFINED);
    }

    fn send(self, message: &ToEngine, beside: &JsValue) {
        self.inner.with_value(|inner| {
            if let Some(host) = &inner.host {
                host.send(message, beside);
            }
        });
    }

    fn hear(self, message: FromEngine, beside: JsValue) {
        match message {
            FromEngine::Hello => {}
            FromEngine::Stored { models } => self.stored.set(models),
            FromEngine::NoStorage { message } => self.no_storage.set(Some(message)),
            FromEngine::Loading { step, done, of } => {
                self.model.set(ModelState::Loading { step, done, of });
            }
            FromEngine::Loaded { model } => {
                let name = model.engine.model.clone();
                self.model.set(ModelState::Ready(model));
                if let Some(reader) = self.inner.with_value(|inner| inner.reader) {
                    reader.count_by(name.clone(), beside.clone());
                }
                if let Some(builder) = self.inner.with_value(|inner| inner.builder) {
                    builder.use_header(name, beside);
                }
            }
            FromEngine::LoadFailed { message, cancelled } => {
                self.model.set(if cancelled {
                    ModelState::None
                } else {
                    ModelState::Failed(message)
                });
            }
            FromEngine::Prefill {
                ticket,
                done,
                total,
            } if self.is_current(ticket) => {
                self.answer
                    .update(|(_, answer)| *answer = AnswerState::Prefill { done, total });
            }
            FromEngine::Token { ticket, text } if self.is_current(ticket) => {
                self.answer
                    .update(|(_, answer)| answer.push(&text, now_ms()));
            }
            FromEngine::Again { ticket, thoughts } if self.is_current(ticket) => {
                self.thoughts.set(AnswerState::thought(*thoughts));
                self.answer
                    .update(|(_, answer)| *answer = AnswerState::Queued);
            }
            FromEngine::Done { ticket, row } if self.is_current(ticket) => {
                self.answer
                    .update(|(_, answer)| *answer = AnswerState::Over(row));
            }
            FromEngine::Unloaded => {
                let message =
                    "The connection to the GPU was lost. Load the model again.".to_owned();
                self.model.set(ModelState::Failed(message));
            }
            FromEngine::Runs { runs } => self.runs.set(runs),
            FromEngine::Answers { answers } => self.answers.set(Arc::new(answers)),
            FromEngine::Unkept { message } => self.unkept.set(Some(message)),
            FromEngine::RunEvent { id, seq, event } => {
                if let Some(hear) = self.inner.with_value(|inner| inner.on_run.clone()) {
                    hear(id, seq, event);
                }
            }
            FromEngine::RunReply { ticket, outcome } => {
                let waiting = |inner: &mut EngineInner| inner.waiting.remove(&ticket);
                if let Some(then) = self.inner.try_update_value(waiting).flatten() {
                    then(outcome.map(|reply| *reply), beside);
                }
            }
            FromEngine::Prefill { .. }
            | FromEngine::Token { .. }
            | FromEngine::Again { .. }
            | FromEngine::Done { .. } => {}
        }
    }

    fn is_current(self, ticket: u32) -> bool {
        self.inner.with_value(|inner| inner.asked == ticket)
    }

    fn broke(self, message: String) {
        self.model.set(ModelState::Failed(message.clone()));
        self.answer.update(|(_, answer)| {
            if answer.is_running() {
                *answer = AnswerState::Idle;
            }
        });
        let waiting = |inner: &mut EngineInner| std::mem::take(&mut inner.waiting);
        let waiting = self.inner.try_update_value(waiting).unwrap_or_default();
        for then in waiting.into_values() {
            then(Err(message.clone()), JsValue::UNDEFINED);
        }
    }
}
