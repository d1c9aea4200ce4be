//! The model in this browser.

use std::sync::Arc;

use fathom_shared::run::ScoredTranscript;
use fathom_shared::score::score;
use fathom_shared::tokens::Tokens;
use fathom_shared::transcript::{EngineInfo, Outcome, Transcript};
use leptos::prelude::*;
use wasm_bindgen::JsValue;

use super::answer::AnswerState;
use super::builder::BuilderState;
use super::now_ms;
use super::reader::ReaderState;
use crate::protocol::{
    BuiltSample, FromEngine, LoadStep, LoadedModel, ModelLocation, StoredModel, ToEngine,
};
use crate::worker::host::WorkerHost;

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
    /// The browser cannot run one.
    NoWebGpu,
}

impl ModelState {
    /// The word for tests and style sheets.
    pub(crate) fn state(&self) -> &'static str {
        match self {
            Self::None => "none",
            Self::Loading { .. } => "loading",
            Self::Ready(_) => "ready",
            Self::Failed(_) => "failed",
            Self::NoWebGpu => "nowebgpu",
        }
    }
}

/// The lab.
#[derive(Clone, Copy)]
pub(crate) struct EngineState {
    /// The model.
    pub(crate) model: RwSignal<ModelState>,
    /// What the browser keeps.
    pub(crate) stored: RwSignal<Vec<StoredModel>>,
    /// Why it keeps nothing.
    pub(crate) no_storage: RwSignal<Option<String>>,
    /// The answer, and the hash of the prompt it belongs to.
    pub(crate) answer: RwSignal<(String, AnswerState)>,
    inner: StoredValue<EngineInner, LocalStorage>,
}

#[derive(Default)]
struct EngineInner {
    host: Option<WorkerHost<ToEngine>>,
    ticket: u32,
    asked: Option<Arc<BuiltSample>>,
    builder: Option<BuilderState>,
    reader: Option<ReaderState>,
}

impl EngineState {
    pub(crate) fn new(builder: BuilderState, reader: ReaderState) -> Self {
        let navigator = window().navigator();
        let able = js_sys::Reflect::has(&navigator, &"gpu".into()).unwrap_or(false);
        let lab = Self {
            model: RwSignal::new(if able {
                ModelState::None
            } else {
                ModelState::NoWebGpu
            }),
            stored: RwSignal::new(Vec::new()),
            no_storage: RwSignal::new(None),
            answer: RwSignal::new((String::new(), AnswerState::Idle)),
            inner: StoredValue::new_local(EngineInner::default()),
        };
        if able {
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
        }
        lab
    }

    /// Loads a model; `file` is the picked file, where there is one.
    pub(crate) fn load(self, source: ModelLocation, file: &JsValue) {
        self.model.set(ModelState::Loading {
            step: LoadStep::Fetch,
            done: 0,
            of: None,
        });
        self.send(&ToEngine::Load { source }, file);
    }

    /// Forgets a stored model.
    pub(crate) fn forget(self, sha256: String) {
        self.send(&ToEngine::Forget { sha256 }, &JsValue::UNDEFINED);
    }

    /// Asks the model for an answer.
    pub(crate) fn ask(self, built: Arc<BuiltSample>) {
        let prompt = built.prompt.text.clone();
        let max_tokens = built.sample.tokens_to_generate;
        let options = built.sample.options.clone();
        let prefix = built.prompt.text[built.prompt.prefix.clone()].to_owned();
        self.answer
            .set((built.prompt_hash.clone(), AnswerState::Queued));
        let mut ticket = 0;
        self.inner.update_value(|inner| {
            inner.ticket += 1;
            ticket = inner.ticket;
            inner.asked = Some(built);
        });
        self.send(
            &ToEngine::Generate {
                ticket,
                prompt,
                max_tokens,
                options,
                prefix,
            },
            &JsValue::UNDEFINED,
        );
    }

    /// Stops whatever is under way.
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
            FromEngine::Done {
                ticket,
                prompt_tokens,
                outcome,
                unloaded,
            } => {
                if self.is_current(ticket) {
                    self.settle(prompt_tokens, outcome);
                }
                if unloaded {
                    let message = "The adapter was lost; load the model again.".to_owned();
                    self.model.set(ModelState::Failed(message));
                }
            }
            FromEngine::Prefill { .. } | FromEngine::Token { .. } => {}
        }
    }

    fn is_current(self, ticket: u32) -> bool {
        self.inner.with_value(|inner| inner.ticket == ticket)
    }

    fn settle(self, prompt_tokens: Option<Tokens>, outcome: Outcome) {
        let Some(built) = self.inner.with_value(|inner| inner.asked.clone()) else {
            return;
        };
        let metric = built.order.spec.metric();
        let score = match (&outcome, metric) {
            (Outcome::Completed(completion), Ok(metric)) => {
                let text = built.sample.whole_answer(&completion.text);
                Some(score(metric, &text, &built.sample.references))
            }
            _ => None,
        };
        let engine = match self.model.get_untracked() {
            ModelState::Ready(model) => model.engine,
            _ => EngineInfo::default(),
        };
        let transcript = Transcript {
            sample: built.order.sample,
            prompt_hash: Some(built.prompt_hash.clone()),
            prompt_tokens,
            engine,
            outcome,
        };
        let scored = ScoredTranscript { transcript, score };
        self.answer.set((
            built.prompt_hash.clone(),
            AnswerState::Over(Box::new(scored)),
        ));
    }

    fn broke(self, message: String) {
        self.model.set(ModelState::Failed(message));
        self.answer.update(|(_, answer)| {
            if answer.is_running() {
                *answer = AnswerState::Idle;
            }
        });
    }
}
