//! Reads the store once for all who watch a run: what workers of other processes stored is news
//! here too.

use std::time::Duration;

use fathom_shared::api::RunEvent;
use tokio::sync::broadcast;
use tokio::time;

use super::Jobs;
use super::live::LiveEvent;
use crate::errors::chain;
use crate::store::{RunStanding, StoreError};

/// How often the store is asked for what other processes did.
const TICK: Duration = Duration::from_secs(1);
/// After something was stored here; what comes within it is told together.
const REST: Duration = Duration::from_millis(50);
/// Rows in one event.
pub(super) const BATCH: u32 = 500;

/// How a run stands, and why it waits for the store, as it was told last.
type LastTold = (RunStanding, Option<String>);

/// Where a watcher stands, and what comes after.
pub struct RunWatch {
    /// What happens from now on.
    pub events: broadcast::Receiver<LiveEvent>,
    /// The samples being answered by this process.
    pub current: RunEvent,
}

impl Jobs {
    /// What happens to a run from now on, and the text of the answers being written.
    pub async fn watch(&self, id: i64) -> RunWatch {
        // Before whoever watches reads the store: what happens in between is told twice, not never.
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
                    // Woken or not, the store is asked again.
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

    /// Tells what is not as it was `known` to be, and returns how the run stands by what was told.
    /// Where nothing was known there is nothing to tell: whoever watches reads what was before.
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
                // What was stored meanwhile is told first, the next time.
                if run.seq == now.seq {
                    self.live.tell(id, RunEvent::Run { run });
                }
            }
            _ => {}
        }
        Ok((now, stalled))
    }

    /// What was stored after `seq`, with its numbers; raises `seq` to the last of them.
    ///
    /// # Errors
    /// No such run, or a failing database.
    pub async fn since(&self, id: i64, seq: &mut i64) -> Result<Vec<(i64, RunEvent)>, StoreError> {
        let mut events = Vec::new();
        // The run first: rows stored after it was read are told again, never left out.
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
