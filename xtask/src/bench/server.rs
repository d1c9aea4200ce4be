//! `cargo xtask bench server`: what the server bears while a run goes on.

use anyhow::Result;

use crate::command::{command, run, step};
use crate::{paths, serve};

/// Builds server and load for release, and lets the load say what it measured.
///
/// # Errors
/// When something does not build, or the server falls over.
pub(crate) fn measure() -> Result<()> {
    step("building fathom and its load for release");
    run(command("cargo")?.args([
        "build",
        "--release",
        "--package",
        "fathom-backend",
        "--bin",
        "fathom",
        "--example",
        "load",
    ]))?;
    let release = paths::target()?.join("release");
    let fathom = release.join("fathom");
    serve::model(&fathom)?;
    step("measuring");
    run(command(release.join("examples/load"))?
        .arg(&fathom)
        .arg(paths::cache()?.join("models"))
        .arg(serve::MODEL))
}
