use serde_json::{Value as Json, json};

use super::*;

fn config(change: &Json) -> Result<ModelConfig, ModelConfigError> {
    let mut said = json!({
        "model_type": "qwen3", "hidden_size": 8, "num_hidden_layers": 1, "num_attention_heads": 4,
        "num_key_value_heads": 2, "head_dim": 6, "intermediate_size": 16, "vocab_size": 10,
        "max_position_embeddings": 64, "rms_norm_eps": 1e-6, "rope_theta": 5000.0,
        "tie_word_embeddings": true,
    });
    for (key, value) in change.as_object().unwrap() {
        said[key] = value.clone();
    }
    // A folder that has whatever a model of these sizes needs, with both kinds of extras.
    let shape = |name: &str| {
        let part = name.strip_prefix("blk.0.").unwrap_or(name);
        Some(match part {
            "token_embd.weight" => vec![10, 8],
            "attn_q.weight" => vec![24, 8],
            "attn_k.weight" | "attn_v.weight" => vec![12, 8],
            "attn_output.weight" => vec![8, 24],
            "attn_q_norm.weight" | "attn_k_norm.weight" => vec![6],
            "attn_q.bias" => vec![24],
            "attn_k.bias" | "attn_v.bias" => vec![12],
            "ffn_gate.weight" | "ffn_up.weight" => vec![16, 8],
            "ffn_down.weight" => vec![8, 16],
            "attn_norm.weight" | "ffn_norm.weight" | "output_norm.weight" => vec![8],
            _ => return None,
        })
    };
    ModelConfig::from_json(&said, &shape)
}

#[test]
fn a_family_has_its_own_tensors() {
    let names = |kind: &str| -> Vec<String> {
        let config = config(&json!({ "model_type": kind })).unwrap();
        config.tensors().into_iter().map(|(name, _)| name).collect()
    };
    assert!(names("qwen3").contains(&"blk.0.attn_q_norm.weight".to_owned()));
    assert!(names("qwen2").contains(&"blk.0.attn_v.bias".to_owned()));
    let llama = names("llama");
    assert!(
        !llama
            .iter()
            .any(|name| name.contains("bias") || name.contains("q_norm"))
    );
    assert!(llama.iter().all(|name| hugging_face_name(name).is_some()));
}

#[test]
fn what_we_do_not_run_is_named() {
    let says = |change: Json| config(&change).unwrap_err().to_string();
    assert_eq!(
        says(json!({ "model_type": "gemma3" })),
        "the model's architecture is `gemma3`, expected `llama`, `qwen2` or `qwen3`"
    );
    assert_eq!(
        says(json!({ "use_sliding_window": true })),
        "`use_sliding_window` is true, expected false"
    );
    assert_eq!(
        says(json!({ "hidden_act": "gelu" })),
        "`hidden_act` is \"gelu\", expected \"silu\""
    );
    assert_eq!(
        says(json!({ "num_hidden_layers": 2 })),
        "the model has no tensor `model.layers.1.input_layernorm.weight`"
    );
    assert_eq!(
        says(json!({ "intermediate_size": 17 })),
        "tensor `model.layers.0.mlp.gate_proj.weight` has shape [16, 8], the model's numbers ask for [17, 8]"
    );
    for (change, want) in [
        (
            json!({ "num_hidden_layers": -1 }),
            "`num_hidden_layers` is -1, expected a whole number of at least 1",
        ),
        (
            json!({ "hidden_size": "64" }),
            "`hidden_size` is \"64\", expected a whole number of at least 1",
        ),
        (
            json!({ "max_position_embeddings": 2.0 }),
            "`max_position_embeddings` is 2.0, expected a whole number of at least 1",
        ),
        (
            json!({ "rms_norm_eps": "1e-5" }),
            "`rms_norm_eps` is \"1e-5\", expected a number above 0",
        ),
    ] {
        assert_eq!(says(change), want);
    }
    assert_eq!(
        says(json!({ "vocab_size": null })),
        "the model does not say `vocab_size`"
    );
}

#[test]
fn a_run_may_stretch_positions() {
    let own = config(&json!({})).unwrap();
    let with = |model: &ModelConfig, parameters: Json| {
        let parameters = parameters.as_object().unwrap();
        model.clone().with_rope(parameters)
    };
    let yarn = with(&own, json!({ "rope_type": "yarn", "factor": 4.0 })).unwrap();
    assert_eq!((yarn.context, yarn.rope.base), (256, 5000.0));
    let again = with(&yarn, json!({ "rope_type": "linear", "factor": 2.0 })).unwrap();
    assert_eq!(again.context, 128, "of the window before YaRN");
    let theta = json!({ "rope_type": "default", "rope_theta": 9000.0 });
    let plain = with(&yarn, theta).unwrap();
    assert_eq!((plain.context, plain.rope.base), (64, 9000.0));
    let unknown = with(&own, json!({ "rope_type": "mine", "factor": 2.0 }));
    assert!(unknown.unwrap_err().to_string().contains("`mine`"));
    let half = json!({ "rope_type": "default", "partial_rotary_factor": 0.34 });
    assert!(with(&own, half).is_err());
}

