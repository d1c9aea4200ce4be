//! What outlives a page: settings, the builder, the model in this browser, the server.

pub(crate) mod answer;
pub(crate) mod builder;
pub(crate) mod glances;
pub(crate) mod heat;
pub(crate) mod lab;
pub(crate) mod run_state;
pub(crate) mod server;
pub(crate) mod settings;

/// Milliseconds of the page's clock.
pub(crate) fn now_ms() -> f64 {
    js_sys::Date::now()
}
