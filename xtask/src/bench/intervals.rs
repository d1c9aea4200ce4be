//! `cargo xtask bench intervals`: how often the 95% intervals hold the true value, and how often
//! the tests are wrong, by simulation.

use anyhow::Result;

use crate::command::{command, run, step};

/// Runs the simulation, prints its tables and puts them into docs/results.md.
///
/// # Errors
/// When it does not build or run.
pub(crate) fn measure() -> Result<()> {
    step("drawing made results, some minutes");
    let example = [
        "run",
        "--release",
        "--package",
        "fathom-shared",
        "--example",
        "intervals",
        "--",
        "--write",
    ];
    run(command("cargo")?.args(example))
}
