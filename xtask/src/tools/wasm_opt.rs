//! wasm-opt, which makes the page's programs smaller.
//!
//! Debian 12 has version 108, which breaks the tables of what today's compiler writes. The newest
//! is in npm's `binaryen`: one file for Node.js, the same on every machine.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::process::{Command, Stdio};

use anyhow::{Context, Result, ensure};
use sha2::{Digest, Sha256};

use super::apt;
use crate::command::{command, find, first_line, run, skip, step};
use crate::paths;

const VERSION: &str = "132";
const PACKAGE: &str = "https://registry.npmjs.org/binaryen/-/binaryen-132.0.0.tgz";
const SHA256: &str = "6543555fb29bb92548f325c7dc18e9ab7dbb1215edda25993d1e3f71d85b8618";
/// The program within the package.
const PROGRAM: &str = "package/bin/wasm-opt";

/// In this version: on the path, or brought into our tools.
///
/// # Errors
/// Where the package or Node.js cannot be got; names it.
pub(super) fn bring() -> Result<()> {
    let line = first_line(command("wasm-opt")?.arg("--version"));
    if line.is_some_and(|line| line.split_whitespace().any(|word| word == VERSION)) {
        skip(&format!("wasm-opt {VERSION} is installed"));
        return Ok(());
    }
    if find("node").is_none() {
        apt::ensure(&["nodejs"], "Node.js, which runs wasm-opt")?;
    }
    if find("curl").is_none() {
        apt::ensure(&["curl", "ca-certificates"], "curl, which fetches wasm-opt")?;
    }
    step(&format!("fetching wasm-opt {VERSION} from {PACKAGE}"));
    let folder = paths::tools()?.join("bin");
    fs::create_dir_all(&folder)?;
    // Beside its place, so that it arrives there whole or not at all.
    let work = tempfile::tempdir_in(&folder)?;
    let archive = work.path().join("binaryen.tgz");
    run(command("curl")?
        .args(["-fL", "--retry", "3", "--progress-bar", "-o"])
        .arg(&archive)
        .arg(PACKAGE))?;
    let got = hex::encode(Sha256::digest(fs::read(&archive)?));
    ensure!(
        got == SHA256,
        "{PACKAGE} brought a file with the SHA-256 {got}, expected {SHA256}"
    );
    run(command("tar")?
        .arg("-xzf")
        .arg(&archive)
        .arg("-C")
        .arg(work.path())
        .arg(PROGRAM))?;
    let program = work.path().join(PROGRAM);
    fs::set_permissions(&program, fs::Permissions::from_mode(0o755))?;
    let said = Command::new(&program)
        .arg("--version")
        .stderr(Stdio::inherit())
        .output()
        .context("cannot start wasm-opt")?;
    ensure!(
        said.status.success(),
        "wasm-opt {VERSION} does not run here: `{} --version` ended with {}",
        program.display(),
        said.status
    );
    fs::rename(program, folder.join("wasm-opt"))?;
    Ok(())
}
