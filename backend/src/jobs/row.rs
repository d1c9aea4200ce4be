//! One sample from its lease to its row: made, asked, scored, stored.

use std::cell::RefCell;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use fathom_shared::api::RunEvent;
use fathom_shared::run::{AcceptedOutcome, RunCell, SampleRequest, SampleStep, ScoredTranscript};
use fathom_shared::task::GeneratorContext;
use fathom_shared::transcript::{EngineInfo, FailureKind, Outcome};

use super::failed::{refused, told_plainly, unmade};
use super::sample_in_progress::SampleInProgress;
use super::thread_engine::{Answerer, ThreadEngine};
use super::worker::{FIRST_PAUSE, WorkerPool, longer};
use crate::engine::{CompletionRequest, EngineAnswer, EngineProgress, SamplingParams};
use crate::errors::{chain, said};
use crate::store::{Lease, QueuedRun, StoreError};
use crate::wanted;

/// How long a thread waits that could not take up a sample.
const AGAIN: Duration = Duration::from_secs(2);

/// After so many workers did not come back from a sample it is one that breaks whoever is at it: one
/// that takes more memory than there is ends the whole process, each time it is started again.
const MOST_ABANDONED: u32 = 25;

/// What became of a sample.
#[derive(Clone, Copy, PartialEq, Eq)]
enum StoreOutcome {
    /// It is stored.
    Yes,
    /// It is stored, but what it was made with broke.
    Anew,
    /// It was stopped or taken away.
    No,
}

/// The samples of one run, for one thread.
pub(super) struct RunRows<'a> {
    workers: &'a WorkerPool,
    job: &'a QueuedRun,
    thread_engine: &'a mut ThreadEngine,
    answerer: Answerer,
}

impl<'a> RunRows<'a> {
    pub(super) fn new(
        workers: &'a WorkerPool,
        job: &'a QueuedRun,
        thread_engine: &'a mut ThreadEngine,
        answerer: Answerer,
    ) -> Self {
        Self {
            workers,
            job,
            thread_engine,
            answerer,
        }
    }

    /// Takes samples of one cell until it has none left, a sample of another cell comes, or
    /// `goes_on` says no; `false` when the run has none for this thread.
    ///
    /// # Errors
    /// A sentence: why the run cannot go on.
    pub(super) fn answer_cell(&mut self, goes_on: &dyn Fn() -> bool) -> Result<bool, String> {
        let Some(lease) = self.claim()? else {
            return Ok(false);
        };
        let number = lease.place.cell;
        let spec = self.job.order.grid.cell(number);
        let spec = spec.ok_or_else(|| format!("the run has no cell {number}"))?;
        let Answerer {
            info,
            dialogue,
            counter,
        } = &self.answerer;
        let kit = GeneratorContext {
            counter,
            corpora: &self.workers.corpora,
        };
        let cell = RunCell::new(
            spec,
            self.job.order.mode,
            dialogue.clone(),
            info.clone(),
            kit,
        );
        let mut cell = match cell {
            Ok(cell) => cell,
            Err(error) => {
                self.give_back(&lease);
                return Err(error.to_string());
            }
        };
        let (workers, job, thread_engine) = (self.workers, self.job, &mut *self.thread_engine);
        let one = RowContext { workers, job };
        let mut lease = lease;
        loop {
            let kept = one.answer(&mut cell, &lease, thread_engine, info)?;
            if kept != StoreOutcome::Yes || !goes_on() {
                return Ok(true);
            }
            // One cell after another: its stream of samples goes on where it stands.
            match one.claim()? {
                Some(next) if next.place.cell == number => lease = next,
                Some(next) => {
                    one.give_back(&next);
                    return Ok(true);
                }
                None => return Ok(false),
            }
        }
    }

    fn claim(&self) -> Result<Option<Lease>, String> {
        RowContext::of(self).claim()
    }

    fn give_back(&self, lease: &Lease) {
        RowContext::of(self).give_back(lease);
    }
}

#[derive(Clone, Copy)]
struct RowContext<'a> {
    workers: &'a WorkerPool,
    job: &'a QueuedRun,
}

impl<'a> RowContext<'a> {
    fn of(rows: &RunRows<'a>) -> Self {
        Self {
            workers: rows.workers,
            job: rows.job,
        }
    }

