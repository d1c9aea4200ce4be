//! How byte-level vocabularies in GGUF files cut a text before anything is merged, by the names that
//! llama.cpp gives them (`tokenizer.ggml.pre`; its `llama-vocab.cpp` says which names are equal).

use serde_json::{Value as Json, json};

use super::family::{LLAMA_3, O200K, QWEN_2};

/// The expression of Qwen 3.5: marks are part of words.
const QWEN_35: &str = r"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?[\p{L}\p{M}]+|\p{N}| ?[^\s\p{L}\p{M}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+";
/// The expression of Mistral's Tekken.
const TEKKEN: &str = r"[^\r\n\p{L}\p{N}]?[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]*[\p{Ll}\p{Lm}\p{Lo}\p{M}]+|[^\r\n\p{L}\p{N}]?[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]+[\p{Ll}\p{Lm}\p{Lo}\p{M}]*|\p{N}| ?[^\s\p{L}\p{N}]+[\r\n/]*|\s*[\r\n]+|\s+(?!\S)|\s+";
/// The expressions of DeepSeek V3, one after the other.
const DEEPSEEK_3: [&str; 3] = [
    r"\p{N}{1,3}",
    "[\u{4e00}-\u{9fa5}\u{3040}-\u{309f}\u{30a0}-\u{30ff}]+",
    r##"[!"#$%&'()*+,\-./:;<=>?@\[\\\]^_`{|}~][A-Za-z]+|[^\r\n\p{L}\p{P}\p{S}]?[\p{L}\p{M}]+| ?[\p{P}\p{S}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+"##,
];

/// A way of cutting.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum PreTokenizer {
    /// By the rule that byte-level pre-tokenizers bring.
    Gpt2,
    /// The same, digits one by one.
    Digits,
    Llama3,
    Qwen2,
    Qwen35,
    O200k,
    Tekken,
    DeepSeek3,
}

/// How a named vocabulary cuts and merges.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) struct NamedPreTokenizer {
    pub(super) cut: PreTokenizer,
    /// A word that is a token is not merged.
    pub(super) ignore_merges: bool,
    /// A text begins with the first token where the file does not say.
    pub(super) begins: bool,
    /// Texts are composed first (NFC).
    pub(super) composes: bool,
}

/// Cut, whether words are tokens at once, whether texts begin with the first token, whether they are
/// composed, and the names.
type PreTokenizerRow = (PreTokenizer, bool, bool, bool, &'static [&'static str]);

#[rustfmt::skip]
const ROWS: [PreTokenizerRow; 11] = [
    (PreTokenizer::Gpt2, false, false, false, &["gpt-2", "phi-2", "jina-es", "jina-de", "jina-v2-es",
        "jina-v2-de", "jina-v1-en", "jina-v2-code", "roberta-bpe", "gigachat", "a.x-4.0", "mellum",
        "modern-bert", "exaone4", "mpt", "olmo", "jais", "trillion", "granite-docling"]),
    (PreTokenizer::Digits, false, false, false, &["smollm", "starcoder", "refact", "command-r", "codeshell",
        "exaone", "minerva-7b", "mellum2"]),
    (PreTokenizer::Llama3, true, true, false, &["llama-bpe", "llama3", "llama-v3", "falcon3", "falcon-h1",
        "pixtral", "midm-2.0", "lfm2", "jina-v5-nano"]),
    (PreTokenizer::Llama3, false, false, false, &["dbrx", "smaug-bpe", "glm4", "chatglm-bpe"]),
    (PreTokenizer::Qwen2, false, false, true, &["qwen2", "deepseek-r1-qwen", "megrez", "kormo", "f2llmv2"]),
    (PreTokenizer::Qwen2, false, false, false, &["stablelm2", "hunyuan", "solar-open"]),
    (PreTokenizer::Qwen35, false, false, true, &["qwen35"]),
    (PreTokenizer::O200k, false, false, false, &["gpt-4o", "llama4", "kanana2", "talkie"]),
    (PreTokenizer::Tekken, true, true, false, &["tekken"]),
    (PreTokenizer::DeepSeek3, false, false, false, &["deepseek-v3", "hunyuan-dense", "joyai-llm"]),
    // By the names of older files.
    (PreTokenizer::Gpt2, false, false, false, &["gpt2"]),
];

/// What llama.cpp means by `name`, where we do it.
pub(super) fn named(name: &str) -> Option<NamedPreTokenizer> {
    let row = ROWS.iter().find(|row| row.4.contains(&name));
    row.map(
        |(cut, ignore_merges, begins, composes, _)| NamedPreTokenizer {
            cut: *cut,
            ignore_merges: *ignore_merges,
            begins: *begins,
            composes: *composes,
        },
    )
}

impl PreTokenizer {
    /// The `pre_tokenizer` of a `tokenizer.json`.
    pub(super) fn json(self) -> Json {
        let split = |expression: &str| {
            json!({ "type": "Split", "pattern": { "Regex": expression }, "behavior": "Isolated",
                "invert": false })
        };
        let mut steps = match self {
            Self::Gpt2 => return byte_level(true),
            Self::Digits => vec![json!({ "type": "Digits", "individual_digits": true })],
            Self::Llama3 => vec![split(LLAMA_3)],
            Self::Qwen2 => vec![split(QWEN_2)],
            Self::Qwen35 => vec![split(QWEN_35)],
            Self::O200k => vec![split(O200K)],
            Self::Tekken => vec![split(TEKKEN)],
            Self::DeepSeek3 => DEEPSEEK_3.map(split).to_vec(),
        };
        steps.push(byte_level(self == Self::Digits));
        json!({ "type": "Sequence", "pretokenizers": steps })
    }
}

pub(super) fn byte_level(own_rule: bool) -> Json {
    json!({ "type": "ByteLevel", "add_prefix_space": false, "trim_offsets": true,
        "use_regex": own_rule })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn equal_names_are_one_way() {
        let same = [
            ("qwen2", &["deepseek-r1-qwen", "megrez"][..]),
            (
                "llama-bpe",
                &["llama3", "llama-v3", "falcon3", "lfm2", "pixtral"],
            ),
            ("smaug-bpe", &["dbrx", "glm4"]),
            ("gpt-4o", &["llama4"]),
            ("smollm", &["starcoder", "command-r"]),
        ];
        for (name, others) in same {
            for other in others {
                assert_eq!(named(other), named(name), "{other}");
                assert!(named(other).is_some(), "{other}");
            }
        }
        assert_ne!(
            named("smaug-bpe"),
            named("llama-bpe"),
            "its words are merged"
        );
        for unknown in ["default", "", "bert", "qwen9"] {
            assert_eq!(named(unknown), None, "{unknown}");
        }
        let names: Vec<_> = ROWS.iter().flat_map(|row| row.4).collect();
        let mut once = names.clone();
        once.sort_unstable();
        once.dedup();
        assert_eq!(once.len(), names.len(), "a name stands twice");
    }
}
