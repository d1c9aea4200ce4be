//! `fathom track`.

use anyhow::Context;
use clap::Args;
use fathom_shared::numbers::counted;
use fathom_shared::results::ResultSetInfo;
use fathom_shared::results::conclude;
use fathom_shared::results::figures::{basis, verdict};
use fathom_shared::results::series::{CellChange, Checkpoint, DegradationWatch, series};
use fathom_shared::stats::p_value;
use fathom_shared::tokens::Tokens;
use serde::Serialize;

use super::result_sets::ResultSetArgs;
use super::terminal::say;

/// Find what checkpoints of one model lost against a baseline at short lengths and on single needles.
///
/// A model trained on longer texts may get worse at what is rarely checked. This tracks every task at
/// short lengths and RULER's single-needle tasks at any length; losses elsewhere, and falls that may be
/// losses, are shown as well.
/// Samples pair by task, length, options and id; cells whose samples do not pair are compared by
/// Welch's test. Rows that combine the tracked cells, by length and by category, are tested first: they
/// reveal a loss of a few points that no single cell shows. For each, two means are tested and the smaller
/// p is doubled. p-values are corrected by Holm's method over
/// all rows of all checkpoints and, separately, over all cells; a loss counts if its corrected p
/// is at most the level. That no loss is shown does not prove that there is none: `fathom gate` tests
/// that.
///
/// Examples: fathom track 3 4 5
///
/// fathom track results/base results/step-500 results/step-1000 --short 8192
#[derive(Debug, Args)]
pub(super) struct TrackArgs {
    /// The baseline: a run's number, a file or folder that `fathom score` reads, or a result set
    /// (*.json)
    #[arg(value_name = "BASELINE")]
    baseline: String,
    /// The checkpoints in order, given in the same way
    #[arg(required = true, value_name = "CHECKPOINT")]
    checkpoints: Vec<String>,
    /// Lengths up to this many tokens are short [default: the baseline's shortest length]
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..))]
    short: Option<u32>,
    /// The significance level: how often, at most, a series without losses shows one
    #[arg(long, value_name = "P", default_value_t = DegradationWatch::default().alpha, value_parser = level)]
    level: f64,
    /// Print baseline, checkpoints and tests as JSON
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    sets: ResultSetArgs,
}

fn level(text: &str) -> Result<f64, String> {
    let level = text.parse().ok().filter(|p| *p > 0.0 && *p < 1.0);
    level.ok_or_else(|| "expected a number between 0 and 1".to_owned())
}

/// The JSON output.
#[derive(Debug, Serialize)]
struct TrackReport {
    baseline: ResultSetInfo,
    watch: DegradationWatch,
    checkpoints: Vec<Checkpoint>,
}

impl TrackArgs {
    pub(super) async fn run(mut self) -> anyhow::Result<()> {
        let mut names = vec![self.baseline];
        names.append(&mut self.checkpoints);
        let sets = self.sets.to_pair(&names).await?;
        let (baseline, others) = sets.split_first().context("no baseline was named")?;
        let watch = DegradationWatch {
            short: self.short.map(Tokens),
            alpha: self.level,
        };
        let tracked = TrackReport {
            baseline: baseline.about.clone(),
            watch,
            checkpoints: series(baseline, others, &watch),
        };
        anyhow::ensure!(
            tracked
                .checkpoints
                .iter()
                .any(|one| !one.changes.is_empty()),
            "no checkpoint has a tracked cell in common with `{}`: a task at a short length, or a task with one needle",
            tracked.baseline.name
        );
        if self.json {
            return Ok(say(serde_json::to_string_pretty(&tracked)?)?);
        }
        for line in lines(&tracked) {
            say(line)?;
        }
        Ok(())
    }
}

fn lines(tracked: &TrackReport) -> Vec<String> {
    // First the conclusion about all checkpoints.
    let mut told = conclude::series(&tracked.baseline, &tracked.checkpoints);
    for checkpoint in &tracked.checkpoints {
        let lost = checkpoint.changes.iter().filter(|change| change.degraded);
        // Cells elsewhere were tested too; those lost, or perhaps lost, are listed below.
        let lost_elsewhere = checkpoint.elsewhere.iter();
        let lost_elsewhere = lost_elsewhere.filter(|change| change.degraded).count();
        let elsewhere = match checkpoint.tested - checkpoint.changes.len() {
            0 => String::new(),
            others => format!(
                ", and in {lost_elsewhere} of {} elsewhere",
                counted(others as u64, "cell")
            ),
        };
        told.push(format!(
            "{}, then {}: a loss is shown in {} of {}{elsewhere}",
            tracked.baseline.name,
            checkpoint.about.name,
            lost.count(),
            counted(checkpoint.changes.len() as u64, "tracked cell")
        ));
        let all = checkpoint.rows.iter().chain(&checkpoint.changes);
        told.extend(all.chain(&checkpoint.elsewhere).map(line));
    }
    told.push(conclude::corrected_series(&tracked.checkpoints));
    told
}

fn line(change: &CellChange) -> String {
    let why = change.why.name();
    format!(
        "{:13}  {} ({why}): {} before, {} after, difference {}, n = {}{}, p {}, corrected {}",
        verdict(change),
        change.cell,
        change.before.percent(),
        change.after.percent(),
        change.difference.points(),
        basis(change),
        moved(change),
        p_value(change.p),
        p_value(change.holm)
    )
}

/// `, 0 better, 7 worse`; empty where samples do not pair.
fn moved(change: &CellChange) -> String {
    change.moved.map_or_else(String::new, |(better, worse)| {
        format!(", {better} better, {worse} worse")
    })
}
