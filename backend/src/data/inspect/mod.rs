//! A look into a model's files, without their weights.

mod positions; // describes a model's positions in words

use std::fmt;
use std::fs;
use std::io::BufReader;
use std::path::Path;

use fathom_kernels::model::config::ModelConfig;
use fathom_kernels::model::gguf::Gguf;
use fathom_kernels::model::tokenizer::Tokenizer;
use fathom_shared::prompt::ChatTemplate;
use fathom_shared::tokens::Tokens;
use serde::{Deserialize, Serialize};

use super::child_process;
use super::folder::{self, ModelFolder};
use super::hash;
use super::model_error::SENTENCE;
pub use super::model_error::{ModelError, ModelFileError};
use crate::errors::{chain, shortened};
use crate::named_file;
pub use positions::{ModelPositions, PositionStretch};

/// Characters of a name in a model's files.
const NAME: usize = 200;

/// What a model's files hold.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub struct Inspection {
    /// The name in its metadata.
    pub name: String,
    /// `llama` and the like.
    pub architecture: String,
    /// Size of the files.
    pub size_bytes: u64,
    /// The context it was trained for, or stretched to.
    pub context: Tokens,
    /// The context before its positions were stretched, where they are.
    pub unstretched: Option<Tokens>,
    /// How a token's place turns its values.
    pub positions: ModelPositions,
    /// How many weights it has.
    pub parameters: u64,
    /// How most of them are stored.
    quantisation: String,
    /// The kind of its tokenizer.
    pub tokenizer: String,
    /// Its licence, where it says one.
    pub licence: Option<String>,
    /// Why our engines would not run it.
    pub refusal: Option<String>,
    /// Whether it has a chat template.
    pub has_template: bool,
    /// What is wrong with its chat template.
    pub template_fault: Option<String>,
    /// Why none of several chat templates is taken.
    pub template_absence: Option<String>,
}

impl Inspection {
    /// Looks into the GGUF file or the Hugging Face folder at `path`, apart from this process where
    /// it has others do such work.
    ///
    /// # Errors
    /// A file that cannot be read, or that is no model's.
    pub fn of(path: &Path) -> Result<Self, ModelError> {
        if !path.is_dir() {
            // What the system refuses is no fault of the file, and may pass.
            named_file::open(path).map_err(|source| ModelError::Read {
                path: path.to_owned(),
                source,
            })?;
        }
        match child_process::inspect(path) {
            // The sentence names the file where it is of our making.
            Some(told) => {
                told.map_err(|told| bad(path, ModelFileError::Apart(unnamed(path, told))))
            }
            None => Self::here(path),
        }
    }

    /// The same in this process.
    ///
    /// # Errors
    /// As [`of`](Self::of).
    pub fn here(path: &Path) -> Result<Self, ModelError> {
        let seen = match path.is_dir() {
            true => Self::of_folder(path),
            false => Self::of_file(path),
        };
        seen.map(Self::on_one_line)
    }

    /// What the files say of themselves as short lines: it may have line breaks, commands to a
    /// terminal, and any length.
    fn on_one_line(mut self) -> Self {
        for name in [
            &mut self.name,
            &mut self.architecture,
            &mut self.tokenizer,
            &mut self.quantisation,
        ] {
            *name = shortened(name, NAME);
        }
        self.licence = self.licence.map(|licence| shortened(&licence, NAME));
        for sentence in [
            &mut self.refusal,
            &mut self.template_fault,
            &mut self.template_absence,
        ] {
            *sentence = sentence.take().map(|told| shortened(&told, SENTENCE));
        }
        if let ModelPositions::Fault(why) = &mut self.positions {
            *why = shortened(why, SENTENCE);
        }
        self
    }

