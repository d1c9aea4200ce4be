//! `fathom runs`.

use std::path::PathBuf;

use clap::{Args, Subcommand, ValueEnum};
use fathom_shared::api::RunView;

use super::export::{ExportFormat, tell};
use super::run::table;
use super::terminal::say;
use super::{DatabaseArg, EnginesArgs, output, predictions, records};
use crate::config::Config;
use crate::jobs::Jobs;

/// List and manage the runs in a database.
#[derive(Debug, Subcommand)]
pub(super) enum RunsCommand {
    /// List all runs, newest first
    List {
        /// Maximum number of runs to list
        #[arg(long, value_name = "N", default_value_t = 50)]
        limit: u32,
        #[command(flatten)]
        database: DatabaseArg,
    },
    /// Show one run with its cells
    Show(RunIdArgs),
    /// Cancel a run; its answers are kept
    Cancel(RunIdArgs),
    /// Pause a run: no more samples are asked
    Pause(RunIdArgs),
    /// Resume a run that was paused, cancelled or failed
    Resume(RunIdArgs),
    /// Ask a run's failed samples again
    Retry(RunIdArgs),
    /// Write a run's answers in another program's format
    Export(RunExportArgs),
}

/// The arguments of a command about one run.
#[derive(Debug, Args)]
pub(super) struct RunIdArgs {
    /// The run's number
    id: i64,
    #[command(flatten)]
    database: DatabaseArg,
}

/// The arguments of `fathom runs export`.
#[derive(Debug, Args)]
pub(super) struct RunExportArgs {
    /// The run's number
    id: i64,
    /// The output format
    #[arg(long, value_enum, default_value = "ruler")]
    to: RunExportFormat,
    /// Folder to write into
    #[arg(short, long, value_name = "DIR", value_parser = output::folder())]
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
    /// The format, if it is made of rows; LongBench's is made of questions.
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
                    "run {id} has no answers to write ({} failed, {} open)",
                    counts.failed,
                    counts.open()
                );
                let catalog = askable.catalog()?;
                let lost = match to.rows() {
                    Some(format) => records::write(&store, &catalog, &run, format, &output).await?,
                    None => predictions::write(&store, &catalog, &run, &output).await?,
                };
                tell(&lost)?;
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

/// Managing runs needs no cost estimates, so no prices are read.
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
    let grid = &run.run_spec.grid;
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
        run.run_spec.model,
        run.run_spec.engine
    );
    if let Some(error) = &run.error {
        line.push_str(&format!("  {error}"));
    }
    line
}
