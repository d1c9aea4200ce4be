//! `--tokenizer SPEC`: from a name or a file to a [`Counter`].

use std::path::{Path, PathBuf};
use std::sync::Arc;

use fathom_kernels::model::tokenizer::Tokenizer;
use fathom_shared::tokens::Counter;
use tiktoken_rs::CoreBPE;

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
    /// The tokenizer.json file.
    #[error("`{}` is not a tokenizer.json that we read: {reason}", path.display())]
    Json {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        reason: String,
    },
}

/// Finds the tokenizer that `spec` names. Special tokens within a text are ordinary text to it.
///
/// # Errors
/// [`TokenizerError`], naming what was asked for.
pub fn resolve(spec: &str, models: &Models) -> Result<Counter<'static>, TokenizerError> {
    match spec {
        "cl100k_base" => return Ok(tiktoken(spec, tiktoken_rs::cl100k_base_singleton())),
        "o200k_base" => return Ok(tiktoken(spec, tiktoken_rs::o200k_base_singleton())),
        _ => {}
    }
    let path = Path::new(spec);
    if spec.ends_with(".json") {
        return json(path);
    }
    let path = if spec.ends_with(".gguf") {
        path.to_owned()
    } else {
        let found = models.find(spec);
        found
            .map_err(|source| TokenizerError::Unknown {
                got: spec.to_owned(),
                source,
            })?
            .path
    };
    let tokenizer = crate::data::inspect::tokenizer(&path)?;
    Ok(of_model(spec, Arc::new(tokenizer)))
}

/// The counter of a model's own tokenizer.
pub fn of_model(name: &str, tokenizer: Arc<Tokenizer>) -> Counter<'static> {
    let starts = Arc::clone(&tokenizer);
    Counter::new(
        name,
        move |text| tokenizer.count(text),
        move |text| starts.starts(text),
    )
}

fn tiktoken(name: &str, bpe: &'static CoreBPE) -> Counter<'static> {
    Counter::new(
        name,
        |text| bpe.count_ordinary(text),
        |text| {
            let ids = bpe.encode_ordinary(text);
            let mut at = 0;
            ids.iter()
                .map(|id| {
                    let start = at;
                    // Ids that the tokenizer gave it can take back.
                    at += bpe.decode_bytes(&[*id]).map_or(0, |bytes| bytes.len());
                    start
                })
                .collect()
        },
    )
}

fn json(path: &Path) -> Result<Counter<'static>, TokenizerError> {
    let read = tokenizers::Tokenizer::from_file(path);
    let mut tokenizer = read.map_err(|reason| TokenizerError::Json {
        path: path.to_owned(),
        reason: reason.to_string(),
    })?;
    // A file may ask to cut or fill texts for a model's input; a length is a length.
    let uncut = tokenizer.with_truncation(None).is_ok();
    debug_assert!(uncut, "no truncation is always possible");
    tokenizer.with_padding(None);
    let tokenizer = Arc::new(tokenizer);
    let other = Arc::clone(&tokenizer);
    let encode = |tokenizer: &tokenizers::Tokenizer, text: &str| {
        // A tokenizer without a token for unknown text has no length for it.
        tokenizer.encode(text, false).ok()
    };
    Ok(Counter::new(
        path.display().to_string(),
        move |text| encode(&tokenizer, text).map_or(0, |ids| ids.len()),
        move |text| {
            encode(&other, text).map_or_else(Vec::new, |ids| {
                ids.get_offsets().iter().map(|(start, _)| *start).collect()
            })
        },
    ))
}
