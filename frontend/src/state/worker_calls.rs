//! Calls to a worker: the caller gets the answer, or an error message.

use std::collections::BTreeMap;

use leptos::prelude::*;
use serde::{Serialize, de::DeserializeOwned};
use wasm_bindgen::JsValue;

use crate::worker_host::WorkerHost;

/// What is done with an answer.
type OnReply<Reply> = Box<dyn FnOnce(Result<Reply, String>)>;

/// A worker that takes `Out`, and who waits for a `Reply` of it.
pub(super) struct WorkerCalls<Out: 'static, Reply: 'static> {
    inner: StoredValue<CallsInner<Out, Reply>, LocalStorage>,
}

struct CallsInner<Out, Reply> {
    host: Option<WorkerHost<Out>>,
    ticket: u32,
    waiting: BTreeMap<u32, OnReply<Reply>>,
}

// Derived, these would ask the same of messages and replies.
impl<Out, Reply> Clone for WorkerCalls<Out, Reply> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<Out, Reply> Copy for WorkerCalls<Out, Reply> {}

impl<Out: Serialize, Reply> WorkerCalls<Out, Reply> {
    pub(super) fn new() -> Self {
        let inner = CallsInner {
            host: None,
            ticket: 0,
            waiting: BTreeMap::new(),
        };
        Self {
            inner: StoredValue::new_local(inner),
        }
    }

    /// Whether the worker runs.
    pub(super) fn is_up(self) -> bool {
        self.inner.with_value(|inner| inner.host.is_some())
    }

    /// Starts the worker called `name`, unless it runs; returns whether it did. `hear` receives its
    /// messages; when it stops, waiting callers get the error message.
    ///
    /// # Errors
    /// A sentence, where the browser has no workers.
    pub(super) fn start<In: DeserializeOwned + 'static>(
        self,
        name: &'static str,
        hear: impl FnMut(In, JsValue) + 'static,
    ) -> Result<bool, String> {
        if self.is_up() {
            return Ok(false);
        }
        let host = WorkerHost::start(name, hear, move |message| self.fail(&message))?;
        self.inner.update_value(|inner| inner.host = Some(host));
        Ok(true)
    }

    /// Sends what `message` makes of the call's number, with `beside` attached. Calls are
    /// answered in order.
    pub(super) fn call(
        self,
        message: impl FnOnce(u32) -> Out,
        beside: &JsValue,
        then: impl FnOnce(Result<Reply, String>) + 'static,
    ) {
        self.inner.update_value(|inner| {
            inner.ticket += 1;
            inner.waiting.insert(inner.ticket, Box::new(then));
            if let Some(host) = &inner.host {
                host.send(&message(inner.ticket), beside);
            }
        });
    }

    /// The waiting caller of a call; `None` once it was answered or given up.
    pub(super) fn answered(self, ticket: u32) -> Option<OnReply<Reply>> {
        let then = self
            .inner
            .try_update_value(|inner| inner.waiting.remove(&ticket));
        then.flatten()
    }

    /// Ends the worker; waiting callers get the error message.
    pub(super) fn stop(self, why: &str) {
        self.inner.update_value(|inner| inner.host = None);
        self.fail(why);
    }

    fn fail(self, why: &str) {
        let waiting = self
            .inner
            .try_update_value(|inner| std::mem::take(&mut inner.waiting));
        for then in waiting.unwrap_or_default().into_values() {
            then(Err(why.to_owned()));
        }
    }
}
