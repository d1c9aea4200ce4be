//! The worker that builds samples to look at side by side: beside the builder, so that nobody
//! waits for it. It starts when it is first wanted.

use leptos::prelude::*;
use wasm_bindgen::JsValue;

use super::builder::AssetBytes;
use crate::protocol::{FromBuilder, SampleSummary, ToBuilder};
use crate::worker::host::WorkerHost;
use fathom_shared::task::TaskSpec;

/// How far the samples are.
#[derive(Clone, PartialEq, Debug, Default)]
pub(crate) enum SummariesState {
    /// None was asked for.
    #[default]
    None,
    /// On their way.
    Waiting,
    /// Here.
    Here(Vec<SampleSummary>),
    /// Not made, and why.
    Failed(String),
}

/// Samples side by side.
#[derive(Clone, Copy)]
pub(crate) struct SampleSummaries {
    /// The samples asked for last.
    pub(crate) sight: RwSignal<SummariesState>,
    inner: StoredValue<SummariesInner, LocalStorage>,
}

#[derive(Default)]
struct SummariesInner {
    host: Option<WorkerHost<ToBuilder>>,
    /// What a worker gets when it starts.
    worn: Vec<AssetBytes>,
    ticket: u32,
    at_work: bool,
    last: Option<(TaskSpec, Vec<u32>)>,
}

impl SampleSummaries {
    pub(super) fn new() -> Self {
        Self {
            sight: RwSignal::new(SummariesState::None),
            inner: StoredValue::new_local(SummariesInner::default()),
        }
    }

    /// Wants these samples of `spec`; whatever was under way is no longer wanted.
    pub(crate) fn want(self, spec: TaskSpec, samples: Vec<u32>) {
        let wanted = Some((spec, samples));
        if self.inner.with_value(|inner| inner.last == wanted) {
            return;
        }
        self.inner.update_value(|inner| inner.last = wanted);
        self.order();
    }

    /// From now on makes samples with these.
    pub(super) fn wear(self, worn: Vec<AssetBytes>) {
        self.inner.update_value(|inner| {
            inner.worn = worn;
            inner.host = None;
            inner.at_work = false;
        });
        if self.inner.with_value(|inner| inner.last.is_some()) {
            self.order();
        }
    }

    fn order(self) {
        let mut none = false;
        self.inner.update_value(|inner| {
            // A worker cannot be interrupted, only ended.
            if inner.at_work {
                inner.host = None;
            }
            none = inner.host.is_none();
        });
        if none {
            self.start();
        }
        self.inner.update_value(|inner| {
            let (Some(host), Some((spec, samples))) = (&inner.host, inner.last.clone()) else {
                return;
            };
            inner.ticket += 1;
            inner.at_work = true;
            let ticket = inner.ticket;
            let message = ToBuilder::Glance {
                ticket,
                spec,
                samples,
            };
            host.send(&message, &JsValue::UNDEFINED);
        });
        // What is shown stays until there is better: nothing flickers.
        self.sight.update(|sight| {
            if !matches!(sight, SummariesState::Here(_)) {
                *sight = SummariesState::Waiting;
            }
        });
    }

    fn start(self) {
        let on_message = move |message, _| self.hear(message);
        let on_error = move |message| self.broke(message);
        match WorkerHost::start("glances", on_message, on_error) {
            Ok(host) => self.inner.update_value(|inner| {
                for (piece, bytes) in &inner.worn {
                    let piece = piece.clone();
                    host.send(&ToBuilder::Take { piece }, bytes);
                }
                inner.host = Some(host);
            }),
            Err(message) => self.broke(message),
        }
    }

    fn hear(self, message: FromBuilder) {
        match message {
            FromBuilder::Glanced { ticket, glances } => {
                if self.inner.with_value(|inner| inner.ticket != ticket) {
                    return;
                }
                self.inner.update_value(|inner| inner.at_work = false);
                self.sight.set(match glances {
                    Ok(glances) => SummariesState::Here(glances),
                    Err(message) => SummariesState::Failed(message),
                });
            }
            FromBuilder::Broken { message } => self.broke(message),
            _ => {}
        }
    }

    fn broke(self, message: String) {
        self.inner.update_value(|inner| {
            inner.host = None;
            inner.at_work = false;
            inner.last = None;
        });
        self.sight.set(SummariesState::Failed(message));
    }
}
