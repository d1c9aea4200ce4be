//! The worker that builds samples, as the page holds it: one request at a time, the latest wins.

mod assets; // tokenizer and texts for building samples
mod kept_files; // the picked tokenizer and texts, kept over a reload

use std::ops::Range;
use std::sync::Arc;
use std::time::Duration;

use leptos::leptos_dom::helpers::TimeoutHandle;
use leptos::prelude::*;
use wasm_bindgen::JsValue;

use super::now_ms;
use super::sample_summaries::SampleSummaries;
use crate::protocol::{
    BuildError, BuildRequest, BuilderAsset, BuiltSample, FormField, FromBuilder, PrintedLine,
    ToBuilder, TokenStarts,
};
use crate::worker_host::WorkerHost;
pub(crate) use assets::TokenizerChoice;
use assets::{AssetStatus, BuilderAssets};
use fathom_shared::corpora::CorpusKind;
use fathom_shared::task::TaskSpec;

/// Long enough that a number can be typed, short enough that nobody waits.
const PAUSE: Duration = Duration::from_millis(140);
/// A request that has been worked on for longer than this gives way to a newer one.
const PATIENCE: Duration = Duration::from_millis(1500);

/// The builder.
#[derive(Clone, Copy)]
pub(crate) struct BuilderState {
    /// The last good sample.
    pub(crate) built: RwSignal<Option<Arc<BuiltSample>>>,
    /// The good sample before it, or the one that is held.
    pub(crate) earlier: RwSignal<Option<Arc<BuiltSample>>>,
    /// Whether `earlier` stays what it is.
    pub(crate) hold: RwSignal<bool>,
    /// Where tokens begin in the part of the prompt that was asked for last.
    pub(crate) cut: RwSignal<Option<Arc<TokenStarts>>>,
    /// What the task's script printed, for the last request.
    pub(crate) console: RwSignal<Vec<PrintedLine>>,
    /// Samples beside it.
    pub(crate) glances: SampleSummaries,
    /// Why the last request got none.
    pub(crate) fault: RwSignal<Option<BuildError>>,
    /// Whether a request is being worked on.
    pub(crate) busy: RwSignal<bool>,
    /// What samples are made with, beside what comes with the page.
    pub(crate) worn: RwSignal<Vec<BuilderAsset>>,
    /// Why a picked file was not taken; with the text that it was for, if it was for one.
    pub(crate) misfit: RwSignal<Option<(Option<CorpusKind>, String)>>,
    inner: StoredValue<BuilderInner, LocalStorage>,
}

#[derive(Default)]
struct BuilderInner {
    host: Option<WorkerHost<ToBuilder>>,
    ticket: u32,
    /// The request being worked on, with the time it began.
    at_work: Option<(u32, f64)>,
    next: Option<BuildRequest>,
    last: Option<BuildRequest>,
    outfit: BuilderAssets,
    pause: Option<TimeoutHandle>,
    /// The file that is read, with who waits for its spec.
    reading: Option<(ToBuilder, OnTaskRead)>,
}

/// What is done with the spec of a file, or with the sentence why there is none.
type OnTaskRead = Box<dyn FnOnce(Result<TaskSpec, String>)>;

impl BuilderState {
    /// Starts the worker.
    pub(crate) fn new() -> Self {
        let builder = Self {
            built: RwSignal::new(None),
            earlier: RwSignal::new(None),
            hold: RwSignal::new(false),
            cut: RwSignal::new(None),
            console: RwSignal::new(Vec::new()),
            glances: SampleSummaries::new(),
            fault: RwSignal::new(None),
            busy: RwSignal::new(false),
            worn: RwSignal::new(Vec::new()),
            misfit: RwSignal::new(None),
            inner: StoredValue::new_local(BuilderInner::default()),
        };
        builder.start();
        builder.take_kept();
        builder
    }

    /// Wants `request` built, unless another comes within a moment.
    pub(crate) fn want(self, request: BuildRequest) {
        let due = set_timeout_with_handle(move || self.hand_over(request), PAUSE).ok();
        self.inner.update_value(|inner| {
            if let Some(earlier) = std::mem::replace(&mut inner.pause, due) {
                earlier.clear();
            }
        });
        self.busy.set(true);
    }

    /// The form is at fault: nothing is wanted.
    pub(crate) fn refuse(self, fault: BuildError) {
        self.inner.update_value(|inner| {
            if let Some(earlier) = inner.pause.take() {
                earlier.clear();
            }
            inner.next = None;
            inner.at_work = None;
            inner.last = None;
        });
        self.console.set(Vec::new());
        self.fault.set(Some(fault));
        self.busy.set(false);
    }

    /// Wants to know where tokens begin around `bytes` of the prompt that is shown.
    pub(crate) fn look_at(self, bytes: Range<usize>) {
        let hash = self
            .built
            .with_untracked(|built| built.as_ref().map(|built| built.prompt_hash.clone()));
        self.inner.with_value(|inner| {
            if let (Some(host), Some(prompt_hash)) = (&inner.host, hash) {
                host.send(&ToBuilder::Cut { prompt_hash, bytes }, &JsValue::UNDEFINED);
            }
        });
    }

    /// Reads a task's file or a spec; where it says nothing, `form` decides. The latest wins.
    pub(crate) fn read_task(
        self,
        (name, text): (String, String),
        form: Option<TaskSpec>,
        then: impl FnOnce(Result<TaskSpec, String>) + 'static,
    ) {
        self.inner.update_value(|inner| {
            inner.ticket += 1;
            let message = ToBuilder::ReadTask {
                ticket: inner.ticket,
                name,
                text,
                form,
            };
            inner.reading = Some((message, Box::new(then)));
            inner.send_reading();
        });
    }

