//! `fathom track`.

use anyhow::Context;
use clap::Args;
use fathom_shared::results::About;
use fathom_shared::results::conclude;
use fathom_shared::results::figures::{basis, verdict};
use fathom_shared::results::series::{Change, Checkpoint, Watch, series};
use fathom_shared::tokens::Tokens;
use serde::Serialize;

use super::sets::Sets;
use super::terminal::{p_value, say};

/// Hold checkpoints of one model, in their order, against a baseline where nobody looks.
///
/// A model that was taught longer texts may read short ones worse. Watched are every task at short
/// lengths, and RULER's tasks with one needle at any; what was lost elsewhere is told too. Each is
/// tested against the baseline: by pairs where samples pair by task, length, options and name, else
/// by Welch's test, which counts the answers of both. Rows that pool the watched cells by length and
/// by category are tested first, so that a loss of some points that no cell shows is seen. Holm's
/// adjustment goes over all rows of all checkpoints, and over all their cells; a loss at the level is
/// flagged. That none is flagged does not show that nothing is lost: `fathom gate`
/// tests that, and says by its exit code what a checkpoint is worth.
///
/// Examples: fathom track 3 4 5
///
/// fathom track results/base results/step-500 results/step-1000 --short 8192
#[derive(Debug, Args)]
pub(super) struct Track {
    /// The baseline: a run's number, a file or folder as `fathom score` reads them, or a result
    /// set (*.json)
    #[arg(value_name = "BASELINE")]
    baseline: String,
    /// The checkpoints in their order: likewise
    #[arg(required = true, value_name = "CHECKPOINT")]
    checkpoints: Vec<String>,
    /// Lengths up to this one are short [default: the baseline's shortest]
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..))]
    short: Option<u32>,
    /// The level of the tests
    #[arg(long, value_name = "P", default_value_t = Watch::default().alpha, value_parser = level)]
    level: f64,
    /// Print baseline, checkpoints and tests as JSON
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    sets: Sets,
}

fn level(text: &str) -> Result<f64, String> {
    let level = text.parse().ok().filter(|p| *p > 0.0 && *p < 1.0);
    level.ok_or_else(|| "expected a number between 0 and 1".to_owned())
}

/// What is printed.
#[derive(Debug, Serialize)]
struct Tracked {
    baseline: About,
    watch: Watch,
    checkpoints: Vec<Checkpoint>,
}

impl Track {
    pub(super) async fn run(mut self) -> anyhow::Result<()> {
        let mut names = vec![self.baseline];
        names.append(&mut self.checkpoints);
        let sets = self.sets.to_pair(&names).await?;
        let (baseline, others) = sets.split_first().context("no baseline was named")?;
        let watch = Watch {
            short: self.short.map(Tokens),
            alpha: self.level,
        };
        let tracked = Tracked {
            baseline: baseline.about.clone(),
            watch,
            checkpoints: series(baseline, others, &watch),
        };
        anyhow::ensure!(
            tracked
                .checkpoints
                .iter()
                .any(|one| !one.changes.is_empty()),
            "no checkpoint has a watched cell of `{}`: none has a task at a short length, or one with one needle, that the baseline has too",
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

fn lines(tracked: &Tracked) -> Vec<String> {
    // What it comes to first, of all of them.
    let mut told = conclude::series(&tracked.baseline, &tracked.checkpoints);
    for checkpoint in &tracked.checkpoints {
        let lost = checkpoint.changes.iter().filter(|change| change.degraded);
        told.push(format!(
            "{}, then {}: {} of {} watched cells lost",
            tracked.baseline.name,
            checkpoint.about.name,
            lost.count(),
            checkpoint.changes.len()
        ));
        let all = checkpoint.rows.iter().chain(&checkpoint.changes);
        told.extend(all.chain(&checkpoint.elsewhere).map(line));
    }
    told
}

fn line(change: &Change) -> String {
    let why = change.why.name();
    format!(
        "{:13}  {} ({why}): {} and {}, difference {}, n = {}, p {}, Holm {}",
        verdict(change),
        change.cell,
        change.before.percent(),
        change.after.percent(),
        change.difference.points(),
        basis(change),
        p_value(change.p),
        p_value(change.holm)
    )
}
