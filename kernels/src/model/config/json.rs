//! From the `config.json` of a Hugging Face folder.

use serde_json::Value as Json;

use super::{
    Architecture, ModelConfig, ModelConfigError, RopePairing, hugging_face_name, missing, size,
    value,
};
use crate::model::rope::RopeConfig;

impl ModelConfig {
    /// Reads the numbers and checks that every tensor is there in its shape, which `shape` tells
    /// by the tensor's GGUF name ([`hugging_face_name`](super::hugging_face_name) is the way back).
    ///
    /// # Errors
    /// [`ModelConfigError`].
    pub fn from_json(
        json: &Json,
        shape: &dyn Fn(&str) -> Option<Vec<usize>>,
    ) -> Result<Self, ModelConfigError> {
        let kind = json["model_type"].as_str();
        let architecture = Architecture::find(kind.ok_or_else(|| missing("model_type"))?)?;
        let said = |key: &str| json.get(key).filter(|value| !value.is_null());
        let need = |key: &str| match said(key).map(|value| (value, value.as_u64())) {
            None => Err(missing(key)),
            Some((got, None)) => Err(value(key, got, "a whole number of at least 1")),
            Some((_, number)) => size(key, number),
        };
        let or = |key: &str, default: usize| match said(key) {
            Some(_) => need(key),
            None => Ok(default),
        };
        // What our decoder does not do must not be asked of it.
        let refused = [
            ("attention_bias", "false"),
            ("mlp_bias", "false"),
            ("use_sliding_window", "false"),
        ];
        for (key, want) in refused {
            if said(key).is_some_and(|value| value != false) {
                return Err(value(key, &json[key], want));
            }
        }
        for key in ["quantization_config", "quantization"] {
            if let Some(quantised) = said(key) {
                let method = &quantised["quant_method"];
                let got = method
                    .as_str()
                    .map_or("there".to_owned(), |name| format!("`{name}`"));
                return Err(value(key, &got, "weights in F32, F16 or BF16"));
            }
        }
        let layers = said("layer_types").and_then(Json::as_array).into_iter();
        if let Some(other) = layers.flatten().find(|kind| *kind != "full_attention") {
            return Err(value("layer_types", other, "\"full_attention\" everywhere"));
        }
        if let Some(other) = said("hidden_act").filter(|name| *name != "silu") {
            return Err(value("hidden_act", other, "\"silu\""));
        }
        let heads = need("num_attention_heads")?;
        let width = need("hidden_size")?;
        let head_dim = or("head_dim", width / heads)?;
        let epsilon = said("rms_norm_eps").ok_or_else(|| missing("rms_norm_eps"))?;
        let number = epsilon.as_f64();
        let epsilon = number.ok_or_else(|| value("rms_norm_eps", epsilon, "a number above 0"))?;
        let tied = said("tie_word_embeddings").and_then(Json::as_bool);
        let mut config = Self {
            architecture,
            layers: need("num_hidden_layers")?,
            width,
            heads,
            kv_heads: or("num_key_value_heads", heads)?,
            head_dim,
            ffn: need("intermediate_size")?,
            vocab: need("vocab_size")?,
            context: need("max_position_embeddings")?,
            norm_eps: epsilon as f32,
            rope: RopeConfig::from_config(json, head_dim)?,
            pairs: RopePairing::Halves,
            window: 0,
            tied: tied.unwrap_or_else(|| shape("output.weight").is_none()),
        };
        config.stretch();
        if config.rope.dims != head_dim {
            let turned = config.rope.dims as f64 / head_dim as f64;
            let want = "1: whole heads are turned";
            return Err(value("partial_rotary_factor", &turned, want));
        }
        config.check(shape).map_err(in_folders)?;
        Ok(config)
    }
}

/// A fault by the names that a folder's files have for what is at fault.
fn in_folders(error: ModelConfigError) -> ModelConfigError {
    let tensor = |name: String| hugging_face_name(&name).unwrap_or(name);
    match error {
        ModelConfigError::NoTensor { name } => ModelConfigError::NoTensor { name: tensor(name) },
        ModelConfigError::Shape { name, got, want } => ModelConfigError::Shape {
            name: tensor(name),
            got,
            want,
        },
        ModelConfigError::Value { key, got, want } => ModelConfigError::Value {
            key: match key.as_str() {
                "attention.head_count" => "num_attention_heads".to_owned(),
                "attention.key_length" => "head_dim".to_owned(),
                _ => key,
            },
            got,
            want,
        },
        other => other,
    }
}
