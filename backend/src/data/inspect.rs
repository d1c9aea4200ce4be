//! A look into a model's files, without their weights.

use std::fmt;
use std::fs::File;
use std::io::BufReader;
use std::path::Path;

use fathom_kernels::model::config::Config;
use fathom_kernels::model::gguf::{Gguf, GgufError};
use fathom_kernels::model::tokenizer::{Tokenizer, TokenizerError};
use fathom_shared::prompt::{ChatError, ChatTemplate};
use fathom_shared::tokens::Tokens;

use super::folder::{Folder, FolderError};
use super::hash;
use super::models::ModelError;

/// What is wrong with a model's files.
#[derive(Debug, thiserror::Error)]
pub enum Fault {
    /// The GGUF file.
    #[error(transparent)]
    Gguf(#[from] GgufError),
    /// The folder.
    #[error(transparent)]
    Folder(#[from] FolderError),
    /// The tokenizer of either.
    #[error(transparent)]
    Tokenizer(#[from] TokenizerError),
    /// The chat template of either.
    #[error(transparent)]
    Template(#[from] ChatError),
}

/// What a model's files hold.
#[derive(Clone, PartialEq, Debug)]
pub struct Inspection {
    /// The name in its metadata.
    pub name: String,
    /// `llama` and the like.
    pub architecture: String,
    /// Size of the files.
    pub size_bytes: u64,
    /// The context it was trained for.
    pub context: Tokens,
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
}

impl Inspection {
    /// Looks into the GGUF file or the Hugging Face folder at `path`.
    ///
    /// # Errors
    /// A file that cannot be read, or that is no model's.
    pub fn of(path: &Path) -> Result<Self, ModelError> {
        if path.is_dir() {
            return Self::of_folder(path);
        }
        let (gguf, size_bytes) = open(path)?;
        let context = gguf.uint(&format!("{}.context_length", gguf.architecture()));
        let context = context
            .and_then(|n| u32::try_from(n).ok())
            .unwrap_or_default();
        let weights = |shape: &[usize]| shape.iter().map(|n| *n as u64).product::<u64>();
        let text = |key: &str| gguf.str(key).unwrap_or("none").to_owned();
        let refusal = match (Config::from_gguf(&gguf), Tokenizer::from_gguf(&gguf)) {
            (Err(error), _) => Some(error.to_string()),
            (_, Err(error)) => Some(error.to_string()),
            _ => None,
        };
        Ok(Self {
            name: gguf.name().to_owned(),
            architecture: gguf.architecture().to_owned(),
            size_bytes,
            context: Tokens(context),
            parameters: gguf
                .tensors()
                .iter()
                .map(|tensor| weights(&tensor.shape))
                .sum(),
            quantisation: gguf.quantisation(),
            tokenizer: format!(
                "{}, {}",
                text("tokenizer.ggml.model"),
                text("tokenizer.ggml.pre")
            ),
            licence: gguf.str("general.license").map(str::to_owned),
            refusal,
        })
    }

    fn of_folder(path: &Path) -> Result<Self, ModelError> {
        let read = |source| ModelError::Read {
            path: path.to_owned(),
            source,
        };
        let folder = Folder::open(path).map_err(|source| bad(path, source))?;
        let mut size_bytes = 0;
        for file in hash::files(path).map_err(read)? {
            size_bytes += file.metadata().map_err(read)?.len();
        }
        let formats = folder.formats();
        let most = formats.iter().max_by_key(|(_, count)| **count);
        let refusal = match (folder.config(), folder.tokenizer()) {
            (Err(error), _) => Some(error.to_string()),
            (_, Err(error)) => Some(error.to_string()),
            _ => None,
        };
        Ok(Self {
            name: path
                .file_name()
                .unwrap_or_default()
                .to_string_lossy()
                .into_owned(),
            architecture: folder.architecture().to_owned(),
            size_bytes,
            context: Tokens(folder.context()),
            parameters: formats.values().sum(),
            quantisation: most.map_or_else(|| "no weights".to_owned(), |(name, _)| name.clone()),
            tokenizer: "tokenizer.json".to_owned(),
            licence: None,
            refusal,
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
        writeln!(f, "context       {} tokens", self.context)?;
        writeln!(f, "tokenizer     {}", self.tokenizer)?;
        writeln!(
            f,
            "licence       {}",
            self.licence.as_deref().unwrap_or("not said")
        )?;
        match &self.refusal {
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
        let tokenizer = Folder::open(path).and_then(|folder| folder.tokenizer());
        return tokenizer.map_err(|source| bad(path, source));
    }
    let (gguf, _) = open(path)?;
    Tokenizer::from_gguf(&gguf).map_err(|source| bad(path, source))
}

fn bad(path: &Path, source: impl Into<Fault>) -> ModelError {
    ModelError::Bad {
        path: path.to_owned(),
        source: Box::new(source.into()),
    }
}

/// The chat template of the model at `path`.
///
/// # Errors
/// A file that cannot be read, or a template that does not render.
pub fn chat_template(path: &Path) -> Result<Option<ChatTemplate>, ModelError> {
    let Some(source) = template_source(path)? else {
        return Ok(None);
    };
    let tokenizer = tokenizer(path)?;
    let template = ChatTemplate::new(&source, tokenizer.bos(), tokenizer.eos());
    template.map(Some).map_err(|source| bad(path, source))
}

/// The text of the chat template of the model at `path`, as it stands there.
///
/// # Errors
/// A file that cannot be read.
pub fn template_source(path: &Path) -> Result<Option<String>, ModelError> {
    if path.is_dir() {
        let template = Folder::open(path).and_then(|folder| folder.template());
        return template.map_err(|source| bad(path, source));
    }
    let (gguf, _) = open(path)?;
    Ok(gguf.str("tokenizer.chat_template").map(str::to_owned))
}

fn open(path: &Path) -> Result<(Gguf, u64), ModelError> {
    let read = |source| ModelError::Read {
        path: path.to_owned(),
        source,
    };
    let file = File::open(path).map_err(read)?;
    let size = file.metadata().map_err(read)?.len();
    let gguf = Gguf::read(&mut BufReader::new(file));
    let gguf = gguf.map_err(|source| bad(path, source))?;
    Ok((gguf, size))
}
