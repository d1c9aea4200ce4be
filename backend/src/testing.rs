//! A model for tests, small enough to be made each time: a random llama of two layers with
//! one token per byte, as a GGUF file.

use std::path::Path;

/// Its chat template: SmolLM2's in small.
const TEMPLATE: &str = "{{ '<|start|>' + messages[0]['content'] + '<|end|>\n' }}";
pub(crate) const WIDTH: usize = 16;
/// The model's sizes.
const TINY: TestModelSize = TestModelSize {
    width: WIDTH,
    heads: 4,
    ffn: 32,
};
/// Those of one that is wide enough for the blocks of every format, and for the shaders.
const WIDE: TestModelSize = TestModelSize {
    width: 256,
    heads: 4,
    ffn: 512,
};
pub(crate) const VOCABULARY: usize = 256 + 3;
pub(crate) const CONTEXT: u32 = 4096;

/// A value of the metadata, as far as the model needs them.
pub(crate) enum TestGgufValue {
    U32(u32),
    F32(f32),
    Text(String),
    Texts(Vec<String>),
    Numbers(Vec<i32>),
}

/// The parts of a GGUF file.
pub(crate) struct TestGguf {
    pub(crate) metadata: Vec<(String, TestGgufValue)>,
    pub(crate) tensors: Vec<(String, Vec<usize>, Vec<f32>)>,
}

/// Sizes of a random model; two query heads share the keys of one.
#[derive(Clone, Copy)]
struct TestModelSize {
    width: usize,
    heads: usize,
    ffn: usize,
}

/// How the values of a tensor, whose dimensions stand innermost first, are stored: the number of
/// the format, and its bytes.
pub(crate) type StoreTensor<'a> = &'a dyn Fn(&[usize], &[f32]) -> (u32, Vec<u8>);

fn as_f32(_: &[usize], values: &[f32]) -> (u32, Vec<u8>) {
    let bytes = values.iter().flat_map(|value| value.to_le_bytes());
    (0, bytes.collect())
}

/// Writes the model as `id` into `folder`.
pub(crate) fn write_model(folder: &Path, id: &str) {
    std::fs::write(folder.join(format!("{id}.gguf")), tiny().bytes()).unwrap();
}

/// The model.
pub(crate) fn tiny() -> TestGguf {
    random(TINY)
}

/// The same model without its chat template.
pub(crate) fn without_template() -> TestGguf {
    let mut model = tiny();
    model
        .metadata
        .retain(|(key, _)| key != "tokenizer.chat_template");
    model
}

/// The same model, but wide.
pub(crate) fn wide() -> TestGguf {
    random(WIDE)
}

fn random(size: TestModelSize) -> TestGguf {
    let TestModelSize { width, ffn, .. } = size;
    let kv_width = width / 2;
    // So that products do not grow with the width.
    let spread = (WIDTH as f32 / width as f32).sqrt();
    let mut state = 1_u64;
    let mut tensors = Vec::new();
    // Dimensions stand innermost first, as in the file.
    let mut add = |name: String, dims: &[usize]| {
        let values = (0..dims.iter().product())
            .map(|_| {
                state = state
                    .wrapping_mul(6_364_136_223_846_793_005)
                    .wrapping_add(1);
                let unit = (state >> 40) as f32 / (1_u64 << 24) as f32;
                match dims.len() {
                    1 => 1.0 + 0.1 * unit,
                    _ => (unit - 0.5) * spread,
                }
            })
            .collect();
        tensors.push((name, dims.to_vec(), values));
    };
    add("token_embd.weight".to_owned(), &[width, VOCABULARY]);
    for layer in 0..2 {
        let mut part = |name: &str, dims: &[usize]| add(format!("blk.{layer}.{name}.weight"), dims);
        part("attn_norm", &[width]);
        part("attn_q", &[width, width]);
        part("attn_k", &[width, kv_width]);
        part("attn_v", &[width, kv_width]);
        part("attn_output", &[width, width]);
        part("ffn_norm", &[width]);
        part("ffn_gate", &[width, ffn]);
        part("ffn_up", &[width, ffn]);
        part("ffn_down", &[ffn, width]);
    }
    add("output_norm.weight".to_owned(), &[width]);
    let metadata = metadata(size);
    TestGguf { metadata, tensors }
}

