//! What runs beside the page: one program, started twice. As `builder` it makes samples and
//! counts tokens; as `engine` it answers. Neither blocks the page, and either can be ended.
//!
//! The page's program reaches `host` and `protocol` alone, so that it carries no tokenizer and no
//! kernels.

mod blob; //               a file, read in place
mod builder; //            orders in, samples out
mod engine; //             a prompt in, an answer out
mod fetch; //              a model over HTTP
pub(crate) mod host; //    a worker as the page sees it
pub(crate) mod protocol; // what is said
mod storage; //            models that stay

use serde::Serialize;
use wasm_bindgen::prelude::*;
use web_sys::DedicatedWorkerGlobalScope;

/// The address of a file that is served beside the page, whatever page is shown.
pub(crate) fn asset(name: &str) -> String {
    format!("/{name}")
}

/// Becomes the worker whose name the page gave.
pub fn start() {
    console_error_panic_hook::set_once();
    let scope: DedicatedWorkerGlobalScope = js_sys::global().unchecked_into();
    if scope.name() == "engine" {
        engine::start(scope);
    } else {
        builder::start(scope);
    }
}

/// Says `message` to the page, with `beside` along.
fn tell(scope: &DedicatedWorkerGlobalScope, message: &impl Serialize, beside: &JsValue) {
    if let Err(error) = scope.post_message(&host::pack(message, beside)) {
        web_sys::console::error_2(&"message not sent".into(), &error);
    }
}
