//! Tiny models of each family with every kind of positions, against transformers:
//! `tests/golden/rope/PROVENANCE.md`.

mod losses; // lost adapters, and what is left behind
mod submissions; // what is submitted together makes no difference

use std::collections::BTreeMap;
use std::io::Cursor;
use std::path::PathBuf;

use pollster::block_on;
use serde::Deserialize;
use serde_json::json;

use super::*;
use crate::model::config::{ModelConfig, RopePairing, hugging_face_name};
use crate::model::gguf::GgufValue;
use crate::model::testing;

#[derive(Deserialize)]
struct RopeCase {
    rope_parameters: Map<String, Json>,
    /// By length of the text, then by position.
    logits: BTreeMap<String, BTreeMap<usize, Vec<f32>>>,
}

fn read<T: for<'a> Deserialize<'a>>(name: &str) -> T {
    let folder = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../tests/golden/rope");
    serde_json::from_slice(&std::fs::read(folder.join(name)).unwrap()).unwrap()
}

/// The tensors of a safetensors file in f32.
fn tensors(family: &str) -> BTreeMap<String, (Vec<usize>, Vec<f32>)> {
    let folder = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../tests/golden/rope");
    let bytes = std::fs::read(folder.join(family).join("model.safetensors")).unwrap();
    let (size, rest) = bytes.split_at(8);
    let size = u64::from_le_bytes(size.try_into().unwrap()) as usize;
    let (header, data) = rest.split_at(size);
    let header: Map<String, Json> = serde_json::from_slice(header).unwrap();
    let number = |value: &Json| value.as_u64().unwrap() as usize;
    let tensor = |(name, info): (String, Json)| {
        let span = &info["data_offsets"];
        let bytes = &data[number(&span[0])..number(&span[1])];
        let words = bytes.as_chunks::<4>().0.iter();
        let shape = info["shape"].as_array().unwrap().iter().map(number);
        let values = words.map(|word| f32::from_le_bytes(*word));
        (
            name,
            (shape.collect::<Vec<_>>(), values.collect::<Vec<_>>()),
        )
    };
    let all = header
        .into_iter()
        .filter(|(name, _)| name != "__metadata__");
    all.map(tensor).collect()
}

/// The family's tiny model as a GGUF file, with a vocabulary that a tokenizer can be made of.
fn gguf(family: &str) -> Vec<u8> {
    gguf_reading(family, None)
}

/// The same, which reads so many tokens.
fn gguf_reading(family: &str, context: Option<usize>) -> Vec<u8> {
    let stored = tensors(family);
    let said: Json = read(&format!("{family}/config.json"));
    let shape = |name: &str| Some(stored.get(&hugging_face_name(name)?)?.0.clone());
    let config = ModelConfig::from_json(&said, &shape).unwrap();
    let key = |name: &str| format!("{family}.{name}");
    let numbers = [
        ("block_count", config.layers),
        ("context_length", context.unwrap_or(config.context)),
        ("embedding_length", config.width),
        ("feed_forward_length", config.ffn),
        ("attention.head_count", config.heads),
        ("attention.head_count_kv", config.kv_heads),
        ("attention.key_length", config.head_dim),
    ];
    let mut change: Vec<_> = numbers
        .map(|(name, number)| (key(name), GgufValue::Int(number as i64)))
        .into();
    change.push((
        key("attention.layer_norm_rms_epsilon"),
        GgufValue::Float(1e-6),
    ));
    change.push((
        "general.architecture".to_owned(),
        GgufValue::Str(family.to_owned()),
    ));
    let mut all = Vec::new();
    for (name, shape) in config.tensors() {
        let (_, values) = &stored[&hugging_face_name(&name).unwrap()];
        let (mut shape, mut values) = (shape, values.clone());
        if name == "token_embd.weight" || name == "output.weight" {
            shape[0] = testing::TINY_VOCAB;
            values.resize(shape[0] * shape[1], 0.0);
        }
        // GGUF files of this family keep the values of a pair beside each other.
        let heads = match name.rsplit('.').nth(1) {
            Some("attn_q") => config.heads,
            Some("attn_k") => config.kv_heads,
            _ => 0,
        };
        if heads > 0 && family == "llama" {
            values = neighbours(&values, config.head_dim, config.width);
        }
        all.push((name, shape, values));
    }
    testing::with_weights(&change, &all)
}

/// Rows `i` and `i + half` of each head, one below the other.
fn neighbours(rows: &[f32], head_dim: usize, width: usize) -> Vec<f32> {
    let head = |head: &[f32]| {
        let row = |at: usize| head[at * width..][..width].to_vec();
        let pair = |i: usize| [row(i), row(i + head_dim / 2)].concat();
        (0..head_dim / 2).flat_map(pair).collect::<Vec<_>>()
    };
    rows.chunks(head_dim * width).flat_map(head).collect()
}

