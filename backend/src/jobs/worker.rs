//! The one who answers: takes runs from the table, asks the engine, keeps every answer before the
//! next question.

use std::any::Any;
use std::collections::BTreeMap;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::Duration;

use fathom_shared::api::{RunEvent, RunStatus};
use fathom_shared::corpora::Corpora;
use fathom_shared::run::{Request, Run, Scored, Step};
use fathom_shared::stats::summary::summarise_values;
use fathom_shared::task::Kit;
use fathom_shared::transcript::{Failure, FailureKind, Outcome};
use tokio::runtime::Handle;

use super::Jobs;
use crate::engine::{Answer, Ask, Engine, Progress, Settings};
use crate::errors::chain;
use crate::store::{Claimed, StoreError};

/// Makes the engine for a model's id.
pub type Loader =
    Box<dyn Fn(&str) -> Result<Engine, Box<dyn std::error::Error + Send + Sync>> + Send>;

/// How long a worker rests when the database cannot be asked.
const REST: Duration = Duration::from_secs(5);

/// Answers runs, one at a time, on a thread of its own: inference blocks.
pub struct Worker {
    jobs: Jobs,
    load: Loader,
    engine: Option<(String, Engine)>,
    /// The bundled texts: those that the page has too.
    corpora: Arc<Corpora>,
    handle: Handle,
}

/// How work on a run ended, short of failing.
enum End {
    Done,
    /// Someone stopped the run; the store knows.
    Cancelled,
    /// The process is to end; the run goes back into the queue.
    Stopping,
}

impl Worker {
    /// A worker on the queue of `jobs`, which waits for the store by `handle`.
    pub fn new(jobs: Jobs, load: Loader, handle: Handle) -> Self {
        Self {
            jobs,
            load,
            engine: None,
            corpora: Arc::default(),
            handle,
        }
    }

    /// Works on a thread until [`Jobs::stop`].
    ///
    /// # Errors
    /// When the system gives no thread.
    pub fn spawn(mut self) -> std::io::Result<thread::JoinHandle<()>> {
        thread::Builder::new()
            .name("worker".to_owned())
            .spawn(move || self.work())
    }

    fn work(&mut self) {
        while !self.jobs.is_stopping() {
            match self.wait_for(self.jobs.store.claim(None)) {
                Ok(Some(run)) => self.answer(&run),
                Ok(None) => self.handle.block_on(self.jobs.wake.notified()),
                Err(error) => {
                    tracing::error!(error = chain(&error), "the queue cannot be read");
                    let wake = self.jobs.wake.notified();
                    let rested = async { tokio::time::timeout(REST, wake).await };
                    // Woken or rested, the queue is asked again.
                    let _either = self.handle.block_on(rested);
                }
            }
        }
    }

    /// Answers one queued run and returns; blocks.
    ///
    /// # Errors
    /// When the store cannot be asked.
    pub fn answer_only(&mut self, id: i64) -> Result<(), StoreError> {
        if let Some(run) = self.wait_for(self.jobs.store.claim(Some(id)))? {
            self.answer(&run);
        }
        Ok(())
    }

    fn answer(&mut self, run: &Claimed) {
        let id = run.id;
        let cancel = self.jobs.live.begin(id);
        let (status, error) = (RunStatus::Running, None);
        self.jobs
            .live
            .publish(id, RunEvent::Status { status, error });
        tracing::info!(run = id, model = run.order.model, "run taken up");
        let end =
            catch_unwind(AssertUnwindSafe(|| self.drive(run, &cancel))).unwrap_or_else(|panic| {
                self.engine = None;
                Err(format!("the run broke off: {}", said(panic.as_ref())))
            });
        match end {
            Ok(End::Done) => self.end(id, RunStatus::Done, None),
            // Those who watched were told by whoever cancelled.
            Ok(End::Cancelled) => self.jobs.live.forget(id),
            Ok(End::Stopping) => {
                if let Err(error) = self.wait_for(self.jobs.store.requeue(id)) {
                    // It stays `running`, and the next start takes it up just the same.
                    tracing::warn!(run = id, error = chain(&error), "run not put back");
                }
            }
            Err(sentence) => self.end(id, RunStatus::Failed, Some(sentence)),
        }
    }

    fn end(&self, id: i64, status: RunStatus, error: Option<String>) {
        let finished = self.jobs.store.finish(id, status, error.as_deref());
        let (status, error) = match self.wait_for(finished) {
            Ok(true) => (status, error),
            // Cancelled at the last moment, and those who watch know it.
            Ok(false) => return,
            Err(fault) => {
                let sentence = error.unwrap_or_else(|| fault.to_string());
                tracing::error!(
                    run = id,
                    error = chain(&fault),
                    "the run's end was not written"
                );
                self.jobs.live.keep_unwritten(id, sentence.clone());
                (RunStatus::Failed, Some(sentence))
            }
        };
        tracing::info!(run = id, status = status.as_str(), error, "run ended");
        self.jobs
            .live
            .publish(id, RunEvent::Status { status, error });
    }

