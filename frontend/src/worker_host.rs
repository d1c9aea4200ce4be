//! A worker as the page sees it.

use std::cell::{Cell, RefCell};
use std::marker::PhantomData;
use std::rc::Rc;

use js_sys::{Array, JsString, Promise};
use serde::{Serialize, de::DeserializeOwned};
use wasm_bindgen::prelude::*;
use wasm_bindgen_futures::{JsFuture, spawn_local};
use web_sys::{Event, MessageEvent, WorkerOptions, WorkerType};

#[wasm_bindgen]
extern "C" {
    /// The address of a file of the page: `index.html` knows the names that the build gave.
    #[wasm_bindgen(js_name = fathomFile)]
    pub(crate) fn asset(name: &str) -> String;

    /// The workers' program, compiled: `index.html` begins to fetch it beside the page's own.
    #[wasm_bindgen(js_name = fathomWorkerProgram)]
    fn worker_program() -> Promise;
}

/// A running worker: `Out` is sent to it, `In` comes back. It is terminated when the last clone is dropped.
pub(crate) struct WorkerHost<Out> {
    worker: web_sys::Worker,
    /// What was sent before the worker listened.
    waiting: Rc<RefCell<Option<Vec<Array>>>>,
    _on_message: Closure<dyn FnMut(MessageEvent)>,
    _on_error: Closure<dyn FnMut(Event)>,
    _out: PhantomData<Out>,
}

impl<Out: Serialize> WorkerHost<Out> {
    /// Starts the worker called `name`. `on_message` gets what it says with what came along;
    /// `on_error` a sentence when it cannot start or dies.
    ///
    /// # Errors
    /// A sentence, where the browser has no workers.
    pub(crate) fn start<In: DeserializeOwned + 'static>(
        name: &'static str,
        mut on_message: impl FnMut(In, JsValue) + 'static,
        on_error: impl Fn(String) + 'static,
    ) -> Result<Self, String> {
        let options = WorkerOptions::new();
        options.set_type(WorkerType::Module);
        options.set_name(name);
        let url = asset("worker_boot.js");
        let worker = web_sys::Worker::new_with_options(&url, &options)
            .map_err(|error| format!("The {name} worker could not start: {}", say(&error)))?;

        let waiting = Rc::new(RefCell::new(Some(Vec::new())));
        let on_error = Rc::new(on_error);
        let on_message = {
            let (worker, waiting) = (worker.clone(), Rc::clone(&waiting));
            let on_error = Rc::clone(&on_error);
            Closure::new(move |event: MessageEvent| {
                // A message that came before the worker listened would be lost: it says when.
                let held: Option<Vec<Array>> = waiting.borrow_mut().take();
                for message in held.into_iter().flatten() {
                    post(&worker, &message);
                }
                let parts = Array::from(&event.data());
                let text = parts.get(0).as_string().unwrap_or_default();
                match serde_json::from_str(&text) {
                    Ok(message) => on_message(message, parts.get(1)),
                    Err(error) => on_error(format!(
                        "The {name} worker sent a message that this page does not understand: {error}. Reload the page."
                    )),
                }
            })
        };
        worker.set_onmessage(Some(AsRef::<JsValue>::as_ref(&on_message).unchecked_ref()));
        let told = Cell::new(false);
        let stopped = Rc::new(move |thrown: &JsValue| {
            if !told.replace(true) {
                let message = js_sys::Reflect::get(thrown, &"message".into())
                    .ok()
                    .and_then(|message| message.as_string())
                    .unwrap_or_else(|| "its program did not load".to_owned());
                on_error(format!(
                    "The {name} worker stopped: {message}. Reload the page."
                ));
            }
        });
        let failed = {
            let stopped = Rc::clone(&stopped);
            Closure::new(move |event: Event| stopped(&event))
        };
        worker.set_onerror(Some(AsRef::<JsValue>::as_ref(&failed).unchecked_ref()));
        let to = worker.clone();
        spawn_local(async move {
            let program = JsFuture::from(worker_program()).await;
            if let Err(error) = program.and_then(|program| to.post_message(&program)) {
                stopped(&error);
            }
        });
        Ok(Self {
            worker,
            waiting,
            _on_message: on_message,
            _on_error: failed,
            _out: PhantomData,
        })
    }

    /// Sends `message`, with `beside` attached.
    pub(crate) fn send(&self, message: &Out, beside: &JsValue) {
        let parts = pack(message, beside);
        match self.waiting.borrow_mut().as_mut() {
            Some(waiting) => waiting.push(parts),
            None => post(&self.worker, &parts),
        }
    }
}

impl<Out> Drop for WorkerHost<Out> {
    fn drop(&mut self) {
        self.worker.terminate();
    }
}

fn post(worker: &web_sys::Worker, parts: &Array) {
    if let Err(error) = worker.post_message(parts) {
        web_sys::console::error_2(&"message not sent".into(), &error);
    }
}

/// A message as it is sent: its JSON and its attachment.
pub(crate) fn pack(message: &impl Serialize, beside: &JsValue) -> Array {
    let json = serde_json::to_string(message).unwrap_or_default();
    Array::of2(&JsString::from(json), beside)
}

/// What a thrown thing says.
pub(crate) fn say(thrown: &JsValue) -> String {
    thrown.dyn_ref::<js_sys::Error>().map_or_else(
        || thrown.as_string().unwrap_or_else(|| format!("{thrown:?}")),
        |error| String::from(error.message()),
    )
}
