//! What is known here of the model behind an endpoint: its tokenizer, its chat template, the size
//! of its cache.

use std::collections::BTreeMap;
use std::io::BufReader;
use std::path::{Path, PathBuf};

use fathom_kernels::model::config::ModelConfig;
use fathom_kernels::model::gguf::{Gguf, GgufValue};
use fathom_kernels::model::tokenizer::tiktoken::TiktokenEncoding;
use fathom_shared::prompt::{ChatError, ChatTemplate};
use fathom_shared::tokens::Tokens;
use serde_json::Value as Json;

use crate::config::{Endpoint, EndpointApi};
use crate::data::folder::{special_tokens, template, template_absence};
use crate::data::models::{ModelError, ModelStore};
use crate::named_file::{self, SMALL};
use crate::tokenizer::{CountingTokenizer, TokenizerSpecError, resolve};

/// Why the model's words are not known.
#[derive(Debug, thiserror::Error)]
pub enum EndpointTokenizerError {
    /// The tokenizer.
    #[error("its tokenizer is not there")]
    Tokenizer(#[from] TokenizerSpecError),
    /// The model that carries the tokenizer.
    #[error("its tokenizer is not there")]
    Model(#[from] ModelError),
    /// The file with the template.
    #[error("cannot read its chat template `{}`", path.display())]
    Read {
        /// The file.
        path: PathBuf,
        /// What the system says.
        source: std::io::Error,
    },
    /// The template.
    #[error("its chat template cannot be used")]
    Template(#[from] ChatError),
}

/// Tokenizer, template, sizes.
#[derive(Debug)]
pub(super) struct EndpointTokenizer {
    pub(super) counting: CountingTokenizer,
    pub(super) template: Option<ChatTemplate>,
    /// Why none of several templates is taken.
    pub(super) template_absence: Option<String>,
    /// Bytes that keys and values of a token take at 16 bits.
    pub(super) kv_bytes: Option<u64>,
    bos: String,
}

/// What the files in a tokenizer's folder say.
#[derive(Default)]
struct TokenizerFiles {
    bos: String,
    eos: String,
    /// All special tokens by their names, where a folder says them.
    tokens: BTreeMap<String, String>,
    template: Option<String>,
    /// Why none of several templates is taken.
    template_absence: Option<String>,
    kv_bytes: Option<u64>,
}

impl EndpointTokenizer {
    pub(super) fn load(
        endpoint: &Endpoint,
        models: &ModelStore,
    ) -> Result<Self, EndpointTokenizerError> {
        let spec = &endpoint.tokenizer;
        let counting = resolve(spec, models)?;
        let around = if TiktokenEncoding::find(spec).is_some() {
            TokenizerFiles::default()
        } else if spec.ends_with(".json") {
            TokenizerFiles::of_folder(Path::new(spec).parent().unwrap_or(Path::new("")))
        } else if spec.ends_with(".gguf") {
            TokenizerFiles::of_gguf(Path::new(spec))
        } else {
            let path = models.files_of(spec)?.path;
            match path.is_dir() {
                true => TokenizerFiles::of_folder(&path),
                false => TokenizerFiles::of_gguf(&path),
            }
        };
        let source = match &endpoint.chat_template {
            Some(path) => Some(named_file::read_text(path, SMALL).map_err(|source| {
                EndpointTokenizerError::Read {
                    path: path.clone(),
                    source,
                }
            })?),
            None => around.template,
        };
        let ours = source.filter(|_| endpoint.api == EndpointApi::Completions);
        let template = ours
            .map(|source| {
                let mut tokens = around.tokens;
                for (key, token) in [("bos_token", &around.bos), ("eos_token", &around.eos)] {
                    tokens
                        .entry(key.to_owned())
                        .or_insert_with(|| token.clone());
                }
                ChatTemplate::with_tokens(&source, tokens)
            })
            .transpose()?;
        Ok(Self {
            counting,
            template,
            template_absence: around.template_absence,
            kv_bytes: endpoint.kv_bytes_per_token.or(around.kv_bytes),
            bos: around.bos,
        })
    }

    /// The length of a prompt, special tokens of the template included.
    pub(super) fn prompt_tokens(&self, prompt: &str) -> Tokens {
        let count = self.counting.prompt_tokens(prompt);
        Tokens(u32::try_from(count).unwrap_or(u32::MAX))
    }

    /// The length of an answer.
    pub(super) fn count(&self, text: &str) -> Tokens {
        self.counting.counter().count(text)
    }

    /// Whether a prompt brings the token that begins a text with it.
    pub(super) fn begins(&self, prompt: &str) -> bool {
        !self.bos.is_empty() && prompt.starts_with(&self.bos)
    }
}

impl TokenizerFiles {
    fn of_gguf(path: &Path) -> Self {
        // The tokenizer was read from this file: what fails here is not in it.
        let read = named_file::open(path).ok();
        let Some(gguf) = read.and_then(|file| Gguf::read(&mut BufReader::new(file)).ok()) else {
            return Self::default();
        };
        let tokens: &[String] = match gguf.get("tokenizer.ggml.tokens") {
            Some(GgufValue::Strs(tokens)) => tokens,
            _ => &[],
        };
        let spelling = |key: &str| {
            let id = gguf.uint(key).and_then(|id| usize::try_from(id).ok());
            id.and_then(|id| tokens.get(id).cloned())
                .unwrap_or_default()
        };
        let config = ModelConfig::from_gguf(&gguf).ok();
        Self {
            bos: spelling("tokenizer.ggml.bos_token_id"),
            eos: spelling("tokenizer.ggml.eos_token_id"),
            tokens: BTreeMap::new(),
            template: gguf.str("tokenizer.chat_template").map(str::to_owned),
            template_absence: None,
            kv_bytes: config.map(|c| kv_bytes(c.layers, c.kv_heads, c.head_dim)),
        }
    }

    /// Hugging Face's files beside a tokenizer.json.
    fn of_folder(folder: &Path) -> Self {
        let read = |name: &str| -> Json {
            let text = named_file::read(&folder.join(name), SMALL).unwrap_or_default();
            serde_json::from_slice(&text).unwrap_or_default()
        };
        let said = read("tokenizer_config.json");
        let spelling = |key: &str| {
            let token = said.get(key);
            let plain = token.and_then(Json::as_str);
            let content = || token?.get("content")?.as_str();
            plain.or_else(content).unwrap_or_default().to_owned()
        };
        let config = read("config.json");
        let number = |key: &str| usize::try_from(config.get(key)?.as_u64()?).ok();
        let sizes = || {
            let heads = number("num_attention_heads")?;
            let head_dim = number("head_dim").or_else(|| number("hidden_size")?.checked_div(heads));
            let kv_heads = number("num_key_value_heads").unwrap_or(heads);
            Some(kv_bytes(number("num_hidden_layers")?, kv_heads, head_dim?))
        };
        Self {
            bos: spelling("bos_token"),
            eos: spelling("eos_token"),
            template: template(folder).ok().flatten(),
            template_absence: template_absence(folder),
            tokens: special_tokens(folder).unwrap_or_default(),
            kv_bytes: sizes(),
        }
    }
}

/// Keys and values × layers × heads × values of 16 bits.
fn kv_bytes(layers: usize, kv_heads: usize, head_dim: usize) -> u64 {
    [layers, kv_heads, head_dim]
        .into_iter()
        .fold(4, |bytes: u64, size| bytes.saturating_mul(size as u64))
}
