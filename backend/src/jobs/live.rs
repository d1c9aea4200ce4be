//! What is happening to runs right now: events for watchers, flags that stop workers, and threads
//! that wait for the store. None of this needs to survive the process; what does is in the store.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use fathom_shared::api::{CurrentSample, RunEvent};
use fathom_shared::run::SampleKey;
use tokio::sync::{Notify, broadcast};

/// Events buffered for a slow watcher; one that falls further behind reads the store again. Each
/// token is an event, so on a CPU this covers some minutes.
const BUFFER: usize = 1024;

/// How many different reasons are logged while the store accepts no writes.
const REASONS: usize = 32;

/// An event, with its number if it is about something stored.
pub(super) type LiveEvent = (Option<i64>, Arc<RunEvent>);

#[derive(Default)]
pub(super) struct LiveRuns {
    runs: Mutex<HashMap<i64, LiveRun>>,
    stalls: Mutex<StoreStalls>,
}

/// The threads that wait for the store, each with its run and the reason.
#[derive(Default)]
struct StoreStalls {
    next: u64,
    waiting: BTreeMap<u64, StalledThread>,
    /// Since when the store has accepted no writes.
    since: Option<Instant>,
    /// Since when the queue cannot be read, and why.
    unread: Option<(Instant, String)>,
    /// Reasons already logged.
    told: BTreeSet<String>,
}

struct StalledThread {
    run: i64,
    why: String,
    /// Whether it holds an answer that would be lost.
    holds: bool,
}

/// Marks a thread as waiting for the store, until this is dropped.
pub(super) struct StoreStall<'a> {
    live: &'a LiveRuns,
    number: u64,
    run: i64,
}

impl Drop for StoreStall<'_> {
    fn drop(&mut self) {
        self.live.stalls().waiting.remove(&self.number);
        self.live.changed(self.run);
    }
}

/// Marks a thread as working on a run without having one of its samples, until this is dropped.
pub(super) struct RunAttendance<'a> {
    live: &'a LiveRuns,
    run: i64,
    /// Set when the run is stopped.
    pub(super) cancel: Arc<AtomicBool>,
}

impl Drop for RunAttendance<'_> {
    fn drop(&mut self) {
        self.live.leave(self.run, &self.cancel);
    }
}

struct LiveRun {
    sender: broadcast::Sender<LiveEvent>,
    /// Signals that something was stored, or a sample started.
    changed: Arc<Notify>,
    followed: bool,
    current: BTreeMap<SampleKey, CurrentSample>,
    cancels: Vec<Arc<AtomicBool>>,
}

impl Default for LiveRun {
    fn default() -> Self {
        Self {
            sender: broadcast::Sender::new(BUFFER),
            changed: Arc::default(),
            followed: false,
            current: BTreeMap::new(),
            cancels: Vec::new(),
        }
    }
}

/// What a new watcher starts with.
pub(super) struct NewWatcher {
    pub(super) events: broadcast::Receiver<LiveEvent>,
    /// What is being answered now; these events are not sent again.
    pub(super) current: Vec<CurrentSample>,
    /// Whether someone must start to read the store for the watchers.
    pub(super) unfollowed: bool,
    pub(super) changed: Arc<Notify>,
}

impl LiveRuns {
    pub(super) fn watch(&self, id: i64) -> NewWatcher {
        let mut runs = self.runs();
        let entry = runs.entry(id).or_default();
        // Text and subscription under one lock, so that no token is lost or sent twice between
        // them.
        NewWatcher {
            events: entry.sender.subscribe(),
            current: entry.current.values().cloned().collect(),
            unfollowed: !std::mem::replace(&mut entry.followed, true),
            changed: Arc::clone(&entry.changed),
        }
    }

    /// Whether nobody watches any more; then the store need not be polled either.
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

