//! `fathom report`.

use std::path::PathBuf;
use std::time::{SystemTime, UNIX_EPOCH};

use anyhow::Context;
use clap::Args;
use fathom_shared::formats::UnixSeconds;
use fathom_shared::numbers::counted;
use fathom_shared::results::report;

use super::output;
use super::result_sets::ResultSetArgs;
use super::terminal::say;

/// Write results as one self-contained HTML file.
///
/// Its first page has the verdict, three charts and what was not measured. Then come every mean with
/// its n and interval, charts with the tables behind them, and published figures beside your own.
/// Given two or more results, it also compares the first with each of the
/// others.
///
/// Example: fathom report 3 4 -o report.html
#[derive(Debug, Args)]
pub(super) struct ReportArgs {
    /// Numbers of runs, files or folders that `fathom score` reads, or result sets (*.json)
    #[arg(required = true, value_name = "RUN|FILE")]
    names: Vec<String>,
    /// The file to write; `-` is the standard output
    #[arg(short, long, value_name = "FILE")]
    output: PathBuf,
    #[command(flatten)]
    sets: ResultSetArgs,
}

impl ReportArgs {
    pub(super) async fn run(self) -> anyhow::Result<()> {
        let sets = self.sets.open(&self.names).await?;
        let now = SystemTime::now().duration_since(UNIX_EPOCH);
        let seconds = now.context("the clock is before 1970")?.as_secs();
        let stamp = report::ReportHead {
            made: UnixSeconds(u32::try_from(seconds)?).iso(),
            version: env!("CARGO_PKG_VERSION").to_owned(),
        };
        let page = report::html(&sets, &stamp, &report::PublishedModels::default());
        output::write(&self.output, |out| Ok(out.write_all(page.as_bytes())?))?;
        if output::is_stdout(&self.output) {
            return Ok(());
        }
        let (bytes, shown) = (page.len(), self.output.display());
        Ok(say(format!(
            "`{shown}`: {}, {}",
            counted(sets.len() as u64, "result set"),
            counted(bytes as u64, "byte")
        ))?)
    }
}
