//! A sample being answered, as watchers see it.

use std::sync::Arc;
use std::sync::atomic::AtomicBool;

use fathom_shared::run::SampleKey;

use super::live::LiveRuns;
use crate::store::Lease;

/// Shows a sample to watchers until this is dropped, even by a panic.
pub(super) struct SampleInProgress<'a> {
    live: &'a LiveRuns,
    run: i64,
    place: SampleKey,
    /// Set when the run is stopped.
    pub(super) cancel: Arc<AtomicBool>,
}

impl<'a> SampleInProgress<'a> {
    pub(super) fn new(live: &'a LiveRuns, lease: &Lease) -> Self {
        let Lease { run, place, .. } = *lease;
        let cancel = live.begin(run, place);
        Self {
            live,
            run,
            place,
            cancel,
        }
    }
}

impl Drop for SampleInProgress<'_> {
    fn drop(&mut self) {
        self.live.end(self.run, self.place, &self.cancel);
    }
}
