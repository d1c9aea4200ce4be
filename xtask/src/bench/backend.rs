//! `cargo xtask bench backend`.

use std::path::Path;
use std::process::{Command, Stdio};

use anyhow::{Context, Result, bail};
use serde_json::Value;

use crate::command::{command, run, show, step};
use crate::paths;

/// Tokens of the prompts; the last fills a context of 8,192 together with its answer.
pub(crate) const PROMPTS: [u32; 3] = [1024, 4000, 8128];
/// The engine that llama.cpp is measured beside.
pub(crate) const PROCESSOR: &str = "candle-cpu";
/// Tokens of an answer.
const ANSWER: u32 = 64;
/// llama.cpp does the same.
const PYTHON: &str = include_str!("peer.py");

/// What is measured of one process, in the order of the table.
const COLUMNS: [(&str, &str); 5] = [
    ("prefill_wall", "prefill/s"),
    ("prefill_cpu", "per CPU s"),
    ("decode_wall", "decode/s"),
    ("decode_cpu", "per CPU s"),
    ("peak_mb", "peak MB"),
];

/// Measures an engine of the release build, and llama.cpp beside it where there is a Python that has it,
/// in turns, and prints the best of each, and what their memory comes to.
///
/// # Errors
/// When the build or a run fails.
pub(crate) fn measure(
    engine: &str,
    runs: u32,
    model: &Path,
    python: Option<&Path>,
    threads: u32,
    prompts: &[u32],
) -> Result<()> {
    step("building the engine's example for release");
    let build = [
        "build",
        "--release",
        "--package",
        "fathom-backend",
        "--example",
        "speed",
    ];
    let cuda: &[&str] = match engine {
        "candle-cuda" => &["--features", "cuda"],
        _ => &[],
    };
    run(command("cargo")?.args(build).args(cuda))?;
    let ours = paths::target()?.join("release/examples/speed");
    let folder = tempfile::tempdir().context("no temporary folder")?;
    let script = folder.path().join("peer.py");
    std::fs::write(&script, PYTHON)?;

    println!(
        "\n{}, {threads} threads, best of {runs}, tokens a second\n",
        model.display()
    );
    print!("{:>7} {:<11}", "tokens", "engine");
    COLUMNS.iter().for_each(|(_, head)| print!(" {head:>10}"));
    println!();
    let mut memory = Vec::new();
    for prompt in prompts.iter().copied() {
        let sizes = [prompt.to_string(), ANSWER.to_string()];
        let (mut fathom, mut llama) = (None, None);
        for _ in 0..runs {
            let mut command = Command::new(&ours);
            command.arg(model).args(&sizes).arg(engine);
            command.env("RAYON_NUM_THREADS", threads.to_string());
            better(&mut fathom, figures(&mut command)?);
            if let Some(python) = python {
                let mut command = Command::new(python);
                command
                    .arg(&script)
                    .arg(model)
                    .args(&sizes)
                    .arg(threads.to_string());
                better(&mut llama, figures(&mut command)?);
            }
        }
        line(prompt, engine, fathom, 0);
        line(prompt, "llama.cpp", llama, 0);
        if let (Some(fathom), Some(llama)) = (fathom, llama) {
            let ratio = std::array::from_fn(|at| fathom[at] / llama[at]);
            line(prompt, "ratio", Some(ratio), 2);
            memory.push((prompt, fathom[MEMORY], llama[MEMORY]));
        }
    }
    println!();
    for (prompt, fathom, llama) in memory {
        let times = fathom / llama;
        let verdict = if times <= 2.0 { "within" } else { "ABOVE" };
        println!(
            "memory at {} tokens: {engine} {fathom:.0} MB, llama.cpp {llama:.0} MB, {times:.2} times as much, {verdict} the aim of twice",
            prompt + ANSWER
        );
    }
    Ok(())
}

/// The column of memory.
const MEMORY: usize = COLUMNS.len() - 1;

type Figures = [f64; COLUMNS.len()];

/// The faster and the smaller of two runs.
fn better(best: &mut Option<Figures>, new: Figures) {
    let before = best.unwrap_or(new);
    *best = Some(std::array::from_fn(|at| match at == MEMORY {
        true => before[at].min(new[at]),
        false => before[at].max(new[at]),
    }));
}

fn line(prompt: u32, name: &str, figures: Option<Figures>, digits: usize) {
    let Some(figures) = figures else { return };
    print!("{prompt:>7} {name:<11}");
    figures
        .iter()
        .for_each(|figure| print!(" {figure:>10.digits$}"));
    println!();
}

fn figures(command: &mut Command) -> Result<Figures> {
    let output = command.stderr(Stdio::inherit()).output();
    let output = output.with_context(|| format!("cannot start {}", show(command)))?;
    if !output.status.success() {
        bail!("{} ended with {}", show(command), output.status);
    }
    let said: Value = serde_json::from_slice(&output.stdout)
        .with_context(|| format!("{} does not print JSON", show(command)))?;
    let mut figures = [0.0; COLUMNS.len()];
    for (figure, (key, _)) in figures.iter_mut().zip(COLUMNS) {
        let number = said[key].as_f64();
        *figure = number.with_context(|| format!("{} does not say `{key}`", show(command)))?;
    }
    Ok(figures)
}
