//! The tokenizer that a GGUF file carries, said again as a `tokenizer.json`.

use serde_json::{Value as Json, json};

use super::family::{LLAMA_3, QWEN_2};
use super::{Tokenizer, TokenizerError};
use crate::model::gguf::{Gguf, Value};

impl Tokenizer {
    /// Builds the tokenizer that a GGUF file carries: byte-level BPE.
    ///
    /// # Errors
    /// [`TokenizerError`].
    pub fn from_gguf(gguf: &Gguf) -> Result<Self, TokenizerError> {
        let spellings = strings(gguf, "tokenizer.ggml.tokens")?;
        let embedding = gguf.info("token_embd.weight").map(|info| info.shape[0]);
        if let Some(want) = embedding.ok().filter(|rows| *rows != spellings.len()) {
            let got = spellings.len();
            return Err(TokenizerError::Vocabulary { got, want });
        }
        let before = Before::of(gguf)?;
        let mut tokenizer = Self::from_json(file(gguf, spellings, before)?.to_string().as_bytes())?;
        let id = |key: &str| gguf.uint(key).and_then(|id| u32::try_from(id).ok());
        let spelling = |id: Option<u32>| {
            id.and_then(|id| spellings.get(id as usize))
                .cloned()
                .unwrap_or_default()
        };
        let (bos, eos) = (
            id("tokenizer.ggml.bos_token_id"),
            id("tokenizer.ggml.eos_token_id"),
        );
        tokenizer.ends.extend(eos);
        tokenizer.ends.extend(id("tokenizer.ggml.eot_token_id"));
        tokenizer.bos = spelling(bos);
        tokenizer.eos = spelling(eos);
        let add_bos = match gguf.uint("tokenizer.ggml.add_bos_token") {
            Some(said) => said == 1,
            // Llama 3's files that are silent come from before the key was.
            None => before == Before::Llama3,
        };
        tokenizer.first = bos.filter(|_| add_bos);
        Ok(tokenizer)
    }
}

/// How a text is cut before anything is merged.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Before {
    Gpt2,
    SmolLm,
    Llama3,
    Qwen2,
}

impl Before {
    fn of(gguf: &Gguf) -> Result<Self, TokenizerError> {
        Ok(match gguf.str("tokenizer.ggml.pre").unwrap_or("default") {
            "default" | "gpt-2" => Self::Gpt2,
            "smollm" => Self::SmolLm,
            "llama-bpe" => Self::Llama3,
            "qwen2" => Self::Qwen2,
            got => {
                let want = "`smollm`, `llama-bpe`, `qwen2`, `gpt-2` or `default`";
                return kind("tokenizer.ggml.pre", got, want);
            }
        })
    }

    fn json(self) -> Json {
        let split = |expression: &str| {
            json!({ "type": "Split", "pattern": { "Regex": expression }, "behavior": "Isolated",
                "invert": false })
        };
        let first = match self {
            Self::Gpt2 => return byte_level(true),
            Self::SmolLm => json!({ "type": "Digits", "individual_digits": true }),
            Self::Llama3 => split(LLAMA_3),
            Self::Qwen2 => split(QWEN_2),
        };
        let second = byte_level(self == Self::SmolLm);
        json!({ "type": "Sequence", "pretokenizers": [first, second] })
    }
}

fn byte_level(own_rule: bool) -> Json {
    json!({ "type": "ByteLevel", "add_prefix_space": false, "trim_offsets": true,
        "use_regex": own_rule })
}

fn strings<'a>(gguf: &'a Gguf, key: &'static str) -> Result<&'a [String], TokenizerError> {
    match gguf.get(key) {
        Some(Value::Strs(strings)) => Ok(strings),
        _ => Err(TokenizerError::Missing { key }),
    }
}

fn kind<T>(key: &'static str, got: &str, want: &'static str) -> Result<T, TokenizerError> {
    let got = got.to_owned();
    Err(TokenizerError::Kind { key, got, want })
}

/// The `tokenizer.json` that says what the metadata say.
fn file(gguf: &Gguf, spellings: &[String], before: Before) -> Result<Json, TokenizerError> {
    let key = "tokenizer.ggml.model";
    let model = gguf.str(key).ok_or(TokenizerError::Missing { key })?;
    if model != "gpt2" {
        return kind(key, model, "`gpt2`, which is byte-level BPE");
    }
    let merges = strings(gguf, "tokenizer.ggml.merges")?;
    let merges: Vec<_> = merges
        .iter()
        .filter_map(|merge| merge.split_once(' '))
        .collect();
    let added: Vec<_> = added(gguf, spellings.len())
        .map(|(id, special)| {
            json!({ "id": id, "content": spellings[id], "special": special, "normalized": false,
                "single_word": false, "lstrip": false, "rstrip": false })
        })
        .collect();
    let vocab: serde_json::Map<_, _> = spellings
        .iter()
        .enumerate()
        .map(|(id, text)| (text.clone(), json!(id)))
        .collect();
    let normalizer = match before {
        Before::Qwen2 => json!({ "type": "NFC" }),
        _ => Json::Null,
    };
    Ok(json!({
        "version": "1.0", "truncation": null, "padding": null, "normalizer": normalizer,
        "post_processor": null, "added_tokens": added, "pre_tokenizer": before.json(),
        "decoder": byte_level(true), "model": { "type": "BPE", "vocab": vocab, "merges": merges,
            "ignore_merges": before == Before::Llama3 },
    }))
}

/// The ids of control and user-defined tokens, kinds 3 and 4 of llama.cpp's table, and whether they
/// are the former: the latter are text that is never cut.
fn added(gguf: &Gguf, count: usize) -> impl Iterator<Item = (usize, bool)> {
    let kinds: &[i64] = match gguf.get("tokenizer.ggml.token_type") {
        Some(Value::Ints(kinds)) => kinds,
        _ => &[],
    };
    let kinds = kinds.iter().take(count).enumerate();
    kinds
        .filter(|(_, kind)| matches!(kind, 3 | 4))
        .map(|(id, kind)| (id, *kind == 3))
}
