//! GGUF files for tests, written by hand.

use std::time::{Duration, Instant};

use super::gguf::GgufValue;

/// A file of version 3 with these metadata and tensors in f32, whose dimensions stand innermost
/// first.
pub(crate) fn gguf(metadata: &[(&str, GgufValue)], tensors: &[(String, Vec<u64>)]) -> Vec<u8> {
    fn text(out: &mut Vec<u8>, text: &str) {
        out.extend((text.len() as u64).to_le_bytes());
        out.extend(text.as_bytes());
    }
    fn list(out: &mut Vec<u8>, kind: u32, count: usize) {
        out.extend(9_u32.to_le_bytes());
        out.extend(kind.to_le_bytes());
        out.extend((count as u64).to_le_bytes());
    }
    let mut out = b"GGUF".to_vec();
    out.extend(3_u32.to_le_bytes());
    out.extend((tensors.len() as u64).to_le_bytes());
    out.extend((metadata.len() as u64).to_le_bytes());
    for (key, value) in metadata {
        text(&mut out, key);
        match value {
            GgufValue::Int(number) => {
                out.extend(11_u32.to_le_bytes());
                out.extend(number.to_le_bytes());
            }
            GgufValue::Float(number) => {
                out.extend(12_u32.to_le_bytes());
                out.extend(number.to_le_bytes());
            }
            GgufValue::Str(value) => {
                out.extend(8_u32.to_le_bytes());
                text(&mut out, value);
            }
            GgufValue::Ints(all) => {
                list(&mut out, 11, all.len());
                all.iter().for_each(|n| out.extend(n.to_le_bytes()));
            }
            GgufValue::Floats(all) => {
                list(&mut out, 12, all.len());
                all.iter().for_each(|n| out.extend(n.to_le_bytes()));
            }
            GgufValue::Strs(all) => {
                list(&mut out, 8, all.len());
                all.iter().for_each(|value| text(&mut out, value));
            }
        }
    }
    let mut offset = 0_u64;
    for (name, dims) in tensors {
        text(&mut out, name);
        out.extend((dims.len() as u32).to_le_bytes());
        dims.iter().for_each(|dim| out.extend(dim.to_le_bytes()));
        out.extend(0_u32.to_le_bytes());
        out.extend(offset.to_le_bytes());
        offset += (4 * dims.iter().product::<u64>()).next_multiple_of(32);
    }
    out.resize(out.len().next_multiple_of(32) + offset as usize, 0);
    out
}

/// Tokens of the vocabulary of [`tiny`].
pub(crate) const TINY_VOCAB: usize = 259;

/// A file with [`tiny`]'s metadata, changed by `change`, and these tensors in f32, rows first.
#[cfg(feature = "gpu")]
pub(crate) fn with_weights(
    change: &[(String, GgufValue)],
    tensors: &[(String, Vec<usize>, Vec<f32>)],
) -> Vec<u8> {
    let mut metadata = metadata();
    for (key, value) in change {
        metadata.retain(|(known, _)| *known != key.as_str());
        metadata.push((key.as_str(), value.clone()));
    }
    let dims = |shape: &[usize]| shape.iter().rev().map(|dim| *dim as u64).collect();
    let listed: Vec<_> = tensors
        .iter()
        .map(|(name, shape, _)| (name.clone(), dims(shape)))
        .collect();
    let mut out = gguf(&metadata, &listed);
    let padded = |values: &[f32]| (4 * values.len()).next_multiple_of(32);
    let size: usize = tensors.iter().map(|(.., values)| padded(values)).sum();
    let mut at = out.len() - size;
    for (.., values) in tensors {
        let bytes: Vec<u8> = values
            .iter()
            .flat_map(|value| value.to_le_bytes())
            .collect();
        out[at..at + bytes.len()].copy_from_slice(&bytes);
        at += padded(values);
    }
    out
}

/// A llama of one block with a vocabulary of bytes, changed by `change`.
pub(crate) fn tiny(change: &[(&str, GgufValue)]) -> Vec<u8> {
    tiny_beside(change, &[])
}

/// The same with `more` tensors, by name and shape.
pub(crate) fn tiny_beside(change: &[(&str, GgufValue)], more: &[(&str, &[u64])]) -> Vec<u8> {
    let mut metadata = metadata();
    for (key, value) in change {
        metadata.retain(|(known, _)| known != key);
        metadata.push((key, value.clone()));
    }
    let count = TINY_VOCAB as u64;
    let part = |name: &str, dims: &[u64]| (name.to_owned(), dims.to_vec());
    let mut tensors = vec![
        part("token_embd.weight", &[8, count]),
        part("blk.0.attn_norm.weight", &[8]),
        part("blk.0.attn_q.weight", &[8, 8]),
        part("blk.0.attn_k.weight", &[8, 8]),
        part("blk.0.attn_v.weight", &[8, 8]),
        part("blk.0.attn_output.weight", &[8, 8]),
        part("blk.0.ffn_norm.weight", &[8]),
        part("blk.0.ffn_gate.weight", &[8, 16]),
        part("blk.0.ffn_up.weight", &[8, 16]),
        part("blk.0.ffn_down.weight", &[16, 8]),
        part("output_norm.weight", &[8]),
    ];
    tensors.extend(more.iter().map(|(name, dims)| part(name, dims)));
    gguf(&metadata, &tensors)
}

