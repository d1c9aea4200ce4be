//! `fathom run`.

use std::time::Duration;

use anyhow::Context;
use clap::{Args, ValueEnum};
use fathom_shared::api::{NewRun, RunEvent, RunStatus};
use fathom_shared::prompt::PromptMode;
use fathom_shared::run::Scored;
use fathom_shared::stats::Summary;
use fathom_shared::transcript::Outcome;
use indicatif::ProgressBar;
use tokio::runtime::Handle;
use tokio::sync::broadcast::error::RecvError;

use super::spec::SpecArguments;
use super::terminal::{samples_bar, say, share};
use super::{DatabaseFile, ModelsFolder, on_processor, serve};
use crate::jobs::{Jobs, Worker, is_last, order};
use crate::store::Store;

/// Run a task on a model and print each sample's score.
///
/// Every answer is kept in the database. The same command again goes on at the first unanswered
/// sample; a run that is done is not repeated but begun anew.
#[derive(Debug, Args)]
pub(super) struct RunCommand {
    #[command(flatten)]
    spec: SpecArguments,
    /// How many samples
    #[arg(long, value_name = "K", default_value_t = 10)]
    num_samples: u32,
    /// Number of the first sample
    #[arg(long, value_name = "K", default_value_t = 0)]
    first: u32,
    /// Id of a model that is here (`fathom model list`)
    #[arg(long, value_name = "ID")]
    model: String,
    /// How a sample is put to the model
    #[arg(long, value_enum, default_value_t = Mode::Chat)]
    mode: Mode,
    #[command(flatten)]
    models: ModelsFolder,
    #[command(flatten)]
    database: DatabaseFile,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
enum Mode {
    /// By the model's own chat template
    Chat,
    /// As it is, for the model to continue
    Completion,
}

impl RunCommand {
    pub(super) async fn run(self) -> anyhow::Result<()> {
        let models = self.models.open();
        let model = models.find(&self.model)?;
        let new = NewRun {
            spec: self.spec.spec()?,
            first: self.first,
            count: self.num_samples,
            model: model.info.id.clone(),
            mode: match self.mode {
                Mode::Chat => PromptMode::Chat,
                Mode::Completion => PromptMode::Completion,
            },
        };
        order::check(&new)?;
        order::check_length(&new, &model.info.id, model.info.context)?;
        let store = Store::open(&self.database.path()).await?;
        let _lock = store.lock_worker().await?;
        let jobs = Jobs::new(store.clone());
        let id = match store.unfinished(&new).await? {
            Some(id) => {
                store.requeue(id).await?;
                id
            }
            None => jobs.order(&new, &model.engine()).await?.id,
        };
        let mut worker = Worker::new(jobs.clone(), on_processor(models), Handle::current());
        let followed = tokio::spawn(follow(jobs.clone(), id));
        let worker = tokio::task::spawn_blocking(move || worker.answer_only(id));
        let status = tokio::select! {
            status = followed => status??,
            stopped = serve::stop_signal() => {
                stopped?;
                jobs.stop();
                // The run goes back into the queue; a worker that is slow to notice is left behind.
                let _slow = tokio::time::timeout(Duration::from_secs(2), worker).await;
                anyhow::bail!("stopped; the same command goes on with run {id}");
            }
        };
        worker.await??;
        store.close().await;
        match status {
            RunStatus::Done => Ok(()),
            other => anyhow::bail!("run {id} is {}", other.as_str()),
        }
    }
}

/// Prints what happens to the run until it ends, and returns how it ended.
async fn follow(jobs: Jobs, id: i64) -> anyhow::Result<RunStatus> {
    let mut watch = jobs.watch(id);
    let detail = jobs.detail(id).await?;
    let mut shown = Shown {
        bar: samples_bar(detail.run.order.count),
        samples: std::collections::BTreeSet::new(),
        summary: detail.run.summary,
    };
    if !detail.rows.is_empty() {
        let answered = detail.rows.len();
        shown.line(&format!("run {id} goes on after {answered} samples"))?;
    }
    for row in &detail.rows {
        shown.row(row)?;
    }
    loop {
        match watch.events.recv().await {
            Ok((_, event)) => {
                let last = is_last(&event);
                let status = shown.event(event)?;
                if let (true, Some((status, error))) = (last, status) {
                    shown.bar.finish_and_clear();
                    say(format!("run {id}: {}", shown.summary))?;
                    return error.map_or(Ok(status), |error| Err(anyhow::anyhow!(error)));
                }
            }
            // Only tokens come this fast; rows that were missed are read from the store.
            Err(RecvError::Lagged(_)) => {
                for row in &jobs.detail(id).await?.rows {
                    shown.row(row)?;
                }
            }
            Err(RecvError::Closed) => {
                let run = jobs.detail(id).await?.run;
                return run
                    .error
                    .map_or(Ok(run.status), |error| Err(anyhow::anyhow!(error)));
            }
        }
    }
}

struct Shown {
    bar: ProgressBar,
    samples: std::collections::BTreeSet<u32>,
    summary: Summary,
}

impl Shown {
    fn event(&mut self, event: RunEvent) -> anyhow::Result<Option<(RunStatus, Option<String>)>> {
        match event {
            RunEvent::Started { sample } => self.bar.set_message(format!("sample {sample}")),
            RunEvent::Prefill {
                sample,
                done,
                total,
            } => {
                let read = share(done, total);
                self.bar.set_message(format!("sample {sample} {read}"));
            }
            RunEvent::Row { row, summary } => {
                self.summary = summary;
                self.row(&row)?;
            }
            RunEvent::Status { status, error } => return Ok(Some((status, error))),
            RunEvent::Token { .. } | RunEvent::Snapshot { .. } => {}
        }
        Ok(None)
    }

    fn row(&mut self, row: &Scored) -> anyhow::Result<()> {
        let sample = row.transcript.sample;
        if !self.samples.insert(sample) {
            return Ok(());
        }
        let line = match (&row.transcript.outcome, &row.score) {
            (Outcome::Completed(completion), Some(score)) => {
                let rate = completion.timings.decode_rate(completion.tokens);
                let rate = rate.map_or(String::new(), |rate| format!(", {rate:.1} tokens/s"));
                let percent = score.value * 100.0;
                format!("sample {sample}: {percent:.1}{rate}")
            }
            (Outcome::Failed(failure), _) => {
                format!("sample {sample}: failed, {}", failure.message)
            }
            (Outcome::Completed(_), None) => format!("sample {sample}: not scored"),
        };
        self.bar.set_position(self.samples.len() as u64);
        self.line(&line)
    }

    /// A line on stdout that the bar does not run into.
    fn line(&self, line: &str) -> anyhow::Result<()> {
        let written = self.bar.suspend(|| say(line));
        written.context("cannot write to standard output")
    }
}
