//! `cargo xtask bench page` and `page-engines`: what the page does in headless Chromium: visits, what
//! visitors come for, and the speed of its engines.

use anyhow::Result;

use crate::command::{command, run, step};
use crate::{page, paths, serve, tools};

/// A first visit of the page as it is served, and a second.
///
/// # Errors
/// When something does not build or run.
pub(crate) fn visit() -> Result<()> {
    drive("page_visit", &[])
}

/// Its two engines, on a prompt of about so many tokens.
///
/// # Errors
/// When something does not build or run.
pub(crate) fn engines(length: u32) -> Result<()> {
    drive("page_engines", &[length.to_string()])
}

/// Builds the page and the example of the tests that drives it, and runs that.
fn drive(example: &str, args: &[String]) -> Result<()> {
    tools::for_page()?;
    tools::for_tests()?;
    let dist = page::build()?;
    let fathom = serve::release(&[])?;
    serve::model(&fathom)?;
    step("visiting the page, in headless Chromium");
    run(command("cargo")?.args(["build", "--workspace", "--example", example]))?;
    let drive = paths::target()?.join("debug/examples").join(example);
    run(command(drive)?
        .args(args)
        .env("FATHOM_TEST_BIN", fathom)
        .env("FATHOM_MODELS", paths::cache()?.join("models"))
        .env("FATHOM_TEST_PAGE", dist))
}
