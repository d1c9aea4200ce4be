//! RULER's own scripts, run or as they were recorded.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use anyhow::{Context, Result, bail};
use serde_json::Value as Json;

use super::cpu::mean_seconds;
use crate::command::command;
use crate::paths;

/// What the original costs.
pub(crate) enum Original {
    /// As it was recorded, in CPU seconds.
    Recorded(Json),
    /// As it costs here and now.
    Run(Checkout),
}

/// A checkout of NVIDIA/RULER whose texts are in place, and a Python that has what it imports.
pub(crate) struct Checkout {
    scripts: PathBuf,
    python: PathBuf,
    cases: Json,
}

impl Original {
    /// The checkout in `folder`, or what was recorded.
    ///
    /// # Errors
    /// No such checkout, or a broken record.
    pub(crate) fn find(folder: Option<&Path>, python: &Path) -> Result<Self> {
        let Some(folder) = folder else {
            return Ok(Self::Recorded(json("timing.json")?));
        };
        let folder = fs::canonicalize(folder)
            .with_context(|| format!("no checkout of RULER in `{}`", folder.display()))?;
        let scripts = folder.join("scripts/data/synthetic");
        if !scripts.join("niah.py").exists() {
            bail!("`{}` has no niah.py: is it RULER's?", scripts.display());
        }
        Ok(Self::Run(Checkout {
            scripts,
            python: python.to_owned(),
            cases: json("cases.json")?,
        }))
    }

    /// Its CPU seconds for one run, where they are known.
    ///
    /// # Errors
    /// When it ends with an error.
    pub(crate) fn cpu_s(&self, task: &str, length: u32, samples: u32) -> Result<Option<f64>> {
        match self {
            Self::Recorded(timing) => {
                let case = &timing["cases"][format!("{task}@{length}x{samples}")];
                Ok(case["median_cpu_s"].as_f64())
            }
            Self::Run(checkout) => {
                let folder = tempfile::tempdir().context("no temporary folder")?;
                let mut run = checkout.command(task, length, samples, folder.path())?;
                Ok(Some(mean_seconds(&mut run, 1)?.1))
            }
        }
    }
}

impl Checkout {
    /// What `prepare.py` runs for a task.
    fn command(&self, task: &str, length: u32, samples: u32, to: &Path) -> Result<Command> {
        let cases = self.cases.as_array().into_iter().flatten();
        let case = cases
            .filter(|case| {
                case["extra"]
                    .as_object()
                    .is_some_and(|extra| extra.is_empty())
            })
            .find(|case| case["task"] == task && case["tokenizer"] == "cl100k_base")
            .with_context(|| format!("no golden case shows the arguments of {task}"))?;
        let word = |value: &Json| value.as_str().map_or(value.to_string(), str::to_owned);
        let script = word(&case["script"]);
        let kind = match task {
            "vt" | "cwe" | "fwe" => task,
            _ => script.as_str(),
        };
        let mut run = command(&self.python)?;
        run.current_dir(&self.scripts)
            .arg(self.scripts.join(format!("{script}.py")))
            .arg("--save_dir")
            .arg(to)
            .args(["--save_name", task, "--subset", "validation"])
            .args([
                "--tokenizer_path",
                "cl100k_base",
                "--tokenizer_type",
                "openai",
            ])
            .args(["--max_seq_length", &length.to_string()])
            .args(["--tokens_to_generate", &word(&case["tokens_to_generate"])])
            .args(["--num_samples", &samples.to_string()])
            .args(["--random_seed", "42", "--template"])
            .arg(template(kind)?)
            .stdout(Stdio::null())
            .stderr(Stdio::null());
        for (name, value) in case["args"].as_object().into_iter().flatten() {
            run.arg(format!("--{name}")).arg(word(value));
        }
        Ok(run)
    }
}

/// A script's prompt template with its answer prefix.
fn template(kind: &str) -> Result<String> {
    let read = |part: &str| {
        let path = paths::root().join(format!("shared/data/ruler/{kind}.{part}.txt"));
        fs::read_to_string(&path).with_context(|| format!("cannot read `{}`", path.display()))
    };
    Ok(read("template")? + &read("prefix")?)
}

fn json(name: &str) -> Result<Json> {
    let path = paths::root().join("tests/golden/ruler").join(name);
    let text = fs::read_to_string(&path);
    let text = text.with_context(|| format!("cannot read `{}`", path.display()))?;
    Ok(serde_json::from_str(&text)?)
}
