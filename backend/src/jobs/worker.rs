//! Workers: threads that lease samples of runs and have them answered. Inference blocks the thread.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use fathom_shared::corpora::Corpora;
use fathom_shared::engine::EngineKind;
use fathom_shared::transcript::EngineInfo;
use tokio::runtime::Handle;

use super::Jobs;
use super::row::answer_leased;
use super::run_checks::{RunCheck, RunCheckTurn};
use super::run_spec::texts_of;
use super::thread_engine::ThreadEngine;
use super::worker_pool::{FIRST_PAUSE, WorkerPool, longer};
use super::worker_slot::WorkerSlot;
use crate::engine::{Engine, EngineHost, EngineKey};
use crate::errors::{chain, said, sentence};
use crate::store::{LeaseHolder, QueueFilter, QueuedRun, StoreError};

/// How often an idle worker looks for runs that other processes created or abandoned.
const REST: Duration = Duration::from_secs(1);
/// How often a waiting thread checks whether it must stop.
const LOOK: Duration = Duration::from_millis(100);
/// How many runs are read to choose the next one: more than one, as some cannot be read.
const SOME: u32 = 20;

impl WorkerPool {
    /// Workers on the queue of `jobs`; `handle` runs their calls to the store.
    pub fn new(
        jobs: Jobs,
        host: EngineHost,
        worker: LeaseHolder,
        has: impl Fn(&str) -> bool + Send + Sync + 'static,
        handle: Handle,
    ) -> Self {
        Self {
            jobs,
            host,
            worker,
            has: Arc::new(has),
            corpora: Arc::default(),
            handle,
            looks: Arc::default(),
        }
    }

    /// The same workers with other texts and questions than the bundled ones.
    pub fn with_corpora(self, corpora: Arc<Corpora>) -> Self {
        Self { corpora, ..self }
    }

    /// Answers the runs that `slot` covers on a new thread until [`Jobs::stop`], or until the one
    /// run of [`WorkerSlot::Only`] has no open samples. If the thread crashes, another replaces
    /// it.
    ///
    /// # Errors
    /// The system cannot start a thread.
    pub fn spawn(&self, slot: WorkerSlot) -> std::io::Result<thread::JoinHandle<()>> {
        let workers = self.clone();
        let jobs = &self.jobs;
        jobs.hear_cancels(&self.handle);
        let number = jobs.hands.add(&slot);
        let work = move || {
            let mut pause = FIRST_PAUSE;
            while let Err(panic) = catch_unwind(AssertUnwindSafe(|| workers.work(&slot, number))) {
                let why = said(panic.as_ref());
                tracing::error!(worker = slot.to_string(), why, "crashed and is replaced");
                let hands = &workers.jobs.hands;
                hands.broke(number, slot.to_string(), why);
                workers.rest(pause, None);
                pause = longer(pause);
            }
        };
        thread::Builder::new().name("worker".to_owned()).spawn(work)
    }

    fn work(&self, slot: &WorkerSlot, number: u64) {
        while !self.jobs.is_stopping() {
            // Before the store is read, so that a run created meanwhile wakes this thread.
            let wake = self.jobs.wake.notified();
            let next = self.next(slot);
            self.jobs.hands.works(number);
            let unread = |e: &StoreError| format!("the queue cannot be read: {}", chain(e));
            self.jobs.live.read(next.as_ref().err().map(unread));
            match next {
                Ok(Some(job)) => {
                    self.serve(slot, &job);
                    continue;
                }
                Ok(None) if self.is_over(slot) => return,
                Ok(None) => {}
                Err(error) => self.refused(None, &chain(&error), "the queue cannot be read"),
            }
            let rested = async { tokio::time::timeout(REST, wake).await };
            // Whether woken or timed out, read the queue again.
            let _either = self.wait_for(rested);
        }
    }

    /// The run that this thread should answer. Runs that no engine here can answer are not read,
    /// however many there are.
    fn next(&self, slot: &WorkerSlot) -> Result<Option<QueuedRun>, StoreError> {
        let any = QueueFilter::default();
        match slot {
            WorkerSlot::Only(id) => self.first(QueueFilter {
                run: Some(*id),
                ..any
            }),
            WorkerSlot::Endpoint(kind) => self.first(QueueFilter {
                engine: Some(&kind.to_string()),
                ..any
            }),
            WorkerSlot::Local => {
                let mut best: Option<QueuedRun> = None;
                for (engine, model) in self.answerable()? {
                    let found = self.first(QueueFilter {
                        engine: Some(&engine),
                        model: Some(&model),
                        ..any
                    })?;
                    let rank = |job: &QueuedRun| (-i64::from(job.priority), job.id);
                    if let Some(found) = found
                        && best.as_ref().is_none_or(|best| rank(&found) < rank(best))
                    {
                        best = Some(found);
                    }
                }
                Ok(best)
            }
        }
    }

