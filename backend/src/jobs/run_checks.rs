//! Which endpoints were looked at before the first prompt of a run: once for all threads of a
//! process. Nobody waits for the network under a lock; who looks can be stopped.

use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

/// The runs that are being looked at, or were found good.
#[derive(Default)]
pub(super) struct RunChecks {
    known: Mutex<HashMap<i64, RunCheckState>>,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum RunCheckState {
    Going,
    Good,
}

/// What somebody who would ask must do.
pub(super) enum RunCheckTurn<'a> {
    /// It was looked at.
    Ask,
    /// Somebody else is looking.
    Wait,
    /// To look at it.
    Look(RunCheck<'a>),
}

/// The one who looks. Unless it says that all is well, the next one looks again.
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