fn metadata() -> Vec<(&'static str, GgufValue)> {
    let text = |text: &str| GgufValue::Str(text.to_owned());
    let mut tokens: Vec<String> = (0..=255_u8).map(spelled).collect();
    tokens.extend(["<s>", "</s>", "th"].map(str::to_owned));
    assert_eq!(tokens.len(), TINY_VOCAB);
    vec![
        ("general.architecture", text("llama")),
        ("general.name", text("tiny")),
        ("llama.block_count", GgufValue::Int(1)),
        ("llama.context_length", GgufValue::Int(64)),
        ("llama.embedding_length", GgufValue::Int(8)),
        ("llama.feed_forward_length", GgufValue::Int(16)),
        ("llama.attention.head_count", GgufValue::Int(2)),
        (
            "llama.attention.layer_norm_rms_epsilon",
            GgufValue::Float(1e-5),
        ),
        ("tokenizer.ggml.model", text("gpt2")),
        ("tokenizer.ggml.pre", text("smollm")),
        ("tokenizer.ggml.tokens", GgufValue::Strs(tokens)),
        (
            "tokenizer.ggml.merges",
            GgufValue::Strs(vec!["t h".to_owned()]),
        ),
        ("tokenizer.ggml.bos_token_id", GgufValue::Int(256)),
        ("tokenizer.ggml.eos_token_id", GgufValue::Int(257)),
        ("tokenizer.chat_template", text("{{ messages[0].content }}")),
    ]
}

/// How byte-level vocabularies spell a byte.
fn spelled(byte: u8) -> String {
    let plain = |b: u8| matches!(b, b'!'..=b'~' | 0xa1..=0xac | 0xae..=0xff);
    let code = match plain(byte) {
        true => u32::from(byte),
        false => 0x100 + (0..byte).filter(|b| !plain(*b)).count() as u32,
    };
    char::from_u32(code).unwrap().to_string()
}

/// How many hostile inputs a test tries: some, or with `cargo xtask test --all` many.
pub(crate) fn tries(some: usize, many: usize) -> usize {
    match std::env::var_os("FATHOM_TEST_ALL") {
        Some(_) => many,
        None => some,
    }
}

/// As often as [`tries`] says, and on until as many seconds have passed as `FATHOM_FUZZ_TARGET_SECONDS`
/// says.
pub(crate) fn rounds(some: usize, many: usize) -> impl Iterator<Item = ()> {
    let (begun, count, mut number) = (Instant::now(), tries(some, many), 0);
    std::iter::from_fn(move || {
        number += 1;
        (number <= count || begun.elapsed() < more()).then_some(())
    })
}

/// How long [`rounds`] goes on at least.
pub(crate) fn more() -> Duration {
    let said = std::env::var("FATHOM_FUZZ_TARGET_SECONDS").ok();
    Duration::from_secs(said.and_then(|said| said.parse().ok()).unwrap_or(0))
}

/// Draws that are the same each time.
pub(crate) struct TestRng(pub(crate) u64);

impl TestRng {
    /// A number below `end`, which is above 0.
    pub(crate) fn below(&mut self, end: usize) -> usize {
        self.0 = self
            .0
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1);
        (self.0 >> 33) as usize % end
    }

    /// `bytes` with some damage: other bytes, numbers at their limits, cuts, repeats.
    pub(crate) fn damage(&mut self, bytes: &[u8]) -> Vec<u8> {
        let mut bytes = bytes.to_vec();
        for _ in 0..=self.below(3) {
            let at = self.below(bytes.len());
            match self.below(5) {
                0 => bytes[at] = self.below(256) as u8,
                1 => {
                    let number = [0, 1, u64::MAX, 1 << 32, 1 << 24, 1 << 62][self.below(6)];
                    let end = (at + 8).min(bytes.len());
                    bytes[at..end].copy_from_slice(&number.to_le_bytes()[..end - at]);
                }
                2 => bytes.truncate(at.max(1)),
                3 => {
                    let piece = bytes[at..(at + 64).min(bytes.len())].to_vec();
                    bytes.splice(at..at, piece);
                }
                _ => {
                    let end = (at + 1 + self.below(16)).min(bytes.len());
                    bytes.drain(at..end);
                    if bytes.is_empty() {
                        bytes.push(0);
                    }
                }
            }
        }
        bytes
    }
}
