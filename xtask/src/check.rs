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
    tools::wasm_target()?;
    step("clippy, native");
    let strict = ["--", "--deny", "warnings"];
    run(command("cargo")?
        .args(["clippy", "--workspace", "--all-targets"])
        .args(strict))?;
    // The workers' program, and the page's own, which is built without their feature.
    let app = ["--bin", "app", "--no-default-features"];
    for (program, arguments) in [("workers", &[][..]), ("page", &app[..])] {
        step(&format!("clippy, browser: {program}"));
        run(command("cargo")?
            .args(["clippy", "--package", "fathom-frontend"])
            .args(["--target", "wasm32-unknown-unknown"])
            .args(arguments)
            .args(strict))?;
    }
    Ok(())
}

/// Checks the format.
///
/// # Errors
/// When a file is not formatted.
pub(crate) fn format() -> Result<()> {
    step("format");
    run(command("cargo")?.args(["fmt", "--all", "--check"]))
}
