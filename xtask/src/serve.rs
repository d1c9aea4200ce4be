//! `cargo xtask serve`: from a bare checkout to a page with a model behind it.

use std::net::{SocketAddr, TcpStream};
use std::path::PathBuf;
use std::thread;
use std::time::Duration;

use anyhow::Result;

use crate::command::{command, run, step};
use crate::{page, paths, tools};

/// The model that a first visit runs.
pub(crate) const MODEL: &str = "smollm2-135m-instruct";

/// Gets everything and serves until it is stopped.
///
/// # Errors
/// When a step cannot be done; says which and what to type.
pub(crate) fn serve(addr: SocketAddr, open: bool) -> Result<()> {
    tools::for_page()?;
    let dist = page::build()?;
    let fathom = backend()?;
    model(&fathom)?;
    step(&format!("serving on http://{addr} (Ctrl-C ends it)"));
    if open {
        thread::spawn(move || open_when_up(addr));
    }
    run_server(&fathom, addr, &dist)
}

fn run_server(fathom: &PathBuf, addr: SocketAddr, dist: &PathBuf) -> Result<()> {
    run(command(fathom)?
        .args(["serve", "--addr", &addr.to_string(), "--static"])
        .arg(dist))
}

/// Builds the server; gives its program.
///
/// # Errors
/// When it does not build.
pub(crate) fn backend() -> Result<PathBuf> {
    step("building the server (some minutes the first time)");
    // Of the whole workspace, so that crates get the features that the tests give them: what one
    // has built the other need not build again.
    run(command("cargo")?.args(["build", "--workspace", "--bin", "fathom"]))?;
    Ok(paths::target()?.join("debug/fathom"))
}

/// Builds `fathom` as it is measured and recorded with.
///
/// # Errors
/// When the build fails.
pub(crate) fn release() -> Result<PathBuf> {
    step("building fathom for release");
    let package = ["--package", "fathom-backend", "--bin", "fathom"];
    run(command("cargo")?.args(["build", "--release"]).args(package))?;
    Ok(paths::target()?.join("release/fathom"))
}

/// Fetches the default model unless it is there.
///
/// # Errors
/// When no source has it.
pub(crate) fn model(fathom: &PathBuf) -> Result<()> {
    run(command(fathom)?.args(["model", "pull", MODEL]))
}

fn open_when_up(addr: SocketAddr) {
    for _ in 0..100 {
        if TcpStream::connect_timeout(&addr, Duration::from_millis(200)).is_ok() {
            // A machine without a browser still serves; the address is printed.
            let _no_browser_is_fine = opener::open(format!("http://{addr}"));
            return;
        }
        thread::sleep(Duration::from_millis(200));
    }
}
