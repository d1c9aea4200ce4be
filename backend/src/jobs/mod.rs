//! Runs in the background: a database table is the queue, workers answer, clients watch.

mod detail; // a run's details: its pace and the summaries of its cells
mod estimate; // estimates a run before it starts
mod failed; // rows for failed samples
mod failure_reasons; // describes why a run failed
mod follow; // watches a run for all its followers with one reader
mod live; // live events of runs
mod results; // result sets of stored runs
mod row; // answers one sample, from lease to row
mod run_checks; // remembers which endpoints passed preflight
pub mod run_spec; // checks whether a run spec can be carried out
mod sample_in_progress; // a sample being answered, as followers see it
mod thread_engine; // an engine as used by one thread
mod thread_registry; // the worker threads
mod worker; // the worker loop
mod worker_pool; // what the worker threads share
mod worker_slot; // which runs a thread answers

use std::sync::Arc;
use std::time::Duration;

use fathom_shared::api::{Money, NewRun, RunView};
use fathom_shared::engine::EngineKind;
use fathom_shared::transcript::EngineInfo;
use tokio::runtime::Handle;
use tokio::sync::{Notify, watch};

use crate::config::Config;
use crate::errors::chain;
use crate::store::{Store, StoreError};
use detail::DetailCache;
use failure_reasons::FailureReasonCache;
pub use follow::RunWatch;
use live::LiveRuns;
use results::ResultSetCache;
pub use results::result_set;
pub use thread_registry::NotReady;
use thread_registry::ThreadRegistry;
pub use worker_pool::WorkerPool;
pub use worker_slot::WorkerSlot;

/// How often to check whether another process stopped a run that is being answered here.
const HEAR: Duration = Duration::from_millis(500);

/// Creates, lists, watches and stops runs. A clone is another handle to the same queue.
#[derive(Clone)]
pub struct Jobs {
    store: Store,
    live: Arc<LiveRuns>,
    details: Arc<DetailCache>,
    results: Arc<ResultSetCache>,
    reasons: Arc<FailureReasonCache>,
    hands: Arc<ThreadRegistry>,
    wake: Arc<Notify>,
    stop: watch::Sender<bool>,
    /// The prices of endpoints.
    config: Config,
}

impl Jobs {
    /// The queue in `store`; `config` has the prices of endpoints.
    pub fn new(store: Store, config: Config) -> Self {
        Self {
            store,
            config,
            live: Arc::default(),
            details: Arc::default(),
            results: Arc::default(),
            reasons: Arc::default(),
            hands: Arc::default(),
            wake: Arc::default(),
            stop: watch::Sender::new(false),
        }
    }

    /// The store of this queue.
    pub fn store(&self) -> &Store {
        &self.store
    }

    /// Queues a run and wakes the workers.
    ///
    /// # Errors
    /// The disk is full, or the database fails.
    pub async fn queue(&self, new: &NewRun, engine: &EngineInfo) -> Result<RunView, StoreError> {
        let id = self
            .store
            .add_run(&new.run_spec, new.priority, engine)
            .await?;
        self.wake.notify_waiters();
        self.view(id).await
    }

    /// Stops a run; its answers are kept. Stopping a run that has ended changes nothing.
    ///
    /// # Errors
    /// There is no such run, or the database fails.
    pub async fn cancel(&self, id: i64) -> Result<RunView, StoreError> {
        // From here on the store accepts no answer of this run, so a worker may finish its current
        // layer.
        self.store.cancel(id).await?;
        self.live.cancel(id);
        tracing::info!(run = id, "run cancelled");
        self.view(id).await
    }

    /// Pauses a run: no further sample is started.
    ///
    /// # Errors
    /// There is no such run, or the database fails.
    pub async fn pause(&self, id: i64) -> Result<RunView, StoreError> {
        self.store.pause(id).await?;
        self.changed(id).await
    }

    /// Resumes a run that was paused, stopped or failed.
    ///
    /// # Errors
    /// There is no such run, or the database fails.
    pub async fn resume(&self, id: i64) -> Result<RunView, StoreError> {
        self.store.resume(id).await?;
        self.changed(id).await
    }

    /// Asks a run's failed samples again.
    ///
    /// # Errors
    /// There is no such run, or the database fails.
    pub async fn retry(&self, id: i64) -> Result<RunView, StoreError> {
        self.store.retry(id).await?;
        self.changed(id).await
    }

    /// Changes a run's priority.
    ///
    /// # Errors
    /// There is no such run, or the database fails.
    pub async fn set_priority(&self, id: i64, priority: i32) -> Result<RunView, StoreError> {
        self.store.set_priority(id, priority).await?;
        self.changed(id).await
    }

    async fn changed(&self, id: i64) -> Result<RunView, StoreError> {
        self.live.changed(id);
        self.wake.notify_waiters();
        self.view(id).await
    }

    /// Becomes `true` when the process is ending.
    pub fn stopping(&self) -> watch::Receiver<bool> {
        self.stop.subscribe()
    }

    /// Makes the workers give back their samples and end, and ends every stream.
    pub fn stop(&self) {
        self.stop.send_replace(true);
        self.live.interrupt();
        self.wake.notify_waiters();
    }

    /// Stops work on runs that another process cancelled, which has no other way to reach the
    /// workers here. One task does this for all workers of these jobs.
    fn hear_cancels(&self, handle: &Handle) {
        if self.hands.are_heard() {
            return;
        }
        let jobs = self.clone();
        handle.spawn(async move {
            while !jobs.is_stopping() {
                tokio::time::sleep(HEAR).await;
                for run in jobs.live.attended() {
                    match jobs.store.is_cancelled(run).await {
                        Ok(true) => jobs.live.cancel(run),
                        Ok(false) => {}
                        Err(error) => {
                            tracing::debug!(run, error = chain(&error), "run not looked at");
                        }
                    }
                }
            }
        });
    }

    /// Waits until the store has accepted no writes for `patience` while a run waits for it, or
    /// until the queue could not be read for as long; returns the reason.
    pub async fn refused_for(&self, id: i64, patience: Duration) -> String {
        loop {
            if let Some(why) = self.live.stalled_for(id, patience) {
                return why;
            }
            tokio::time::sleep(HEAR).await;
        }
    }

    /// The numbers of samples being answered and of watchers in this process.
    pub fn load(&self) -> (usize, usize) {
        (self.live.busy(), self.live.watchers())
    }

    /// The cost of tokens on an engine, if its endpoint has a price.
    fn cost(&self, engine: &EngineKind, read: u64, written: u64) -> Option<Money> {
        let EngineKind::Openai { endpoint } = engine else {
            return None;
        };
        let price = self.config.endpoint(endpoint)?.price.as_ref()?;
        Some(Money {
            amount: price.of(read, written),
            currency: price.currency.clone(),
        })
    }

    fn is_stopping(&self) -> bool {
        *self.stop.borrow()
    }
}

#[cfg(test)]
mod tests;
