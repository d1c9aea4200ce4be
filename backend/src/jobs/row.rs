//! One sample from its lease to its row: the server's side of the loop that answers runs.

use std::cell::RefCell;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use fathom_shared::api::RunEvent;
use fathom_shared::run::{
    EngineAnswer, RunEngine, RunRows, RunSetup, SampleKey, SampleRequest, ScoredTranscript,
    answer_rows,
};
use fathom_shared::task::GeneratorContext;
use fathom_shared::transcript::{EngineInfo, FailureKind, Outcome};

use super::failed::{refused, told_plainly};
use super::sample_in_progress::SampleInProgress;
use super::thread_engine::{Answerer, ThreadEngine};
use super::worker_pool::{FIRST_PAUSE, WorkerPool, longer};
use crate::engine::{CompletionRequest, EngineProgress, SamplingParams};
use crate::errors::{chain, said};
use crate::script_time;
use crate::store::{Lease, QueuedRun, StoreError};
use crate::work_cancellation;

/// How long a thread waits after it could not start a sample.
const AGAIN: Duration = Duration::from_secs(2);

/// If this many workers did not come back from a sample, the sample itself is at fault: one that
/// needs more memory than there is ends the whole process at every restart.
const MOST_ABANDONED: u32 = 25;

/// Answers samples of a run until none is left for this thread, or `goes_on` returns `false`.
///
/// # Errors
/// A sentence that says why the run cannot continue.
pub(super) fn answer_leased(
    workers: &WorkerPool,
    job: &QueuedRun,
    thread_engine: &mut ThreadEngine,
    answerer: Answerer,
    goes_on: &dyn Fn() -> bool,
) -> Result<(), String> {
    let Answerer {
        info,
        dialogue,
        counter,
    } = answerer;
    let setup = RunSetup {
        grid: &job.run_spec.grid,
        mode: job.run_spec.mode,
        dialogue,
        engine: info.clone(),
        generator_context: GeneratorContext {
            counter: &counter,
            corpora: &workers.corpora,
        },
    };
    let mut rows = LeasedRows {
        store: RowStore { workers, job },
        thread_engine,
        info,
        goes_on,
        at: None,
    };
    // Everything in it blocks; this thread exists for that.
    pollster::block_on(answer_rows(&setup, &mut rows))
}

/// The samples of one run that one thread leases, with its engine.
struct LeasedRows<'a> {
    store: RowStore<'a>,
    thread_engine: &'a mut ThreadEngine,
    info: EngineInfo,
    /// Whether to start another sample.
    goes_on: &'a dyn Fn() -> bool,
    /// The sample that is being answered.
    at: Option<LeasedSample<'a>>,
}

/// A leased sample, which watchers also see.
struct LeasedSample<'a> {
    lease: Lease,
    busy: SampleInProgress<'a>,
}

impl<'a> LeasedRows<'a> {
    /// Stores a failure for a sample from which no worker came back.
    fn give_up(&self, sample: LeasedSample<'a>) -> Result<(), String> {
        let LeasedSample { lease, busy } = sample;
        let n = lease.abandoned;
        let message = format!(
            "{n} workers started this sample and none finished it: each ended, or reported no progress for longer than its lease"
        );
        tracing::error!(run = lease.run, place = ?lease.place, message);
        let kind = FailureKind::Engine;
        let row = ScoredTranscript::unasked(lease.place.sample, &self.info, kind, message);
        self.store.keep(&lease, row, &busy.cancel)?;
        Ok(())
    }
}

