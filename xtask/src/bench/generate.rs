//! `cargo xtask bench generate`.

use std::path::Path;
use std::process::{Command, Stdio};

use anyhow::{Context, Result};

use super::cpu::mean_cost;
use super::original::Original;
use crate::serve;

/// Every task of RULER: those that the original makes too.
const TASKS: [&str; 13] = [
    "niah_single_1",
    "niah_single_2",
    "niah_single_3",
    "niah_multikey_1",
    "niah_multikey_2",
    "niah_multikey_3",
    "niah_multivalue",
    "niah_multiquery",
    "vt",
    "cwe",
    "fwe",
    "qa_1",
    "qa_2",
];

/// Measures whole processes of the release build and prints a table.
///
/// # Errors
/// When the build or a run fails.
pub(crate) fn measure(runs: u32, sweep: bool, original: &Original) -> Result<()> {
    let fathom = serve::release(&[])?;
    let theirs = match original {
        Original::Recorded(_) => {
            "the original's CPU seconds are recorded (tests/golden/ruler/timing.json)"
        }
        Original::Run(_) => "the original ran once beside each",
    };
    println!("\nmean of {runs} runs of whole processes; {theirs}\n");
    println!(
        "{:<18} {:>14} {:>8} {:>8} {:>7} {:>10} {:>7}",
        "task", "size", "wall s", "CPU s", "MB", "original", "times"
    );
    for (length, samples) in [(131_072, 1), (4096, 5)] {
        for task in TASKS {
            let mut ours = generate(&fathom, task, length, samples);
            let cost = mean_cost(ours.stdout(Stdio::null()), runs)?;
            let (theirs, times) = match original.cpu_s(task, length, samples)? {
                Some(theirs) => (
                    format!("{theirs:.2}"),
                    format!("{:.0}", theirs / cost.cpu_s),
                ),
                None => ("–".to_owned(), "–".to_owned()),
            };
            let size = format!("{length} x {samples}");
            println!(
                "{task:<18} {size:>14} {:>8.3} {:>8.3} {:>7.0} {theirs:>10} {times:>7}",
                cost.wall_s, cost.cpu_s, cost.peak_mb
            );
        }
    }
    let (task, length, samples) = ("niah_single_2", 4096, 500);
    let mut ours = generate(&fathom, task, length, samples);
    let many = mean_cost(ours.stdout(Stdio::null()), 1)?;
    let each = |cpu_s: f64| cpu_s * 1000.0 / f64::from(samples);
    print!(
        "\n{task}, {samples} samples of {length}: {:.2} s, {:.2} ms of CPU a sample",
        many.wall_s,
        each(many.cpu_s)
    );
    match original.cpu_s(task, length, samples)? {
        Some(theirs) => println!(
            "; the original {:.2} ms, {:.0} times as much",
            each(theirs),
            theirs / many.cpu_s
        ),
        None => println!(),
    }
    if sweep {
        let folder = tempfile::tempdir().context("no temporary folder")?;
        let mut all = generate(&fathom, task, length, samples);
        for length in ["8192", "16384", "32768", "65536", "131072"] {
            all.args(["--max-seq-length", length]);
        }
        let cost = mean_cost(all.arg("-o").arg(folder.path()), 1)?;
        println!(
            "{task}, {samples} samples at each of six lengths to 131072: {:.0} s, {:.0} MB",
            cost.wall_s, cost.peak_mb
        );
    }
    Ok(())
}

fn generate(fathom: &Path, task: &str, length: u32, samples: u32) -> Command {
    let mut command = Command::new(fathom);
    command
        .args([
            "generate",
            "--random-seed",
            "42",
            "--tokenizer",
            "cl100k_base",
        ])
        .args(["--task", task])
        .args(["--max-seq-length", &length.to_string()])
        .args(["--num-samples", &samples.to_string()])
        .stderr(Stdio::null());
    command
}
