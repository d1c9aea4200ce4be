//! The page: built by Trunk into the target folder, once for every state of its sources.

mod named; // names files by their content
mod packed; // compressed files and their size budget
mod under; // the page for a path of a host

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use sha2::{Digest, Sha256};
use walkdir::WalkDir;

use crate::command::{command, run, skip};
use crate::timing::timed;
use crate::{paths, tools};

pub(crate) use under::{check_base, put_under};

/// What the page is made of.
const SOURCES: &[&str] = &[
    ".cargo",
    "Cargo.lock",
    "Cargo.toml",
    "Trunk.toml",
    "frontend",
    "kernels",
    "shared",
    "models",
];

/// Gets what the build takes and builds the page for the root of a host, unless it is there already;
/// gives its folder.
///
/// # Errors
/// When something is missing or the build fails.
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
    tools::for_page()?;
    // A build that breaks off must not pass for this state.
    if stamp.exists() {
        fs::remove_file(&stamp)?;
    }
    let mut trunk = command("trunk")?;
    trunk
        .args(["build", "--release", "--cargo-profile", "page", "--dist"])
        .arg(&dist)
        // All tools are on the path, so Trunk need not look for them elsewhere.
        .arg("--offline")
        // Those of the surroundings would take the place of `.cargo/config.toml`'s.
        .env_remove("RUSTFLAGS");
    timed("building the page", || run(&mut trunk))?;
    named::name_by_content(&dist)?;
    timed("compressing the page's files", || packed::compress(&dist))?;
    packed::check_sizes(&dist)?;
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