impl RunRows for LeasedRows<'_> {
    async fn next(&mut self) -> Result<Option<SampleKey>, String> {
        while (self.goes_on)() {
            let Some(lease) = self.store.claim() else {
                return Ok(None);
            };
            let busy = SampleInProgress::new(&self.store.workers.jobs.live, &lease);
            let sample = LeasedSample { lease, busy };
            if sample.lease.abandoned >= MOST_ABANDONED {
                self.give_up(sample)?;
                continue;
            }
            let key = sample.lease.place;
            self.at = Some(sample);
            return Ok(Some(key));
        }
        Ok(None)
    }

    async fn store(&mut self, _key: SampleKey, row: ScoredTranscript) -> Result<bool, String> {
        let Some(LeasedSample { lease, busy }) = self.at.take() else {
            return Ok(false);
        };
        self.store.keep(&lease, row, &busy.cancel)
    }

    async fn give_back(&mut self, _key: SampleKey) {
        if let Some(sample) = self.at.take() {
            self.store.give_back(&sample.lease);
        }
    }
}

impl RunEngine for LeasedRows<'_> {
    async fn complete(&mut self, request: &SampleRequest) -> Result<EngineAnswer, String> {
        let Some(LeasedSample { lease, busy }) = &self.at else {
            return Err("a prompt is asked without a lease".to_owned());
        };
        self.store
            .ask(request, lease, self.thread_engine, &busy.cancel)
    }

    fn is_cancelled(&self) -> bool {
        let cancel = self.at.as_ref().map(|sample| &sample.busy.cancel);
        cancel.is_some_and(|cancel| cancel.load(Ordering::Relaxed))
    }

    /// Runs `work` within the time limit for scripts, and only as long as someone waits for the
    /// result.
    fn guarded<T>(&mut self, work: impl FnOnce() -> T) -> Result<T, String> {
        let never = Arc::default();
        let cancel = self
            .at
            .as_ref()
            .map_or(&never, |sample| &sample.busy.cancel);
        let work = || work_cancellation::until(cancel, || script_time::bounded(work));
        catch_unwind(AssertUnwindSafe(work)).map_err(|panic| {
            let why = said(panic.as_ref());
            let place = self.at.as_ref().map(|sample| sample.lease.place);
            tracing::error!(run = self.store.job.id, ?place, why, "a sample crashed");
            why
        })
    }
}

/// Where the rows of one run are stored.
#[derive(Clone, Copy)]
struct RowStore<'a> {
    workers: &'a WorkerPool,
    job: &'a QueuedRun,
}

