//! `fathom gate`.

use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::Context;
use clap::Args;
use fathom_shared::results::gate::{GatePolicy, GateReport, judge};

use super::result_sets::ResultSetArgs;
use super::terminal::say;
use crate::named_file::{self, SMALL};

/// Check a candidate against a policy and a baseline, for sign-off.
///
/// Prints each check with its figures and, where undecided, how many samples would settle it. The exit
/// code is 0 if all checks pass, 1 if any fails, 3 if none fails but some cannot be decided with
/// these samples, and 2 if the policy, the results or the command line cannot be read.
///
/// Example: fathom gate --baseline 3 --candidate 4 --policy gate.toml
#[derive(Debug, Args)]
pub(super) struct GateArgs {
    /// What the candidate is compared with: a run's number, a file or folder that `fathom
    /// score` reads, or a result set (*.json)
    #[arg(long, value_name = "RUN|FILE")]
    baseline: String,
    /// The results to sign off, given in the same way
    #[arg(long, value_name = "RUN|FILE")]
    candidate: String,
    /// The file of checks; docs/results.md shows how to write one
    #[arg(long, value_name = "FILE")]
    policy: PathBuf,
    /// Print the checks as JSON
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    sets: ResultSetArgs,
}

/// The exit code of a usage error, the same as clap's.
pub(super) const USAGE: u8 = 2;

impl GateArgs {
    pub(super) async fn run(self) -> anyhow::Result<ExitCode> {
        let named = || format!("the policy `{}`", self.policy.display());
        let text = named_file::read_text(&self.policy, SMALL).with_context(named)?;
        let policy = GatePolicy::read(&text).with_context(named)?;
        let names = [self.baseline.clone(), self.candidate.clone()];
        let sets = self.sets.open(&names).await?;
        let verdict = judge(&policy, &sets[0], &sets[1]);
        match self.json {
            true => say(serde_json::to_string_pretty(&verdict)?)?,
            false => print(&verdict)?,
        }
        Ok(ExitCode::from(verdict.outcome.exit_code()))
    }
}

fn print(verdict: &GateReport) -> anyhow::Result<()> {
    for check in &verdict.checks {
        let needs = check.needs.iter().map(|needs| format!("; {needs}"));
        say(format!(
            "{:9}  {}: {}{}",
            check.outcome.as_str(),
            check.title,
            check.says,
            needs.collect::<String>()
        ))?;
    }
    Ok(say(verdict.words())?)
}
