//! The stream of events that the server sends about a run.

use leptos::prelude::*;
use wasm_bindgen::prelude::*;
use web_sys::{Event, EventSource, MessageEvent};

use super::ServerState;
use crate::client::{self, ClientError};
use crate::protocol::RunKey;

/// An open stream; closed when dropped.
pub(super) struct EventStream {
    source: EventSource,
    _on_message: Closure<dyn FnMut(MessageEvent)>,
    _on_error: Closure<dyn FnMut(Event)>,
}

impl Drop for EventStream {
    fn drop(&mut self) {
        self.source.set_onmessage(None);
        self.source.set_onerror(None);
        self.source.close();
    }
}

impl EventStream {
    /// Receives the events of run `id` after its event `after`.
    ///
    /// # Errors
    /// A browser without server-sent events.
    pub(super) fn open(server: ServerState, id: i64, after: i64) -> Result<Self, ClientError> {
        let source = client::events(id, after)?;
        let key = RunKey::Server(id);
        let fault = server.fault;
        let on_message = Closure::<dyn FnMut(MessageEvent)>::new(move |event: MessageEvent| {
            let text = event.data().as_string().unwrap_or_default();
            match serde_json::from_str(&text) {
                // The browser repeats the last number for events that have none.
                Ok(said) => server.hear(key, event.last_event_id().parse().ok(), said),
                Err(error) => fault.set(Some(format!(
                    "The server sent a message that this page does not understand: {error}"
                ))),
            }
        });
        let watched = source.clone();
        let on_error = Closure::<dyn FnMut(Event)>::new(move |_| {
            let over = |run: &Option<(RunKey, super::RunState)>| {
                run.as_ref().is_some_and(|(_, run)| run.is_final())
            };
            // The browser connects again by itself, unless the server refused the run. The end of
            // a run that is over is no fault.
            if server.run.with_untracked(over) {
            } else if watched.ready_state() == EventSource::CLOSED {
                fault.set(Some(format!(
                    "The server has no run {id}, or cannot be reached."
                )));
            } else {
                let broke = "The connection to the server was lost; reconnecting.";
                fault.set(Some(broke.to_owned()));
            }
        });
        source.set_onmessage(Some(on_message.as_ref().unchecked_ref()));
        source.set_onerror(Some(on_error.as_ref().unchecked_ref()));
        Ok(Self {
            source,
            _on_message: on_message,
            _on_error: on_error,
        })
    }
}
