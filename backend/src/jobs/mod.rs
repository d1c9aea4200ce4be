//! Runs in the background: the table is the queue, one worker answers, anyone may watch.

mod live;
pub mod order;
mod worker;

use std::sync::Arc;

use fathom_shared::api::{NewRun, RunDetail, RunEvent, RunStatus, RunView};
use fathom_shared::transcript::EngineInfo;
use tokio::sync::{Notify, watch};

use crate::store::{Store, StoreError};
use live::Live;
pub use live::{Event, Watch};
pub use worker::{Loader, Worker};

/// Orders, lists, watches and stops runs. A clone is another handle to the same queue.
#[derive(Clone)]
pub struct Jobs {
    store: Store,
    live: Arc<Live>,
    wake: Arc<Notify>,
    stop: watch::Sender<bool>,
}

impl Jobs {
    /// The queue of `store`.
    pub fn new(store: Store) -> Self {
        Self {
            store,
            live: Arc::default(),
            wake: Arc::default(),
            stop: watch::Sender::new(false),
        }
    }

    /// Queues a run and wakes the worker.
    ///
    /// # Errors
    /// A full disk or a failing database.
    pub async fn order(&self, order: &NewRun, engine: &EngineInfo) -> Result<RunView, StoreError> {
        let id = self.store.add_run(order, engine).await?;
        self.wake.notify_one();
        Ok(self.detail(id).await?.run)
    }

    /// Every run, newest first.
    ///
    /// # Errors
    /// A failing database.
    pub async fn list(&self) -> Result<Vec<RunView>, StoreError> {
        let mut runs = self.store.runs().await?;
        runs.iter_mut().for_each(|run| self.amend(run));
        Ok(runs)
    }

    /// One run with its rows.
    ///
    /// # Errors
    /// No such run, or a failing database.
    pub async fn detail(&self, id: i64) -> Result<RunDetail, StoreError> {
        let mut detail = self.store.run(id).await?;
        self.amend(&mut detail.run);
        Ok(detail)
    }

    /// Stops a run; what is answered stays. Stopping one that has ended changes nothing.
    ///
    /// # Errors
    /// No such run, or a failing database.
    pub async fn cancel(&self, id: i64) -> Result<RunView, StoreError> {
        // From here on the store takes no row of this run, so the worker may finish its layer.
        if self.store.cancel(id).await? {
            self.live.cancel(id);
            tracing::info!(run = id, "run cancelled");
        }
        Ok(self.detail(id).await?.run)
    }

    /// What happens to a run from now on, and the text of the answer being written.
    pub fn watch(&self, id: i64) -> Watch {
        self.live.watch(id)
    }

    /// Forgets the watchers of a run that has ended.
    pub fn forget(&self, id: i64) {
        self.live.forget(id);
    }

    /// Becomes `true` when the process is to end.
    pub fn stopping(&self) -> watch::Receiver<bool> {
        self.stop.subscribe()
    }

    /// Makes the worker put its run back into the queue and end, and ends every stream.
    pub fn stop(&self) {
        self.stop.send_replace(true);
        self.live.interrupt();
        self.wake.notify_one();
    }

    fn is_stopping(&self) -> bool {
        *self.stop.borrow()
    }

    /// A run whose end could not be written down, as the disk was full, is shown as it is.
    fn amend(&self, run: &mut RunView) {
        if let Some(error) = self.live.unwritten(run.id)
            && !run.status.is_final()
        {
            run.status = RunStatus::Failed;
            run.error = Some(error);
        }
    }
}

/// Whether nothing more comes after `event`.
pub fn is_last(event: &RunEvent) -> bool {
    matches!(event, RunEvent::Status { status, .. } if status.is_final())
}

#[cfg(test)]
mod tests;
