//! Weights and epsilons that are no numbers are refused when a model is loaded.

use fathom_shared::transcript::EngineInfo;

use super::*;
use crate::errors::chain;
use crate::testing::{TestGguf, TestGgufValue, tiny};

fn refusal(model: &TestGguf) -> String {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("tiny.gguf");
    std::fs::write(&path, model.bytes()).unwrap();
    let key = EngineKey {
        kind: EngineKind::CandleCpu,
        model: "tiny".to_owned(),
        rope: None,
        kv: None,
    };
    chain(&open(&path, &key, EngineInfo::default()).unwrap_err())
}

#[test]
fn the_first_tensor_without_numbers_is_named() {
    let names = [
        "token_embd.weight",
        "blk.1.ffn_norm.weight",
        "blk.0.attn_v.weight",
    ];
    for (name, number) in names
        .into_iter()
        .zip([f32::NAN, f32::INFINITY, f32::NEG_INFINITY])
    {
        let mut model = tiny();
        let tensors = model.tensors.iter_mut();
        let (.., values) = tensors
            .into_iter()
            .find(|(known, ..)| known == name)
            .unwrap();
        let middle = values.len() / 2;
        values[middle] = number;
        let refusal = refusal(&model);
        assert!(
            refusal.contains(&format!(
                "tensor `{name}` holds weights that are no numbers"
            )),
            "{refusal}"
        );
    }
}

#[test]
fn an_epsilon_that_is_no_number_is_refused_by_name() {
    let name = "llama.attention.layer_norm_rms_epsilon";
    for epsilon in [f32::NAN, 0.0, -0.5] {
        let mut model = tiny();
        model.metadata.retain(|(known, _)| known != name);
        model
            .metadata
            .push((name.to_owned(), TestGgufValue::F32(epsilon)));
        let refusal = refusal(&model);
        assert!(
            refusal.contains(&format!("`{name}` is {epsilon}")),
            "{refusal}"
        );
    }
}
