//! `cargo xtask check`: format and lints.

use anyhow::Result;

use crate::command::{command, run, step};
use crate::tools;

/// Checks format, then lints natively and for the browser.
///
/// # Errors
/// When anything is to be mended.
pub(crate) fn run_all() -> Result<()> {
    format()?;
    tools::for_page()?;
    step("clippy, native");
    let strict = ["--", "--deny", "warnings"];
    run(command("cargo")?
        .args(["clippy", "--workspace", "--all-targets"])
        .args(strict))?;
    step("clippy, browser");
    run(command("cargo")?
        .args([
            "clippy",
            "--package",
            "fathom-frontend",
            "--target",
            "wasm32-unknown-unknown",
        ])
        .args(strict))
}

/// Checks the format.
///
/// # Errors
/// When a file is not formatted.
pub(crate) fn format() -> Result<()> {
    step("format");
    run(command("cargo")?.args(["fmt", "--all", "--check"]))
}
