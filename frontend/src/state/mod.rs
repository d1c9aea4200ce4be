//! What outlives a page: settings, the builder, the model in this browser, questions and what was
//! answered to them, result sets, the server.

pub(crate) mod answer;
pub(crate) mod builder;
mod calls;
pub(crate) mod glances;
pub(crate) mod heat;
pub(crate) mod lab;
pub(crate) mod library;
pub(crate) mod reader;
pub(crate) mod records;
pub(crate) mod results;
pub(crate) mod run_state;
pub(crate) mod server;
pub(crate) mod settings;
pub(crate) mod trials;

/// Milliseconds of the page's clock.
pub(crate) fn now_ms() -> f64 {
    js_sys::Date::now()
}