    fn drive(&mut self, claimed: &Claimed, cancel: &AtomicBool) -> Result<End, String> {
        let (id, order) = (claimed.id, &claimed.order);
        let engine = self.engine(&order.model)?;
        let info = engine.info().clone();
        let (counter, dialogue) = (engine.counter(), engine.dialogue());
        let corpora = Arc::clone(&self.corpora);
        let began_with = &claimed.engine.model_sha256;
        if !began_with.is_empty() && *began_with != info.model_sha256 {
            return Err(format!(
                "the model `{}` is not the file this run was ordered for: SHA-256 {}, expected {began_with}; order the run anew",
                order.model, info.model_sha256
            ));
        }
        self.stored(self.jobs.store.set_engine(id, &info))?;
        let detail = self.stored(self.jobs.store.run(id))?;
        if detail.run.status != RunStatus::Running {
            return Ok(End::Cancelled); // between being taken up and now
        }
        let mut values: BTreeMap<u32, Option<f64>> = detail.rows.iter().map(value).collect();
        let answered = values.keys().copied().collect();
        let mut run = Run::new(
            &order.spec,
            order.first,
            order.count,
            answered,
            order.mode,
            dialogue,
            info,
            Kit {
                counter: &counter,
                corpora: &corpora,
            },
        )
        .map_err(|error| error.to_string())?;
        loop {
            let row = match self.next(&mut run, id, &order.model, cancel)? {
                Some(row) if !cancel.load(Ordering::Relaxed) => row,
                None if !cancel.load(Ordering::Relaxed) => return Ok(End::Done),
                _ if self.jobs.is_stopping() => return Ok(End::Stopping),
                _ => return Ok(End::Cancelled),
            };
            match self.wait_for(self.jobs.store.add_row(id, &row)) {
                Err(StoreError::NotRunning { .. }) => return Ok(End::Cancelled),
                kept => self.judge(kept)?,
            }
            values.extend([value(&row)]);
            let summary = summarise_values(order.count, values.values().copied());
            let row = Box::new(row);
            self.jobs.live.publish(id, RunEvent::Row { row, summary });
        }
    }

    /// The next row of the run, or `None` when all are there. It is worth nothing once `cancel`
    /// has risen.
    fn next(
        &mut self,
        run: &mut Run<'_>,
        id: i64,
        model: &str,
        cancel: &AtomicBool,
    ) -> Result<Option<Scored>, String> {
        if cancel.load(Ordering::Relaxed) {
            return Ok(None);
        }
        match run.next_step() {
            Step::Done => Ok(None),
            Step::Refused(row) => Ok(Some(*row)),
            Step::Ask(request) => {
                let sample = request.sample.number;
                self.jobs.live.publish(id, RunEvent::Started { sample });
                let answer = self.ask(&request, id, model, cancel)?;
                Ok(Some(run.accept(
                    &request,
                    answer.prompt_tokens,
                    answer.outcome,
                )))
            }
        }
    }

    fn ask(
        &mut self,
        request: &Request,
        id: i64,
        model: &str,
        cancel: &AtomicBool,
    ) -> Result<Answer, String> {
        self.engine(model)?;
        let (live, sample) = (&self.jobs.live, request.sample.number);
        let mut report = |progress: Progress<'_>| {
            live.publish(
                id,
                match progress {
                    Progress::Alive => return,
                    Progress::Prefill { done, total } => RunEvent::Prefill {
                        sample,
                        done,
                        total,
                    },
                    Progress::Text(text) => RunEvent::Token {
                        sample,
                        text: text.to_owned(),
                    },
                },
            );
        };
        let Some((_, engine)) = &mut self.engine else {
            return Err(format!("the model `{model}` is not loaded"));
        };
        let asked = catch_unwind(AssertUnwindSafe(|| {
            let ask = Ask {
                prompt: &request.prompt,
                max_tokens: request.max_tokens,
                settings: &Settings::default(),
            };
            engine.complete(ask, cancel, &mut report)
        }));
        Ok(asked.unwrap_or_else(|panic| {
            // What a panic left of the engine is not asked again.
            self.engine = None;
            let message = format!("the engine broke off: {}", said(panic.as_ref()));
            tracing::error!(run = id, sample, message);
            Answer {
                prompt_tokens: None,
                outcome: Outcome::Failed(Failure {
                    kind: FailureKind::Engine,
                    message,
                }),
            }
        }))
    }

    /// The engine of `model`; the last one is kept, as loading takes seconds.
    fn engine(&mut self, model: &str) -> Result<&mut Engine, String> {
        let held = self.engine.take_if(|(held, _)| held != model);
        // Two models at once may not fit the memory.
        drop(held);
        if self.engine.is_none() {
            let loaded = (self.load)(model).map_err(|error| {
                let sentence = chain(error.as_ref());
                tracing::error!(model, error = sentence, "model not loaded");
                sentence
            })?;
            self.engine = Some((model.to_owned(), loaded));
        }
        match &mut self.engine {
            Some((_, engine)) => Ok(engine),
            None => Err(format!("the model `{model}` is not loaded")),
        }
    }

    fn wait_for<T>(&self, work: impl Future<Output = T>) -> T {
        self.handle.block_on(work)
    }

    fn stored<T>(&self, work: impl Future<Output = Result<T, StoreError>>) -> Result<T, String> {
        self.judge(self.wait_for(work))
    }

    fn judge<T>(&self, kept: Result<T, StoreError>) -> Result<T, String> {
        kept.map_err(|error| {
            tracing::error!(error = chain(&error), "the store failed");
            error.to_string()
        })
    }
}

fn value(row: &Scored) -> (u32, Option<f64>) {
    let value = row.score.as_ref().map(|score| score.value);
    (row.transcript.sample, value)
}

fn said(panic: &(dyn Any + Send)) -> String {
    let text = panic.downcast_ref::<&str>().map(|text| (*text).to_owned());
    text.or_else(|| panic.downcast_ref::<String>().cloned())
        .unwrap_or_else(|| "no reason given".to_owned())
}
