//! `GET /api/runs/{id}/events`: everything so far, then what happens.

use std::convert::Infallible;
use std::time::Duration;

use axum::extract::rejection::PathRejection;
use axum::extract::{Path, State};
use axum::response::Sse;
use axum::response::sse::{Event, KeepAlive};
use fathom_shared::api::RunEvent;
use futures_util::Stream;
use tokio::sync::broadcast::error::RecvError;

use super::{ApiError, AppState};
use crate::errors::chain;
use crate::jobs::{Jobs, Watch, is_last};

/// Often enough that no proxy takes the silence of a long prefill for the end.
const KEEP_ALIVE: Duration = Duration::from_secs(15);

pub(super) async fn stream(
    State(state): State<AppState>,
    id: Result<Path<i64>, PathRejection>,
) -> Result<Sse<impl Stream<Item = Result<Event, Infallible>>>, ApiError> {
    let Path(id) = id?;
    // An unknown run is a 404 and no stream.
    state.jobs.detail(id).await?;
    let events = Sse::new(follow(state.jobs, id));
    Ok(events.keep_alive(KeepAlive::new().interval(KEEP_ALIVE)))
}

/// Ends after the run's last status, or when the server ends.
fn follow(jobs: Jobs, id: i64) -> impl Stream<Item = Result<Event, Infallible>> {
    async_stream::stream! {
        let mut stopping = jobs.stopping();
        // Each turn begins with a snapshot: the first, and those after falling behind.
        'snapshot: loop {
            // The watch comes first: what happens while the rows are read is seen twice, not never.
            let Watch { mut events, current, number } = jobs.watch(id);
            let detail = match jobs.detail(id).await {
                Ok(detail) => Box::new(detail),
                Err(error) => {
                    tracing::error!(run = id, error = chain(&error), "stream broken off");
                    break;
                }
            };
            let (status, error) = (detail.run.status, detail.run.error.clone());
            let snapshot = RunEvent::Snapshot { detail, current };
            yield Ok(wire(number, &snapshot));
            if status.is_final() {
                jobs.forget(id);
                yield Ok(wire(number + 1, &RunEvent::Status { status, error }));
                break;
            }
            loop {
                let received = tokio::select! {
                    received = events.recv() => received,
                    _ended = stopping.wait_for(|stop| *stop) => break 'snapshot,
                };
                match received {
                    Ok((number, event)) => {
                        yield Ok(wire(number, &event));
                        if is_last(&event) {
                            break 'snapshot;
                        }
                    }
                    Err(RecvError::Lagged(_) | RecvError::Closed) => continue 'snapshot,
                }
            }
        }
    }
}

fn wire(number: u64, event: &RunEvent) -> Event {
    let made = Event::default().id(number.to_string()).json_data(event);
    made.unwrap_or_else(|error| {
        tracing::error!(error = chain(&error), "event not sent");
        Event::default().comment("event not sent")
    })
}
