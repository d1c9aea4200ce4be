//! The worker that builds samples to look at side by side: beside the builder, so that nobody
//! waits for it. It starts when it is first wanted.

use std::sync::Arc;

use leptos::prelude::*;
use wasm_bindgen::JsValue;

use crate::protocol::{
    BuildError, BuildRequest, BuilderAsset, BuiltSample, FormField, FromBuilder, SampleSummary,
    ToBuilder,
};
use crate::worker_host::WorkerHost;
use fathom_shared::task::TaskSpec;

/// A piece of what samples are made with, and its bytes.
pub(super) type AssetBytes = (BuilderAsset, JsValue);

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
    /// The last whole sample that was asked for, or why there is none.
    pub(crate) whole: RwSignal<Option<Result<Arc<BuiltSample>, BuildError>>>,
    inner: StoredValue<SummariesInner, LocalStorage>,
}

#[derive(Default)]
struct SummariesInner {
    host: Option<WorkerHost<ToBuilder>>,
    /// What a worker gets when it starts.
    worn: Vec<AssetBytes>,
    ticket: u32,
    at_work: bool,
    last: Option<SideRequest>,
}

/// What is wanted of the worker.
#[derive(Clone, PartialEq)]
enum SideRequest {
    /// These samples, as they are compared with their neighbours.
    Summaries(TaskSpec, Vec<u32>),
    /// One with its prompt.
    Whole(BuildRequest),
}

impl SampleSummaries {
    pub(super) fn new() -> Self {
        Self {
            sight: RwSignal::new(SummariesState::None),
            whole: RwSignal::new(None),
            inner: StoredValue::new_local(SummariesInner::default()),
        }
    }

    /// Wants these samples of `spec`; whatever was under way is no longer wanted.
    pub(crate) fn want(self, spec: TaskSpec, samples: Vec<u32>) {
        self.want_request(SideRequest::Summaries(spec, samples));
    }

    /// Wants this sample with its prompt; whatever was under way is no longer wanted.
    pub(crate) fn build(self, request: BuildRequest) {
        self.want_request(SideRequest::Whole(request));
    }

    fn want_request(self, request: SideRequest) {
        let wanted = Some(request);
        if self.inner.with_value(|inner| inner.last == wanted) {
            return;
        }
        self.inner.update_value(|inner| inner.last = wanted);
        self.hand_over();
    }

    /// From now on makes samples with these.
    pub(super) fn wear(self, worn: Vec<AssetBytes>) {
        self.inner.update_value(|inner| {
            inner.worn = worn;
            inner.host = None;
            inner.at_work = false;
        });
        if self.inner.with_value(|inner| inner.last.is_some()) {
            self.hand_over();
        }
    }

    fn hand_over(self) {
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
            let (Some(host), Some(request)) = (&inner.host, inner.last.clone()) else {
                return;
            };
            inner.ticket += 1;
            inner.at_work = true;
            let ticket = inner.ticket;
            let message = match request {
                SideRequest::Summaries(spec, samples) => ToBuilder::Glance {
                    ticket,
                    spec,
                    samples,
                },
                SideRequest::Whole(request) => ToBuilder::Build { ticket, request },
            };
            host.send(&message, &JsValue::UNDEFINED);
        });
        // What is shown stays until there is better: nothing flickers.
        let summaries =
            |inner: &SummariesInner| matches!(inner.last, Some(SideRequest::Summaries(..)));
        let summaries = self.inner.with_value(summaries);
        self.sight.update(|sight| {
            if summaries && !matches!(sight, SummariesState::Here(_)) {
                *sight = SummariesState::Waiting;
            }
        });
    }

    fn start(self) {
        let on_message = move |message, beside| self.hear(message, &beside);
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

    /// Whether the answer with this ticket is still wanted.
    fn settle(self, ticket: u32) -> bool {
        let wanted = self.inner.with_value(|inner| inner.ticket == ticket);
        if wanted {
            self.inner.update_value(|inner| inner.at_work = false);
        }
        wanted
    }

    fn hear(self, message: FromBuilder, beside: &JsValue) {
        match message {
            FromBuilder::Built { ticket, mut built } if self.settle(ticket) => {
                let whole = built.put_text(beside.as_string().unwrap_or_default());
                let lost = "The sample arrived without its text. Reload the page.";
                self.whole.set(Some(match whole {
                    true => Ok(Arc::new(*built)),
                    false => Err(BuildError::new(FormField::Task, lost.to_owned())),
                }));
            }
            FromBuilder::Refused { ticket, fault, .. } if self.settle(ticket) => {
                self.whole.set(Some(Err(fault)));
            }
            FromBuilder::Glanced { ticket, glances } if self.settle(ticket) => {
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
        let fault = BuildError::new(FormField::Task, message.clone());
        self.whole.set(Some(Err(fault)));
        self.sight.set(SummariesState::Failed(message));
    }
}
