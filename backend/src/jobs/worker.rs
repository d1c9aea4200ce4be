//! Workers: threads that take samples of runs and have them answered; inference blocks.

use std::collections::BTreeSet;
use std::sync::atomic::AtomicBool;
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;
use std::time::Duration;

use fathom_shared::corpora::Corpora;
use fathom_shared::engine::EngineKind;
use fathom_shared::prompt::Dialogue;
use fathom_shared::tokens::Counter;
use fathom_shared::transcript::EngineInfo;
use tokio::runtime::Handle;

use super::Jobs;
use super::estimate::plan;
use super::order::texts_of;
use super::row::Rows;
use crate::engine::{Engine, EngineKey, Host};
use crate::errors::chain;
use crate::store::{Job, StoreError, Worker};

/// How often a worker that has nothing to do looks for what other processes ordered, or left.
const REST: Duration = Duration::from_secs(1);

/// Which runs a thread answers.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Slot {
    /// Those of the engines in this process, one sample at a time.
    Local,
    /// Those of one endpoint; several threads ask it at once.
    Endpoint(EngineKind),
    /// One run alone, until nothing of it is left.
    Only(i64),
}

/// What the threads of a process share.
#[derive(Clone)]
pub struct Workers {
    pub(super) jobs: Jobs,
    pub(super) host: Host,
    pub(super) worker: Worker,
    /// The ids of the models on this machine, asked anew each time.
    models: Arc<dyn Fn() -> Vec<String> + Send + Sync>,
    /// What samples are made of; the texts are bundled ones, which the page has too.
    pub(super) corpora: Arc<Corpora>,
    handle: Handle,
    /// The runs whose endpoint was looked at.
    seen: Arc<Mutex<BTreeSet<i64>>>,
}

/// An engine for one thread: the process's own, or one for itself.
pub(super) enum Desk {
    Local(Host, EngineKey),
    Own(Box<Engine>),
}

/// Who answers a run, as its cells must know it.
pub(super) struct Answerer {
    pub(super) info: EngineInfo,
    pub(super) dialogue: Dialogue,
    pub(super) counter: Counter<'static>,
}

impl Workers {
    /// Workers on the queue of `jobs`, which wait for the store by `handle`.
    pub fn new(
        jobs: Jobs,
        host: Host,
        worker: Worker,
        models: impl Fn() -> Vec<String> + Send + Sync + 'static,
        handle: Handle,
    ) -> Self {
        Self {
            jobs,
            host,
            worker,
            models: Arc::new(models),
            corpora: Arc::default(),
            handle,
            seen: Arc::default(),
        }
    }

    /// The same workers on other texts and questions than those that come with Fathom.
    pub fn with_corpora(self, corpora: Arc<Corpora>) -> Self {
        Self { corpora, ..self }
    }

    /// Answers what `slot` covers on a thread of its own until [`Jobs::stop`], or until the one
    /// run of [`Slot::Only`] has nothing left.
    ///
    /// # Errors
    /// When the system gives no thread.
    pub fn spawn(&self, slot: Slot) -> std::io::Result<thread::JoinHandle<()>> {
        let workers = self.clone();
        thread::Builder::new()
            .name("worker".to_owned())
            .spawn(move || workers.work(&slot))
    }

    fn work(&self, slot: &Slot) {
        while !self.jobs.is_stopping() {
            // Before the store is asked, so that what is ordered meanwhile wakes this thread.
            let wake = self.jobs.wake.notified();
            match self.next(slot) {
                Ok(Some(job)) => {
                    self.serve(slot, &job);
                    continue;
                }
                Ok(None) if self.is_over(slot) => return,
                Ok(None) => {}
                Err(error) => tracing::error!(error = chain(&error), "the queue cannot be read"),
            }
            let rested = async { tokio::time::timeout(REST, wake).await };
            // Woken or rested, the queue is asked again.
            let _either = self.wait_for(rested);
        }
    }

    /// The run that this thread should be at.
    fn next(&self, slot: &Slot) -> Result<Option<Job>, StoreError> {
        let waiting = self.wait_for(self.jobs.store.waiting(200))?;
        let mut models = None;
        Ok(waiting.into_iter().find(|job| match slot {
            Slot::Only(id) => job.id == *id,
            Slot::Endpoint(kind) => job.order.engine == *kind,
            Slot::Local => {
                let models = models.get_or_insert_with(&*self.models);
                // The engine last: an adapter is looked for only when a run asks for it.
                models.contains(&job.order.model) && Engine::is_here(&job.order.engine)
            }
        }))
    }

