//! Reads the store once for everyone who watches a run, so that watchers also see what workers of
//! other processes stored.

use std::time::Duration;

use fathom_shared::api::RunEvent;
use tokio::sync::broadcast;
use tokio::time;

use super::Jobs;
use super::live::LiveEvent;
use crate::errors::chain;
use crate::store::{RunStanding, StoreError};

/// How often the store is polled for changes made by other processes.
const TICK: Duration = Duration::from_secs(1);
/// Pause after something was stored here; everything stored within it is reported together.
const REST: Duration = Duration::from_millis(50);
/// Rows in one event.
pub(super) const BATCH: u32 = 500;

/// The run's standing, and why it waits for the store, as last reported.
type LastTold = (RunStanding, Option<String>);

/// A watcher's starting point, and the events that follow.
pub struct RunWatch {
    /// Events from now on.
    pub events: broadcast::Receiver<LiveEvent>,
    /// The samples being answered by this process.
    pub current: RunEvent,
}

impl Jobs {
    /// Events of a run from now on, and the text of the answers being written.
    pub async fn watch(&self, id: i64) -> RunWatch {
        // Subscribe before the watcher reads the store: events in between are reported twice rather
        // than lost.
        let stalled = self.live.stalled(id);
        let known = self.store.standing(id).await.ok();
        let mut known = known.map(|standing| (standing, stalled));
        let watched = self.live.watch(id);
        if watched.unfollowed {
            let jobs = self.clone();
            let changed = watched.changed;
            tokio::spawn(async move {
                while !jobs.live.unwatched(id) && !jobs.is_stopping() {
                    match jobs.tell_changes(id, known.clone()).await {
                        Ok(now) => known = Some(now),
                        Err(StoreError::NoSuchRun { .. }) => {}
                        Err(error) => {
                            tracing::warn!(run = id, error = chain(&error), "run not read");
                        }
                    }
                    // Whether woken or timed out, poll the store again.
                    let _either = time::timeout(TICK, changed.notified()).await;
                    time::sleep(REST).await;
                }
            });
        }
        let current = watched.current;
        RunWatch {
            events: watched.events,
            current: RunEvent::Current { current },
        }
    }

    /// Reports what differs from `known`, and returns the run's standing as of this report. If
    /// nothing is known yet, reports nothing: a watcher reads the earlier state itself.
    async fn tell_changes(&self, id: i64, known: Option<LastTold>) -> Result<LastTold, StoreError> {
        let stalled = self.live.stalled(id);
        let mut now = self.store.standing(id).await?;
        match known {
            Some((known, _)) if known.seq != now.seq => {
                now.seq = known.seq;
                for (last, event) in self.since(id, &mut now.seq).await? {
                    self.live.tell_stored(id, last, event);
                }
            }
            Some((known, why)) if known.leased != now.leased || why != stalled => {
                let run = Box::new(self.view(id).await?);
                // If more was stored meanwhile, report that first, in the next round.
                if run.seq == now.seq {
                    self.live.tell(id, RunEvent::Run { run });
                }
            }
            _ => {}
        }
        Ok((now, stalled))
    }

    /// What was stored after `seq`, with its numbers; sets `seq` to the last of them.
    ///
    /// # Errors
    /// There is no such run, or the database fails.
    pub async fn since(&self, id: i64, seq: &mut i64) -> Result<Vec<(i64, RunEvent)>, StoreError> {
        let mut events = Vec::new();
        // Read the run first: rows stored after that are reported again, never left out.
        let run = Box::new(self.view(id).await?);
        let now = run.seq;
        loop {
            let (rows, last) = self.store.stored_after(id, *seq, BATCH).await?;
            let full = rows.len() == BATCH as usize;
            if !rows.is_empty() {
                *seq = last;
                events.push((last, RunEvent::Rows { rows }));
            }
            if !full {
                break;
            }
        }
        *seq = now.max(*seq);
        events.push((*seq, RunEvent::Run { run }));
        Ok(events)
    }
}
