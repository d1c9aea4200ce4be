//! Which endpoints passed preflight before the first prompt of a run: checked once for all threads
//! of a process. No thread waits for the network under a lock, and the thread that checks can be
//! stopped.

use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

/// The runs whose preflight is in progress or has passed.
#[derive(Default)]
pub(super) struct RunChecks {
    known: Mutex<HashMap<i64, RunCheckState>>,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum RunCheckState {
    Going,
    Good,
}

/// What a thread must do before it asks an endpoint.
pub(super) enum RunCheckTurn<'a> {
    /// Start asking: preflight has passed.
    Ask,
    /// Wait: another thread is running the preflight.
    Wait,
    /// Run the preflight.
    Look(RunCheck<'a>),
}

/// Held by the thread that runs the preflight. Unless it reports success, the next thread runs it
/// again.
pub(super) struct RunCheck<'a> {
    looks: &'a RunChecks,
    run: i64,
    good: bool,
}

impl RunChecks {
    pub(super) fn turn(&self, run: i64) -> RunCheckTurn<'_> {
        let mut known = self.known();
        match known.get(&run) {
            Some(RunCheckState::Good) => RunCheckTurn::Ask,
            Some(RunCheckState::Going) => RunCheckTurn::Wait,
            None => {
                known.insert(run, RunCheckState::Going);
                let (looks, good) = (self, false);
                RunCheckTurn::Look(RunCheck { looks, run, good })
            }
        }
    }

    fn known(&self) -> MutexGuard<'_, HashMap<i64, RunCheckState>> {
        self.known.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl RunCheck<'_> {
    pub(super) fn good(&mut self) {
        self.good = true;
    }
}

impl Drop for RunCheck<'_> {
    fn drop(&mut self) {
        let mut known = self.looks.known();
        match self.good {
            true => known.insert(self.run, RunCheckState::Good),
            false => known.remove(&self.run),
        };
    }
}