    fn is_over(&self, slot: &Slot) -> bool {
        let Slot::Only(id) = slot else {
            return false;
        };
        // Where it cannot be read the thread goes on asking.
        self.wait_for(self.jobs.store.run(*id))
            .is_ok_and(|run| run.status.is_final())
    }

    /// Answers samples of one run until there is none, or another run goes before it.
    fn serve(&self, slot: &Slot, job: &Job) {
        let served = self.desk(job).and_then(|mut desk| {
            let answerer = desk.answerer()?;
            self.check(job, &answerer.info)?;
            self.preflight(job, &mut desk)?;
            let mut rows = Rows::new(self, job, &mut desk, answerer);
            let goes_on = || {
                let only = matches!(slot, Slot::Only(_));
                !self.jobs.is_stopping() && (only || !self.is_outranked(slot, job))
            };
            while goes_on() && rows.answer_cell(&goes_on)? {}
            Ok(())
        });
        if let Err(sentence) = served {
            tracing::error!(run = job.id, error = sentence, "run cannot go on");
            if let Err(error) = self.wait_for(self.jobs.store.fail(job.id, &sentence)) {
                tracing::error!(run = job.id, error = chain(&error), "that was not written");
                // The run is still in the queue: not at once again.
                thread::sleep(REST);
            }
            self.jobs.live.changed(job.id);
        }
    }

    fn is_outranked(&self, slot: &Slot, job: &Job) -> bool {
        let next = self.next(slot);
        next.is_ok_and(|next| next.is_some_and(|next| next.priority > job.priority))
    }

    fn desk(&self, job: &Job) -> Result<Desk, String> {
        let key = EngineKey::from(&job.order);
        if key.kind.is_local() {
            return Ok(Desk::Local(self.host.clone(), key));
        }
        let made = self
            .host
            .make(&key)
            .map_err(|error| chain(error.as_ref()))?;
        Ok(Desk::Own(Box::new(made)))
    }

    /// The same model must answer all of a run, and its samples must be of the same texts.
    fn check(&self, job: &Job, info: &EngineInfo) -> Result<(), String> {
        if let Some(began_with) = &job.order.texts {
            let here = texts_of(&job.order, &self.corpora);
            if here != *began_with {
                return Err(format!(
                    "the texts of this worker are not those the run was ordered for: SHA-256 {here}, expected {began_with}; resume it where they are, or order the run anew"
                ));
            }
        }
        let (began_with, got) = (&job.engine.model_sha256, &info.model_sha256);
        if !began_with.is_empty() && began_with != got {
            return Err(format!(
                "the model `{}` is not the file this run was ordered for: SHA-256 {got}, expected {began_with}; order the run anew",
                job.order.model
            ));
        }
        if job.engine != *info {
            let noted = self.wait_for(self.jobs.store.set_engine(job.id, info));
            noted.map_err(|error| chain(&error))?;
        }
        Ok(())
    }

    /// Looks at an endpoint before the first prompt of a run, once for all threads of this process:
    /// the others wait.
    fn preflight(&self, job: &Job, desk: &mut Desk) -> Result<(), String> {
        let mut seen = self.seen.lock().unwrap_or_else(PoisonError::into_inner);
        if !matches!(desk, Desk::Own(_)) || seen.contains(&job.id) {
            return Ok(());
        }
        let plan = plan(&job.order.grid);
        let never = AtomicBool::new(false);
        let found = desk.with(|engine| engine.preflight(&plan, &never, &mut |_| ()))?;
        if let Some(found) = &found {
            for check in &found.checks {
                let (what, verdict) = (&check.what, check.verdict);
                tracing::info!(run = job.id, what, ?verdict, got = check.got, "preflight");
            }
        }
        match found.and_then(|found| found.refusal()) {
            // Looked at again when someone resumes the run.
            Some(sentence) => Err(sentence),
            None => {
                seen.insert(job.id);
                Ok(())
            }
        }
    }

    pub(super) fn wait_for<T>(&self, work: impl Future<Output = T>) -> T {
        self.handle.block_on(work)
    }
}

impl Desk {
    pub(super) fn with<T>(&mut self, work: impl FnOnce(&mut Engine) -> T) -> Result<T, String> {
        match self {
            Self::Local(host, key) => host.with(key, work).map_err(|e| chain(e.as_ref())),
            Self::Own(engine) => Ok(work(engine)),
        }
    }

    fn answerer(&mut self) -> Result<Answerer, String> {
        self.with(|engine| Answerer {
            info: engine.info().clone(),
            dialogue: engine.dialogue(),
            counter: engine.counter(),
        })
    }
}
