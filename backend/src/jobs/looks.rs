//! Which endpoints were looked at before the first prompt of a run: once for all threads of a
//! process. Nobody waits for the network under a lock; who looks can be stopped.

use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

/// The runs that are being looked at, or were found good.
#[derive(Default)]
pub(super) struct Looks {
    known: Mutex<HashMap<i64, Look>>,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Look {
    Going,
    Good,
}

/// What somebody who would ask must do.
pub(super) enum Turn<'a> {
    /// It was looked at.
    Ask,
    /// Somebody else is looking.
    Wait,
    /// To look at it.
    Look(Looking<'a>),
}

/// The one who looks. Unless it says that all is well, the next one looks again.
pub(super) struct Looking<'a> {
    looks: &'a Looks,
    run: i64,
    good: bool,
}

impl Looks {
    pub(super) fn turn(&self, run: i64) -> Turn<'_> {
        let mut known = self.known();
        match known.get(&run) {
            Some(Look::Good) => Turn::Ask,
            Some(Look::Going) => Turn::Wait,
            None => {
                known.insert(run, Look::Going);
                let (looks, good) = (self, false);
                Turn::Look(Looking { looks, run, good })
            }
        }
    }

    fn known(&self) -> MutexGuard<'_, HashMap<i64, Look>> {
        self.known.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Looking<'_> {
    pub(super) fn good(&mut self) {
        self.good = true;
    }
}

impl Drop for Looking<'_> {
    fn drop(&mut self) {
        let mut known = self.looks.known();
        match self.good {
            true => known.insert(self.run, Look::Good),
            false => known.remove(&self.run),
        };
    }
}
