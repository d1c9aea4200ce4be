//! `cargo xtask bench generate`.

use std::fs;
use std::path::Path;
use std::process::{Command, Stdio};

use anyhow::{Context, Result};

use super::cpu::mean_cost;
use crate::command::{command, run, step};
use crate::paths;

/// Every task, with the case of the original that was timed at 131,072 tokens, if one was.
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
pub(crate) fn measure(runs: u32, sweep: bool) -> Result<()> {
    step("building fathom for release");
    run(command("cargo")?.args([
        "build",
        "--release",
        "--package",
        "fathom-backend",
        "--bin",
        "fathom",
    ]))?;
    let fathom = paths::target()?.join("release").join("fathom");
    let recorded = Recorded::read()?;
    println!(
        "\nmean of {runs} runs; the original's CPU seconds are recorded (tests/golden/ruler/timing.json)\n"
    );
    println!(
        "{:<18} {:>14} {:>8} {:>8} {:>10} {:>7}",
        "task", "size", "wall s", "CPU s", "original", "times"
    );
    for (length, samples) in [(131_072, 1), (4096, 5)] {
        for task in TASKS {
            let cost = mean_cost(
                generate(&fathom, task, length, samples).stdout(Stdio::null()),
                runs,
            )?;
            let original = recorded.cpu_s(task, length, samples);
            let (theirs, times) = match original {
                Some(theirs) => (
                    format!("{theirs:.2}"),
                    format!("{:.0}", theirs / cost.cpu_s),
                ),
                None => ("–".to_owned(), "–".to_owned()),
            };
            let size = format!("{length} x {samples}");
            println!(
                "{task:<18} {size:>14} {:>8.3} {:>8.3} {theirs:>10} {times:>7}",
                cost.wall_s, cost.cpu_s
            );
        }
    }
    let many = mean_cost(
        generate(&fathom, "niah_single_2", 4096, 500).stdout(Stdio::null()),
        1,
    )?;
    println!(
        "\nniah_single_2, 500 samples of 4096: {:.2} s, {:.1} ms a sample",
        many.wall_s,
        many.wall_s * 2.0
    );
    if sweep {
        let folder = tempfile::tempdir().context("no temporary folder")?;
        let mut all = generate(&fathom, "niah_single_2", 4096, 500);
        for length in ["8192", "16384", "32768", "65536", "131072"] {
            all.args(["--max-seq-length", length]);
        }
        let cost = mean_cost(all.arg("-o").arg(folder.path()), 1)?;
        println!(
            "niah_single_2, 500 samples at each of six lengths to 131072: {:.0} s",
            cost.wall_s
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

/// What the original's scripts took.
struct Recorded(serde_json::Value);

impl Recorded {
    fn read() -> Result<Self> {
        let path = paths::root().join("tests/golden/ruler/timing.json");
        let text = fs::read_to_string(&path)
            .with_context(|| format!("cannot read `{}`", path.display()))?;
        Ok(Self(serde_json::from_str(&text)?))
    }

    fn cpu_s(&self, task: &str, length: u32, samples: u32) -> Option<f64> {
        self.0["cases"][format!("{task}@{length}x{samples}")]["median_cpu_s"].as_f64()
    }
}
