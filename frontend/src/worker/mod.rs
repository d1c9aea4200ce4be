//! The web workers: one program, started several times under different names.

mod adapter; // the adapter's name
mod builder; // the builder worker
mod engine; // the engine worker
mod model_source; // downloads or copies a model file into storage
mod reader; // the reader worker
mod results; // the results worker
mod sample_builder; // makes samples
mod sample_summary; // samples without their text
mod store; // the browser's own storage (OPFS)
mod tab_lock; // locks between tabs
mod task_file; // reads task files and specs
mod token_boundary; // finds places that no token crosses
mod tokenizer; // tokenizer and chat template for counting

use js_sys::{Array, JsString};
use serde::{Serialize, de::DeserializeOwned};
use wasm_bindgen::JsCast;
use wasm_bindgen::prelude::*;
use web_sys::{DedicatedWorkerGlobalScope, MessageEvent};

use crate::worker_host::pack;

/// Begins to listen: the worker's whole program.
pub fn start() {
    console_error_panic_hook::set_once();
    match scope().name().as_str() {
        "builder" | "glances" => builder::start(),
        "reader" => reader::start(),
        "results" => results::start(),
        _ => engine::start(),
    }
}

fn scope() -> DedicatedWorkerGlobalScope {
    js_sys::global().unchecked_into()
}

/// Sends the page a message, with `beside` attached.
fn say(message: &impl Serialize, beside: &JsValue) {
    let parts = pack(message, beside);
    if let Err(error) = scope().post_message(&parts) {
        web_sys::console::error_2(&"message not sent".into(), &error);
    }
}

/// Receives the page's messages from now on.
fn listen<In: DeserializeOwned + 'static>(mut hear: impl FnMut(In, JsValue) + 'static) {
    let on_message = Closure::<dyn FnMut(MessageEvent)>::new(move |event: MessageEvent| {
        let parts = Array::from(&event.data());
        let text = parts.get(0).dyn_into::<JsString>().map(String::from);
        match serde_json::from_str(&text.unwrap_or_default()) {
            Ok(message) => hear(message, parts.get(1)),
            Err(error) => {
                let text = format!(
                    "the page sent a message that this worker does not understand: {error}"
                );
                web_sys::console::error_1(&text.into());
            }
        }
    });
    scope().set_onmessage(Some(on_message.as_ref().unchecked_ref()));
    // It listens for as long as it lives.
    on_message.forget();
}
