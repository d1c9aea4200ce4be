//! `cargo xtask build`: the page and an optimised `fathom`, in one folder to take elsewhere.

use std::fs;
use std::path::Path;

use anyhow::{Context, Result};
use walkdir::WalkDir;

use crate::command::{command, run, step};
use crate::{page, paths, tools};

/// Builds both into `output`: `fathom`, and the page in `page/`.
///
/// # Errors
/// When a part does not build or cannot be written.
pub(crate) fn build(output: &Path, features: &[String]) -> Result<()> {
    tools::for_page()?;
    let dist = page::build()?;
    step("building the optimised server (some minutes)");
    let mut cargo = command("cargo")?;
    cargo.args([
        "build",
        "--release",
        "--package",
        "fathom-backend",
        "--bin",
        "fathom",
    ]);
    if !features.is_empty() {
        cargo.args(["--features", &features.join(",")]);
    }
    run(&mut cargo)?;
    let page = output.join("page");
    if page.exists() {
        // Files of an older build have other names and would stay.
        fs::remove_dir_all(&page).with_context(|| page.display().to_string())?;
    }
    copy(&dist, &page)?;
    let fathom = output.join("fathom");
    fs::copy(paths::target()?.join("release/fathom"), &fathom)
        .with_context(|| fathom.display().to_string())?;
    step(&format!(
        "done: {} serve --static {}",
        fathom.display(),
        page.display()
    ));
    Ok(())
}

fn copy(from: &Path, to: &Path) -> Result<()> {
    for entry in WalkDir::new(from) {
        let entry = entry?;
        let path = to.join(entry.path().strip_prefix(from)?);
        let copied = match entry.file_type().is_dir() {
            true => fs::create_dir_all(&path),
            false => fs::copy(entry.path(), &path).map(drop),
        };
        copied.with_context(|| path.display().to_string())?;
    }
    Ok(())
}
