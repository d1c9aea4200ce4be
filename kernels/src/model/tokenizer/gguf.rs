//! The tokenizer that a GGUF file carries, said again as a `tokenizer.json`.

use serde_json::{Value as Json, json};

use super::pre_tokenizer::{NamedPreTokenizer, byte_level, named};
use super::sentencepiece::PieceVocabulary;
use super::{Tokenizer, TokenizerError};
use crate::model::gguf::{Gguf, GgufValue};

impl Tokenizer {
    /// Builds the tokenizer that a GGUF file carries: byte-level BPE, or SentencePiece's.
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
        let key = "tokenizer.ggml.model";
        let model = gguf.str(key).ok_or(TokenizerError::Missing { key })?;
        let (json, begins) = match model {
            "gpt2" => {
                let before = before(gguf)?;
                (byte_pairs(gguf, spellings, before)?, before.begins)
            }
            "llama" => (pieces(gguf, spellings)?, true),
            got => {
                let want = "`gpt2`, which is byte-level BPE, or `llama`, which is SentencePiece";
                return kind(key, got, want);
            }
        };
        let mut tokenizer = Self::from_json(json.to_string().as_bytes())?;
        let spelling = |id: Option<u32>| {
            id.and_then(|id| spellings.get(id as usize))
                .cloned()
                .unwrap_or_default()
        };
        let id = |key| id(gguf, key, spellings.len());
        let (bos, eos) = (
            id("tokenizer.ggml.bos_token_id")?,
            id("tokenizer.ggml.eos_token_id")?,
        );
        tokenizer.ends.extend(eos);
        tokenizer.ends.extend(id("tokenizer.ggml.eot_token_id")?);
        tokenizer.bos = spelling(bos);
        tokenizer.eos = spelling(eos);
        let add_bos = match gguf.uint("tokenizer.ggml.add_bos_token") {
            Some(said) => said == 1,
            // Files that are silent come from before the key was.
            None => begins,
        };
        tokenizer.first = bos.filter(|_| add_bos);
        Ok(tokenizer)
    }
}

/// A token's id, where the file says one that is.
fn id(gguf: &Gguf, key: &'static str, tokens: usize) -> Result<Option<u32>, TokenizerError> {
    // Some converters write the largest number for none.
    let Some(got) = gguf.uint(key).filter(|id| *id != u64::from(u32::MAX)) else {
        return Ok(None);
    };
    let id = u32::try_from(got).ok().filter(|id| (*id as usize) < tokens);
    id.map_or(Err(TokenizerError::Id { key, got, tokens }), |id| {
        Ok(Some(id))
    })
}

/// How a text is cut before anything is merged.
fn before(gguf: &Gguf) -> Result<NamedPreTokenizer, TokenizerError> {
    let key = "tokenizer.ggml.pre";
    match gguf.str(key) {
        None | Some("") => Err(TokenizerError::Unnamed { got: "missing" }),
        Some("default") => Err(TokenizerError::Unnamed { got: "`default`" }),
        Some(name) => match named(name) {
            Some(named) => Ok(named),
            None => {
                let want = "the name of a cut that is known here, such as `llama-bpe`, `qwen2`, `tekken`, `gpt-4o`, `deepseek-v3`, `smollm` or `gpt-2`";
                kind(key, name, want)
            }
        },
    }
}

fn strings<'a>(gguf: &'a Gguf, key: &'static str) -> Result<&'a [String], TokenizerError> {
    match gguf.get(key) {
        Some(GgufValue::Strs(strings)) => Ok(strings),
        _ => Err(TokenizerError::Missing { key }),
    }
}

fn kind<T>(key: &'static str, got: &str, want: &'static str) -> Result<T, TokenizerError> {
    let got = got.to_owned();
    Err(TokenizerError::Kind { key, got, want })
}

/// The `tokenizer.json` of a byte-level vocabulary.
fn byte_pairs(
    gguf: &Gguf,
    spellings: &[String],
    before: NamedPreTokenizer,
) -> Result<Json, TokenizerError> {
    let merges = strings(gguf, "tokenizer.ggml.merges")?;
    let merges: Vec<_> = merges
        .iter()
        .filter_map(|merge| merge.split_once(' '))
        .collect();
    let vocab: serde_json::Map<_, _> = spellings
        .iter()
        .enumerate()
        .map(|(id, text)| (text.clone(), json!(id)))
        .collect();
    let normalizer = match before.composes {
        true => json!({ "type": "NFC" }),
        false => Json::Null,
    };
    let added: Vec<_> = added(gguf, spellings, &[(3, true), (4, false)]).collect();
    Ok(json!({
        "version": "1.0", "truncation": null, "padding": null, "normalizer": normalizer,
        "post_processor": null, "added_tokens": added, "pre_tokenizer": before.cut.json(),
        "decoder": byte_level(true), "model": { "type": "BPE", "vocab": vocab, "merges": merges,
            "ignore_merges": before.ignore_merges },
    }))
}

/// The `tokenizer.json` of a SentencePiece vocabulary.
fn pieces(gguf: &Gguf, spellings: &[String]) -> Result<Json, TokenizerError> {
    let key = "tokenizer.ggml.scores";
    let scores = match gguf.get(key) {
        Some(GgufValue::Floats(scores)) if scores.len() == spellings.len() => scores,
        _ => return Err(TokenizerError::Missing { key }),
    };
    let unknown = id(gguf, "tokenizer.ggml.unknown_token_id", spellings.len())?;
    let spaced = gguf.uint("tokenizer.ggml.add_space_prefix").unwrap_or(1) == 1;
    Ok(PieceVocabulary {
        spellings,
        scores,
        unknown: unknown.unwrap_or(0) as usize,
        spaced,
        added: added(gguf, spellings, &[(2, true), (3, true), (4, false)]).collect(),
    }
    .json())
}

/// Tokens of these kinds of llama.cpp's table (2 unknown, 3 control, 4 user-defined: text that is
/// never cut), each with whether it is special.
fn added(
    gguf: &Gguf,
    spellings: &[String],
    wanted: &'static [(i64, bool)],
) -> impl Iterator<Item = Json> {
    let kinds: &[i64] = match gguf.get("tokenizer.ggml.token_type") {
        Some(GgufValue::Ints(kinds)) => kinds,
        _ => &[],
    };
    let kinds = kinds.iter().zip(spellings).enumerate();
    // A token without text would be found everywhere.
    kinds
        .filter(|(_, (_, text))| !text.is_empty())
        .filter_map(|(id, (kind, text))| {
            let (_, special) = wanted.iter().find(|(wanted, _)| wanted == kind)?;
            Some(
                json!({ "id": id, "content": text, "special": special, "normalized": false,
            "single_word": false, "lstrip": false, "rstrip": false }),
            )
        })
}
