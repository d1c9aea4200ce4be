//! `cargo xtask bench longbench`: a file of questions as large as the dataset.

use std::process::Stdio;

use anyhow::{Context, Result};

use super::cpu::mean_cost;
use crate::command::{command, run, step};
use crate::{page, paths, tools};

/// Writes such a file, indexes it, asks a server for its longest text, and gives it to the page.
///
/// # Errors
/// When something does not build or run.
pub(crate) fn measure() -> Result<()> {
    tools::for_tests()?;
    let dist = page::build()?;
    step("building fathom and its example for release");
    run(command("cargo")?.args([
        "build",
        "--release",
        "--package",
        "fathom-backend",
        "--bin",
        "fathom",
        "--example",
        "longbench",
    ]))?;
    let release = paths::target()?.join("release");
    let (fathom, example) = (release.join("fathom"), release.join("examples/longbench"));
    let folder = tempfile::tempdir().context("no temporary folder")?;
    let file = folder.path().join("data.json");
    step("writing the file");
    run(command(&example)?.arg("make").arg(&file))?;
    step("measuring");
    run(command(&fathom)?.args(["data", "check"]).arg(&file))?;
    let mut check = command(&fathom)?;
    check
        .args(["data", "check"])
        .arg(&file)
        .stdout(Stdio::null());
    let cost = mean_cost(&mut check, 3)?;
    for (what, figure, unit, aim) in [
        ("index, mean of 3 whole processes", cost.wall_s, "s", 10.0),
        ("index, memory at most", cost.peak_mb, "MB", 100.0),
    ] {
        let verdict = if figure < aim { "below" } else { "ABOVE" };
        println!("  {what:<38} {figure:>9.2} {unit:<3} {verdict} the aim of {aim} {unit}");
    }
    run(command(&example)?.arg("ask").arg(&fathom).arg(&file))?;
    step("measuring the page, in headless Chromium");
    run(command("cargo")?.args(["build", "--workspace", "--example", "longbench_page"]))?;
    let drive = paths::target()?.join("debug/examples/longbench_page");
    run(command(drive)?.arg(&file).env("FATHOM_TEST_PAGE", dist))
}
