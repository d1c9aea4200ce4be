use serde::Deserialize;

use super::*;
use crate::model::gguf::{Gguf, GgufValue};
use crate::model::testing::{gguf, tiny};

/// What `sentencepiece` itself gives; `tests/golden/tokenizer/PROVENANCE.md`.
const PIECES: &str = include_str!("../../../../tests/golden/tokenizer/sentencepiece.json");

#[derive(Deserialize)]
struct Both {
    prefix: Golden,
    plain: Golden,
}

#[derive(Deserialize)]
struct Golden {
    tokens: Vec<String>,
    scores: Vec<f64>,
    kinds: Vec<i64>,
    add_space_prefix: bool,
    texts: Vec<Text>,
}

#[derive(Deserialize)]
struct Text {
    text: String,
    ids: Vec<u32>,
    decoded: String,
}

impl Golden {
    fn gguf(&self, more: &[(&str, GgufValue)]) -> Gguf {
        let mut metadata = vec![
            ("tokenizer.ggml.model", GgufValue::Str("llama".to_owned())),
            (
                "tokenizer.ggml.tokens",
                GgufValue::Strs(self.tokens.clone()),
            ),
            (
                "tokenizer.ggml.scores",
                GgufValue::Floats(self.scores.clone()),
            ),
            (
                "tokenizer.ggml.token_type",
                GgufValue::Ints(self.kinds.clone()),
            ),
            ("tokenizer.ggml.bos_token_id", GgufValue::Int(1)),
            ("tokenizer.ggml.eos_token_id", GgufValue::Int(2)),
            (
                "tokenizer.ggml.add_space_prefix",
                GgufValue::Int(i64::from(self.add_space_prefix)),
            ),
        ];
        metadata.extend(more.iter().cloned());
        Gguf::header(&gguf(&metadata, &[])).unwrap()
    }
}

#[test]
fn pieces_are_those_of_sentencepiece() {
    let both: Both = serde_json::from_str(PIECES).unwrap();
    for golden in [both.prefix, both.plain] {
        let silent = ("tokenizer.ggml.add_bos_token", GgufValue::Int(0));
        let tokenizer = Tokenizer::from_gguf(&golden.gguf(&[silent])).unwrap();
        for Text { text, ids, decoded } in &golden.texts {
            assert_eq!(tokenizer.count(text), ids.len(), "{text:?}");
            // In a prompt the spellings of special tokens are these.
            if text.contains("<s>") {
                continue;
            }
            assert_eq!(tokenizer.encode(text), *ids, "{text:?}");
            assert_eq!(tokenizer.decode(ids), *decoded, "{text:?}");
            let bytes: Vec<u8> = ids.iter().flat_map(|id| tokenizer.bytes(*id)).collect();
            let spelled = String::from_utf8(bytes).unwrap();
            let prefix = if golden.add_space_prefix && !text.is_empty() {
                " "
            } else {
                ""
            };
            // SentencePiece takes its own mark in a text for a space.
            let read = text.replace('\u{2581}', " ");
            assert_eq!(spelled, format!("{prefix}{read}"));
            let mut stream = tokenizer.decoder();
            let mut streamed: String = ids.iter().filter_map(|id| stream.push(*id)).collect();
            streamed.extend(stream.finish());
            assert_eq!(streamed, *decoded, "{text:?}");
        }
        let begins = Tokenizer::from_gguf(&golden.gguf(&[])).unwrap();
        assert_eq!(
            begins.encode("the")[0],
            1,
            "a file that is silent begins texts"
        );
        assert_eq!((begins.bos(), begins.eos()), ("<s>", "</s>"));
        assert_eq!(begins.encode("<s>the</s>").last(), Some(&2));
        assert!(begins.is_end(2));
    }
}

fn says(change: &[(&str, GgufValue)]) -> String {
    let read = Gguf::header(&tiny(change)).unwrap();
    Tokenizer::from_gguf(&read).unwrap_err().to_string()
}

#[test]
fn a_cut_that_is_not_named_is_refused() {
    let text = |text: &str| GgufValue::Str(text.to_owned());
    let pre = "tokenizer.ggml.pre";
    for (got, shown) in [("default", "`default`"), ("", "missing")] {
        let error = says(&[(pre, text(got))]);
        assert!(error.contains(&format!("(`{pre}` is {shown})")), "{error}");
    }
    assert!(says(&[(pre, text("viking"))]).contains("`viking`"));
    for name in [
        "deepseek-r1-qwen",
        "llama3",
        "llama-v3",
        "smaug-bpe",
        "falcon3",
        "tekken",
        "qwen35",
        "llama4",
        "deepseek-v3",
    ] {
        let read = Gguf::header(&tiny(&[(pre, text(name))])).unwrap();
        let tokenizer = Tokenizer::from_gguf(&read).unwrap();
        assert_eq!(
            tokenizer
                .decode(&tokenizer.encode("the 1234567"))
                .trim_start_matches("<s>"),
            "the 1234567",
            "{name}"
        );
    }
    assert!(says(&[("tokenizer.ggml.model", text("t5"))]).contains("`t5`"));
}

#[test]
fn ids_are_held_against_the_vocabulary() {
    let error = says(&[("tokenizer.ggml.bos_token_id", GgufValue::Int(9999))]);
    assert_eq!(
        error,
        "the GGUF file's `tokenizer.ggml.bos_token_id` is 9999, expected below 259, the number of its tokens"
    );
    let none = [(
        "tokenizer.ggml.bos_token_id",
        GgufValue::Int(i64::from(u32::MAX)),
    )];
    let read = Gguf::header(&tiny(&none)).unwrap();
    assert_eq!(Tokenizer::from_gguf(&read).unwrap().bos(), "");
}

#[test]
fn what_fails_on_a_text_is_refused_at_once() {
    let whole = Gguf::header(&tiny(&[])).unwrap();
    let json = Tokenizer::from_gguf(&whole).unwrap().to_json().unwrap();
    // An expression that tries without end, and one that cannot be read.
    for expression in [r"(\\s|[^x])*(a+)+(?=b)b", "("] {
        let split = format!(
            r#"{{"type":"Split","pattern":{{"Regex":"{expression}"}},"behavior":"Isolated","invert":false}}"#
        );
        let mut file: serde_json::Value = serde_json::from_str(&json).unwrap();
        file["pre_tokenizer"] = serde_json::from_str(&split).unwrap();
        let begun = std::time::Instant::now();
        let read = Tokenizer::from_json(file.to_string().as_bytes());
        assert!(begun.elapsed() < std::time::Duration::from_secs(20));
        if let Ok(tokenizer) = read {
            assert!(!tokenizer.encode("aaaa bbbb").is_empty());
        }
    }
}

#[test]
fn a_vocabulary_that_drops_letters_is_refused() {
    let whole = Gguf::header(&tiny(&[])).unwrap();
    let json = Tokenizer::from_gguf(&whole).unwrap().to_json().unwrap();
    let mut file: serde_json::Value = serde_json::from_str(&json).unwrap();
    file["model"]["vocab"] = serde_json::json!({});
    file["model"]["merges"] = serde_json::json!([]);
    let refused = Tokenizer::from_json(file.to_string().as_bytes()).unwrap_err();
    let told = refused.to_string();
    assert!(
        told.contains("26 of the 26 letters from a to z leave no token"),
        "{told}"
    );
}
