//! Answers prompts on the adapter.

use std::cell::RefCell;
use std::io::{Read, Seek, SeekFrom};
use std::rc::Rc;

use fathom_kernels::cancel::CancelFlag;
use fathom_kernels::gpu::Gpu;
use fathom_kernels::model::logprobs::log_softmax;
use fathom_kernels::model::sampler::Sampler;
use fathom_kernels::session::{
    GenerationEnd, GenerationEvent, KernelTuning, Session, SessionError,
};
use fathom_shared::thinking::{left_open, part};
use fathom_shared::tokens::Tokens;
use fathom_shared::transcript::{
    Completion, EngineInfo, Failure, FailureKind, FinishReason as Ended, Outcome, Timings,
};
use js_sys::Uint8Array;
use wasm_bindgen::JsValue;
use wasm_bindgen_futures::spawn_local;
use web_sys::AbortController;

use super::adapter;
use super::model_source::{self, ReadStop};
use super::store::{ModelStorage, file_of};
use crate::protocol::{FromEngine, LoadStep, LoadedModel, ModelLocation, StoredModel, ToEngine};

#[derive(Default)]
struct EngineWorker {
    session: Option<Session>,
    /// What is under way, to be stopped.
    work: Option<(CancelFlag, Option<AbortController>)>,
}

pub(super) fn start() {
    let bench = Rc::new(RefCell::new(EngineWorker::default()));
    super::listen(move |message: ToEngine, beside| {
        let bench = Rc::clone(&bench);
        match message {
            ToEngine::Cancel => stop(&bench),
            ToEngine::Forget { sha256 } => spawn_local(forget(sha256)),
            ToEngine::Load { source } => spawn_local(load(bench, source, beside)),
            ToEngine::Generate {
                ticket,
                prompt,
                max_tokens,
                options,
                prefix,
            } => {
                let asked = EngineRequest {
                    prompt,
                    max_tokens,
                    options,
                    prefix,
                };
                spawn_local(generate(bench, ticket, asked));
            }
        }
    });
    say(&FromEngine::Hello);
    spawn_local(tell_stored());
}

fn say(message: &FromEngine) {
    super::say(message, &JsValue::UNDEFINED);
}

fn stop(bench: &RefCell<EngineWorker>) {
    if let Some((cancel, abort)) = &bench.borrow().work {
        cancel.raise();
        if let Some(abort) = abort {
            abort.abort();
        }
    }
}

async fn tell_stored() {
    match ModelStorage::open().await {
        Ok(store) => say(&FromEngine::Stored {
            models: store.models().await,
        }),
        Err(message) => say(&FromEngine::NoStorage { message }),
    }
}

async fn forget(sha256: String) {
    if let Ok(store) = ModelStorage::open().await
        && let Err(message) = store.forget(&sha256).await
    {
        say(&FromEngine::NoStorage { message });
    }
    tell_stored().await;
}

async fn load(bench: Rc<RefCell<EngineWorker>>, source: ModelLocation, beside: JsValue) {
    let cancel = CancelFlag::default();
    let Ok(abort) = AbortController::new() else {
        return;
    };
    {
        let mut bench = bench.borrow_mut();
        if bench.work.is_some() {
            return;
        }
        bench.session = None;
        bench.work = Some((cancel.clone(), Some(abort.clone())));
    }
    let loaded = bring_up(source, &beside, &abort, &cancel).await;
    bench.borrow_mut().work = None;
    match loaded {
        Ok((session, model, header)) => {
            bench.borrow_mut().session = Some(session);
            super::say(
                &FromEngine::Loaded { model },
                &Uint8Array::from(&header[..]),
            );
        }
        Err(ReadStop::Cancelled) => {
            let message = "Loading was cancelled; nothing is kept.".to_owned();
            say(&FromEngine::LoadFailed {
                message,
                cancelled: true,
            });
        }
        Err(ReadStop::Failed(message)) => say(&FromEngine::LoadFailed {
            message,
            cancelled: false,
        }),
    }
    tell_stored().await;
}