fn metadata(size: TestModelSize) -> Vec<(String, TestGgufValue)> {
    let number = |value: usize| TestGgufValue::U32(value as u32);
    let text = |value: &str| TestGgufValue::Text(value.to_owned());
    let mut tokens: Vec<String> = (0..=255).map(|byte| spelled(byte).to_string()).collect();
    // One merge, as a tokenizer without any is taken for a broken one.
    let pair = "th".to_owned();
    tokens.extend(["<|start|>".to_owned(), "<|end|>".to_owned(), pair]);
    let mut kinds = vec![1; VOCABULARY];
    (kinds[256], kinds[257]) = (3, 3);
    [
        ("general.architecture", text("llama")),
        ("general.name", text("Tiny")),
        ("llama.block_count", number(2)),
        ("llama.context_length", TestGgufValue::U32(CONTEXT)),
        ("llama.embedding_length", number(size.width)),
        ("llama.feed_forward_length", number(size.ffn)),
        ("llama.attention.head_count", number(size.heads)),
        ("llama.attention.head_count_kv", number(size.heads / 2)),
        (
            "llama.attention.layer_norm_rms_epsilon",
            TestGgufValue::F32(1e-5),
        ),
        (
            "llama.rope.dimension_count",
            number(size.width / size.heads),
        ),
        ("llama.rope.freq_base", TestGgufValue::F32(10_000.0)),
        ("llama.vocab_size", number(VOCABULARY)),
        ("tokenizer.ggml.model", text("gpt2")),
        ("tokenizer.ggml.pre", text("smollm")),
        ("tokenizer.ggml.tokens", TestGgufValue::Texts(tokens)),
        ("tokenizer.ggml.token_type", TestGgufValue::Numbers(kinds)),
        (
            "tokenizer.ggml.merges",
            TestGgufValue::Texts(vec!["t h".to_owned()]),
        ),
        ("tokenizer.ggml.bos_token_id", TestGgufValue::U32(256)),
        ("tokenizer.ggml.eos_token_id", TestGgufValue::U32(257)),
        ("tokenizer.chat_template", text(TEMPLATE)),
    ]
    .map(|(key, value)| (key.to_owned(), value))
    .into()
}

/// How byte-level vocabularies spell a byte: printable ones as themselves, the rest from U+0100.
fn spelled(byte: u8) -> char {
    let plain = |b: &u8| matches!(*b, b'!'..=b'~' | 0xa1..=0xac | 0xae..=0xff);
    if plain(&byte) {
        return char::from(byte);
    }
    let before = (0..byte).filter(|b| !plain(b)).count();
    char::from_u32(0x100 + before as u32).unwrap()
}

impl TestGguf {
    /// The file, version 3, its tensors in f32.
    pub(crate) fn bytes(&self) -> Vec<u8> {
        self.stored(&as_f32)
    }

    /// The file with its matrices as `stored` stores them.
    pub(crate) fn stored(&self, stored: StoreTensor<'_>) -> Vec<u8> {
        let tensors = self.tensors.iter().map(|(name, dims, values)| {
            let (number, bytes) = match dims.len() {
                1 => as_f32(dims, values),
                _ => stored(dims, values),
            };
            (name, dims, number, bytes)
        });
        let tensors: Vec<_> = tensors.collect();
        let mut out = Vec::from(*b"GGUF");
        out.extend(3_u32.to_le_bytes());
        out.extend((tensors.len() as u64).to_le_bytes());
        out.extend((self.metadata.len() as u64).to_le_bytes());
        for (key, value) in &self.metadata {
            text(&mut out, key);
            write_value(&mut out, value);
        }
        let mut offset = 0_u64;
        for (name, dims, number, bytes) in &tensors {
            text(&mut out, name);
            out.extend((dims.len() as u32).to_le_bytes());
            dims.iter()
                .for_each(|dim| out.extend((*dim as u64).to_le_bytes()));
            out.extend(number.to_le_bytes());
            out.extend(offset.to_le_bytes());
            offset += (bytes.len() as u64).next_multiple_of(32);
        }
        for (_, _, _, bytes) in &tensors {
            out.resize(out.len().next_multiple_of(32), 0);
            out.extend(bytes);
        }
        out.resize(out.len().next_multiple_of(32), 0);
        out
    }
}

fn text(out: &mut Vec<u8>, text: &str) {
    out.extend((text.len() as u64).to_le_bytes());
    out.extend(text.as_bytes());
}

fn write_value(out: &mut Vec<u8>, value: &TestGgufValue) {
    let list = |out: &mut Vec<u8>, kind: u32, len: usize| {
        out.extend(9_u32.to_le_bytes());
        out.extend(kind.to_le_bytes());
        out.extend((len as u64).to_le_bytes());
    };
    match value {
        TestGgufValue::U32(number) => {
            out.extend(4_u32.to_le_bytes());
            out.extend(number.to_le_bytes());
        }
        TestGgufValue::F32(number) => {
            out.extend(6_u32.to_le_bytes());
            out.extend(number.to_le_bytes());
        }
        TestGgufValue::Text(value) => {
            out.extend(8_u32.to_le_bytes());
            text(out, value);
        }
        TestGgufValue::Texts(values) => {
            list(out, 8, values.len());
            values.iter().for_each(|value| text(out, value));
        }
        TestGgufValue::Numbers(values) => {
            list(out, 5, values.len());
            values
                .iter()
                .for_each(|value| out.extend(value.to_le_bytes()));
        }
    }
}
