//! The worker that reads questions, as the page holds it: whoever asks gets the answer.

use std::collections::BTreeMap;

use leptos::prelude::*;
use wasm_bindgen::JsValue;

use crate::worker::host::Host;
use crate::worker::protocol::{Call, FromReader, Piece, Reply, ToReader};

/// What is done with an answer.
type Then = Box<dyn FnOnce(Result<Reply, String>)>;

/// The reader. Its worker starts with the first call.
#[derive(Clone, Copy)]
pub(crate) struct Reader {
    /// How far a file is read: bytes, of bytes.
    pub(crate) progress: RwSignal<Option<(u64, u64)>>,
    inner: StoredValue<Inner, LocalStorage>,
}

#[derive(Default)]
struct Inner {
    host: Option<Host<ToReader>>,
    ticket: u32,
    waiting: BTreeMap<u32, Then>,
    /// Who counts, where that is not the model that comes with the page.
    counting: Option<(Piece, JsValue)>,
}

impl Reader {
    pub(crate) fn new() -> Self {
        Self {
            progress: RwSignal::new(None),
            inner: StoredValue::new_local(Inner::default()),
        }
    }

    /// Wants something; `beside` comes along. Calls are done in their order.
    pub(crate) fn call(
        self,
        call: Call,
        beside: &JsValue,
        then: impl FnOnce(Result<Reply, String>) + 'static,
    ) {
        if let Err(message) = self.start() {
            return then(Err(message));
        }
        self.inner.update_value(|inner| {
            inner.ticket += 1;
            let ticket = inner.ticket;
            inner.waiting.insert(ticket, Box::new(then));
            inner.send(ticket, call, beside);
        });
    }

    /// From now on counts with the model whose file begins with `header`.
    pub(crate) fn count_by(self, name: String, header: JsValue) {
        let piece = Piece::Gguf { name };
        let running = self.inner.with_value(|inner| inner.host.is_some());
        self.inner
            .update_value(|inner| inner.counting = Some((piece.clone(), header.clone())));
        if running {
            self.call(Call::Take { piece }, &header, |_| {});
        }
    }

    /// Ends whatever is under way. What was open is closed.
    pub(crate) fn stop(self) {
        let mut waiting = BTreeMap::new();
        self.inner.update_value(|inner| {
            inner.host = None;
            waiting = std::mem::take(&mut inner.waiting);
        });
        self.progress.set(None);
        for then in waiting.into_values() {
            then(Err("Stopped.".to_owned()));
        }
    }

    fn start(self) -> Result<(), String> {
        if self.inner.with_value(|inner| inner.host.is_some()) {
            return Ok(());
        }
        let host = Host::start(
            "reader",
            move |message, beside| self.hear(message, &beside),
            move |message| self.broke(&message),
        )?;
        self.inner.update_value(|inner| {
            inner.host = Some(host);
            if let Some((piece, header)) = inner.counting.clone() {
                inner.ticket += 1;
                inner.send(inner.ticket, Call::Take { piece }, &header);
            }
        });
        Ok(())
    }

    fn hear(self, message: FromReader, beside: &JsValue) {
        match message {
            FromReader::Hello => {}
            FromReader::Progress { done, of, .. } => self.progress.set(Some((done, of))),
            FromReader::Done { ticket, outcome } => {
                let outcome = outcome.and_then(|reply| whole(*reply, beside));
                let mut then = None;
                self.inner
                    .update_value(|inner| then = inner.waiting.remove(&ticket));
                if let Some(then) = then {
                    self.progress.set(None);
                    then(outcome);
                }
            }
        }
    }

    fn broke(self, message: &str) {
        let mut waiting = BTreeMap::new();
        self.inner.update_value(|inner| {
            waiting = std::mem::take(&mut inner.waiting);
        });
        for then in waiting.into_values() {
            then(Err(message.to_owned()));
        }
    }
}

/// The reply with what is long in it, which comes beside.
fn whole(mut reply: Reply, beside: &JsValue) -> Result<Reply, String> {
    let text = || beside.as_string().unwrap_or_default();
    let is_whole = match &mut reply {
        Reply::Built(built) => built.put_text(text()),
        Reply::Text(row) => {
            *row = text();
            true
        }
        _ => true,
    };
    match is_whole {
        true => Ok(reply),
        false => Err("The prompt came without its text. Reload the page.".to_owned()),
    }
}

impl Inner {
    fn send(&self, ticket: u32, call: Call, beside: &JsValue) {
        if let Some(host) = &self.host {
            host.send(&ToReader { ticket, call }, beside);
        }
    }
}