    fn claim(self) -> Result<Option<Lease>, String> {
        let WorkerPool { jobs, worker, .. } = self.workers;
        if jobs.live.holding().is_some() {
            // An answer waits for the store: none is asked for that would have to wait as well.
            return Ok(None);
        }
        match self.workers.wait_for(jobs.store.claim(self.job.id, worker)) {
            Ok(lease) => {
                if lease.is_some() {
                    jobs.live.stored();
                }
                Ok(lease)
            }
            Err(error) => {
                // The run is as it was: whoever looks for work again finds it.
                let (run, why) = (Some(self.job.id), chain(&error));
                self.workers.refused(run, &why, "no sample taken up");
                let _stall = jobs.live.stall(self.job.id, false, chain(&error));
                self.workers.rest(AGAIN, None);
                Ok(None)
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

    /// Answers one sample and stores what came.
    fn answer(
        self,
        cell: &mut RunCell<'_>,
        lease: &Lease,
        thread_engine: &mut ThreadEngine,
        info: &EngineInfo,
    ) -> Result<StoreOutcome, String> {
        let busy = SampleInProgress::new(&self.workers.jobs.live, lease);
        if lease.abandoned >= MOST_ABANDONED {
            let n = lease.abandoned;
            let message = format!(
                "{n} workers were at this sample and none came back: each ended, or was silent for longer than its lease"
            );
            tracing::error!(run = lease.run, place = ?lease.place, message);
            let row = unmade(lease, info, FailureKind::Engine, message);
            self.store(lease, row, &busy.cancel)?;
            return Ok(StoreOutcome::Anew);
        }
        let stopped = || busy.cancel.load(Ordering::Relaxed);
        let answered = catch_unwind(AssertUnwindSafe(|| {
            match wanted::until(&busy.cancel, || step(cell, lease)) {
                // It may be refused because the making heard of it.
                SampleStep::Refused(_) if stopped() => Ok(None),
                SampleStep::Refused(row) => Ok(Some(*row)),
                SampleStep::Ask(request) => {
                    let asked = self.ask_all(cell, request, lease, thread_engine, &busy.cancel)?;
                    Ok(Some(asked).filter(|row| !is_cancelled(row)))
                }
            }
        }));
        let (answered, kept) = match answered {
            Ok(answered) => (answered, StoreOutcome::Yes),
            Err(panic) => {
                let message = format!("making the sample broke off: {}", said(panic.as_ref()));
                tracing::error!(run = lease.run, place = ?lease.place, message);
                let row = unmade(lease, info, FailureKind::Prompt, message);
                (Ok(Some(row)), StoreOutcome::Anew)
            }
        };
        match answered {
            Ok(Some(row)) => match self.store(lease, row, &busy.cancel)? {
                true => Ok(kept),
                false => Ok(StoreOutcome::No),
            },
            Ok(None) => {
                self.give_back(lease);
                Ok(StoreOutcome::No)
            }
            Err(sentence) => {
                self.give_back(lease);
                Err(sentence)
            }
        }
    }

    /// Keeps the row, however long it takes: an answer to a long text is worth more than the time
    /// of waiting for a disk. `false` when the sample was taken away.
    fn store(
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
                // It will be refused as often as it is offered.
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

    /// Every call that the answer takes.
    fn ask_all(
        self,
        cell: &RunCell<'_>,
        mut request: Box<SampleRequest>,
        lease: &Lease,
        thread_engine: &mut ThreadEngine,
        cancel: &Arc<AtomicBool>,
    ) -> Result<ScoredTranscript, String> {
        loop {
            let answer = self.ask(&request, lease, thread_engine, cancel)?;
            match cell.accept(&request, answer.prompt_tokens, answer.outcome) {
                AcceptedOutcome::Done(row) => return Ok(*row),
                AcceptedOutcome::Again(next) => request = next,
            }
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
        let left = "the run was stopped before its turn came";
        let left = || EngineAnswer::failed(None, FailureKind::Cancelled, left);
        let asked = asked.map(|asked| Ok(asked?.unwrap_or_else(left)));
        asked.unwrap_or_else(|panic| {
            let message = format!("the engine broke off: {}", said(panic.as_ref()));
            tracing::error!(run = lease.run, ?place, message);
            Ok(EngineAnswer::failed(None, FailureKind::Engine, message))
        })
    }
}

/// Keeps a lease while there is progress, and stops the answer when it is lost.
struct LeaseRenewal<'a> {
    one: RowContext<'a>,
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
        // An endpoint reports from within its own waiting, and a thread that waits already may not
        // wait for something else.
        let workers = self.one.workers;
        let renewed = thread::scope(|scope| scope.spawn(|| workers.wait_for(renewed)).join());
        match renewed {
            Ok(Ok(())) => {}
            Ok(Err(StoreError::Lost { .. })) => self.cancel.store(true, Ordering::Relaxed),
            // Tried again with the next progress; the answer may still be in time.
            Ok(Err(error)) => {
                workers.refused(Some(self.lease.run), &chain(&error), "lease not renewed");
            }
            Err(panic) => tracing::warn!(error = said(panic.as_ref()), "lease not renewed"),
        }
    }
}

fn is_cancelled(row: &ScoredTranscript) -> bool {
    matches!(&row.transcript.outcome, Outcome::Failed(failure) if failure.kind == FailureKind::Cancelled)
}

/// Makes a sample and its prompt, within the time that a script may take.
fn step(cell: &mut RunCell<'_>, lease: &Lease) -> SampleStep {
    crate::script_time::bounded(|| cell.step(lease.place.sample))
}
