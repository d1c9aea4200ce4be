//! `GET /metrics`: counts for Prometheus, in its text format 0.0.4.

use std::fmt::Write;

use axum::extract::State;
use axum::http::header;
use axum::response::IntoResponse;

use super::{ApiError, AppState};
use crate::store::RunTotals;

pub(super) async fn show(State(state): State<AppState>) -> Result<impl IntoResponse, ApiError> {
    let RunTotals {
        runs,
        unfinished,
        asked,
        answered,
        failed,
        prompt_tokens,
        answer_tokens,
        busy_ms,
    } = state.jobs.store().totals().await?;
    let (busy, watchers) = state.jobs.load();
    let number = |n: usize| i64::try_from(n).unwrap_or(i64::MAX);
    let mut text = String::new();
    for (name, kind, help, value) in [
        ("runs", "gauge", "Runs in the database.", runs),
        (
            "runs_unfinished",
            "gauge",
            "Runs with open samples that are not held.",
            unfinished,
        ),
        ("samples_asked_total", "counter", "Samples ordered.", asked),
        (
            "samples_answered_total",
            "counter",
            "Samples with a completion.",
            answered,
        ),
        (
            "samples_failed_total",
            "counter",
            "Samples with a failure.",
            failed,
        ),
        (
            "prompt_tokens_total",
            "counter",
            "Prompt tokens read.",
            prompt_tokens,
        ),
        (
            "answer_tokens_total",
            "counter",
            "Answer tokens written.",
            answer_tokens,
        ),
        (
            "engine_milliseconds_total",
            "counter",
            "Milliseconds that engines read and wrote.",
            busy_ms,
        ),
        (
            "samples_in_progress",
            "gauge",
            "Samples being answered by this process.",
            number(busy),
        ),
        (
            "workers_replaced_total",
            "counter",
            "Worker threads of this process that broke off and were replaced.",
            i64::try_from(state.jobs.replaced()).unwrap_or(i64::MAX),
        ),
        (
            "watchers",
            "gauge",
            "Open event streams of this process.",
            number(watchers),
        ),
    ] {
        // Writing to a string cannot fail.
        let _written = write!(
            text,
            "# HELP fathom_{name} {help}\n# TYPE fathom_{name} {kind}\nfathom_{name} {value}\n"
        );
    }
    Ok(([(header::CONTENT_TYPE, "text/plain; version=0.0.4")], text))
}