    /// The engines and models that runs wait for and that this process has.
    fn answerable(&self) -> Result<Vec<(String, String)>, StoreError> {
        let waited_for = self.wait_for(self.jobs.store.waited_for())?;
        let kind = |engine: &String| engine.parse().ok();
        let mut here = waited_for.clone();
        here.retain(|(engine, _)| kind(engine).is_some_and(|kind: EngineKind| kind.is_local()));
        // Check the engine last: a GPU adapter is looked for only if a run needs it.
        here.retain(|(engine, model)| {
            (self.has)(model) && kind(engine).is_some_and(|kind| Engine::is_here(&kind))
        });
        self.jobs.hands.waited_for(&waited_for, &here);
        Ok(here)
    }

    /// The first of these runs. Those that cannot be read are marked as failed with the reason, and
    /// the others continue.
    fn first(&self, wanted: QueueFilter<'_>) -> Result<Option<QueuedRun>, StoreError> {
        let found = self.wait_for(self.jobs.store.waiting(wanted, SOME))?;
        for (run, why) in &found.unreadable {
            tracing::error!(run, why, "run cannot be read");
            self.wait_for(self.jobs.store.fail(*run, why))?;
            self.jobs.live.changed(*run);
        }
        match found.jobs.into_iter().next() {
            // There may be others after these.
            None if !found.unreadable.is_empty() => self.first(wanted),
            first => Ok(first),
        }
    }

    fn is_over(&self, slot: &WorkerSlot) -> bool {
        let WorkerSlot::Only(id) = slot else {
            return false;
        };
        // If the run cannot be read, the thread keeps asking.
        self.wait_for(self.jobs.store.view(*id))
            .is_ok_and(|run| run.status.is_final())
    }

    /// Answers samples of one run until none is left, or another run has precedence.
    fn serve(&self, slot: &WorkerSlot, job: &QueuedRun) {
        // Held until the run's error is stored, so that no thread repeats the preflight before.
        let mut looking = None;
        let served = catch_unwind(AssertUnwindSafe(|| self.answer(slot, job, &mut looking)));
        let served = served.unwrap_or_else(|panic| {
            let why = said(panic.as_ref());
            Err(format!("the worker crashed on this run: {why}"))
        });
        if let Err(why) = served {
            let why = sentence(&why);
            tracing::error!(run = job.id, error = why, "run cannot continue");
            if let Err(error) = self.wait_for(self.jobs.store.fail(job.id, &why)) {
                self.refused(Some(job.id), &chain(&error), "error not recorded");
                // The run is still in the queue: do not take it again at once.
                let _stall = self.jobs.live.stall(job.id, false, chain(&error));
                self.rest(REST, None);
            }
            self.jobs.live.changed(job.id);
        }
    }