#[test]
fn the_window_is_the_stretched_one() {
    let scaled = |scaling: Json| config(&json!({ "rope_scaling": scaling })).unwrap();
    let yarn = json!({ "type": "yarn", "factor": 4.0, "original_max_position_embeddings": 64 });
    assert_eq!(scaled(yarn.clone()).context, 256);
    // A file may say the window after the stretch.
    let said = json!({ "rope_scaling": yarn, "max_position_embeddings": 1000 });
    let mut long = config(&said).unwrap();
    assert_eq!(long.context, 1000);
    let plain = json!({ "rope_type": "default" });
    long = long.with_rope(plain.as_object().unwrap()).unwrap();
    assert_eq!(long.context, 64);
    assert_eq!(
        scaled(json!({ "type": "linear", "factor": 2.5 })).context,
        160
    );
    assert_eq!(
        scaled(json!({ "type": "dynamic", "factor": 2.0 })).context,
        128
    );
    // Of its own options the run's are held against the same names.
    let own = config(&json!({})).unwrap();
    let misspelt =
        json!({ "rope_type": "yarn", "factor": 4.0, "orignal_max_position_embeddings": 512 });
    let error = own
        .with_rope(misspelt.as_object().unwrap())
        .unwrap_err()
        .to_string();
    assert!(
        error.contains("`orignal_max_position_embeddings` is not known"),
        "{error}"
    );
}

#[test]
fn claims_are_held_against_what_there_is() {
    let says = |change: Json| config(&change).unwrap_err().to_string();
    assert_eq!(
        says(json!({ "rms_norm_eps": 0.0 })),
        "`rms_norm_eps` is 0, expected a number above 0"
    );
    assert!(says(json!({ "rms_norm_eps": -1e-6 })).contains("rms_norm_eps"));
    assert!(says(json!({ "layer_types": ["sliding_attention"] })).contains("layer_types"));
    // The last block is there, and the 16 million before it are not.
    let begun = std::time::Instant::now();
    let said = json!({ "model_type": "llama", "hidden_size": 8, "num_hidden_layers": 1 << 24,
        "num_attention_heads": 4, "intermediate_size": 16, "vocab_size": 10,
        "max_position_embeddings": 64, "rms_norm_eps": 1e-6, "tie_word_embeddings": true });
    let shape = |name: &str| {
        let all = ["token_embd.weight", "blk.16777215.attn_norm.weight"];
        all.contains(&name)
            .then(|| if name == all[0] { vec![10, 8] } else { vec![8] })
    };
    let error = ModelConfig::from_json(&said, &shape)
        .unwrap_err()
        .to_string();
    let first = "the model has no tensor `model.layers.0.input_layernorm.weight`";
    assert_eq!(error, first);
    assert!(begun.elapsed() < std::time::Duration::from_secs(2));
}

#[test]
fn what_a_files_metadata_asks_for_is_done_or_refused() {
    use crate::model::gguf::{Gguf, GgufValue};
    use crate::model::testing::tiny;
    let with = |name: &str, value: GgufValue| {
        let key = format!("llama.{name}");
        let gguf = Gguf::read(&mut std::io::Cursor::new(tiny(&[(key.as_str(), value)]))).unwrap();
        ModelConfig::from_gguf(&gguf).map_err(|error| error.to_string())
    };
    let (int, float) = (GgufValue::Int, GgufValue::Float);
    for (name, value) in [
        ("expert_count", int(0)),
        ("attention.causal", int(1)),
        ("attention.sliding_window", int(64)),
        ("attention.sliding_window", int(0)),
        ("logit_scale", float(1.0)),
        ("attention.head_count_kv", GgufValue::Ints(vec![2])),
        ("a_key_of_tomorrow", int(7)),
    ] {
        let got = with(name, value);
        assert!(got.is_ok(), "{name}: {got:?}");
    }
    for (name, value, want) in [
        ("expert_count", int(8), "is the whole number 8, expected 0"),
        (
            "attention.causal",
            int(0),
            "is the whole number 0, expected 1",
        ),
        (
            "attention.sliding_window",
            int(32),
            "is the whole number 32, expected 0 or the whole window: no sliding windows",
        ),
        ("final_logit_softcapping", float(30.0), "is 30, expected 0"),
        ("logit_scale", float(0.5), "is 0.5, expected 0 or 1"),
        (
            "attention.head_count_kv",
            GgufValue::Ints(vec![2, 1]),
            "is a list of 2 whole numbers, expected a whole number, the same for every layer",
        ),
        (
            "feed_forward_length",
            float(16.0),
            "is 16, expected a whole number, the same for every layer",
        ),
    ] {
        assert_eq!(with(name, value), Err(format!("`llama.{name}` {want}")));
    }
    let gptq = json!({ "quantization_config": { "quant_method": "gptq", "bits": 4 } });
    assert_eq!(
        config(&gptq).unwrap_err().to_string(),
        "`quantization_config` is `gptq`, expected weights in F32, F16 or BF16"
    );
    assert!(config(&json!({ "quantization_config": null })).is_ok());
}
