//! Tiny models of each family with every kind of positions, against transformers:
//! `tests/golden/rope/PROVENANCE.md`.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::atomic::AtomicBool;

use fathom_kernels::generation::LanguageModel;
use fathom_shared::engine::RopeParameters;
use pollster::block_on;
use serde::Deserialize;

use super::source::ModelSource;
use super::testing::{device, options};
use super::*;

#[derive(Deserialize)]
struct RopeCase {
    arch: String,
    rope: String,
    rope_parameters: RopeParameters,
    max_position_embeddings: usize,
    /// By length of the text, then by position.
    logits: BTreeMap<String, BTreeMap<usize, Vec<f32>>>,
}

fn folder() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../tests/golden/rope")
}

fn read<T: for<'a> Deserialize<'a>>(name: &str) -> T {
    let path = folder().join(name);
    let text = std::fs::read(&path).unwrap();
    serde_json::from_slice(&text).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

#[test]
fn positions_are_those_of_transformers() {
    let inputs: BTreeMap<String, Vec<u32>> = read("inputs.json");
    // Devices compute in 16 bits.
    let near = if device() == CandleDevice::Cpu {
        1e-4
    } else {
        0.3
    };
    let mut seen = 0;
    for arch in ["llama", "qwen2", "qwen3"] {
        for kind in [
            "default",
            "linear4",
            "dynamic2",
            "yarn4",
            "yarn4_attn1_beta",
            "llama3",
            "longrope",
        ] {
            let case: RopeCase = read(&format!("{arch}-{kind}.json"));
            let name = format!("{} {}", case.arch, case.rope);
            let mut source = ModelSource::open(&folder().join(arch)).unwrap();
            let mut config = source.config().unwrap();
            // As in the case's own config.json, and then as a run asks for it.
            config.context = case.max_position_embeddings;
            let said = case.rope_parameters.0.into_iter().collect();
            let mut config = config.with_rope(&said).unwrap();
            config.context = config.context.max(300);
            let model = block_on(CandleModel::load(&mut source, config, &options(DType::F32)));
            let mut model = model.unwrap();
            for (length, positions) in &case.logits {
                let ids = &inputs[length];
                model.reserve(ids.len()).unwrap();
                model.rewind(0);
                // In pieces of odd sizes, with the logits after every token, then again from the
                // middle, as samples that begin alike are.
                let mut all = Vec::new();
                let mut each = |row: &[f32]| all.push(row.to_vec());
                let cancel = AtomicBool::new(false);
                for piece in [&ids[..1], &ids[1..38], &ids[38..]] {
                    let mut quiet = |_| ();
                    let read = model.read(piece, &cancel, &mut quiet, Some(&mut each));
                    block_on(read).unwrap();
                }
                model.rewind(50);
                let last = block_on(model.read(&ids[50..], &cancel, &mut |_| (), None)).unwrap();
                assert_eq!(all.len(), ids.len());
                let again = [(ids.len() - 1, last.as_slice())];
                let first = positions.keys().map(|at| (*at, all[*at].as_slice()));
                for (at, got) in first.chain(again) {
                    for (got, want) in got.iter().zip(&positions[&at]) {
                        assert!(
                            (got - want).abs() < near,
                            "{name}, {length} tokens, position {at}: {got}, expected {want}"
                        );
                    }
                }
            }
            seen += 1;
        }
    }
    assert_eq!(seen, 21);
}
