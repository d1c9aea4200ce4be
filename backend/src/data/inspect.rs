//! A look into a GGUF file, without its weights.

use std::fmt;
use std::fs::File;
use std::io::BufReader;
use std::path::Path;

use fathom_kernels::model::config::Config;
use fathom_kernels::model::gguf::Gguf;
pub use fathom_kernels::model::gguf::GgufError as GgufFault;
use fathom_kernels::model::tokenizer::Tokenizer;
use fathom_shared::prompt::ChatTemplate;
use fathom_shared::tokens::Tokens;

use super::models::ModelError;

/// What a model file holds.
#[derive(Clone, PartialEq, Debug)]
pub struct Inspection {
    /// The name in its metadata.
    pub name: String,
    /// `llama` and the like.
    pub architecture: String,
    /// Size of the file.
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
    /// Looks into the file at `path`.
    ///
    /// # Errors
    /// A file that cannot be read, or that is no GGUF file.
    pub fn of(path: &Path) -> Result<Self, ModelError> {
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
    let (gguf, _) = open(path)?;
    Tokenizer::from_gguf(&gguf).map_err(|source| ModelError::Bad {
        path: path.to_owned(),
        source: GgufFault::Damaged(source.to_string()),
    })
}

/// The chat template that the file at `path` carries.
///
/// # Errors
/// A file that cannot be read, or a template that does not render.
pub fn chat_template(path: &Path) -> Result<Option<ChatTemplate>, ModelError> {
    let (gguf, _) = open(path)?;
    let damaged = |reason: String| ModelError::Bad {
        path: path.to_owned(),
        source: GgufFault::Damaged(reason),
    };
    let Some(source) = gguf.str("tokenizer.chat_template") else {
        return Ok(None);
    };
    let tokenizer = Tokenizer::from_gguf(&gguf).map_err(|e| damaged(e.to_string()))?;
    let template = ChatTemplate::new(source, tokenizer.bos(), tokenizer.eos());
    template.map(Some).map_err(|e| damaged(e.to_string()))
}

fn open(path: &Path) -> Result<(Gguf, u64), ModelError> {
    let read = |source| ModelError::Read {
        path: path.to_owned(),
        source,
    };
    let file = File::open(path).map_err(read)?;
    let size = file.metadata().map_err(read)?.len();
    let gguf = Gguf::read(&mut BufReader::new(file));
    let gguf = gguf.map_err(|source| ModelError::Bad {
        path: path.to_owned(),
        source,
    })?;
    Ok((gguf, size))
}
