//! `cargo xtask build`: the page and an optimised `fathom`, in one folder to take elsewhere.

use std::fs;
use std::path::Path;

use anyhow::{Context, Result};

use crate::command::step;
use crate::{page, serve};

/// Builds both into `output`: `fathom`, and the page in `page/`, for a host that has it under `base`.
///
/// # Errors
/// When a part does not build or cannot be written.
pub(crate) fn build(output: &Path, base: &str, features: &[String]) -> Result<()> {
    // Before the minutes that a build takes.
    page::check_base(base)?;
    let dist = page::build()?;
    let built = serve::release(features)?;
    let page = output.join("page");
    page::put_under(&dist, &page, base)?;
    let fathom = output.join("fathom");
    fs::copy(built, &fathom).with_context(|| fathom.display().to_string())?;
    step(&format!(
        "done: {} serve --static {}",
        fathom.display(),
        page.display()
    ));
    Ok(())
}
