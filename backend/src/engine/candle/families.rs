//! The same tiny models from a folder and from a GGUF file; what a run needs, and what is refused.

use std::path::{Path, PathBuf};
use std::sync::atomic::AtomicBool;

use fathom_candle::WeightSource;
use fathom_kernels::generation::{LanguageModel, ModelStop};
use fathom_kernels::model::config::Architecture;
use fathom_shared::engine::{KvFormat, RopeParameters};
use pollster::block_on;
use serde_json::json;

use super::source::ModelSource;
use super::testing::{key, options};
use super::*;
use crate::testing::{TestGguf, TestGgufValue};

fn golden(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("../tests/golden/rope")
        .join(name)
}

fn tiny(path: &Path) -> CandleModel {
    let mut source = ModelSource::open(path).unwrap();
    let config = source.config().unwrap();
    block_on(CandleModel::load(&mut source, config, &options(DType::F32))).unwrap()
}

/// The folder's model as llama.cpp's converter writes it: `general.architecture`, sizes, and for
/// llama the rows of each query and key head sorted so that the two of a pair are neighbours.
fn gguf(folder: &Path) -> Vec<u8> {
    let mut source = ModelSource::open(folder).unwrap();
    let config = source.config().unwrap();
    let name = config.architecture.name();
    let number = |key: &str, n: usize| (format!("{name}.{key}"), TestGgufValue::U32(n as u32));
    let metadata = vec![
        (
            "general.architecture".to_owned(),
            TestGgufValue::Text(name.to_owned()),
        ),
        number("block_count", config.layers),
        number("context_length", config.context),
        number("embedding_length", config.width),
        number("feed_forward_length", config.ffn),
        number("attention.head_count", config.heads),
        number("attention.head_count_kv", config.kv_heads),
        number("attention.key_length", config.head_dim),
        (
            format!("{name}.attention.layer_norm_rms_epsilon"),
            TestGgufValue::F32(config.norm_eps),
        ),
        (
            format!("{name}.rope.freq_base"),
            TestGgufValue::F32(config.rope.base as f32),
        ),
    ];
    let tensors = config.tensors().into_iter().map(|(tensor, mut shape)| {
        let values = source.tensor(&tensor).unwrap().to_f32();
        let turned = tensor.contains("attn_q.w") || tensor.contains("attn_k.w");
        let values = match config.architecture == Architecture::Llama && turned {
            true => {
                let (half, width) = (config.head_dim / 2, config.width);
                let rows = values.chunks(width).collect::<Vec<_>>();
                let heads = rows.chunks(config.head_dim);
                let pairs =
                    heads.flat_map(|head| (0..half).flat_map(|i| [head[i], head[half + i]]));
                pairs.flatten().copied().collect()
            }
            false => values,
        };
        shape.reverse();
        (tensor, shape, values)
    });
    let tensors = tensors.collect();
    TestGguf { metadata, tensors }.bytes()
}

#[test]
fn both_kinds_of_files_say_the_same() {
    let dir = tempfile::tempdir().unwrap();
    let ids: Vec<u32> = (0..40).map(|i| (i * 53 + 7) % 256).collect();
    let cancel = AtomicBool::new(false);
    for family in ["llama", "qwen2", "qwen3"] {
        let path = dir.path().join(format!("{family}.gguf"));
        std::fs::write(&path, gguf(&golden(family))).unwrap();
        let [from_folder, from_gguf] = [golden(family), path].map(|path| {
            let mut model = tiny(&path);
            model.reserve(ids.len()).unwrap();
            block_on(model.read(&ids, &cancel, &mut |_| (), None)).unwrap()
        });
        for (a, b) in from_folder.iter().zip(&from_gguf) {
            assert!(
                (a - b).abs() < 1e-4,
                "{family}: {a} from the folder, {b} from GGUF"
            );
        }
    }
}

#[test]
fn what_a_run_needs_is_told_and_what_does_not_fit_is_refused() {
    let yarn = json!({ "rope_type": "yarn", "factor": 4.0 });
    let yarn = RopeParameters(yarn.as_object().unwrap().clone().into_iter().collect());
    let stretched = EngineKey {
        rope: Some(yarn),
        ..key(EngineKind::CandleCpu)
    };
    let (needs_256, context) = needs(&golden("qwen3"), &stretched, 256).unwrap();
    assert_eq!(context, 4 * 64);
    // 2 · 2 layers · 2 heads · 16 wide · 2 bytes · 256 tokens.
    assert_eq!(needs_256.kv, 2 * 2 * 2 * 16 * 2 * 256);
    let own = key(EngineKind::CandleCpu);
    let (needs_512, _) = needs(&golden("qwen3"), &own, 512).unwrap();
    for (kv, times) in [(KvFormat::F16, 1), (KvFormat::Bf16, 1), (KvFormat::F32, 2)] {
        let kv = Some(kv);
        let chosen = EngineKey { kv, ..own.clone() };
        let (needs, _) = needs(&golden("qwen3"), &chosen, 512).unwrap();
        assert_eq!(needs.kv, times * needs_512.kv, "{kv:?}");
    }
    assert_eq!(needs_512.weights, needs_256.weights);
    assert_eq!(needs_512.kv, 2 * needs_256.kv);
    let stored = std::fs::metadata(golden("qwen3/model.safetensors"))
        .unwrap()
        .len();
    assert!((0.9..=1.0).contains(&(needs_256.weights as f64 / stored as f64)));

    let mut model = tiny(&golden("qwen3"));
    if cfg!(target_os = "linux") && model.is_on_cpu() {
        let Err(ModelStop::Failed(message)) = model.reserve(1 << 40) else {
            panic!("no machine has that much")
        };
        assert!(
            message.contains("are needed for 1099511627776 tokens"),
            "{message}"
        );
    }
    assert!(model.reserve(8).unwrap(), "it goes on");
    assert!(!model.reserve(4).unwrap());
    let more = block_on(model.read(&[1; 9], &AtomicBool::new(false), &mut |_| (), None));
    assert!(
        matches!(more, Err(ModelStop::Failed(_))),
        "there is room for 8"
    );
}

#[test]
fn engines_that_are_not_candle_are_named() {
    let other = |kind| {
        let error = needs(&golden("llama"), &key(kind), 8).unwrap_err();
        crate::errors::chain(&error)
    };
    assert!(other(EngineKind::Wgpu).contains("`wgpu` does not run on candle"));
    if cfg!(not(feature = "cuda")) {
        assert!(other(EngineKind::CandleCuda).contains("it needs the cargo feature `cuda`"));
    }
    let unknown = RopeParameters([("rope_type".to_owned(), json!("mine"))].into());
    let unknown = EngineKey {
        rope: Some(unknown),
        ..key(EngineKind::CandleCpu)
    };
    let error = needs(&golden("llama"), &unknown, 8).unwrap_err();
    assert!(crate::errors::chain(&error).contains("the positions are scaled by `mine`"));
}
