//! What happens to runs right now: for those who watch, and for those who stop them. Nothing here
//! needs to survive the process.

use std::collections::HashMap;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use fathom_shared::api::{Current, RunEvent, RunStatus};
use tokio::sync::broadcast;

/// Events kept for a watcher that is slow; one that falls further behind starts over from a
/// snapshot. A token is an event, so this is some minutes on a processor.
const BUFFER: usize = 1024;

/// An event with its number within the run.
pub type Event = (u64, RunEvent);

/// A watcher's start: where the run stands, and what comes after.
pub struct Watch {
    /// Everything after `current`.
    pub events: broadcast::Receiver<Event>,
    /// The sample being answered.
    pub current: Option<Current>,
    /// The number of the last event that `current` holds.
    pub number: u64,
}

#[derive(Default)]
pub(super) struct Live {
    runs: Mutex<HashMap<i64, Entry>>,
    unwritten: Mutex<HashMap<i64, String>>,
}

struct Entry {
    sender: broadcast::Sender<Event>,
    number: u64,
    current: Option<Current>,
    cancel: Arc<AtomicBool>,
}

impl Default for Entry {
    fn default() -> Self {
        Self {
            sender: broadcast::Sender::new(BUFFER),
            number: 0,
            current: None,
            cancel: Arc::default(),
        }
    }
}

impl Live {
    pub(super) fn watch(&self, id: i64) -> Watch {
        let mut runs = self.runs();
        let entry = runs.entry(id).or_default();
        // Text and subscription under one lock: no token is lost or doubled between them.
        Watch {
            events: entry.sender.subscribe(),
            current: entry.current.clone(),
            number: entry.number,
        }
    }

    /// The worker takes the run up; the flag rises when someone stops it.
    pub(super) fn begin(&self, id: i64) -> Arc<AtomicBool> {
        unpoisoned(&self.unwritten).remove(&id);
        let mut runs = self.runs();
        let entry = runs.entry(id).or_default();
        entry.cancel = Arc::default();
        Arc::clone(&entry.cancel)
    }

    pub(super) fn publish(&self, id: i64, event: RunEvent) {
        let mut runs = self.runs();
        let entry = runs.entry(id).or_default();
        note(&mut entry.current, &event);
        entry.number += 1;
        let last = super::is_last(&event);
        // An error only says that nobody watches.
        let _unwatched = entry.sender.send((entry.number, event));
        if last {
            runs.remove(&id);
        }
    }

    pub(super) fn cancel(&self, id: i64) {
        if let Some(entry) = self.runs().get(&id) {
            entry.cancel.store(true, Ordering::Relaxed);
        }
        let (status, error) = (RunStatus::Cancelled, None);
        self.publish(id, RunEvent::Status { status, error });
    }

    /// Raises every flag: the process is to end.
    pub(super) fn interrupt(&self) {
        for entry in self.runs().values() {
            entry.cancel.store(true, Ordering::Relaxed);
        }
    }

    pub(super) fn forget(&self, id: i64) {
        self.runs().remove(&id);
    }

    /// Keeps the end of a run that the store could not take.
    pub(super) fn keep_unwritten(&self, id: i64, error: String) {
        unpoisoned(&self.unwritten).insert(id, error);
    }

    pub(super) fn unwritten(&self, id: i64) -> Option<String> {
        unpoisoned(&self.unwritten).get(&id).cloned()
    }

    #[cfg(test)]
    pub(super) fn watchers(&self, id: i64) -> usize {
        self.runs()
            .get(&id)
            .map_or(0, |entry| entry.sender.receiver_count())
    }

    fn runs(&self) -> MutexGuard<'_, HashMap<i64, Entry>> {
        unpoisoned(&self.runs)
    }
}

/// What stands behind these locks is whole after every statement, so a panic elsewhere while one
/// was held does not spoil it.
fn unpoisoned<T>(lock: &Mutex<T>) -> MutexGuard<'_, T> {
    lock.lock().unwrap_or_else(PoisonError::into_inner)
}

fn note(current: &mut Option<Current>, event: &RunEvent) {
    match event {
        RunEvent::Started { sample } => {
            *current = Some(Current {
                sample: *sample,
                ..Current::default()
            });
        }
        RunEvent::Prefill { done, total, .. } => {
            if let Some(current) = current {
                (current.done, current.total) = (*done, *total);
            }
        }
        RunEvent::Token { text, .. } => {
            if let Some(current) = current {
                current.text.push_str(text);
            }
        }
        RunEvent::Row { .. } | RunEvent::Status { .. } => *current = None,
        RunEvent::Snapshot { .. } => {}
    }
}
