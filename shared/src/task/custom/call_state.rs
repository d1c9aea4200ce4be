//! What the functions of a script share during one call.

use std::cell::{Cell, RefCell};

use super::haystack::ByteMeter;
use super::watch::ConsoleLine;

/// What the engine's functions share during one call.
#[derive(Default)]
pub(super) struct CallState {
    pub(super) meter: ByteMeter,
    pub(super) sample: Cell<u32>,
    pub(super) printed: RefCell<Vec<ConsoleLine>>,
}

impl CallState {
    pub(super) fn begin(&self, sample: u32, haystack_bytes: usize) {
        self.meter.set(haystack_bytes);
        self.sample.set(sample);
        self.printed.take();
    }
}
