//! `fathom gate`.

use std::fs;
use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::Context;
use clap::Args;
use fathom_shared::results::gate::{Policy, Verdict, judge};

use super::sets::Sets;
use super::terminal::say;

/// Hold a candidate against a policy and a baseline, for sign-off.
///
/// Prints every check with its figures. Ends with 0 when all passed, 1 when any failed, 3 when
/// none failed but the samples do not tell for some (it says how many more would), 2 when the
/// policy or the results cannot be read.
///
/// Example: fathom gate --baseline 3 --candidate 4 --policy gate.toml
#[derive(Debug, Args)]
pub(super) struct Gate {
    /// What it is measured against: a run's number, a file or folder as `fathom score` reads
    /// them, or a result set (*.json)
    #[arg(long, value_name = "RUN|FILE")]
    baseline: String,
    /// What is to go on: likewise
    #[arg(long, value_name = "RUN|FILE")]
    candidate: String,
    /// The gate file: docs/results.md says how it is written
    #[arg(long, value_name = "FILE")]
    policy: PathBuf,
    /// Print the checks as JSON
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    sets: Sets,
}

/// The exit code of a usage error, as clap's own.
pub(super) const USAGE: u8 = 2;

impl Gate {
    pub(super) async fn run(self) -> anyhow::Result<ExitCode> {
        let named = || format!("the policy `{}`", self.policy.display());
        let text = fs::read_to_string(&self.policy).with_context(named)?;
        let policy = Policy::read(&text).with_context(named)?;
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

fn print(verdict: &Verdict) -> anyhow::Result<()> {
    for check in &verdict.checks {
        let more = check.more.map_or_else(String::new, |more| {
            format!("; about {more} more samples would tell")
        });
        let outcome = check.outcome.as_str();
        say(format!(
            "{outcome:9}  {}: {}{more}",
            check.title, check.says
        ))?;
    }
    Ok(say(format!("gate {}", verdict.outcome.as_str()))?)
}