    fn of_file(path: &Path) -> Result<Self, ModelError> {
        let (gguf, size_bytes) = open(path)?;
        let context = gguf.uint(&format!("{}.context_length", gguf.architecture()));
        let context = context
            .and_then(|n| u32::try_from(n).ok())
            .unwrap_or_default();
        let weights = |shape: &[usize]| {
            let sizes = shape.iter().map(|n| *n as u64);
            sizes.fold(1_u64, u64::saturating_mul)
        };
        let text = |key: &str| gguf.str(key).unwrap_or("none").to_owned();
        let config = ModelConfig::from_gguf(&gguf);
        let tokenizer = Tokenizer::from_gguf(&gguf);
        let source = gguf.str("tokenizer.chat_template");
        let template_fault = tokenizer.as_ref().ok().and_then(|tokenizer| {
            let template = ChatTemplate::new(source?, tokenizer.bos(), tokenizer.eos());
            template.err().map(|error| error.to_string())
        });
        let positions = ModelPositions::of_gguf(&gguf, config.as_ref().ok());
        let (context, unstretched) = window(config.as_ref().ok(), &positions, context);
        let refusal = match (config, tokenizer) {
            (Err(error), _) => Some(error.to_string()),
            (_, Err(error)) => Some(error.to_string()),
            _ => template_fault.clone(),
        };
        Ok(Self {
            name: gguf.name().to_owned(),
            architecture: gguf.architecture().to_owned(),
            size_bytes,
            context: Tokens(context),
            unstretched,
            positions,
            parameters: gguf
                .tensors()
                .iter()
                .map(|tensor| weights(&tensor.shape))
                .fold(0, u64::saturating_add),
            quantisation: gguf.quantisation(),
            tokenizer: format!(
                "{}, {}",
                text("tokenizer.ggml.model"),
                text("tokenizer.ggml.pre")
            ),
            licence: gguf.str("general.license").map(str::to_owned),
            refusal,
            has_template: source.is_some(),
            template_fault,
            template_absence: None,
        })
    }

    fn of_folder(path: &Path) -> Result<Self, ModelError> {
        let read = |source| ModelError::Read {
            path: path.to_owned(),
            source,
        };
        let folder = ModelFolder::open(path).map_err(|source| bad(path, source))?;
        let mut size_bytes = 0;
        for file in hash::files(path).map_err(read)? {
            size_bytes += file.metadata().map_err(read)?.len();
        }
        let formats = folder.formats();
        let most = formats.iter().max_by_key(|(_, count)| **count);
        let (config, tokenizer) = (folder.config(), folder.tokenizer());
        let template = folder.chat_template();
        let has_template = !matches!(template, Ok(None));
        let template_fault = template.err().map(|error| chain(&error));
        let name = fs::canonicalize(path).unwrap_or_else(|_| path.to_owned());
        let positions = ModelPositions::of_folder(folder.said(), config.as_ref().ok());
        let (context, unstretched) = window(config.as_ref().ok(), &positions, folder.context());
        let refusal = match (config, tokenizer) {
            (Err(error), _) => Some(error.to_string()),
            (_, Err(error)) => Some(chain(&error)),
            _ => template_fault.clone(),
        };
        Ok(Self {
            name: name
                .file_name()
                .unwrap_or_default()
                .to_string_lossy()
                .into_owned(),
            architecture: folder.architecture().to_owned(),
            size_bytes,
            context: Tokens(context),
            unstretched,
            positions,
            parameters: formats.values().sum(),
            quantisation: most.map_or_else(|| "no weights".to_owned(), |(name, _)| name.clone()),
            tokenizer: "tokenizer.json".to_owned(),
            licence: None,
            refusal,
            has_template,
            template_fault,
            template_absence: folder::template_absence(path),
        })
    }

    /// How most of the weights are stored, e.g. `Q4_1`.
    pub fn quantisation(&self) -> String {
        self.quantisation.clone()
    }
}

impl fmt::Display for Inspection {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "name          {}", self.name)?;
        writeln!(f, "architecture  {}", self.architecture)?;
        writeln!(
            f,
            "parameters    {:.1} million",
            self.parameters as f64 / 1e6
        )?;
        writeln!(
            f,
            "stored as     {}, {:.1} MB",
            self.quantisation,
            self.size_bytes as f64 / 1e6
        )?;
        match (self.context, self.unstretched) {
            (Tokens(0), _) => writeln!(f, "window        not said")?,
            (window, None) => writeln!(f, "window        {window} tokens")?,
            (window, Some(before)) => {
                writeln!(f, "window        {window} tokens, stretched from {before}")?;
            }
        }
        writeln!(f, "{}", self.positions)?;
        writeln!(f, "tokenizer     {}", self.tokenizer)?;
        writeln!(
            f,
            "licence       {}",
            self.licence.as_deref().unwrap_or("not said")
        )?;
        match (self.has_template, &self.template_absence) {
            (true, _) => writeln!(f, "chat template yes")?,
            (false, None) => writeln!(f, "chat template none")?,
            (false, Some(why)) => writeln!(f, "chat template none: {why}")?,
        }
        match &self.refusal {
            // Weights are looked at when it is loaded.
            None => write!(f, "runs here     yes"),
            Some(why) => write!(f, "runs here     no: {why}"),
        }
    }
}

