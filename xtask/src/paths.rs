//! Where things lie: the checkout, the target folder, the user's cache.

use std::env;
use std::path::PathBuf;

use anyhow::{Context, Result};
use etcetera::base_strategy::{BaseStrategy, Xdg};

/// The root of the checkout.
pub(crate) fn root() -> PathBuf {
    // Cargo says it to what it runs. What was known when this was built may be another checkout,
    // gone by now: they share a target folder.
    let told = env::var_os("CARGO_MANIFEST_DIR");
    let mut root = told.map_or_else(|| env!("CARGO_MANIFEST_DIR").into(), PathBuf::from);
    root.pop();
    root
}

/// Cargo's target folder: where this program itself was built.
///
/// # Errors
/// When the program was moved out of it.
pub(crate) fn target() -> Result<PathBuf> {
    if let Some(dir) = env::var_os("CARGO_TARGET_DIR") {
        return Ok(root().join(dir));
    }
    Ok(root().join("target"))
}

/// Fathom's folder in the user's cache, as `fathom` itself uses it.
///
/// # Errors
/// When the user has no home folder.
pub(crate) fn cache() -> Result<PathBuf> {
    let user = Xdg::new().context("the user has no home folder: set HOME")?;
    Ok(user.cache_dir().join("fathom"))
}

/// Where tools are installed that the machine lacks.
///
/// # Errors
/// As [`cache`].
pub(crate) fn tools() -> Result<PathBuf> {
    Ok(cache()?.join("tools"))
}
