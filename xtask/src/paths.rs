//! Where things lie: the checkout, the target folder, the user's cache.

use std::env;
use std::path::PathBuf;

use anyhow::{Context, Result};

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
/// Where neither `XDG_CACHE_HOME` nor `HOME` is set.
pub(crate) fn cache() -> Result<PathBuf> {
    let base = match env::var_os("XDG_CACHE_HOME") {
        Some(dir) if !dir.is_empty() => PathBuf::from(dir),
        _ => PathBuf::from(env::var_os("HOME").context("neither XDG_CACHE_HOME nor HOME is set")?)
            .join(".cache"),
    };
    Ok(base.join("fathom"))
}

/// Where tools are installed that the machine lacks.
///
/// # Errors
/// As [`cache`].
pub(crate) fn tools() -> Result<PathBuf> {
    Ok(cache()?.join("tools"))
}
