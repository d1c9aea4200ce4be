//! `cargo xtask bench advise`: how often the advisor is right where it is so sure.

use anyhow::Result;

use crate::command::{command, run, step};

/// Simulates situations whose true figures are known.
///
/// # Errors
/// When the simulation does not build or run.
pub(crate) fn measure() -> Result<()> {
    step("simulating situations with known figures (a minute or two)");
    run(command("cargo")?.args([
        "run",
        "--release",
        "--package",
        "fathom-shared",
        "--example",
        "advise_calibration",
    ]))
}
