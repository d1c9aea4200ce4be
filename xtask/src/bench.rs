//! `cargo xtask bench`: figures, measured, never asserted in a test.

mod cpu;
mod generate;
mod original;
mod server;

use std::path::PathBuf;

use anyhow::Result;
use clap::Subcommand;

/// What is measured.
#[derive(Subcommand)]
pub(crate) enum Bench {
    /// Seconds a sample, against RULER's own scripts.
    Generate {
        /// How often each command runs.
        #[arg(long, default_value_t = 10)]
        runs: u32,
        /// Also make 500 samples of `niah_single_2` at all six lengths (minutes, gigabytes).
        #[arg(long)]
        sweep: bool,
        /// A checkout of NVIDIA/RULER to run beside it, once each; without one, the recorded CPU
        /// seconds stand for it.
        #[arg(long, value_name = "FOLDER")]
        original: Option<PathBuf>,
        /// The Python that has what the checkout imports.
        #[arg(long, default_value = "python3")]
        python: PathBuf,
    },
    /// What the server bears: 200 watchers and 2,000 requests a second while a run goes on.
    Server,
}

/// Measures and prints.
///
/// # Errors
/// When something does not build or run.
pub(crate) fn run(bench: &Bench) -> Result<()> {
    match bench {
        Bench::Generate {
            runs,
            sweep,
            original,
            python,
        } => {
            let original = original::Original::find(original.as_deref(), python)?;
            generate::measure(*runs, *sweep, &original)
        }
        Bench::Server => server::measure(),
    }
}