impl RowStore<'_> {
    fn claim(self) -> Option<Lease> {
        let WorkerPool { jobs, worker, .. } = self.workers;
        if jobs.live.holding().is_some() {
            // An answer is waiting for the store, so do not ask for another that would have to wait
            // too.
            return None;
        }
        match self.workers.wait_for(jobs.store.claim(self.job.id, worker)) {
            Ok(lease) => {
                if lease.is_some() {
                    jobs.live.stored();
                }
                lease
            }
            Err(error) => {
                // The run is unchanged, so the next search for work finds it again.
                let (run, why) = (Some(self.job.id), chain(&error));
                self.workers.refused(run, &why, "no sample taken up");
                let _stall = jobs.live.stall(self.job.id, false, chain(&error));
                self.workers.rest(AGAIN, None);
                None
            }
        }
    }

    fn give_back(self, lease: &Lease) {
        let released = self.workers.jobs.store.release(lease);
        if let Err(error) = self.workers.wait_for(released) {
            tracing::warn!(
                run = lease.run,
                error = chain(&error),
                "sample not given back"
            );
        }
    }

    /// Stores the row, however long it takes: an answer to a long text is worth waiting for a disk.
    /// Returns `false` if the sample was taken away.
    fn keep(
        self,
        lease: &Lease,
        row: ScoredTranscript,
        cancel: &AtomicBool,
    ) -> Result<bool, String> {
        let jobs = &self.workers.jobs;
        let mut row = told_plainly(row);
        let (mut pause, mut stall) = (FIRST_PAUSE, None);
        loop {
            let error = match self.workers.wait_for(jobs.store.answer(lease, &row)) {
                Ok(()) => {
                    jobs.live.stored();
                    return Ok(true);
                }
                Err(StoreError::Lost { .. }) => {
                    tracing::info!(run = lease.run, ?lease.place, "answer came too late");
                    return Ok(false);
                }
                Err(error) => error,
            };
            let why = chain(&error);
            self.workers
                .refused(Some(lease.run), &why, "answer not stored");
            if matches!(error, StoreError::Rejected { .. }) {
                // The store will refuse it every time.
                if matches!(row.transcript.outcome, Outcome::Failed(_)) {
                    self.give_back(lease);
                    return Err(why);
                }
                row = refused(row, format!("an answer came, but {why}"));
                continue;
            }
            let before = stall.replace(jobs.live.stall(lease.run, true, why));
            drop(before);
            if !self.workers.rest(pause, Some(cancel)) {
                return Ok(false);
            }
            pause = longer(pause);
        }
    }

    fn ask(
        self,
        request: &SampleRequest,
        lease: &Lease,
        thread_engine: &mut ThreadEngine,
        cancel: &Arc<AtomicBool>,
    ) -> Result<EngineAnswer, String> {
        let mut renewal = LeaseRenewal {
            one: self,
            lease,
            cancel,
            last: Instant::now(),
        };
        let (live, place) = (&self.workers.jobs.live, lease.place);
        let report = RefCell::new(|progress: EngineProgress<'_>| {
            renewal.progress();
            let event = match progress {
                EngineProgress::Alive => return,
                EngineProgress::Prefill { done, total } => RunEvent::Prefill { place, done, total },
                EngineProgress::Text(text) => RunEvent::Token {
                    place,
                    text: text.to_owned(),
                },
            };
            live.tell(lease.run, event);
        });
        let mut tell = |progress: EngineProgress<'_>| (report.borrow_mut())(progress);
        let mut waits = || {
            (report.borrow_mut())(EngineProgress::Alive);
            !cancel.load(Ordering::Relaxed)
        };
        let ask = CompletionRequest {
            prompt: &request.prompt,
            max_tokens: request.max_tokens,
            options: &request.sample.options,
            settings: &SamplingParams::default(),
        };
        let asked = catch_unwind(AssertUnwindSafe(|| {
            thread_engine.with(&mut waits, |engine| engine.complete(ask, cancel, &mut tell))
        }));
        let left = "the run was stopped before this sample started";
        let left = || EngineAnswer::failed(None, FailureKind::Cancelled, left);
        let asked = asked.map(|asked| Ok(asked?.unwrap_or_else(left)));
        asked.unwrap_or_else(|panic| {
            let message = format!("the engine crashed: {}", said(panic.as_ref()));
            tracing::error!(run = lease.run, ?place, message);
            Ok(EngineAnswer::failed(None, FailureKind::Engine, message))
        })
    }
}

/// Renews a lease while there is progress, and stops the answer when the lease is lost.
struct LeaseRenewal<'a> {
    one: RowStore<'a>,
    lease: &'a Lease,
    cancel: &'a AtomicBool,
    last: Instant,
}

impl LeaseRenewal<'_> {
    fn progress(&mut self) {
        let WorkerPool { jobs, worker, .. } = self.one.workers;
        if self.last.elapsed() < worker.lease() / 3 {
            return;
        }
        self.last = Instant::now();
        let renewed = jobs.store.renew(self.lease, worker);
        // An endpoint reports progress from within a blocking wait, and a thread that already
        // blocks may not block on something else.
        let workers = self.one.workers;
        let renewed = thread::scope(|scope| scope.spawn(|| workers.wait_for(renewed)).join());
        match renewed {
            Ok(Ok(())) => {}
            Ok(Err(StoreError::Lost { .. })) => self.cancel.store(true, Ordering::Relaxed),
            // Try again at the next progress; the answer may still be in time.
            Ok(Err(error)) => {
                workers.refused(Some(self.lease.run), &chain(&error), "lease not renewed");
            }
            Err(panic) => tracing::warn!(error = said(panic.as_ref()), "lease not renewed"),
        }
    }
}
