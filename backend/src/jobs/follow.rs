//! Reads the store once for all who watch a run: what workers of other processes stored is news
//! here too.

use std::time::Duration;

use fathom_shared::api::RunEvent;
use tokio::sync::broadcast;
use tokio::time;

use super::Jobs;
use super::live::Event;
use crate::errors::chain;
use crate::store::StoreError;

/// How often the store is asked for what other processes did.
const TICK: Duration = Duration::from_secs(1);
/// After something was stored here; what comes within it is told together.
const REST: Duration = Duration::from_millis(50);
/// Rows in one event.
pub(super) const BATCH: u32 = 500;

/// Where a watcher stands, and what comes after.
pub struct Watch {
    /// What happens from now on.
    pub events: broadcast::Receiver<Event>,
    /// The samples being answered by this process.
    pub current: RunEvent,
}

impl Jobs {
    /// What happens to a run from now on, and the text of the answers being written.
    pub fn watch(&self, id: i64) -> Watch {
        let watched = self.live.watch(id);
        if watched.unfollowed {
            let jobs = self.clone();
            let changed = watched.changed;
            tokio::spawn(async move {
                let mut seq = None;
                while !jobs.live.unwatched(id) && !jobs.is_stopping() {
                    match jobs.tell_changes(id, seq).await {
                        Ok(now) => seq = Some(now),
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
        Watch {
            events: watched.events,
            current: RunEvent::Current { current },
        }
    }

    /// Tells what was stored since `seq`, and returns the number of the last thing told. At first
    /// there is nothing to tell: whoever watches reads what was before.
    async fn tell_changes(&self, id: i64, seq: Option<i64>) -> Result<i64, StoreError> {
        let now = self.store.seq(id).await?;
        let Some(mut seq) = seq else {
            return Ok(now);
        };
        if now == seq {
            return Ok(seq);
        }
        for (last, event) in self.since(id, &mut seq).await? {
            self.live.tell_stored(id, last, event);
        }
        Ok(seq)
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
