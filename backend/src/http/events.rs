//! `GET /api/runs/{id}/events`: everything since a client's last event, then what happens.

use std::convert::Infallible;
use std::sync::Arc;
use std::time::Duration;

use axum::extract::rejection::{PathRejection, QueryRejection};
use axum::extract::{Path, Query, State};
use axum::http::HeaderMap;
use axum::response::Sse;
use axum::response::sse::{Event, KeepAlive};
use fathom_shared::api::RunEvent;
use futures_util::Stream;
use serde::Deserialize;
use tokio::sync::broadcast::error::RecvError;

use super::{ApiError, AppState};
use crate::errors::chain;
use crate::jobs::{Jobs, RunWatch};

/// Often enough that no proxy takes the silence of a long prefill for the end.
const KEEP_ALIVE: Duration = Duration::from_secs(15);

/// Where a client stands.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct EventsQuery {
    after: Option<i64>,
}

pub(super) async fn stream(
    State(state): State<AppState>,
    id: Result<Path<i64>, PathRejection>,
    since: Result<Query<EventsQuery>, QueryRejection>,
    headers: HeaderMap,
) -> Result<Sse<impl Stream<Item = Result<Event, Infallible>>>, ApiError> {
    let (Path(id), Query(EventsQuery { after })) = (id?, since?);
    // A client that comes again says more than the address it first came by.
    let last = headers.get("last-event-id");
    let last = last.and_then(|id| id.to_str().ok()?.parse().ok());
    // An unknown run is a 404 and no stream.
    state.jobs.store().seq(id).await?;
    let events = Sse::new(follow(state.jobs, id, last.or(after).unwrap_or(0)));
    Ok(events.keep_alive(KeepAlive::new().interval(KEEP_ALIVE)))
}

/// Ends when the run has ended and no worker here is busy with it, or when the server stops.
fn follow(jobs: Jobs, id: i64, mut seq: i64) -> impl Stream<Item = Result<Event, Infallible>> {
    async_stream::stream! {
        let mut stopping = jobs.stopping();
        // Each turn begins with what the store has: the first, and those after falling behind.
        'caught_up: loop {
            // Watching begins first, so what happens during the read is sent twice, not never.
            let RunWatch { mut events, current } = jobs.watch(id).await;
            let before = match jobs.since(id, &mut seq).await {
                Ok(before) => before,
                Err(error) => {
                    tracing::error!(run = id, error = chain(&error), "stream broken off");
                    break;
                }
            };
            // Rows and the run that counts them share a sequence number, so only what the store has
            // sent counts as sent.
            let told = seq;
            let mut end = StreamEnd::default();
            for (number, event) in &before {
                end.note(event);
                yield Ok(wire(Some(*number), event));
            }
            end.note(&current);
            yield Ok(wire(None, &current));
            while !end.is_there() {
                let received = tokio::select! {
                    received = events.recv() => received,
                    _ended = stopping.wait_for(|stop| *stop) => break,
                };
                match received {
                    // The store has sent it already.
                    Ok((Some(number), _)) if number <= told => {}
                    Ok((number, event)) => {
                        seq = number.unwrap_or(seq);
                        end.note(&event);
                        yield Ok(wire(number, &Arc::unwrap_or_clone(event)));
                    }
                    Err(RecvError::Lagged(_)) => continue 'caught_up,
                    Err(RecvError::Closed) => break,
                }
            }
            break;
        }
    }
}

/// Whether the stream is complete.
#[derive(Default)]
struct StreamEnd {
    run_ended: bool,
    /// A worker is still at a sample: of a run that was stopped, until its engine gives it up.
    busy: bool,
}

impl StreamEnd {
    fn note(&mut self, event: &RunEvent) {
        match event {
            RunEvent::Run { run } => self.run_ended = run.status.is_final(),
            RunEvent::Current { current } => self.busy = !current.is_empty(),
            RunEvent::Rows { .. } | RunEvent::Prefill { .. } | RunEvent::Token { .. } => {}
        }
    }

    fn is_there(&self) -> bool {
        self.run_ended && !self.busy
    }
}

fn wire(number: Option<i64>, event: &RunEvent) -> Event {
    let made = Event::default().json_data(event);
    let made = match number {
        Some(number) => made.map(|made| made.id(number.to_string())),
        None => made,
    };
    made.unwrap_or_else(|error| {
        tracing::error!(error = chain(&error), "event not sent");
        Event::default().comment("event not sent")
    })
}
