//! Runs in the background: the table is the queue, workers answer, anyone may watch.

mod detail; // a run with its pace and what its cells come to
mod estimate; // what a run will take, told before it starts
mod failed; //        rows of samples that failed
mod failure_reasons; // why a run comes to nothing
mod follow; // reads the store once for all who watch a run
mod live; // what happens to runs right now
mod results; // what runs came to
mod row; // one sample from its lease to its row
mod run_checks; // which endpoints were looked at before a run's first prompt
pub mod run_spec; // whether an order can be carried out
mod sample_in_progress; // a sample being answered, as those who watch see it
mod thread_engine; // an engine as one thread has it
mod thread_registry; // the threads that answer
mod worker; // workers
mod worker_slot; //   which runs a thread answers

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
pub use worker::WorkerPool;
pub use worker_slot::WorkerSlot;

/// How often it is looked whether another process stopped a run that is being answered here.
const HEAR: Duration = Duration::from_millis(500);

/// Orders, lists, watches and stops runs. A clone is another handle to the same queue.
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
    /// What endpoints cost.
    config: Config,
}

impl Jobs {
    /// The queue of `store`; `config` says what endpoints cost.
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

    /// Where it is all kept.
    pub fn store(&self) -> &Store {
        &self.store
    }

    /// Queues a run and wakes the workers.
    ///
    /// # Errors
    /// A full disk or a failing database.
    pub async fn order(&self, new: &NewRun, engine: &EngineInfo) -> Result<RunView, StoreError> {
        let id = self.store.add_run(&new.order, new.priority, engine).await?;
        self.wake.notify_waiters();
        self.view(id).await
    }

    /// Stops a run; what is answered stays. Stopping one that has ended changes nothing.
    ///
    /// # Errors
    /// No such run, or a failing database.
    pub async fn cancel(&self, id: i64) -> Result<RunView, StoreError> {
        // From here on the store takes no answer of this run, so a worker may finish its layer.
        self.store.cancel(id).await?;
        self.live.cancel(id);
        tracing::info!(run = id, "run cancelled");
        self.view(id).await
    }

    /// Takes up no further sample of a run.
    ///
    /// # Errors
    /// No such run, or a failing database.
    pub async fn pause(&self, id: i64) -> Result<RunView, StoreError> {
        self.store.pause(id).await?;
        self.changed(id).await
    }

    /// Goes on with a run that was paused, stopped, or could not go on.
    ///
    /// # Errors
    /// No such run, or a failing database.
    pub async fn resume(&self, id: i64) -> Result<RunView, StoreError> {
        self.store.resume(id).await?;
        self.changed(id).await
    }

    /// Asks again where a run has failures.
    ///
    /// # Errors
    /// No such run, or a failing database.
    pub async fn retry(&self, id: i64) -> Result<RunView, StoreError> {
        self.store.retry(id).await?;
        self.changed(id).await
    }

    /// Changes which run goes first.
    ///
    /// # Errors
    /// No such run, or a failing database.
    pub async fn set_priority(&self, id: i64, priority: i32) -> Result<RunView, StoreError> {
        self.store.set_priority(id, priority).await?;
        self.changed(id).await
    }

    async fn changed(&self, id: i64) -> Result<RunView, StoreError> {
        self.live.changed(id);
        self.wake.notify_waiters();
        self.view(id).await
    }

    /// Becomes `true` when the process is to end.
    pub fn stopping(&self) -> watch::Receiver<bool> {
        self.stop.subscribe()
    }

    /// Makes the workers give their samples back and end, and ends every stream.
    pub fn stop(&self) {
        self.stop.send_replace(true);
        self.live.interrupt();
        self.wake.notify_waiters();
    }

    /// Stops who answers a run here that was cancelled elsewhere: by another process, which has no
    /// other way to reach them. Once for all workers of these jobs.
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

    /// Waits until the store has taken nothing for `patience` and a run waits for that, or until the
    /// queue could not be read for as long; says why.
    pub async fn refused_for(&self, id: i64, patience: Duration) -> String {
        loop {
            if let Some(why) = self.live.stalled_for(id, patience) {
                return why;
            }
            tokio::time::sleep(HEAR).await;
        }
    }

    /// Samples being answered, and watchers, of this process.
    pub fn load(&self) -> (usize, usize) {
        (self.live.busy(), self.live.watchers())
    }

    /// What tokens cost on an engine, where its endpoint has a price.
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
