//! `cargo xtask train`.

use std::env;
use std::path::PathBuf;

use anyhow::{Context, Result};
use clap::Args;

use crate::command::{command, run, step};

/// What `cargo xtask train` takes.
#[derive(Args)]
pub(crate) struct TrainArgs {
    /// The stage file; those of the repository are in kernels/train/stages.
    stage: PathBuf,
    /// Go on from the training state in the folder.
    #[arg(long)]
    resume: bool,
    /// The folder of state, metrics and checkpoints [default: target/train/NAME].
    #[arg(long)]
    out: Option<PathBuf>,
    /// Where to compute: `cpu`, or `cuda` for the first NVIDIA device.
    #[arg(long, default_value = "cpu")]
    device: String,
    /// Stop after so many steps without writing anything, to measure the speed.
    #[arg(long)]
    steps: Option<u64>,
    /// Show the sequences of the first so many steps, with their answers in brackets, and end.
    #[arg(long)]
    show: Option<u64>,
}

/// Builds the trainer for release and runs a stage with it.
///
/// # Errors
/// When the build or the run fails, or the stage does not pass its marks.
pub(crate) fn train(args: &TrainArgs) -> Result<()> {
    let here = env::current_dir().context("the current folder is gone")?;
    let mut cargo = command("cargo")?;
    cargo.args(["run", "--release", "--package", "fathom-train"]);
    if args.device == "cuda" {
        cargo.args(["--features", "cuda"]);
    }
    // glibc would give what a step frees back to the system, and fetch it again for the next.
    cargo.env("MALLOC_TRIM_THRESHOLD_", "2000000000");
    cargo.env("MALLOC_MMAP_THRESHOLD_", "1000000000");
    // Paths are the caller's; the command runs in the root.
    cargo.arg("--").arg(here.join(&args.stage));
    cargo.args(["--device", &args.device]);
    if args.resume {
        cargo.arg("--resume");
    }
    if let Some(out) = &args.out {
        cargo.arg("--out").arg(here.join(out));
    }
    if let Some(steps) = args.steps {
        cargo.args(["--steps", &steps.to_string()]);
    }
    if let Some(steps) = args.show {
        cargo.args(["--show", &steps.to_string()]);
    }
    step(&format!("training by {}", args.stage.display()));
    run(&mut cargo)
}
