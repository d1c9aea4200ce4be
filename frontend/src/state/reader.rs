//! The worker that reads questions, as the page holds it: whoever asks gets the answer.

use leptos::prelude::*;
use wasm_bindgen::JsValue;

use super::worker_calls::WorkerCalls;
use crate::protocol::{BuilderAsset, FromReader, ReaderCall, ReaderReply, ToReader};

/// The reader. Its worker starts with the first call.
#[derive(Clone, Copy)]
pub(crate) struct ReaderState {
    /// How far a file is read: bytes, of bytes.
    pub(crate) progress: RwSignal<Option<(u64, u64)>>,
    calls: WorkerCalls<ToReader, ReaderReply>,
    /// Who counts, where that is not the model that comes with the page.
    counting: StoredValue<Option<(BuilderAsset, JsValue)>, LocalStorage>,
}

impl ReaderState {
    pub(crate) fn new() -> Self {
        Self {
            progress: RwSignal::new(None),
            calls: WorkerCalls::new(),
            counting: StoredValue::new_local(None),
        }
    }

    /// Sends a call with `beside` attached. Calls are answered in order.
    pub(crate) fn call(
        self,
        call: ReaderCall,
        beside: &JsValue,
        then: impl FnOnce(Result<ReaderReply, String>) + 'static,
    ) {
        let hear = move |message, beside| self.hear(message, &beside);
        match self.calls.start("reader", hear) {
            Ok(true) => self.count(),
            Ok(false) => {}
            Err(message) => return then(Err(message)),
        }
        self.calls
            .call(|ticket| ToReader { ticket, call }, beside, then);
    }

    /// From now on counts with the model whose file begins with `header`.
    pub(crate) fn count_by(self, name: String, header: JsValue) {
        let piece = BuilderAsset::Gguf { name };
        self.counting.set_value(Some((piece, header)));
        if self.calls.is_up() {
            self.count();
        }
    }

    /// Ends the work in progress and closes what was open.
    pub(crate) fn stop(self) {
        self.progress.set(None);
        self.calls.stop("Stopped.");
    }

    /// Sends the worker the tokenizer that counts.
    fn count(self) {
        if let Some((piece, header)) = self.counting.get_value() {
            let call = ReaderCall::Take { piece };
            self.calls
                .call(|ticket| ToReader { ticket, call }, &header, |_| {});
        }
    }

    fn hear(self, message: FromReader, beside: &JsValue) {
        match message {
            FromReader::Hello => {}
            FromReader::Progress { done, of, .. } => self.progress.set(Some((done, of))),
            FromReader::Done { ticket, outcome } => {
                if let Some(then) = self.calls.answered(ticket) {
                    self.progress.set(None);
                    then(outcome.and_then(|reply| whole(*reply, beside)));
                }
            }
        }
    }
}

/// The reply, with the long text that was attached to it.
fn whole(mut reply: ReaderReply, beside: &JsValue) -> Result<ReaderReply, String> {
    let text = || beside.as_string().unwrap_or_default();
    let is_whole = match &mut reply {
        ReaderReply::Built(built) => built.put_text(text()),
        ReaderReply::Text(row) => {
            *row = text();
            true
        }
        _ => true,
    };
    match is_whole {
        true => Ok(reply),
        false => Err("The prompt arrived without its text. Reload the page.".to_owned()),
    }
}
