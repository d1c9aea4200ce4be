//! `cargo xtask serve`: from a bare checkout to a page with a model behind it.

use std::net::{SocketAddr, TcpStream};
use std::path::PathBuf;
use std::thread;
use std::time::Duration;

use anyhow::Result;

use crate::command::{command, run, step};
use crate::timing::timed;
use crate::{page, paths};

/// The model that a first visit runs.
pub(crate) const MODEL: &str = "smollm2-135m-instruct";

/// Gets everything and serves until it is stopped.
///
/// # Errors
/// When a step cannot be done; says which and what to type.
pub(crate) fn serve(addr: SocketAddr, open: bool) -> Result<()> {
    let dist = page::build()?;
    let fathom = release(&[])?;
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

/// Builds the server with the checks of a test build; gives its program.
///
/// # Errors
/// When it does not build.
pub(crate) fn checked() -> Result<PathBuf> {
    // Of the whole workspace, so that crates get the features that the tests give them: what one
    // has built the other need not build again.
    let arguments = ["build", "--workspace", "--bin", "fathom"];
    timed("building the server for the tests", || {
        run(command("cargo")?.args(arguments))
    })?;
    Ok(paths::target()?.join("debug/fathom"))
}

/// Builds `fathom` as it is served, measured and taken elsewhere; gives its program.
///
/// # Errors
/// When the build fails.
pub(crate) fn release(features: &[String]) -> Result<PathBuf> {
    let mut cargo = command("cargo")?;
    cargo.args(["build", "--release", "--bin", "fathom"]);
    cargo.args(["--package", "fathom-backend"]);
    let mut what = "building the server".to_owned();
    if !features.is_empty() {
        let features = features.join(",");
        cargo.args(["--features", &features]);
        what += &format!(" with {features}");
    }
    timed(&what, || run(&mut cargo))?;
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