    /// Records that a sample was started; the returned flag is set when its run is stopped.
    pub(super) fn begin(&self, id: i64, place: SampleKey) -> Arc<AtomicBool> {
        let flag = Arc::new(AtomicBool::new(false));
        let mut runs = self.runs();
        let entry = runs.entry(id).or_default();
        entry.cancels.push(Arc::clone(&flag));
        entry.current.insert(place, CurrentSample::at(place));
        entry.tell_current();
        entry.changed.notify_one();
        flag
    }

    /// Records that the sample was answered or given back.
    pub(super) fn end(&self, id: i64, place: SampleKey, flag: &Arc<AtomicBool>) {
        let mut runs = self.runs();
        if let Some(entry) = runs.get_mut(&id) {
            entry.cancels.retain(|other| !Arc::ptr_eq(other, flag));
            entry.current.remove(&place);
            entry.tell_current();
            entry.changed.notify_one();
            if entry.is_idle() {
                runs.remove(&id);
            }
        }
    }

    /// Sends what an engine is doing at this moment.
    pub(super) fn tell(&self, id: i64, event: RunEvent) {
        if let Some(entry) = self.runs().get_mut(&id) {
            note(&mut entry.current, &event);
            entry.send(None, event);
        }
    }

    /// Sends what was stored.
    pub(super) fn tell_stored(&self, id: i64, seq: i64, event: RunEvent) {
        if let Some(entry) = self.runs().get(&id) {
            entry.send(Some(seq), event);
        }
    }

    /// Records that something other than a worker stored a change.
    pub(super) fn changed(&self, id: i64) {
        if let Some(entry) = self.runs().get(&id) {
            entry.changed.notify_one();
        }
    }

    /// Stops everyone who answers this run.
    pub(super) fn cancel(&self, id: i64) {
        if let Some(entry) = self.runs().get(&id) {
            entry.raise();
            entry.changed.notify_one();
        }
    }

    /// Stops everyone, because the process is ending.
    pub(super) fn interrupt(&self) {
        self.runs().values().for_each(LiveRun::raise);
    }