    fn task_read(self, ticket: u32, spec: Result<TaskSpec, String>) {
        let waits = self.inner.try_update_value(|inner| {
            let is = |message: &ToBuilder| matches!(message, ToBuilder::ReadTask { ticket: of, .. } if *of == ticket);
            inner.reading.take_if(|(message, _)| is(message))
        });
        if let Some((_, then)) = waits.flatten() {
            then(spec);
        }
    }

    fn start(self) {
        let on_message = move |message, beside| self.hear(message, beside);
        let on_error = move |message| self.broke(message);
        match WorkerHost::start("builder", on_message, on_error) {
            Ok(host) => self.inner.update_value(|inner| {
                inner.host = Some(host);
                inner.send_outfit();
                inner.send_reading();
            }),
            Err(message) => self.broke(message),
        }
    }

    /// Builds anew what was wanted last: it is made with something else now.
    fn again(self) {
        match self.inner.with_value(|inner| inner.last.clone()) {
            Some(last) => self.hand_over(last),
            None => self.busy.set(false),
        }
    }

    fn hand_over(self, request: BuildRequest) {
        self.inner
            .update_value(|inner| inner.last = Some(request.clone()));
        match self.inner.with_value(|inner| inner.outfit.fit()) {
            AssetStatus::Right => {}
            // It is built when the piece is there.
            AssetStatus::Waiting => return self.busy.set(true),
            AssetStatus::Wrong(message) => {
                self.fault
                    .set(Some(BuildError::new(FormField::Tokenizer, message)));
                return self.busy.set(false);
            }
        }
        let mut late = None;
        self.inner.update_value(|inner| match inner.at_work {
            None => inner.send(request),
            Some((ticket, since)) => {
                inner.next = Some(request);
                let spent = Duration::from_secs_f64((now_ms() - since).max(0.0) / 1000.0);
                late = Some((ticket, PATIENCE.saturating_sub(spent)));
            }
        });
        self.busy.set(true);
        if let Some((ticket, rest)) = late {
            set_timeout(move || self.give_up_on(ticket), rest);
        }
    }

    /// A worker cannot be interrupted, only ended.
    fn give_up_on(self, ticket: u32) {
        let stuck = self.inner.with_value(|inner| {
            inner.next.is_some() && inner.at_work.is_some_and(|(at_work, _)| at_work == ticket)
        });
        if stuck {
            self.inner.update_value(|inner| {
                inner.host = None;
                inner.at_work = None;
            });
            self.start();
            self.go_on();
        }
    }

    /// Sends what waits; says whether anything did.
    fn go_on(self) -> bool {
        let mut more = false;
        self.inner.update_value(|inner| {
            if let Some(next) = inner.next.take() {
                inner.send(next);
                more = true;
            }
        });
        more
    }

    fn hear(self, message: FromBuilder, beside: JsValue) {
        match message {
            FromBuilder::Hello | FromBuilder::Glanced { .. } => {}
            FromBuilder::Took { piece, fault } => self.took(&piece, fault),
            FromBuilder::Built { ticket, mut built } => {
                if !self.settle(ticket) {
                    return;
                }
                if built.put_text(beside.as_string().unwrap_or_default()) {
                    self.take(*built);
                } else {
                    self.broke("The sample arrived without its text. Reload the page.".to_owned());
                }
            }
            FromBuilder::Refused {
                ticket,
                fault,
                console,
            } => {
                if self.settle(ticket) {
                    self.console.set(console);
                    self.fault.set(Some(fault));
                }
            }
            FromBuilder::TaskRead { ticket, spec } => self.task_read(ticket, spec),
            FromBuilder::Cut { cut } => self.cut.set(Some(Arc::new(cut))),
            FromBuilder::Broken { message } => self.broke(message),
        }
    }

    fn take(self, built: BuiltSample) {
        self.fault.set(None);
        self.console.set(built.console.clone());
        let before = self.built.get_untracked();
        let other = before.as_ref().is_some_and(|before| {
            before.request != built.request || before.tokenizer != built.tokenizer
        });
        if other && !self.hold.get_untracked() {
            self.earlier.set(before);
        }
        self.built.set(Some(Arc::new(built)));
    }

    /// Takes `ticket` off the bench; says whether its outcome is still wanted.
    fn settle(self, ticket: u32) -> bool {
        let known = self
            .inner
            .with_value(|inner| inner.at_work.is_some_and(|(at_work, _)| at_work == ticket));
        if !known {
            return false;
        }
        self.inner.update_value(|inner| inner.at_work = None);
        if self.go_on() {
            return false;
        }
        self.busy.set(false);
        true
    }

    fn broke(self, message: String) {
        let reading = self.inner.try_update_value(|inner| {
            inner.at_work = None;
            inner.reading.take()
        });
        if let Some((_, then)) = reading.flatten() {
            then(Err(message.clone()));
        }
        self.fault
            .set(Some(BuildError::new(FormField::Task, message)));
        self.busy.set(false);
    }
}

impl BuilderInner {
    fn send(&mut self, request: BuildRequest) {
        self.ticket += 1;
        self.at_work = Some((self.ticket, now_ms()));
        if let Some(host) = &self.host {
            let ticket = self.ticket;
            host.send(&ToBuilder::Build { ticket, request }, &JsValue::UNDEFINED);
        }
    }

    fn send_reading(&self) {
        if let (Some(host), Some((message, _))) = (&self.host, &self.reading) {
            host.send(message, &JsValue::UNDEFINED);
        }
    }

    fn send_outfit(&self) {
        for (piece, bytes) in self.outfit.all() {
            if let Some(host) = &self.host {
                let piece = piece.clone();
                host.send(&ToBuilder::Take { piece }, bytes);
            }
        }
    }
}
