//! `cargo xtask bench`: figures, measured, never asserted in a test.

mod cpu;
mod generate;

use anyhow::Result;
use clap::Subcommand;

/// What is measured.
#[derive(Subcommand)]
pub(crate) enum Bench {
    /// Samples a second, against the recorded CPU seconds of RULER's own scripts.
    Generate {
        /// How often each command runs.
        #[arg(long, default_value_t = 10)]
        runs: u32,
        /// Also make 500 samples of `niah_single_2` at all six lengths (minutes, gigabytes).
        #[arg(long)]
        sweep: bool,
    },
}

/// Measures and prints.
///
/// # Errors
/// When something does not build or run.
pub(crate) fn run(bench: &Bench) -> Result<()> {
    match bench {
        Bench::Generate { runs, sweep } => generate::measure(*runs, *sweep),
    }
}
