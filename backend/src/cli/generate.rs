//! `fathom generate`.

use std::collections::BTreeMap;
use std::io::{self, BufWriter, Write};
use std::path::{Path, PathBuf};

use anyhow::Context;
use clap::Args;
use fathom_shared::formats::ruler::DataRow;
use fathom_shared::task::{Profile, TASKS, TaskSpec};
use fathom_shared::tokens::{Counter, Tokens};

use super::{ModelsFolder, terminal};
use crate::{python_json, tokenizer};

/// Make a task's samples as RULER's JSONL, byte for byte as the original program writes them.
///
/// Example: fathom generate --task niah_single_1 --max-seq-length 4096 --num-samples 10
/// --random-seed 42 --tokenizer cl100k_base -o niah.jsonl
#[derive(Debug, Args)]
pub(super) struct Generate {
    #[command(flatten)]
    spec: SpecArguments,
    /// How many samples
    #[arg(long, value_name = "K", default_value_t = 10, value_parser = clap::value_parser!(u32).range(1..))]
    num_samples: u32,
    /// Counts the tokens: `cl100k_base`, `o200k_base`, the id of a model, or the path of a
    /// tokenizer.json or .gguf file
    #[arg(long, value_name = "SPEC")]
    tokenizer: String,
    /// File to write; it appears when it is complete [default: standard output]
    #[arg(short, long, value_name = "FILE")]
    output: Option<PathBuf>,
    #[command(flatten)]
    models: ModelsFolder,
}

/// What determines the samples, by the names of the original scripts.
#[derive(Debug, Args)]
pub(super) struct SpecArguments {
    /// The task
    #[arg(long, value_name = "ID", value_parser = task_ids())]
    task: String,
    /// Prompt and answer together, in tokens
    #[arg(long, value_name = "N")]
    max_seq_length: u32,
    /// Seeds every random choice
    #[arg(long, value_name = "S", default_value_t = 42)]
    random_seed: u32,
    /// An option of the task, e.g. `num_hops=2`; may be given more than once
    #[arg(long = "set", value_name = "KEY=VALUE", value_parser = pair)]
    set: Vec<(String, String)>,
    /// Whose rules place and fit the samples
    #[arg(long, default_value_t = Profile::Upstream)]
    profile: Profile,
}

impl SpecArguments {
    pub(super) fn spec(&self) -> anyhow::Result<TaskSpec> {
        let mut set = BTreeMap::new();
        for (key, value) in &self.set {
            if let Some(before) = set.insert(key.clone(), value.clone()) {
                anyhow::bail!("--set {key} is given twice, as `{before}` and as `{value}`");
            }
        }
        let spec = TaskSpec {
            profile: self.profile,
            set,
            ..TaskSpec::new(&self.task, Tokens(self.max_seq_length), self.random_seed)
        };
        spec.validate()?;
        Ok(spec)
    }
}

fn task_ids() -> clap::builder::PossibleValuesParser {
    let known = TASKS
        .iter()
        .map(|task| clap::builder::PossibleValue::new(task.id()).help(task.about()));
    known.collect::<Vec<_>>().into()
}

fn pair(text: &str) -> Result<(String, String), String> {
    match text.split_once('=') {
        Some((key, value)) if !key.is_empty() => Ok((key.to_owned(), value.to_owned())),
        _ => Err(format!("`{text}` is not of the form key=value")),
    }
}

impl Generate {
    pub(super) fn run(&self) -> anyhow::Result<()> {
        let spec = self.spec.spec()?;
        let counter = tokenizer::resolve(&self.tokenizer, &self.models.open())?;
        match &self.output {
            Some(path) => to_file(path, |out| self.write(&spec, &counter, out)),
            None => {
                // Complete before the first byte: whoever reads must not take half for the whole.
                let mut text = Vec::new();
                self.write(&spec, &counter, &mut text)?;
                let mut out = io::stdout().lock();
                let written = out.write_all(&text).and_then(|()| out.flush());
                written.context("cannot write to standard output")
            }
        }
    }

    fn write(
        &self,
        spec: &TaskSpec,
        counter: &Counter<'_>,
        out: &mut dyn Write,
    ) -> anyhow::Result<()> {
        let bar = terminal::samples_bar(self.num_samples);
        let samples = spec.samples(counter)?;
        for sample in samples.take(self.num_samples as usize) {
            python_json::write(&mut *out, &DataRow::from(&sample?))?;
            out.write_all(b"\n")?;
            bar.inc(1);
        }
        bar.finish_and_clear();
        Ok(())
    }
}

/// Writes beside `path` and renames, so that `path` is the old file or the whole new one.
fn to_file(
    path: &Path,
    write: impl FnOnce(&mut dyn Write) -> anyhow::Result<()>,
) -> anyhow::Result<()> {
    let folder = path
        .parent()
        .filter(|folder| !folder.as_os_str().is_empty());
    let named = || format!("cannot write `{}`", path.display());
    let file = tempfile::Builder::new()
        .permissions_of_new_file()
        .tempfile_in(folder.unwrap_or(Path::new(".")))
        .with_context(named)?;
    let mut out = BufWriter::new(file);
    write(&mut out).with_context(named)?;
    let file = out
        .into_inner()
        .map_err(|e| e.into_error())
        .with_context(named)?;
    file.as_file().sync_all().with_context(named)?;
    file.persist(path)
        .map_err(|e| e.error)
        .with_context(named)?;
    Ok(())
}

/// A temporary file is private by default; this one is to become an ordinary file.
trait Ordinary {
    fn permissions_of_new_file(&mut self) -> &mut Self;
}

impl Ordinary for tempfile::Builder<'_, '_> {
    #[cfg(unix)]
    fn permissions_of_new_file(&mut self) -> &mut Self {
        use std::os::unix::fs::PermissionsExt;
        // The umask of the user still applies.
        self.permissions(std::fs::Permissions::from_mode(0o666))
    }

    #[cfg(not(unix))]
    fn permissions_of_new_file(&mut self) -> &mut Self {
        self
    }
}
