//! `--tokenizer SPEC`: turns a name or a file into a token counter.

use std::fmt;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use fathom_kernels::model::tokenizer::Tokenizer;
use fathom_kernels::model::tokenizer::tiktoken::{Tiktoken, TiktokenEncoding};
use fathom_shared::tokens::TokenCounter;

use crate::data::child_process;
use crate::data::models::{ModelError, ModelStore};
use crate::named_file::{self, SMALL};

/// Why no tokenizer was found.
#[derive(Debug, thiserror::Error)]
pub enum TokenizerSpecError {
    /// It is neither a known name nor a file.
    #[error(
        "`{got}` is not a tokenizer: expected cl100k_base, o200k_base, the id of a model on this machine, or the path of a tokenizer.json or .gguf file"
    )]
    Unknown {
        /// The requested tokenizer.
        got: String,
        /// Why it is not a model either.
        source: ModelError,
    },
    /// The GGUF file or its tokenizer is unusable.
    #[error(transparent)]
    Model(#[from] ModelError),
    /// A bundled vocabulary is unusable.
    #[error(transparent)]
    Ours(#[from] fathom_kernels::model::tokenizer::TokenizerError),
    /// The tokenizer.json file is unusable.
    #[error("`{}` is not a tokenizer.json that we read: {reason}", path.display())]
    Json {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        reason: String,
    },
}

/// A tokenizer that counts tokens. Cheap to clone; each thread makes its own [`TokenCounter`].
#[derive(Clone, Debug)]
pub struct CountingTokenizer {
    name: String,
    kind: TokenizerKind,
}

#[derive(Clone)]
enum TokenizerKind {
    Tiktoken(Arc<Tiktoken>),
    Model(Arc<Tokenizer>),
}

impl fmt::Debug for TokenizerKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Tiktoken(_) => "Tiktoken",
            Self::Model(_) => "Model",
        })
    }
}

impl CountingTokenizer {
    /// A model's own tokenizer.
    pub fn of_model(name: &str, tokenizer: Arc<Tokenizer>) -> Self {
        let kind = TokenizerKind::Model(tokenizer);
        let name = name.to_owned();
        Self { name, kind }
    }

    /// The token ids of a prompt, in which special tokens are recognised; `None` for OpenAI's
    /// vocabularies.
    pub fn ids(&self, prompt: &str) -> Option<Vec<u32>> {
        match &self.kind {
            TokenizerKind::Tiktoken(_) => None,
            TokenizerKind::Model(tokenizer) => Some(tokenizer.encode(prompt)),
        }
    }

    /// The number of tokens in a prompt, in which special tokens are recognised.
    pub fn prompt_tokens(&self, prompt: &str) -> usize {
        match &self.kind {
            TokenizerKind::Tiktoken(bpe) => bpe.count(prompt),
            TokenizerKind::Model(tokenizer) => tokenizer.encode(prompt).len(),
        }
    }

    /// A counter for one thread.
    pub fn counter(&self) -> TokenCounter<'static> {
        match &self.kind {
            TokenizerKind::Tiktoken(bpe) => tiktoken(&self.name, bpe),
            TokenizerKind::Model(tokenizer) => of_model(&self.name, tokenizer),
        }
    }
}

/// Finds the tokenizer that `spec` names. It counts special tokens within a text as ordinary text.
///
/// # Errors
/// [`TokenizerSpecError`], naming the requested tokenizer.
pub fn resolve(spec: &str, models: &ModelStore) -> Result<CountingTokenizer, TokenizerSpecError> {
    if let Some(encoding) = TiktokenEncoding::find(spec) {
        let list: &[u8] = match encoding {
            TiktokenEncoding::Cl100kBase => {
                include_bytes!(concat!(env!("OUT_DIR"), "/cl100k_base.tokens"))
            }
            TiktokenEncoding::O200kBase => {
                include_bytes!(concat!(env!("OUT_DIR"), "/o200k_base.tokens"))
            }
        };
        return Ok(CountingTokenizer {
            name: spec.to_owned(),
            kind: TokenizerKind::Tiktoken(Arc::new(Tiktoken::new(encoding, list)?)),
        });
    }
    let path = Path::new(spec);
    if spec.ends_with(".json") {
        return Ok(CountingTokenizer::of_model(spec, Arc::new(json(path)?)));
    }
    if path.exists()
        && !path.is_dir()
        && let Err(error) = named_file::open(path)
    {
        return Err(TokenizerSpecError::Json {
            path: path.to_owned(),
            reason: error.to_string(),
        });
    }
    let path = if spec.ends_with(".gguf") {
        path.to_owned()
    } else {
        let found = models.files_of(spec);
        found
            .map_err(|source| TokenizerSpecError::Unknown {
                got: spec.to_owned(),
                source,
            })?
            .path
    };
    let tokenizer = crate::data::inspect::tokenizer(&path)?;
    Ok(CountingTokenizer::of_model(spec, Arc::new(tokenizer)))
}

fn of_model(name: &str, tokenizer: &Arc<Tokenizer>) -> TokenCounter<'static> {
    let (count, starts) = (Arc::clone(tokenizer), Arc::clone(tokenizer));
    let counter = TokenCounter::new(
        name,
        move |text| count.count(text),
        move |text| starts.starts(text),
    );
    match tokenizer.cuts_words() {
        Some(whole) => counter.in_parts(whole),
        None => counter,
    }
}

fn tiktoken(name: &str, tokenizer: &Arc<Tiktoken>) -> TokenCounter<'static> {
    let (count, starts) = (Arc::clone(tokenizer), Arc::clone(tokenizer));
    TokenCounter::new(
        name,
        move |text| count.count(text),
        move |text| starts.starts(text),
    )
    .in_parts(Vec::new())
}

fn json(path: &Path) -> Result<Tokenizer, TokenizerSpecError> {
    let bytes = || named_file::read(path, SMALL * 16).map_err(|error| error.to_string());
    let read = bytes().and_then(|_| child_process::try_tokenizer(path));
    let read = read.and_then(|()| bytes());
    let read = read.and_then(|bytes| Tokenizer::from_json(&bytes).map_err(|e| e.to_string()));
    read.map_err(|reason| TokenizerSpecError::Json {
        path: path.to_owned(),
        reason,
    })
}