    /// Records that work on a run begins before one of its samples is started.
    pub(super) fn attend(&self, run: i64) -> RunAttendance<'_> {
        let cancel = Arc::new(AtomicBool::new(false));
        let mut runs = self.runs();
        let entry = runs.entry(run).or_default();
        entry.cancels.push(Arc::clone(&cancel));
        RunAttendance {
            live: self,
            run,
            cancel,
        }
    }

    fn leave(&self, run: i64, flag: &Arc<AtomicBool>) {
        let mut runs = self.runs();
        if let Some(entry) = runs.get_mut(&run) {
            entry.cancels.retain(|other| !Arc::ptr_eq(other, flag));
            if entry.is_idle() {
                runs.remove(&run);
            }
        }
    }

    /// The runs that threads of this process are working on.
    pub(super) fn attended(&self) -> Vec<i64> {
        let runs = self.runs();
        let busy = runs.iter().filter(|(_, entry)| !entry.cancels.is_empty());
        busy.map(|(id, _)| *id).collect()
    }

    /// Records that the store refuses a thread's write for a run, perhaps of an answer; `why` is
    /// reported until the stall ends.
    pub(super) fn stall(&self, run: i64, holds: bool, why: String) -> StoreStall<'_> {
        let mut stalls = self.stalls();
        let number = stalls.next;
        stalls.next += 1;
        stalls.since.get_or_insert_with(Instant::now);
        stalls
            .waiting
            .insert(number, StalledThread { run, why, holds });
        drop(stalls);
        self.changed(run);
        StoreStall {
            live: self,
            number,
            run,
        }
    }

    /// Records that the store accepted a write.
    pub(super) fn stored(&self) {
        let mut stalls = self.stalls();
        stalls.since = None;
        stalls.told.clear();
    }

    /// Records that a worker looked for its next sample; `fault` says why the queue could not be
    /// read.
    pub(super) fn read(&self, fault: Option<String>) {
        let unread = &mut self.stalls().unread;
        let since = unread.as_ref().map(|(since, _)| *since);
        *unread = fault.map(|why| (since.unwrap_or_else(Instant::now), why));
    }

    /// Whether this reason for refused writes has not been logged yet.
    pub(super) fn is_news(&self, why: &str) -> bool {
        let told = &mut self.stalls().told;
        told.len() < REASONS && told.insert(why.to_owned())
    }

    /// Why a run waits for the store, if writing or reading has failed for at least this long.
    pub(super) fn stalled_for(&self, run: i64, patience: Duration) -> Option<String> {
        let stalls = self.stalls();
        let is_long = |since: Instant| since.elapsed() >= patience;
        let unread = stalls.unread.clone();
        let long = stalls.since.is_some_and(is_long);
        drop(stalls);
        let unread = unread.filter(|(since, _)| is_long(*since));
        let stalled = self.stalled(run).filter(|_| long);
        stalled.or(unread.map(|(_, why)| why))
    }

    /// Why a run waits for the store.
    pub(super) fn stalled(&self, run: i64) -> Option<String> {
        self.reason(|waiting| waiting.run == run)
    }

    /// Why any run waits for the store.
    pub(super) fn any_stalled(&self) -> Option<String> {
        self.reason(|_| true)
    }

    /// Why an answer waits for the store: no new requests are sent until it is stored.
    pub(super) fn holding(&self) -> Option<String> {
        self.reason(|waiting| waiting.holds)
    }

    fn reason(&self, which: impl Fn(&StalledThread) -> bool) -> Option<String> {
        let stalls = self.stalls();
        let mut waiting = stalls.waiting.values();
        waiting.find(|one| which(one)).map(|one| one.why.clone())
    }

    /// The number of samples being answered by this process.
    pub(super) fn busy(&self) -> usize {
        self.runs().values().map(|entry| entry.current.len()).sum()
    }

    /// The number of watchers of all runs.
    pub(super) fn watchers(&self) -> usize {
        let runs = self.runs();
        runs.values().map(|e| e.sender.receiver_count()).sum()
    }

    fn stalls(&self) -> MutexGuard<'_, StoreStalls> {
        self.stalls.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn runs(&self) -> MutexGuard<'_, HashMap<i64, LiveRun>> {
        // The data behind this lock is consistent after every statement, so a panic elsewhere while
        // it was held does no harm.
        self.runs.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl LiveRun {
    fn is_idle(&self) -> bool {
        self.cancels.is_empty() && !self.followed && self.sender.receiver_count() == 0
    }

    fn send(&self, seq: Option<i64>, event: RunEvent) {
        // An error only means that nobody is watching.
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

fn note(current: &mut BTreeMap<SampleKey, CurrentSample>, event: &RunEvent) {
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_queue_that_cannot_be_read_counts_until_it_can() {
        let live = LiveRuns::default();
        live.read(Some("no connection".to_owned()));
        live.read(Some("no server".to_owned()));
        let told = live.stalled_for(1, Duration::ZERO);
        assert_eq!(told.as_deref(), Some("no server"));
        assert_eq!(live.stalled_for(1, Duration::from_secs(60)), None);
        live.read(None);
        assert_eq!(live.stalled_for(1, Duration::ZERO), None);
    }

    #[test]
    fn a_refusal_is_news_once_and_lasts_until_something_is_stored() {
        let live = LiveRuns::default();
        let full = "the disk is full".to_owned();
        assert_eq!(live.stalled_for(1, Duration::ZERO), None);
        let stall = live.stall(1, true, full.clone());
        assert!(live.is_news(&full) && !live.is_news(&full));
        assert_eq!(live.stalled_for(1, Duration::ZERO), Some(full.clone()));
        assert_eq!(live.stalled_for(1, Duration::from_secs(60)), None);
        assert_eq!(live.stalled_for(2, Duration::ZERO), None, "another run");
        drop(stall);
        assert_eq!(live.stalled_for(1, Duration::ZERO), None);
        live.stored();
        assert!(live.is_news(&full), "it is full again");
    }
}