    fn answer<'a>(
        &'a self,
        slot: &WorkerSlot,
        job: &QueuedRun,
        looking: &mut Option<RunCheck<'a>>,
    ) -> Result<(), String> {
        // Ask nothing while the answer could not be stored.
        if !self.can_store(job) {
            return Ok(());
        }
        let mut thread_engine = self.thread_engine(job)?;
        let attending = self.jobs.live.attend(job.id);
        let mut waits = || !self.jobs.is_stopping() && !attending.cancel.load(Ordering::Relaxed);
        let Some(answerer) = thread_engine.answerer(&mut waits)? else {
            return Ok(());
        };
        drop(attending);
        self.check(job, &answerer.info)?;
        if !self.note(job, &answerer.info) || !self.preflight(job, &mut thread_engine, looking)? {
            return Ok(());
        }
        *looking = None;
        let goes_on = || {
            let only = matches!(slot, WorkerSlot::Only(_));
            !self.jobs.is_stopping() && (only || !self.is_outranked(slot, job))
        };
        answer_leased(self, job, &mut thread_engine, answerer, &goes_on)
    }

    /// Waits until the store accepts a row of an answer's size, and until answers already waiting
    /// here are stored; returns `false` if the run or the process was stopped meanwhile.
    fn can_store(&self, job: &QueuedRun) -> bool {
        let live = &self.jobs.live;
        let attending = live.attend(job.id);
        let (mut pause, mut stall) = (FIRST_PAUSE, None);
        loop {
            let why = live.holding().or_else(|| {
                let written = self.wait_for(self.jobs.store.probe());
                written.err().map(|error| chain(&error))
            });
            let Some(why) = why else { return true };
            let what = "nothing is asked: it could not be stored";
            self.refused(Some(job.id), &why, what);
            let before = stall.replace(live.stall(job.id, false, why));
            drop(before);
            if !self.rest(pause, Some(&attending.cancel)) {
                return false;
            }
            pause = longer(pause);
        }
    }

    /// Logs, once for each reason, that the store refuses a write.
    pub(super) fn refused(&self, run: Option<i64>, why: &str, what: &str) {
        if self.jobs.live.is_news(why) {
            tracing::error!(run, error = why, "{what}");
        }
    }

    /// Pauses; returns `false` if the thread must stop.
    pub(super) fn rest(&self, pause: Duration, cancel: Option<&AtomicBool>) -> bool {
        let until = Instant::now() + pause;
        let stopped = || cancel.is_some_and(|cancel| cancel.load(Ordering::Relaxed));
        while !self.jobs.is_stopping() && !stopped() {
            let left = until.saturating_duration_since(Instant::now());
            if left.is_zero() {
                return true;
            }
            thread::sleep(left.min(LOOK));
        }
        false
    }

    fn is_outranked(&self, slot: &WorkerSlot, job: &QueuedRun) -> bool {
        let next = self.next(slot);
        next.is_ok_and(|next| next.is_some_and(|next| next.priority > job.priority))
    }

    fn thread_engine(&self, job: &QueuedRun) -> Result<ThreadEngine, String> {
        let key = EngineKey::from(&job.run_spec);
        if key.kind.is_local() {
            return Ok(ThreadEngine::Local(self.host.clone(), key));
        }
        let made = self
            .host
            .make(&key)
            .map_err(|error| chain(error.as_ref()))?;
        Ok(ThreadEngine::Own(Box::new(made)))
    }

    /// One model must answer all of a run, and all samples must be made of the same texts.
    fn check(&self, job: &QueuedRun, info: &EngineInfo) -> Result<(), String> {
        if let Some(began_with) = &job.run_spec.texts {
            let here = texts_of(&job.run_spec, &self.corpora);
            if here != *began_with {
                return Err(format!(
                    "this worker does not have the texts of the run: SHA-256 {here}, expected {began_with}; resume the run where they are, or start a new one"
                ));
            }
        }
        let (began_with, got) = (&job.engine.model_sha256, &info.model_sha256);
        if !began_with.is_empty() && began_with != got {
            return Err(format!(
                "the model `{}` is not the file that this run started with: SHA-256 {got}, expected {began_with}; start a new run",
                job.run_spec.model
            ));
        }
        Ok(())
    }

    /// Records which engine answers a run; `false` if the store refuses: the run is unchanged.
    fn note(&self, job: &QueuedRun, info: &EngineInfo) -> bool {
        if job.engine == *info {
            return true;
        }
        let noted = self.wait_for(self.jobs.store.set_engine(job.id, info));
        let Err(error) = noted else { return true };
        self.refused(Some(job.id), &chain(&error), "engine not recorded");
        let _stall = self.jobs.live.stall(job.id, false, chain(&error));
        self.rest(REST, None);
        false
    }

    /// Runs the preflight of an endpoint before a run's first prompt, once for all threads of this
    /// process; the others wait, unless the run is cancelled. `false`: there is nothing to ask now.
    fn preflight<'a>(
        &'a self,
        job: &QueuedRun,
        thread_engine: &mut ThreadEngine,
        looking: &mut Option<RunCheck<'a>>,
    ) -> Result<bool, String> {
        if !matches!(thread_engine, ThreadEngine::Own(_)) {
            return Ok(true);
        }
        let attending = self.jobs.live.attend(job.id);
        let mut waited = false;
        let look = loop {
            match self.looks.turn(job.id) {
                RunCheckTurn::Ask => return Ok(true),
                // Whatever the preflight found, the queue decides whether the run continues.
                RunCheckTurn::Look(_) if waited => return Ok(false),
                RunCheckTurn::Look(look) => break look,
                RunCheckTurn::Wait => waited = true,
            }
            if !self.rest(LOOK, Some(&attending.cancel)) {
                return Ok(false);
            }
        };
        let look = looking.insert(look);
        let plan = job.run_spec.grid.plan();
        let found = thread_engine.with(&mut || true, |engine| {
            engine.preflight(&plan, &attending.cancel, &mut |_| ())
        });
        let found = found?.flatten();
        if attending.cancel.load(Ordering::Relaxed) {
            return Ok(false);
        }
        if let Some(found) = &found {
            for check in &found.checks {
                let (what, verdict) = (&check.what, check.verdict);
                tracing::info!(run = job.id, what, ?verdict, got = check.got, "preflight");
            }
        }
        match found.and_then(|found| found.refusal()) {
            // The preflight is repeated when someone resumes the run.
            Some(sentence) => Err(sentence),
            None => {
                look.good();
                Ok(true)
            }
        }
    }

    pub(super) fn wait_for<T>(&self, work: impl Future<Output = T>) -> T {
        self.handle.block_on(work)
    }
}
