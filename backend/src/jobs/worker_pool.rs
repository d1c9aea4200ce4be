//! What the worker threads of a process share, and how long they pause after a refused write.

use std::sync::Arc;
use std::time::Duration;

use fathom_shared::corpora::Corpora;
use tokio::runtime::Handle;

use super::Jobs;
use super::run_checks::RunChecks;
use crate::engine::EngineHost;
use crate::store::LeaseHolder;

/// The pauses after a refused write: each is twice as long as the last, up to the maximum.
pub(super) const FIRST_PAUSE: Duration = Duration::from_millis(500);
const LONGEST_PAUSE: Duration = Duration::from_secs(16);

/// What the threads of a process share.
#[derive(Clone)]
pub struct WorkerPool {
    pub(super) jobs: Jobs,
    pub(super) host: EngineHost,
    pub(super) worker: LeaseHolder,
    /// Whether the model with this id is on this machine and usable, checked anew each time. Only
    /// models that runs wait for are opened, as opening others may take long.
    pub(super) has: Arc<dyn Fn(&str) -> bool + Send + Sync>,
    /// What samples are made of: the bundled texts, which the page has too.
    pub(super) corpora: Arc<Corpora>,
    pub(super) handle: Handle,
    pub(super) looks: Arc<RunChecks>,
}

/// The pause that follows this one.
pub(super) fn longer(pause: Duration) -> Duration {
    (pause * 2).min(LONGEST_PAUSE)
}