async fn bring_up(
    source: ModelLocation,
    beside: &JsValue,
    abort: &AbortController,
    cancel: &CancelFlag,
) -> Result<(Session, LoadedModel, Vec<u8>), ReadStop> {
    let started = js_sys::Date::now();
    let failed = |error: SessionError| match error {
        SessionError::Cancelled => ReadStop::Cancelled,
        other => ReadStop::Failed(other.to_string()),
    };
    // Asked first: without an adapter nobody wants the download.
    let gpu = Gpu::open().await.map_err(|error| error.to_string())?;
    let device = match adapter::name().await {
        Some(name) => format!("{name} (WebGPU)"),
        None => gpu.adapter().to_owned(),
    };
    let store = ModelStorage::open().await?;
    let mut report = |done, of| {
        say(&FromEngine::Loading {
            step: LoadStep::Fetch,
            done,
            of,
        });
    };
    let model = model_source::bring(&store, source, beside, abort, cancel, &mut report).await?;

    let StoredModel {
        name,
        sha256,
        size_bytes,
    } = model;
    let mut file = store.file(&file_of(&sha256), false).await?;
    let tuning: Option<KernelTuning> = store.read_json(&tuning_of(&device)).await;
    let mut report = |done, of| {
        say(&FromEngine::Loading {
            step: LoadStep::Upload,
            done,
            of: Some(of),
        });
    };
    let session = Session::load(gpu, &mut file, None, tuning, cancel, &mut report).await;
    let session = match session {
        Ok(session) => session,
        Err(error) => {
            drop(file);
            // A file that is no model of ours is not kept for the next visit.
            if matches!(
                error,
                SessionError::Gguf(_) | SessionError::Config(_) | SessionError::Tokenizer(_)
            ) {
                store.forget(&sha256).await?;
            }
            return Err(failed(error));
        }
    };
    store
        .write_json(&tuning_of(&device), session.tuning())
        .await?;
    let mut header = vec![0; usize::try_from(session.gguf().header_size()).unwrap_or(0)];
    let read = file
        .seek(SeekFrom::Start(0))
        .and_then(|_| file.read_exact(&mut header));
    read.map_err(|error| format!("The stored model cannot be read again: {error}"))?;
    let engine = EngineInfo {
        engine: "wgpu".to_owned(),
        device,
        model: name,
        model_sha256: sha256,
        ..EngineInfo::default()
    };
    let context = Tokens(u32::try_from(session.config().context).unwrap_or(u32::MAX));
    let load_ms = js_sys::Date::now() - started;
    Ok((
        session,
        LoadedModel {
            engine,
            context,
            size_bytes,
            load_ms,
        },
        header,
    ))
}

/// What was measured on one adapter, in a file named after it.
fn tuning_of(device: &str) -> String {
    let plain = |c: char| if c.is_ascii_alphanumeric() { c } else { '-' };
    format!(
        "tuning-{}.json",
        device.chars().map(plain).collect::<String>()
    )
}

/// No template has more characters behind the message.
const TEMPLATE_END: usize = 256;

/// What the model is asked.
struct EngineRequest {
    prompt: String,
    max_tokens: Tokens,
    options: Vec<String>,
    prefix: String,
}

