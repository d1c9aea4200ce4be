//! The worker threads, and whether they are still working, as far as that shows from outside.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use super::{Jobs, WorkerSlot};
use crate::errors::chain;
use crate::store::StoreError;

/// How long to report that a thread crashed and was replaced.
const REMEMBERED: Duration = Duration::from_secs(600);

/// How long a successful write counts as recent.
const LATELY: Duration = Duration::from_secs(1);

/// The threads of a process by number.
#[derive(Default)]
pub(super) struct ThreadRegistry {
    known: Mutex<RegistryState>,
    heard: AtomicBool,
    /// When the store last accepted a write, as far as this process tried.
    written: Mutex<Option<Instant>>,
}

#[derive(Default)]
struct RegistryState {
    next: u64,
    broken: BTreeMap<u64, BrokenThread>,
    replaced: u64,
    /// The endpoints that threads of this process use.
    endpoints: BTreeSet<String>,
    /// Engine and model of runs that no thread of this process can answer.
    unserved: BTreeSet<(String, String)>,
}

struct BrokenThread {
    what: String,
    why: String,
    at: Instant,
    /// Whether the replacement thread has not looked for work yet.
    down: bool,
}

/// Why a process cannot be given work at the moment.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
#[error("{0}")]
pub struct NotReady(pub String);

impl ThreadRegistry {
    /// Returns a number for a new thread.
    pub(super) fn add(&self, slot: &WorkerSlot) -> u64 {
        let mut known = self.known();
        if let WorkerSlot::Endpoint(kind) = slot {
            known.endpoints.insert(kind.to_string());
        }
        known.next += 1;
        known.next
    }

    /// Whether a task already listens for runs that other processes stop; from now on one counts as
    /// listening.
    pub(super) fn are_heard(&self) -> bool {
        self.heard.swap(true, Ordering::Relaxed)
    }

    /// Records that a thread crashed; its replacement takes over its slot and number.
    pub(super) fn broke(&self, number: u64, what: String, why: String) {
        let mut known = self.known();
        known.replaced += 1;
        let (at, down) = (Instant::now(), true);
        let broken = BrokenThread {
            what,
            why,
            at,
            down,
        };
        known.broken.insert(number, broken);
    }

    /// Records that a thread has looked for work and found out whether there is any.
    pub(super) fn works(&self, number: u64) {
        let mut known = self.known();
        known
            .broken
            .retain(|_, broken| broken.at.elapsed() < REMEMBERED);
        if let Some(broken) = known.broken.get_mut(&number) {
            broken.down = false;
        }
    }

    /// Records the engines and models that runs wait for; this process has those in `here`.
    pub(super) fn waited_for(&self, all: &[(String, String)], here: &[(String, String)]) {
        let mut known = self.known();
        let mine = |(engine, _): &&(String, String)| !known.endpoints.contains(engine);
        let others = all.iter().filter(|pair| !here.contains(pair));
        known.unserved = others.filter(mine).cloned().collect();
    }

    /// Why a run waits, if no thread of this process can answer it.
    pub(super) fn unserved(&self, engine: &str, model: &str) -> Option<String> {
        let pair = (engine.to_owned(), model.to_owned());
        self.known().unserved.contains(&pair).then(|| {
            format!(
                "it waits for a worker with the model `{model}` on {engine}: this process has none"
            )
        })
    }

    /// How many threads had to be replaced since the start.
    pub(super) fn replaced(&self) -> u64 {
        self.known().replaced
    }

    fn told(&self, down: bool) -> Vec<String> {
        let known = self.known();
        let mine = known.broken.values().filter(|broken| broken.down == down);
        let now = match down {
            true => "it is started again",
            false => "another has taken its place",
        };
        mine.map(|BrokenThread { what, why, .. }| {
            format!("the worker for {what} crashed ({why}); {now}")
        })
        .collect()
    }

    fn lately(&self) -> MutexGuard<'_, Option<Instant>> {
        self.written.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn known(&self) -> MutexGuard<'_, RegistryState> {
        self.known.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Jobs {
    /// Whether this process can be given work: the store accepts writes, no answer waits for it,
    /// and every thread looks for work. Returns notes worth knowing.
    ///
    /// # Errors
    /// A sentence for the operator.
    pub async fn ready(&self) -> Result<Vec<String>, NotReady> {
        if let Some(why) = self.live.any_stalled() {
            return Err(NotReady(format!("nothing can be stored: {why}")));
        }
        let written = self.written().await;
        written.map_err(|error| NotReady(format!("nothing can be stored: {}", chain(&error))))?;
        match self.hands.told(true).into_iter().next() {
            Some(why) => Err(NotReady(why)),
            None => Ok(self.hands.told(false)),
        }
    }

    /// Whether the store accepts writes; frequent calls share one test write.
    async fn written(&self) -> Result<(), StoreError> {
        self.store.ping().await?;
        let last = *self.hands.lately();
        if last.is_some_and(|last| last.elapsed() < LATELY) {
            return Ok(());
        }
        self.store.probe().await?;
        *self.hands.lately() = Some(Instant::now());
        Ok(())
    }

    /// How many worker threads crashed and were replaced.
    pub fn replaced(&self) -> u64 {
        self.hands.replaced()
    }
}
