//! A sample being answered, as those who watch see it.

use std::sync::Arc;
use std::sync::atomic::AtomicBool;

use super::live::LiveRuns;
use crate::store::Lease;

/// A sample being answered, for those who watch; over when this is dropped, even by a panic.
pub(super) struct SampleInProgress<'a> {
    live: &'a LiveRuns,
    lease: &'a Lease,
    /// Rises when the run is stopped.
    pub(super) cancel: Arc<AtomicBool>,
}

impl<'a> SampleInProgress<'a> {
    pub(super) fn new(live: &'a LiveRuns, lease: &'a Lease) -> Self {
        let cancel = live.begin(lease.run, lease.place);
        Self {
            live,
            lease,
            cancel,
        }
    }
}

impl Drop for SampleInProgress<'_> {
    fn drop(&mut self) {
        let Lease { run, place, .. } = *self.lease;
        self.live.end(run, place, &self.cancel);
    }
}
