//! What outlives a page: settings, the builder, the model in this browser, questions and what was
//! answered to them, the recording, result sets, the server.

pub(crate) mod answer; // an answer as it comes, wherever it comes from
pub(crate) mod answer_records; // what was answered in this browser, kept in it
pub(crate) mod builder; // the worker that builds samples, as the page holds it
pub(crate) mod engine; // the model in this browser
pub(crate) mod heat_map; // what the cells of a run come to
pub(crate) mod library; // questions about long texts, wherever they are
pub(crate) mod question_trials; // questions put to the model in this browser
pub(crate) mod reader; // the worker that reads questions, as the page holds it
pub(crate) mod recording; // the run that comes with the page
pub(crate) mod results; // result sets, as the page holds them
pub(crate) mod run_state; // a run of the server as its events tell it
pub(crate) mod sample_summaries; // the worker that builds samples to look at side by side
pub(crate) mod server; // the server, as far as there is one
pub(crate) mod settings; // what a reader set for good
mod worker_calls; // calls to a worker

/// Milliseconds of the page's clock.
pub(crate) fn now_ms() -> f64 {
    js_sys::Date::now()
}
