//! The server, as far as there is one.

use fathom_shared::api::{ModelInfo, NewRun, RunEvent};
use leptos::prelude::*;
use leptos::task::spawn_local;
use wasm_bindgen::prelude::*;
use web_sys::{Event, EventSource, MessageEvent};

use super::now_ms;
use super::run_state::RunState;
use crate::client;

/// Whether a server is there.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) enum Presence {
    /// Not known yet.
    Unknown,
    /// It answers; its version.
    Up(String),
    /// It does not, and what to do.
    Down(String),
}

/// The server.
#[derive(Clone, Copy)]
pub(crate) struct Server {
    /// Whether it is there.
    pub(crate) presence: RwSignal<Presence>,
    /// The models it has.
    pub(crate) models: RwSignal<Vec<ModelInfo>>,
    /// The run that is followed.
    pub(crate) run: RwSignal<Option<(i64, RunState)>>,
    /// Why the last request was refused, or that the stream is broken.
    pub(crate) fault: RwSignal<Option<String>>,
    stream: StoredValue<Option<Stream>, LocalStorage>,
}

struct Stream {
    source: EventSource,
    _on_message: Closure<dyn FnMut(MessageEvent)>,
    _on_error: Closure<dyn FnMut(Event)>,
}

impl Drop for Stream {
    fn drop(&mut self) {
        self.source.close();
    }
}

impl Server {
    pub(crate) fn new() -> Self {
        let server = Self {
            presence: RwSignal::new(Presence::Unknown),
            models: RwSignal::new(Vec::new()),
            run: RwSignal::new(None),
            fault: RwSignal::new(None),
            stream: StoredValue::new_local(None),
        };
        server.look();
        server
    }

    /// Looks whether it is there, and what it has.
    pub(crate) fn look(self) {
        spawn_local(async move {
            match client::health().await {
                Ok(health) => self.presence.set(Presence::Up(health.version)),
                Err(error) => {
                    return self
                        .presence
                        .set(Presence::Down(error.message().to_owned()));
                }
            }
            match client::models().await {
                Ok(models) => self.models.set(models),
                Err(error) => self.fault.set(Some(error.message().to_owned())),
            }
        });
    }

    /// Orders a run; `then` gets its id.
    pub(crate) fn order(self, order: NewRun, then: impl FnOnce(i64) + 'static) {
        self.fault.set(None);
        spawn_local(async move {
            match client::create(&order).await {
                Ok(run) => then(run.id),
                Err(error) => self.fault.set(Some(error.message().to_owned())),
            }
        });
    }

    /// Stops the followed run.
    pub(crate) fn cancel(self) {
        let Some(id) = self
            .run
            .with_untracked(|run| run.as_ref().map(|(id, _)| *id))
        else {
            return;
        };
        spawn_local(async move {
            if let Err(error) = client::cancel(id).await {
                self.fault.set(Some(error.message().to_owned()));
            }
        });
    }

    /// Follows a run from its beginning on, or none.
    pub(crate) fn follow(self, id: Option<i64>) {
        if self
            .run
            .with_untracked(|run| run.as_ref().map(|(id, _)| *id))
            == id
        {
            return;
        }
        self.stream.set_value(None);
        self.run.set(id.map(|id| (id, RunState::default())));
        let Some(id) = id else { return };
        let source = match client::events(id) {
            Ok(source) => source,
            Err(error) => return self.fault.set(Some(error.message().to_owned())),
        };
        let on_message = Closure::<dyn FnMut(MessageEvent)>::new(move |event: MessageEvent| {
            let text = event.data().as_string().unwrap_or_default();
            match serde_json::from_str(&text) {
                Ok(event) => self.apply(id, event),
                Err(error) => self.fault.set(Some(format!(
                    "The server said what the page does not know: {error}"
                ))),
            }
        });
        let watched = source.clone();
        let on_error = Closure::<dyn FnMut(Event)>::new(move |_| {
            let over = self
                .run
                .with_untracked(|run| run.as_ref().is_some_and(|(_, run)| run.is_final()));
            // The browser connects again by itself, unless the server refused the run.
            if over {
                watched.close();
            } else if watched.ready_state() == EventSource::CLOSED {
                self.fault.set(Some(format!(
                    "The server has no run {id}, or is not there."
                )));
            } else {
                self.fault.set(Some(
                    "The connection to the server broke; trying again.".to_owned(),
                ));
            }
        });
        source.set_onmessage(Some(on_message.as_ref().unchecked_ref()));
        source.set_onerror(Some(on_error.as_ref().unchecked_ref()));
        let stream = Stream {
            source,
            _on_message: on_message,
            _on_error: on_error,
        };
        self.stream.set_value(Some(stream));
    }

    fn apply(self, id: i64, event: RunEvent) {
        self.fault.set(None);
        self.run.update(|run| {
            if let Some((current, run)) = run
                && *current == id
            {
                run.apply(event, now_ms());
            }
        });
    }
}