/// The tokenizer that the file at `path` carries.
///
/// # Errors
/// A file that cannot be read, or whose tokenizer we do not build.
pub fn tokenizer(path: &Path) -> Result<Tokenizer, ModelError> {
    if path.is_dir() {
        let tokenizer = ModelFolder::open(path).and_then(|folder| folder.tokenizer());
        return tokenizer.map_err(|source| bad(path, source));
    }
    let (gguf, _) = open(path)?;
    Tokenizer::from_gguf(&gguf).map_err(|source| bad(path, source))
}

/// The window, and the one before RoPE scaling if there is any: the model's own, or, if no engine
/// here runs it, the one in its files (`said`) with their positions.
fn window(
    config: Option<&ModelConfig>,
    positions: &ModelPositions,
    said: u32,
) -> (u32, Option<Tokens>) {
    let tokens = |count: usize| u32::try_from(count).unwrap_or(u32::MAX);
    let (window, before) = match (config, positions) {
        (Some(config), _) => (tokens(config.context), config.unstretched().map(tokens)),
        (None, ModelPositions::Rotary { stretch, .. }) => {
            let stretch = stretch.as_ref();
            let reach = stretch.and_then(|stretch| stretch.window(Tokens(said)));
            let before = stretch.and_then(|stretch| stretch.original);
            (
                reach.map_or(said, |reach| reach.0.max(said)),
                before.map(|before| before.0),
            )
        }
        (None, _) => (said, None),
    };
    (window, before.filter(|before| *before < window).map(Tokens))
}

fn bad(path: &Path, source: impl Into<ModelFileError>) -> ModelError {
    ModelError::Bad {
        path: path.to_owned(),
        source: Box::new(source.into().on_one_line()),
    }
}

/// The chat template of the model at `path`.
///
/// # Errors
/// A file that cannot be read, or a template that does not render.
pub fn chat_template(path: &Path) -> Result<Option<ChatTemplate>, ModelError> {
    if path.is_dir() {
        let template = ModelFolder::open(path).and_then(|folder| folder.chat_template());
        return template.map_err(|source| bad(path, source));
    }
    let (gguf, _) = open(path)?;
    let Some(source) = gguf.str("tokenizer.chat_template") else {
        return Ok(None);
    };
    let tokenizer = Tokenizer::from_gguf(&gguf).map_err(|source| bad(path, source))?;
    let template = ChatTemplate::new(source, tokenizer.bos(), tokenizer.eos());
    template.map(Some).map_err(|source| bad(path, source))
}

/// The text of the chat template of the model at `path`, as it stands there.
///
/// # Errors
/// A file that cannot be read.
pub fn template_source(path: &Path) -> Result<Option<String>, ModelError> {
    if path.is_dir() {
        return folder::template(path).map_err(|source| bad(path, source));
    }
    let (gguf, _) = open(path)?;
    Ok(gguf.str("tokenizer.chat_template").map(str::to_owned))
}

/// Why the model at `path` has no chat template that is taken; nothing where it has one.
///
/// # Errors
/// A file that cannot be read.
pub fn template_absence(path: &Path) -> Result<Option<String>, ModelError> {
    if template_source(path)?.is_some() {
        return Ok(None);
    }
    let several = path.is_dir().then(|| folder::template_absence(path));
    let none = || match path.is_dir() {
        true => "neither `chat_template.jinja` nor `tokenizer_config.json` holds one".to_owned(),
        false => "the file has no `tokenizer.chat_template`".to_owned(),
    };
    Ok(Some(several.flatten().unwrap_or_else(none)))
}

/// What is wrong, without the words that [`ModelError::Bad`] puts before it.
fn unnamed(path: &Path, told: String) -> String {
    let before = bad(path, ModelFileError::Apart(String::new())).to_string();
    let rest = told
        .strip_prefix(&before)
        .map(|rest| rest.trim_start_matches(": "));
    rest.map(str::to_owned).unwrap_or(told)
}

fn open(path: &Path) -> Result<(Gguf, u64), ModelError> {
    let read = |source| ModelError::Read {
        path: path.to_owned(),
        source,
    };
    let file = named_file::open(path).map_err(read)?;
    let size = file.metadata().map_err(read)?.len();
    let gguf = Gguf::read(&mut BufReader::new(file));
    let gguf = gguf.map_err(|source| bad(path, source))?;
    Ok((gguf, size))
}