async fn generate(bench: Rc<RefCell<EngineWorker>>, ticket: u32, asked: EngineRequest) {
    let cancel = CancelFlag::default();
    let session = {
        let mut bench = bench.borrow_mut();
        // Taken out while it works: a message that comes meanwhile finds the bench free to look at.
        let session = if bench.work.is_none() {
            bench.session.take()
        } else {
            None
        };
        if session.is_some() {
            bench.work = Some((cancel.clone(), None));
        }
        session
    };
    let Some(mut session) = session else {
        let message = "No model is loaded in this browser, or it is busy.".to_owned();
        let outcome = Outcome::Failed(Failure {
            kind: FailureKind::Engine,
            message,
        });
        return say(&FromEngine::Done {
            ticket,
            prompt_tokens: None,
            outcome,
            unloaded: false,
        });
    };
    let mut read = None;
    let mut report = |event: GenerationEvent<'_>| match event {
        GenerationEvent::Prefill { done, total } => {
            read = Some(Tokens(total));
            let (done, total) = (Tokens(done), Tokens(total));
            say(&FromEngine::Prefill {
                ticket,
                done,
                total,
            });
        }
        GenerationEvent::Text(text) => say(&FromEngine::Token {
            ticket,
            text: text.to_owned(),
        }),
    };
    let answer = answer(&mut session, &asked, &cancel, &mut report).await;
    let unloaded = session.is_lost() || matches!(answer, Err(AnswerFailure::Lost(_)));
    let outcome = match answer {
        Ok(completion) => Outcome::Completed(completion),
        Err(AnswerFailure::Lost(failure) | AnswerFailure::Failed(failure)) => {
            Outcome::Failed(failure)
        }
    };
    {
        let mut bench = bench.borrow_mut();
        bench.work = None;
        bench.session = Some(session).filter(|_| !unloaded);
    }
    say(&FromEngine::Done {
        ticket,
        prompt_tokens: read,
        outcome,
        unloaded,
    });
}

/// Why there is no answer.
enum AnswerFailure {
    /// The adapter went away.
    Lost(Failure),
    /// Something else.
    Failed(Failure),
}

impl From<SessionError> for AnswerFailure {
    fn from(error: SessionError) -> Self {
        let failure = failure(&error);
        match error {
            SessionError::DeviceLost { .. } => Self::Lost(failure),
            _ => Self::Failed(failure),
        }
    }
}

/// What the model writes, or the option that is the likeliest.
async fn answer(
    session: &mut Session,
    asked: &EngineRequest,
    cancel: &CancelFlag,
    report: &mut dyn FnMut(GenerationEvent<'_>),
) -> Result<Completion, AnswerFailure> {
    if !asked.options.is_empty() {
        let firsts = session
            .tokenizer()
            .first_tokens(&asked.prefix, &asked.options);
        let firsts = firsts.map_err(|message| {
            let kind = FailureKind::Prompt;
            AnswerFailure::Failed(Failure { kind, message })
        })?;
        let started = js_sys::Date::now();
        let ids = session.tokenizer().encode(&asked.prompt);
        let logits = session.prefill(&ids, 1, cancel, report).await?;
        let timings = Timings {
            prefill_ms: js_sys::Date::now() - started,
            decode_ms: 0.0,
        };
        let told = firsts.iter();
        let told = told.map(|id| Some(log_softmax(&logits, *id, 0).0));
        return Ok(Completion::chosen(&asked.options, told.collect(), timings));
    }
    let mut sampler = Sampler::greedy();
    let answer = session
        .generate(
            &asked.prompt,
            asked.max_tokens.0,
            &mut sampler,
            cancel,
            report,
        )
        .await?;
    // Behind an answer that is begun no thinking is open; else the template's end says.
    let opened = match asked.prefix.as_str() {
        "" => {
            let end = asked.prompt.char_indices().rev().nth(TEMPLATE_END);
            left_open(&asked.prompt[end.map_or(0, |(at, _)| at)..])
        }
        _ => None,
    };
    let parted = part(&answer.text, opened);
    Ok(Completion {
        text: parted.answer,
        thinking: parted.thinking,
        options: Vec::new(),
        tokens: Tokens(answer.tokens),
        finish: match answer.finish {
            GenerationEnd::Stop => Ended::Stop,
            GenerationEnd::Length => Ended::Length,
        },
        usage: None,
        timings: Timings {
            prefill_ms: answer.prefill_ms,
            decode_ms: answer.decode_ms,
        },
    })
}

fn failure(error: &SessionError) -> Failure {
    let kind = match error {
        SessionError::Cancelled => FailureKind::Cancelled,
        SessionError::Context { .. } | SessionError::Empty => FailureKind::Context,
        SessionError::DeviceLost { .. } => FailureKind::DeviceLost,
        _ => FailureKind::Engine,
    };
    Failure {
        kind,
        message: error.to_string(),
    }
}
