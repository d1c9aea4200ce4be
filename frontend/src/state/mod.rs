//! State that outlives a page: settings, the builder, the model in this browser, questions, the
//! recording, result sets, the server.

pub(crate) mod answer; // an answer as it arrives, from any engine
pub(crate) mod builder; // the page's handle to the builder worker
pub(crate) mod earlier_answers; // migrates answers stored by earlier versions
pub(crate) mod engine; // the page's handle to the engine worker
pub(crate) mod heat_map; // the heat map of a run's cells
mod kept_files; // picked files, kept over a reload
pub(crate) mod library; // questions about long texts, from any source
pub(crate) mod question_queue; // questions put to the model in this browser
pub(crate) mod reader; // the page's handle to the reader worker
pub(crate) mod recording; // the recorded run
pub(crate) mod results; // the page's result sets
pub(crate) mod run_state; // a server run's state, built from its events
pub(crate) mod sample_summaries; // the worker that summarises samples
pub(crate) mod script_drafts; // scripts that were typed in this browser
pub(crate) mod server; // the server, if there is one
pub(crate) mod settings; // the reader's saved settings
mod worker_calls; // requests to workers and their replies

/// Milliseconds of the page's clock.
pub(crate) fn now_ms() -> f64 {
    js_sys::Date::now()
}
