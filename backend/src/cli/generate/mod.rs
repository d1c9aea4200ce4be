//! `fathom generate`.

mod parallel; // makes many samples in parallel
mod texts; // opens the texts that samples are made of

use std::path::{Path, PathBuf};

use anyhow::Context;
use clap::Args;
use fathom_shared::task::TaskSpec;
use fathom_shared::task::custom::TaskFile;

use super::spec::{SpecOptions, length, task_ids};
use super::{ModelsFolderArg, output, synthetic, terminal};
use crate::named_file::{self, SMALL};
use crate::tokenizer;
use parallel::GenerateInputs;
use texts::TextsArgs;

/// Make samples as RULER's JSONL, byte for byte as the original programs write them.
///
/// Example: fathom generate --task niah_single_1 --max-seq-length 4096 --num-samples 10
/// --random-seed 42 --tokenizer cl100k_base -o niah.jsonl
///
/// With several tasks or lengths, one file is written for each, under the folder given by -o:
/// LENGTH/data/TASK/validation.jsonl.
#[derive(Debug, Args)]
pub(super) struct GenerateArgs {
    /// The task; may be given more than once
    #[arg(long, value_name = "ID", value_parser = task_ids(), required_unless_present = "task_file")]
    task: Vec<String>,
    /// A task of your own: a script (.rhai), a spec based on the other tasks (.toml), or tasks as
    /// RULER's synthetic.yaml has them (.yaml); may be given more than once
    #[arg(long, value_name = "FILE")]
    task_file: Vec<PathBuf>,
    /// Length of prompt and answer together, in tokens (4096, 4K); may be given more than once
    #[arg(long, value_name = "N", required = true, value_parser = length)]
    max_seq_length: Vec<u32>,
    #[command(flatten)]
    options: SpecOptions,
    /// Number of samples
    #[arg(long, value_name = "K", default_value_t = 10, value_parser = clap::value_parser!(u32).range(1..))]
    num_samples: u32,
    /// The tokenizer: `cl100k_base`, `o200k_base`, the id of a model, or the path of a
    /// tokenizer.json or .gguf file
    #[arg(long, value_name = "SPEC")]
    tokenizer: String,
    #[command(flatten)]
    texts: TextsArgs,
    /// File to write, or folder for several files. A file appears only when it is complete; devices
    /// and pipes are written to directly, and links are kept; `-` is the standard output
    #[arg(short, long, value_name = "FILE", default_value = "-")]
    output: PathBuf,
    #[command(flatten)]
    models: ModelsFolderArg,
}

impl GenerateArgs {
    pub(super) fn run(&self) -> anyhow::Result<()> {
        let mut files = Vec::new();
        for path in &self.task_file {
            files.extend(read_tasks(path)?);
        }
        let mut specs: Vec<(String, TaskSpec)> = Vec::new();
        for length in &self.max_seq_length {
            for task in &self.task {
                specs.push((task.clone(), self.options.spec(task, *length)?));
            }
            for (name, file) in &files {
                specs.push((name.clone(), self.options.spec_of(file, *length)?));
            }
        }
        let count = u32::try_from(specs.len()).unwrap_or(u32::MAX);
        let work = GenerateInputs {
            tokenizer: tokenizer::resolve(&self.tokenizer, &self.models.open())?,
            corpora: self.texts.corpora(specs.iter().map(|(_, spec)| spec))?,
            samples: self.num_samples,
            bar: terminal::samples_bar(self.num_samples.saturating_mul(count)),
        };
        match (specs.as_slice(), self.output.as_path()) {
            ([(name, spec)], path) => {
                let written = output::write(path, |out| work.write(spec, out));
                match spec.script.is_some() {
                    // Its errors give the line number but not the file name.
                    true => written.with_context(|| format!("the task `{name}`")),
                    false => written,
                }
            }
            (_, path) if output::is_stdout(path) => anyhow::bail!(
                "several tasks or lengths are several files: give their folder with -o"
            ),
            (_, folder) => work.write_all(&specs, folder),
        }
    }
}

/// The tasks of a file, each with the name for its samples: the file's name without its extension;
/// in YAML, each task's own name.
fn read_tasks(path: &Path) -> anyhow::Result<Vec<(String, TaskFile)>> {
    let text = named_file::read_text(path, SMALL)
        .with_context(|| format!("cannot read `{}`", path.display()))?;
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    let ending = path.extension().unwrap_or_default().to_ascii_lowercase();
    if ending == "yaml" || ending == "yml" {
        return synthetic::read(&name, &text);
    }
    let stem = path.file_stem().unwrap_or_default().to_string_lossy();
    Ok(vec![(stem.into_owned(), TaskFile::read(&name, &text)?)])
}
