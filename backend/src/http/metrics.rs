//! `GET /metrics`: counts for Prometheus, in its text format OpenMetrics 1.0.0.

use axum::extract::State;
use axum::http::header;
use axum::response::IntoResponse;
use prometheus_client::encoding::text::encode;
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::registry::Registry;

use super::{ApiError, AppState};
use crate::store::RunTotals;

pub(super) async fn show(State(state): State<AppState>) -> Result<impl IntoResponse, ApiError> {
    let totals = state.jobs.store().totals().await?;
    let (busy, watchers) = state.jobs.load();
    let registry = registry(&totals, busy, watchers, state.jobs.replaced());
    let mut text = String::new();
    // Writing to a string cannot fail.
    let _written = encode(&mut text, &registry);
    let kind = "application/openmetrics-text; version=1.0.0; charset=utf-8";
    Ok(([(header::CONTENT_TYPE, kind)], text))
}

/// Most counts are the database's, which every process shares, so they are set anew each time.
fn registry(totals: &RunTotals, busy: usize, watchers: usize, replaced: u64) -> Registry {
    let mut registry = Registry::with_prefix("fathom");
    let mut gauge = |name: &str, help: &str, value: i64| {
        let gauge = Gauge::<i64>::default();
        gauge.set(value);
        registry.register(name, help, gauge);
    };
    let number = |n: usize| i64::try_from(n).unwrap_or(i64::MAX);
    let unfinished = "Runs with open samples that are not held";
    let streams = "Open event streams of this process";
    gauge("runs", "Runs in the database", totals.runs);
    gauge("runs_unfinished", unfinished, totals.unfinished);
    let in_progress = "Samples being answered by this process";
    gauge("samples_in_progress", in_progress, number(busy));
    gauge("watchers", streams, number(watchers));
    // The format adds `_total` to the names of counters.
    let mut counter = |name: &str, help: &str, value: i64| {
        let counter = Counter::<u64>::default();
        counter.inc_by(u64::try_from(value).unwrap_or_default());
        registry.register(name, help, counter);
    };
    counter("samples_asked", "Samples ordered", totals.asked);
    let answered = "Samples with a completion";
    counter("samples_answered", answered, totals.answered);
    counter("samples_failed", "Samples with a failure", totals.failed);
    counter("prompt_tokens", "Prompt tokens read", totals.prompt_tokens);
    let written = "Answer tokens written";
    counter("answer_tokens", written, totals.answer_tokens);
    let worked = "Milliseconds that engines read and wrote";
    counter("engine_milliseconds", worked, totals.busy_ms);
    let broke_off = "Worker threads of this process that stopped unexpectedly and were replaced";
    let replaced = i64::try_from(replaced).unwrap_or(i64::MAX);
    counter("workers_replaced", broke_off, replaced);
    registry
}