/// The adapter; `None` on a machine without one if `FATHOM_ALLOW_NO_GPU=1` is set.
fn gpu() -> Option<Gpu> {
    match block_on(Gpu::open()) {
        Ok(gpu) => Some(gpu),
        Err(_) if std::env::var_os("FATHOM_ALLOW_NO_GPU").is_some() => None,
        Err(error) => panic!("{error}"),
    }
}

/// The file on the adapter, with one variant of each kernel.
fn load(gpu: Gpu, file: &[u8], variant: KernelVariant) -> Session {
    let tuning = Some(KernelTuning::all(gpu.adapter(), variant));
    let (mut file, cancel, mut quiet) = (Cursor::new(file), CancelFlag::default(), |_, _| ());
    let session = Session::load(gpu, &mut file, None, tuning, &cancel, &mut quiet);
    block_on(session).unwrap()
}

/// Tokens of a text without an end.
fn text(count: usize) -> Vec<u32> {
    let mut rng = testing::TestRng(11);
    (0..count).map(|_| rng.below(200) as u32).collect()
}

/// The bits of the logits after `ids`, and how far they were read at each report.
fn bits(session: &mut Session, ids: &[u32]) -> (Vec<u32>, Vec<usize>) {
    let (cancel, mut reports) = (AtomicBool::new(false), Vec::new());
    let mut hear = |read| reports.push(read);
    let logits = block_on(session.read(ids, &cancel, &mut hear, None)).unwrap();
    (logits.into_iter().map(f32::to_bits).collect(), reports)
}

/// The likeliest `count` tokens after `ids`, at most `most` in one go, and the sizes of the goes.
fn greedy(
    session: &mut Session,
    ids: &[u32],
    (count, most): (usize, usize),
) -> (Vec<u32>, Vec<usize>) {
    let (cancel, mut read) = (AtomicBool::new(false), ids.to_vec());
    let (mut written, mut goes) = (Vec::new(), Vec::new());
    while written.len() < count {
        let most = most.min(count - written.len());
        let mut quiet = |_| ();
        let new = block_on(session.read_greedy(&read, (most, 0), &cancel, &mut quiet)).unwrap();
        read = vec![new.last().unwrap().id];
        goes.push(new.len());
        written.extend(new.into_iter().map(|token| token.id));
    }
    (written, goes)
}

#[test]
fn families_and_positions_are_those_of_transformers() {
    let inputs: BTreeMap<String, Vec<u32>> = read("inputs.json");
    for family in ["llama", "qwen2", "qwen3"] {
        let bytes = gguf(family);
        for kind in [
            "default",
            "linear4",
            "dynamic2",
            "yarn4",
            "yarn4_attn1_beta",
            "llama3",
            "longrope",
        ] {
            let case: RopeCase = read(&format!("{family}-{kind}.json"));
            // What halves leave of keys and values shows.
            for (kv, near) in [(KvPrecision::F32, 1e-3), (KvPrecision::F16, 0.1)] {
                if kv == KvPrecision::F16 && kind != "default" {
                    continue;
                }
                let Some(gpu) = gpu() else { return };
                let (mut file, cancel) = (Cursor::new(&bytes), CancelFlag::default());
                let rope = Some(&case.rope_parameters);
                let tuning = KernelTuning::all(gpu.adapter(), KernelVariant::Register);
                let (tuning, mut quiet) = (Some(tuning), |_, _| ());
                let session =
                    Session::load_keeping(gpu, &mut file, rope, kv, tuning, &cancel, &mut quiet);
                let mut session = block_on(session).unwrap();
                assert_eq!(
                    session.config().pairs == RopePairing::Neighbours,
                    family == "llama"
                );
                for (length, positions) in &case.logits {
                    let ids = &inputs[length];
                    session.rewind(0);
                    session.reserve(ids.len()).unwrap();
                    let mut all = Vec::new();
                    let mut each = |row: &[f32]| all.push(row.to_vec());
                    // In pieces of odd sizes: one, few and many tokens.
                    for piece in [&ids[..1], &ids[1..4], &ids[4..]] {
                        let mut quiet = |_| ();
                        let read = session.read(piece, cancel.flag(), &mut quiet, Some(&mut each));
                        block_on(read).unwrap();
                    }
                    for (at, want) in positions {
                        for (got, want) in all[*at].iter().zip(want) {
                            assert!(
                                (got - want).abs() < near,
                                "{family} {kind} {kv:?}, {length} tokens, position {at}: {got}, \
                                 expected {want}"
                            );
                        }
                    }
                }
            }
        }
    }
}

/// A session goes from thread to thread.
const _: () = {
    const fn is_send<T: Send>() {}
    is_send::<Session>();
};

#[test]
fn a_run_may_choose_what_is_kept() {
    assert_eq!(KvPrecision::default(), KvPrecision::F16);
    let said = json!({ "rope_type": "yarn", "factor": 2.0 });
    let gguf = Gguf::read(&mut Cursor::new(gguf("qwen2"))).unwrap();
    let config = Session::config_of(&gguf, said.as_object()).unwrap();
    assert_eq!(config.context, 128);
}
