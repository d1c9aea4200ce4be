//! What happens to runs right now, for those who watch, and how to stop who answers. Nothing here
//! needs to survive the process: what does is in the store.

use std::collections::{BTreeMap, HashMap};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use fathom_shared::api::{Current, RunEvent};
use fathom_shared::run::Place;
use tokio::sync::{Notify, broadcast};

/// Events kept for a watcher that is slow; one that falls further behind reads the store again. A
/// token is an event, so this is some minutes on a processor.
const BUFFER: usize = 1024;

/// An event; its number where it is of something stored.
pub(super) type Event = (Option<i64>, Arc<RunEvent>);

#[derive(Default)]
pub(super) struct Live {
    runs: Mutex<HashMap<i64, Entry>>,
}

struct Entry {
    sender: broadcast::Sender<Event>,
    /// Something was stored, or a sample taken up.
    changed: Arc<Notify>,
    followed: bool,
    current: BTreeMap<Place, Current>,
    cancels: Vec<Arc<AtomicBool>>,
    stalled: Option<String>,
}

impl Default for Entry {
    fn default() -> Self {
        Self {
            sender: broadcast::Sender::new(BUFFER),
            changed: Arc::default(),
            followed: false,
            current: BTreeMap::new(),
            cancels: Vec::new(),
            stalled: None,
        }
    }
}

/// A new watcher's view.
pub(super) struct Watched {
    pub(super) events: broadcast::Receiver<Event>,
    /// What is being answered; nothing of it comes again.
    pub(super) current: Vec<Current>,
    /// Whether someone must begin to read the store for the watchers.
    pub(super) unfollowed: bool,
    pub(super) changed: Arc<Notify>,
}

impl Live {
    pub(super) fn watch(&self, id: i64) -> Watched {
        let mut runs = self.runs();
        let entry = runs.entry(id).or_default();
        // Text and subscription under one lock: no token is lost or doubled between them.
        Watched {
            events: entry.sender.subscribe(),
            current: entry.current.values().cloned().collect(),
            unfollowed: !std::mem::replace(&mut entry.followed, true),
            changed: Arc::clone(&entry.changed),
        }
    }

    /// Whether nobody watches any more; then nobody reads the store for them either.
    pub(super) fn unwatched(&self, id: i64) -> bool {
        let mut runs = self.runs();
        let Some(entry) = runs.get_mut(&id) else {
            return true;
        };
        if entry.sender.receiver_count() > 0 {
            return false;
        }
        entry.followed = false;
        if entry.is_idle() {
            runs.remove(&id);
        }
        true
    }

    /// A sample is taken up; the flag rises when its run is stopped.
    pub(super) fn begin(&self, id: i64, place: Place) -> Arc<AtomicBool> {
        let flag = Arc::new(AtomicBool::new(false));
        let mut runs = self.runs();
        let entry = runs.entry(id).or_default();
        entry.cancels.push(Arc::clone(&flag));
        entry.current.insert(place, Current::at(place));
        entry.tell_current();
        entry.changed.notify_one();
        flag
    }

    /// The sample is answered, or given back.
    pub(super) fn end(&self, id: i64, place: Place, flag: &Arc<AtomicBool>) {
        let mut runs = self.runs();
        if let Some(entry) = runs.get_mut(&id) {
            entry.cancels.retain(|other| !Arc::ptr_eq(other, flag));
            entry.current.remove(&place);
            entry.stalled = None;
            entry.tell_current();
            entry.changed.notify_one();
            if entry.is_idle() {
                runs.remove(&id);
            }
        }
    }

    /// What an engine does at this moment.
    pub(super) fn tell(&self, id: i64, event: RunEvent) {
        if let Some(entry) = self.runs().get_mut(&id) {
            note(&mut entry.current, &event);
            entry.send(None, event);
        }
    }

    /// What the store has, for those who watch.
    pub(super) fn tell_stored(&self, id: i64, seq: i64, event: RunEvent) {
        if let Some(entry) = self.runs().get(&id) {
            entry.send(Some(seq), event);
        }
    }

    /// Something was stored by another hand than a worker's.
    pub(super) fn changed(&self, id: i64) {
        if let Some(entry) = self.runs().get(&id) {
            entry.changed.notify_one();
        }
    }

    /// Raises the flags of everyone who answers this run.
    pub(super) fn cancel(&self, id: i64) {
        if let Some(entry) = self.runs().get(&id) {
            entry.raise();
            entry.changed.notify_one();
        }
    }

    /// Raises every flag: the process is to end.
    pub(super) fn interrupt(&self) {
        self.runs().values().for_each(Entry::raise);
    }

    /// An answer is there, but the store cannot take it; `why` says so until it does.
    pub(super) fn stall(&self, id: i64, why: String) {
        if let Some(entry) = self.runs().get_mut(&id) {
            entry.stalled = Some(why);
        }
    }

    pub(super) fn stalled(&self, id: i64) -> Option<String> {
        self.runs().get(&id)?.stalled.clone()
    }

    /// Samples being answered by this process.
    pub(super) fn busy(&self) -> usize {
        self.runs().values().map(|entry| entry.current.len()).sum()
    }

    /// Everyone who watches any run.
    pub(super) fn watchers(&self) -> usize {
        let runs = self.runs();
        runs.values().map(|e| e.sender.receiver_count()).sum()
    }

    fn runs(&self) -> MutexGuard<'_, HashMap<i64, Entry>> {
        // What stands behind the lock is whole after every statement, so a panic elsewhere while
        // it was held does not spoil it.
        self.runs.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Entry {
    fn is_idle(&self) -> bool {
        self.cancels.is_empty() && !self.followed && self.sender.receiver_count() == 0
    }

    fn send(&self, seq: Option<i64>, event: RunEvent) {
        // An error only says that nobody watches.
        let _unwatched = self.sender.send((seq, Arc::new(event)));
    }

    fn tell_current(&self) {
        let current = self.current.values().cloned().collect();
        self.send(None, RunEvent::Current { current });
    }

    fn raise(&self) {
        for flag in &self.cancels {
            flag.store(true, Ordering::Relaxed);
        }
    }
}

fn note(current: &mut BTreeMap<Place, Current>, event: &RunEvent) {
    match event {
        RunEvent::Prefill { place, done, total } => {
            if let Some(current) = current.get_mut(place) {
                (current.done, current.total) = (*done, *total);
            }
        }
        RunEvent::Token { place, text } => {
            if let Some(current) = current.get_mut(place) {
                current.text.push_str(text);
            }
        }
        RunEvent::Run { .. } | RunEvent::Rows { .. } | RunEvent::Current { .. } => {}
    }
}
