//! Tokens as OpenAI writes them.

use std::fmt::Write;

use fathom_kernels::model::tokenizer::Tokenizer;
use serde_json::{Map, Value, json};

use crate::engine::TokenLogprob;

/// A token's text, and how likely it was.
#[derive(Clone, PartialEq, Debug)]
pub(super) struct TokenText {
    bytes: Vec<u8>,
    offset: usize,
    logprob: Option<f64>,
    top: Vec<(Vec<u8>, f64)>,
}

impl TokenText {
    /// Spells `tokens`; `shift` is added to the offsets at which their texts begin.
    pub(super) fn all(tokens: &[TokenLogprob], tokenizer: &Tokenizer, shift: usize) -> Vec<Self> {
        let spell = |token: &TokenLogprob| {
            let top = token.top.iter();
            Self {
                bytes: tokenizer.bytes(token.id),
                offset: shift + token.offset,
                logprob: token.logprob,
                top: top
                    .map(|(id, logprob)| (tokenizer.bytes(*id), *logprob))
                    .collect(),
            }
        };
        tokens.iter().map(spell).collect()
    }
}

/// As completions have them. The token itself is always among the likeliest, even where it was
/// not; the first token of a prompt has neither.
pub(super) fn of_completion(tokens: &[TokenText]) -> Value {
    let top = |token: &TokenText| {
        let own = token.logprob?;
        let mut likeliest: Map<String, Value> = token
            .top
            .iter()
            .map(|(bytes, logprob)| (text(bytes), json!(logprob)))
            .collect();
        likeliest.insert(text(&token.bytes), json!(own));
        Some(likeliest)
    };
    json!({
        "tokens": tokens.iter().map(|token| text(&token.bytes)).collect::<Vec<_>>(),
        "token_logprobs": tokens.iter().map(|token| token.logprob).collect::<Vec<_>>(),
        "top_logprobs": tokens.iter().map(top).collect::<Vec<_>>(),
        "text_offset": tokens.iter().map(|token| token.offset).collect::<Vec<_>>(),
    })
}

/// As chat completions have them.
pub(super) fn of_chat(tokens: &[TokenText]) -> Value {
    let one = |bytes: &[u8], logprob: Option<f64>| json!({"token": text(bytes), "logprob": logprob, "bytes": bytes});
    let content = tokens.iter().map(|token| {
        let mut whole = one(&token.bytes, token.logprob);
        let top = token.top.iter();
        whole["top_logprobs"] = top
            .map(|(bytes, logprob)| one(bytes, Some(*logprob)))
            .collect();
        whole
    });
    json!({"content": content.collect::<Vec<_>>(), "refusal": null})
}

/// Bytes that are no whole characters are written as OpenAI does: `bytes:\xe2\x82`.
fn text(bytes: &[u8]) -> String {
    if let Ok(text) = str::from_utf8(bytes) {
        return text.to_owned();
    }
    let mut text = "bytes:".to_owned();
    for byte in bytes {
        // Writing into a text does not fail.
        let _written = write!(text, "\\x{byte:02x}");
    }
    text
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn parts_of_characters_and_the_unlikely_choice() {
        let token = TokenText {
            bytes: vec![0xe2, 0x82],
            offset: 3,
            logprob: Some(-4.0),
            top: vec![(b" a".to_vec(), -0.5)],
        };
        assert_eq!(
            of_completion(std::slice::from_ref(&token)),
            json!({
                "tokens": ["bytes:\\xe2\\x82"], "token_logprobs": [-4.0],
                "top_logprobs": [{" a": -0.5, "bytes:\\xe2\\x82": -4.0}], "text_offset": [3],
            })
        );
        assert_eq!(
            of_chat(&[token])["content"][0]["top_logprobs"],
            json!([{"token": " a", "logprob": -0.5, "bytes": [32, 97]}])
        );
    }
}
