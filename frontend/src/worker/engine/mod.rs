//! Answers in this browser, on its adapter or its processor: samples that the page has built, and the
//! runs that this browser keeps.

mod ask; // asks the model one sample
mod bring_up; // loads a model, from its location to an engine that answers
mod choice; // which engine runs a model, and why
mod complete; // completes one prompt with the loaded model
mod page_model; // a model in memory on either engine
mod page_runs; // runs kept in this browser

use std::cell::RefCell;
use std::rc::Rc;

use fathom_kernels::cancel::CancelFlag;
use fathom_kernels::generation::TextGenerator;
use fathom_shared::transcript::EngineInfo;
use js_sys::{JsString, Promise, Uint8Array};
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::{JsFuture, spawn_local};
use web_sys::AbortController;

use super::model_source::ReadStop;
use super::store::ModelStorage;
use crate::protocol::{EngineChoice, FromEngine, LoadedModel, ModelLocation, ToEngine};
use crate::worker_host;
use bring_up::{ReadyModel, bring_up};
use page_model::PageModel;
use page_runs::{PageRuns, wake};

/// The worker: one model, and whose turn it is.
#[derive(Default)]
struct EngineWorker {
    /// The model, while nothing uses it.
    generator: Option<TextGenerator<PageModel>>,
    /// What the page knows about it.
    loaded: Option<LoadedModel>,
    /// The work in progress, so that it can be stopped.
    work: Option<EngineWork>,
    /// How many requests wait for the model: a run gives way after its current sample.
    waiting: u32,
    /// How often the page stopped the work in progress.
    stops: u32,
    /// The runs that this browser keeps.
    runs: PageRuns,
}

/// The work in progress.
enum EngineWork {
    /// A model is on its way.
    Load(CancelFlag, AbortController),
    /// A sample of the page's is answered.
    Ask(CancelFlag),
    /// A run is answered; the flag is that of its current sample.
    Run(CancelFlag),
}

impl EngineWorker {
    /// The engine that answers; an empty one while no model is loaded.
    fn engine_info(&self) -> EngineInfo {
        let loaded = self.loaded.as_ref();
        loaded.map_or_else(EngineInfo::default, |model| model.engine.clone())
    }

    /// The model is free again, or gone with its adapter.
    fn put_back(&mut self, generator: TextGenerator<PageModel>, lost: bool) {
        self.work = None;
        match lost || generator.model().is_lost() {
            true => {
                self.loaded = None;
                say(&FromEngine::Unloaded);
            }
            false => self.generator = Some(generator),
        }
    }
}

pub(super) fn start() {
    let bench = Rc::new(RefCell::new(EngineWorker::default()));
    let hearing = Rc::clone(&bench);
    super::listen(move |message: ToEngine, beside| {
        let bench = Rc::clone(&hearing);
        match message {
            ToEngine::Cancel => stop(&bench),
            ToEngine::Forget { sha256 } => spawn_local(forget(sha256)),
            ToEngine::Load { source, engine } => spawn_local(load(bench, source, engine, beside)),
            ToEngine::Ask { ticket, mut built } => {
                let text = beside.dyn_into::<JsString>().map(String::from);
                // The page takes the text out of what it sends.
                match built.put_text(text.unwrap_or_default()) {
                    true => spawn_local(ask::ask(bench, ticket, *built)),
                    false => ask::refuse(ticket, built.request.sample),
                }
            }
            ToEngine::Runs { ticket, call } => spawn_local(page_runs::hear(bench, ticket, call)),
        }
    });
    say(&FromEngine::Hello);
    spawn_local(async move {
        tell_stored().await;
        page_runs::open(&bench).await;
    });
}

fn say(message: &FromEngine) {
    super::say(message, &JsValue::UNDEFINED);
}

/// Lets others have their turn for a while.
async fn sleep(ms: i32) {
    let promise = Promise::new(&mut |resolve, _| {
        let scope = super::scope();
        // A worker that cannot wait goes on at once.
        if scope
            .set_timeout_with_callback_and_timeout_and_arguments_0(&resolve, ms)
            .is_err()
        {
            let _called = resolve.call0(&JsValue::UNDEFINED);
        }
    });
    let _slept = JsFuture::from(promise).await;
}

/// Stops what the page asked for. A run is stopped by its own name.
fn stop(bench: &RefCell<EngineWorker>) {
    let mut bench = bench.borrow_mut();
    bench.stops += 1;
    match &bench.work {
        Some(EngineWork::Load(cancel, abort)) => {
            cancel.raise();
            abort.abort();
        }
        Some(EngineWork::Ask(cancel)) => cancel.raise(),
        Some(EngineWork::Run(_)) | None => {}
    }
}

async fn tell_stored() {
    match ModelStorage::open().await {
        Ok(store) => match store.listed().await {
            Ok(models) => say(&FromEngine::Stored { models }),
            Err(message) => say(&FromEngine::NoStorage { message }),
        },
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

async fn load(
    bench: Rc<RefCell<EngineWorker>>,
    source: ModelLocation,
    engine: EngineChoice,
    beside: JsValue,
) {
    let stops = bench.borrow().stops;
    make_way(&bench).await;
    let begun = begin_load(&mut bench.borrow_mut(), stops);
    page_runs::tell(&bench);
    let begins = begun.is_ok();
    let loaded = match begun {
        Ok((cancel, abort)) => {
            let loaded = bring_up(source, engine, &beside, &abort, &cancel).await;
            bench.borrow_mut().work = None;
            loaded
        }
        Err(stop) => Err(stop),
    };
    match loaded {
        Ok(ReadyModel {
            model,
            loaded,
            header,
        }) => {
            {
                let mut bench = bench.borrow_mut();
                (bench.generator, bench.loaded) =
                    (Some(model.into_generator()), Some(loaded.clone()));
            }
            let header = Uint8Array::from(&header[..]);
            super::say(&FromEngine::Loaded { model: loaded }, &header);
        }
        Err(ReadStop::Cancelled) => {
            let message = "Loading was cancelled; nothing was saved.".to_owned();
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
    if begins {
        tell_stored().await;
    }
    page_runs::tell(&bench);
    wake(&bench);
}

/// The model that was loaded goes, unless someone is at it; `stops` is how often the page had
/// stopped what was under way when it wanted another.
fn begin_load(
    bench: &mut EngineWorker,
    stops: u32,
) -> Result<(CancelFlag, AbortController), ReadStop> {
    if bench.work.is_some() {
        return Err(match bench.stops == stops {
            true => ReadStop::Failed(
                "The model is busy. Wait until it finishes, or cancel it, before loading another."
                    .to_owned(),
            ),
            false => ReadStop::Cancelled,
        });
    }
    (bench.generator, bench.loaded) = (None, None);
    if bench.stops != stops {
        return Err(ReadStop::Cancelled);
    }
    let cancel = CancelFlag::default();
    let abort = AbortController::new().map_err(|error| {
        ReadStop::Failed(format!(
            "Nothing can be loaded: {}.",
            worker_host::say(&error)
        ))
    })?;
    bench.work = Some(EngineWork::Load(cancel.clone(), abort.clone()));
    Ok((cancel, abort))
}

/// Makes a run abandon its sample and release the model, so that another can be loaded.
async fn make_way(bench: &RefCell<EngineWorker>) {
    bench.borrow_mut().waiting += 1;
    let run_is_left = || match &bench.borrow().work {
        Some(EngineWork::Run(cancel)) => {
            cancel.raise();
            false
        }
        _ => true,
    };
    while !run_is_left() {
        sleep(20).await;
    }
    bench.borrow_mut().waiting -= 1;
}
