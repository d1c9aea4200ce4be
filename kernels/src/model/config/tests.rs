use serde_json::{Value as Json, json};

use super::*;

fn config(change: &Json) -> Result<Config, ConfigError> {
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
    Config::from_json(&said, &shape)
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
        "the model has no tensor `blk.1.attn_norm.weight`"
    );
    assert_eq!(
        says(json!({ "intermediate_size": 17 })),
        "tensor `blk.0.ffn_gate.weight` has shape [16, 8], the model's numbers ask for [17, 8]"
    );
    assert_eq!(
        says(json!({ "vocab_size": null })),
        "the model does not say `vocab_size`"
    );
}

#[test]
fn a_run_may_stretch_positions() {
    let own = config(&json!({})).unwrap();
    let with = |model: &Config, parameters: Json| {
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
