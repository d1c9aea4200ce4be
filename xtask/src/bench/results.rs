//! `cargo xtask bench results`: the Results page over 100,000 rows.

use anyhow::Result;

use crate::command::{command, run, step};
use crate::{page, paths, tools};

/// Builds the page as it is served, and drives it in headless Chromium.
///
/// # Errors
/// When something does not build or run.
pub(crate) fn measure() -> Result<()> {
    tools::for_tests()?;
    let dist = page::build()?;
    step("measuring the page, in headless Chromium");
    run(command("cargo")?.args(["build", "--workspace", "--example", "results_page"]))?;
    let drive = paths::target()?.join("debug/examples/results_page");
    run(command(drive)?.env("FATHOM_TEST_PAGE", dist))
}
