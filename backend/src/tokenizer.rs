//! `--tokenizer SPEC`: from a name or a file to who counts the tokens.

use std::fmt;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use fathom_kernels::model::tokenizer::Tokenizer;
use fathom_kernels::model::tokenizer::tiktoken::{Encoding, Tiktoken};
use fathom_shared::tokens::Counter;

use crate::data::apart;
use crate::data::models::{ModelError, Models};

/// Why no tokenizer was found.
#[derive(Debug, thiserror::Error)]
pub enum TokenizerError {
    /// Neither a name nor a file.
    #[error(
        "`{got}` is no tokenizer: expected cl100k_base, o200k_base, the id of a model that is here, or the path of a tokenizer.json or .gguf file"
    )]
    Unknown {
        /// What was asked for.
        got: String,
        /// Why it is no model either.
        source: ModelError,
    },
    /// The GGUF file or its tokenizer.
    #[error(transparent)]
    Model(#[from] ModelError),
    /// A list that comes with Fathom.
    #[error(transparent)]
    Ours(#[from] fathom_kernels::model::tokenizer::TokenizerError),
    /// The tokenizer.json file.
    #[error("`{}` is not a tokenizer.json that we read: {reason}", path.display())]
    Json {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        reason: String,
    },
}

/// A tokenizer that counts; cheap to copy, and every thread makes a [`Counter`] of its own.
#[derive(Clone, Debug)]
pub struct Counting {
    name: String,
    kind: Kind,
}

#[derive(Clone)]
enum Kind {
    Tiktoken(Arc<Tiktoken>),
    Model(Arc<Tokenizer>),
}

impl fmt::Debug for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Tiktoken(_) => "Tiktoken",
            Self::Model(_) => "Model",
        })
    }
}

impl Counting {
    /// A model's own tokenizer.
    pub fn of_model(name: &str, tokenizer: Arc<Tokenizer>) -> Self {
        let kind = Kind::Model(tokenizer);
        let name = name.to_owned();
        Self { name, kind }
    }

    /// The ids of a prompt, in which special tokens are recognised; nothing for OpenAI's lists.
    pub fn ids(&self, prompt: &str) -> Option<Vec<u32>> {
        match &self.kind {
            Kind::Tiktoken(_) => None,
            Kind::Model(tokenizer) => Some(tokenizer.encode(prompt)),
        }
    }

    /// The length of a prompt, in which special tokens are recognised.
    pub fn prompt_tokens(&self, prompt: &str) -> usize {
        match &self.kind {
            Kind::Tiktoken(bpe) => bpe.count(prompt),
            Kind::Model(tokenizer) => tokenizer.encode(prompt).len(),
        }
    }

    /// A counter for one thread.
    pub fn counter(&self) -> Counter<'static> {
        match &self.kind {
            Kind::Tiktoken(bpe) => tiktoken(&self.name, bpe),
            Kind::Model(tokenizer) => of_model(&self.name, tokenizer),
        }
    }
}

/// Finds the tokenizer that `spec` names. Special tokens within a text are ordinary text to it.
///
/// # Errors
/// [`TokenizerError`], naming what was asked for.
pub fn resolve(spec: &str, models: &Models) -> Result<Counting, TokenizerError> {
    if let Some(encoding) = Encoding::find(spec) {
        let list: &[u8] = match encoding {
            Encoding::Cl100kBase => include_bytes!(concat!(env!("OUT_DIR"), "/cl100k_base.tokens")),
            Encoding::O200kBase => include_bytes!(concat!(env!("OUT_DIR"), "/o200k_base.tokens")),
        };
        return Ok(Counting {
            name: spec.to_owned(),
            kind: Kind::Tiktoken(Arc::new(Tiktoken::new(encoding, list)?)),
        });
    }
    let path = Path::new(spec);
    if spec.ends_with(".json") {
        return Ok(Counting::of_model(spec, Arc::new(json(path)?)));
    }
    let path = if spec.ends_with(".gguf") {
        path.to_owned()
    } else {
        let found = models.files_of(spec);
        found
            .map_err(|source| TokenizerError::Unknown {
                got: spec.to_owned(),
                source,
            })?
            .path
    };
    let tokenizer = crate::data::inspect::tokenizer(&path)?;
    Ok(Counting::of_model(spec, Arc::new(tokenizer)))
}

fn of_model(name: &str, tokenizer: &Arc<Tokenizer>) -> Counter<'static> {
    let (count, starts) = (Arc::clone(tokenizer), Arc::clone(tokenizer));
    let counter = Counter::new(
        name,
        move |text| count.count(text),
        move |text| starts.starts(text),
    );
    match tokenizer.cuts_words() {
        Some(whole) => counter.in_parts(whole),
        None => counter,
    }
}

fn tiktoken(name: &str, tokenizer: &Arc<Tiktoken>) -> Counter<'static> {
    let (count, starts) = (Arc::clone(tokenizer), Arc::clone(tokenizer));
    Counter::new(
        name,
        move |text| count.count(text),
        move |text| starts.starts(text),
    )
    .in_parts(Vec::new())
}

fn json(path: &Path) -> Result<Tokenizer, TokenizerError> {
    let read = apart::try_tokenizer(path);
    let read = read.and_then(|()| std::fs::read(path).map_err(|error| error.to_string()));
    let read = read.and_then(|bytes| Tokenizer::from_json(&bytes).map_err(|e| e.to_string()));
    read.map_err(|reason| TokenizerError::Json {
        path: path.to_owned(),
        reason,
    })
}
