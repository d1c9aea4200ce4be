//! The page: built by Trunk into the target folder, once for every state of its sources.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use sha2::{Digest, Sha256};
use walkdir::WalkDir;

use crate::command::{command, run, skip, step};
use crate::paths;

/// What the page is made of.
const SOURCES: &[&str] = &[
    "Cargo.lock",
    "Cargo.toml",
    "Trunk.toml",
    "frontend",
    "kernels",
    "shared",
    "models",
];

/// Builds the page unless it is there already; gives its folder.
///
/// # Errors
/// When the build fails.
pub(crate) fn build() -> Result<PathBuf> {
    let dist = paths::target()?.join("page-dist");
    let stamp = paths::target()?.join("page-dist.sha256");
    let state = state()?;
    if fs::read_to_string(&stamp).is_ok_and(|built| built == state)
        && dist.join("index.html").exists()
    {
        skip(&format!("the page is built: {}", dist.display()));
        return Ok(dist);
    }
    step("building the page (some minutes the first time)");
    // A build that breaks off must not pass for this state.
    if stamp.exists() {
        fs::remove_file(&stamp)?;
    }
    let mut trunk = command("trunk")?;
    trunk
        .args(["build", "--release", "--cargo-profile", "page", "--dist"])
        .arg(&dist)
        // All tools are on the path, so Trunk need not look for them elsewhere.
        .arg("--offline");
    run(&mut trunk)?;
    fs::write(&stamp, state)?;
    Ok(dist)
}

/// A hash over the names and contents of the page's sources.
fn state() -> Result<String> {
    let mut hash = Sha256::new();
    for source in SOURCES {
        let root = paths::root().join(source);
        for entry in WalkDir::new(&root).sort_by_file_name() {
            let entry = entry.with_context(|| format!("cannot read {}", root.display()))?;
            if entry.file_type().is_file() {
                add(&mut hash, entry.path())?;
            }
        }
    }
    Ok(hex::encode(hash.finalize()))
}

fn add(hash: &mut Sha256, path: &Path) -> Result<()> {
    let name = path.strip_prefix(paths::root())?;
    let bytes = fs::read(path).with_context(|| format!("cannot read {}", path.display()))?;
    hash.update(name.to_string_lossy().as_bytes());
    hash.update([0]);
    hash.update(Sha256::digest(&bytes));
    Ok(())
}
