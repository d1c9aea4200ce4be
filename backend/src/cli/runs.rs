//! `fathom runs`.

use std::path::PathBuf;

use clap::{Args, Subcommand, ValueEnum};
use fathom_shared::api::RunView;

use super::export::{ExportFormat, tell};
use super::run::table;
use super::terminal::say;
use super::{DatabaseArg, EnginesArgs, predictions, records};
use crate::config::Config;
use crate::jobs::Jobs;

/// The runs of a database.
#[derive(Debug, Subcommand)]
pub(super) enum RunsCommand {
    /// Every run, newest first
    List {
        /// How many to list at most
        #[arg(long, value_name = "N", default_value_t = 50)]
        limit: u32,
        #[command(flatten)]
        database: DatabaseArg,
    },
    /// One run with its cells
    Show(RunIdArgs),
    /// Cancel a run; its answers are kept
    Cancel(RunIdArgs),
    /// Pause a run: no further sample is asked
    Pause(RunIdArgs),
    /// Resume a run that was paused, cancelled or failed
    Resume(RunIdArgs),
    /// Ask a run's failed samples again
    Retry(RunIdArgs),
    /// Write a run's answers in another program's format
    Export(RunExportArgs),
}

/// A run.
#[derive(Debug, Args)]
pub(super) struct RunIdArgs {
    /// Its number
    id: i64,
    #[command(flatten)]
    database: DatabaseArg,
}

/// A run and where to write it.
#[derive(Debug, Args)]
pub(super) struct RunExportArgs {
    /// Its number
    id: i64,
    /// The format
    #[arg(long, value_enum, default_value = "ruler")]
    to: RunExportFormat,
    /// Folder to write into
    #[arg(short, long, value_name = "DIR")]
    output: PathBuf,
    #[command(flatten)]
    askable: EnginesArgs,
    #[command(flatten)]
    database: DatabaseArg,
}

/// The format a run is written as.
#[derive(Clone, Copy, Debug, ValueEnum)]
enum RunExportFormat {
    /// RULER's predictions
    Ruler,
    /// Samples and results of lm-evaluation-harness
    LmEval,
    /// Logs of Inspect
    Inspect,
    /// LongBench v2's predictions
    Longbench,
}

impl RunExportFormat {
    /// Those that are made of rows; LongBench's are made of questions.
    fn rows(self) -> Option<ExportFormat> {
        match self {
            Self::Ruler => Some(ExportFormat::Ruler),
            Self::LmEval => Some(ExportFormat::LmEval),
            Self::Inspect => Some(ExportFormat::Inspect),
            Self::Longbench => None,
        }
    }
}

impl RunsCommand {
    pub(super) async fn run(self) -> anyhow::Result<()> {
        match self {
            Self::List { limit, database } => {
                let jobs = jobs(&database).await?;
                for run in jobs.list(None, limit).await? {
                    say(line(&run))?;
                }
                Ok(())
            }
            Self::Show(RunIdArgs { id, database }) => {
                let jobs = jobs(&database).await?;
                let detail = jobs.detail(id).await?;
                table::print(&detail, &jobs.notes(&detail.run).await?)
            }
            Self::Cancel(one) => {
                let (jobs, id) = one.open().await?;
                told(&jobs.cancel(id).await?)
            }
            Self::Pause(one) => {
                let (jobs, id) = one.open().await?;
                told(&jobs.pause(id).await?)
            }
            Self::Resume(one) => {
                let (jobs, id) = one.open().await?;
                told(&jobs.resume(id).await?)
            }
            Self::Retry(one) => {
                let (jobs, id) = one.open().await?;
                told(&jobs.retry(id).await?)
            }
            Self::Export(RunExportArgs {
                id,
                to,
                output,
                askable,
                database,
            }) => {
                let store = database.open_existing().await?;
                let run = store.run(id).await?;
                let counts = run.counts;
                let written = match to {
                    RunExportFormat::Ruler => counts.answered,
                    _ => counts.answered + counts.failed,
                };
                anyhow::ensure!(
                    written > 0,
                    "run {id} has no answer to write ({} failed, {} open)",
                    counts.failed,
                    counts.open()
                );
                let catalog = askable.catalog()?;
                let lost = match to.rows() {
                    Some(format) => records::write(&store, &catalog, &run, format, &output).await?,
                    None => predictions::write(&store, &catalog, &run, &output).await?,
                };
                tell("exported without", &lost)?;
                say(format!("run {id} is below {}", output.display()))?;
                Ok(())
            }
        }
    }
}

impl RunIdArgs {
    async fn open(self) -> anyhow::Result<(Jobs, i64)> {
        Ok((jobs(&self.database).await?, self.id))
    }
}

/// What is done to runs costs nothing, so no prices are read.
async fn jobs(database: &DatabaseArg) -> anyhow::Result<Jobs> {
    Ok(Jobs::new(
        database.open_existing().await?,
        Config::default(),
    ))
}

fn told(run: &RunView) -> anyhow::Result<()> {
    Ok(say(line(run))?)
}

fn line(run: &RunView) -> String {
    let grid = &run.order.grid;
    let tasks: Vec<&str> = grid.tasks.iter().map(|task| task.task.as_str()).collect();
    let tasks = match tasks.as_slice() {
        [one] => (*one).to_owned(),
        several => format!("{} tasks", several.len()),
    };
    let lengths: Vec<String> = grid.lengths.iter().map(ToString::to_string).collect();
    let counts = run.counts;
    let mut line = format!(
        "{:>4}  {:9}  {}/{} answered, {} failed  {tasks} at {}  {} on {}",
        run.id,
        run.status.as_str(),
        counts.answered,
        counts.asked,
        counts.failed,
        lengths.join(","),
        run.order.model,
        run.order.engine
    );
    if let Some(error) = &run.error {
        line.push_str(&format!("  {error}"));
    }
    line
}
