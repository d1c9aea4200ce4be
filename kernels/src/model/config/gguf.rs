//! From GGUF metadata.

use super::{Architecture, ModelConfig, ModelConfigError, RopePairing, missing, size, value};
use crate::model::gguf::Gguf;
use crate::model::rope::{RopeConfig, RopeScaling};

impl ModelConfig {
    /// Reads the numbers and checks that every tensor is there in its shape.
    ///
    /// # Errors
    /// [`ModelConfigError`].
    pub fn from_gguf(gguf: &Gguf) -> Result<Self, ModelConfigError> {
        if let Some((no, of)) = gguf.part() {
            return Err(ModelConfigError::Part { no, of });
        }
        let architecture = Architecture::find(gguf.architecture())?;
        let key = |name: &str| format!("{architecture}.{name}");
        let need = |name: &str| match gguf.get(&key(name)) {
            None => Err(missing(&key(name))),
            Some(said) => match said.size() {
                Some(number) => size(&key(name), Some(number)),
                None => {
                    let want = "a whole number, the same for every layer";
                    Err(value(&key(name), &said.in_words(), want))
                }
            },
        };
        let or = |name: &str, default: usize| match gguf.get(&key(name)) {
            Some(_) => need(name),
            None => Ok(default),
        };
        does_no_more(gguf, architecture)?;
        let heads = need("attention.head_count")?;
        let width = need("embedding_length")?;
        let head_dim = or("attention.key_length", width / heads)?;
        let shape = |name: &str| gguf.info(name).ok().map(|info| info.shape.clone());
        let vocab = gguf.info("token_embd.weight")?.shape[0];
        let epsilon = key("attention.layer_norm_rms_epsilon");
        let norm_eps = gguf.float(&epsilon).ok_or_else(|| missing(&epsilon))?;
        if !(norm_eps.is_finite() && norm_eps > 0.0) {
            return Err(value(&epsilon, &norm_eps, "a number above 0"));
        }
        let mut config = Self {
            architecture,
            layers: need("block_count")?,
            width,
            heads,
            kv_heads: or("attention.head_count_kv", heads)?,
            head_dim,
            ffn: need("feed_forward_length")?,
            vocab,
            context: need("context_length")?,
            norm_eps: norm_eps as f32,
            rope: RopeConfig::from_gguf(gguf, head_dim)?,
            pairs: match architecture {
                Architecture::Llama => RopePairing::Neighbours,
                Architecture::Qwen2 | Architecture::Qwen3 => RopePairing::Halves,
            },
            window: 0,
            tied: gguf.info("output.weight").is_err(),
        };
        config.window = config.rope.scaling.original().unwrap_or(config.context);
        if let RopeScaling::Yarn(_) = config.rope.scaling {
            config.stretch();
        }
        config.check(&shape)?;
        let window = key("attention.sliding_window");
        if let Some(said) = gguf.get(&window) {
            let all = said
                .number()
                .is_some_and(|n| n == 0.0 || n >= config.context as f64);
            if !all {
                let want = "0 or the whole window: no sliding windows";
                return Err(value(&window, &said.in_words(), want));
            }
        }
        if shape(&format!("blk.{}.attn_norm.weight", config.layers)).is_some() {
            let held = "as many as the file has blocks";
            return Err(value(&key("block_count"), &config.layers, held));
        }
        Ok(config)
    }
}

/// What llama.cpp knows and our decoder does not do, and the values with which it need not.
const PLAIN: [(&str, &[f64]); 13] = [
    ("expert_count", &[0.0]),
    ("use_parallel_residual", &[0.0]),
    ("attention.causal", &[1.0]),
    ("attention.clamp_kqv", &[0.0]),
    ("attention.max_alibi_bias", &[0.0]),
    ("attention.temperature_length", &[0.0]),
    ("attention.temperature_scale", &[0.0]),
    ("attention.output_scale", &[0.0, 1.0]),
    ("attn_logit_softcapping", &[0.0]),
    ("final_logit_softcapping", &[0.0]),
    ("logit_scale", &[0.0, 1.0]),
    ("embedding_scale", &[0.0, 1.0]),
    ("residual_scale", &[0.0, 1.0]),
];

/// Refuses a file whose metadata asks for more than our decoder does.
fn does_no_more(gguf: &Gguf, architecture: Architecture) -> Result<(), ModelConfigError> {
    for (name, plain) in PLAIN {
        let key = format!("{architecture}.{name}");
        let said = gguf.get(&key);
        if let Some(said) = said.filter(|said| !said.number().is_some_and(|n| plain.contains(&n))) {
            let want = plain.iter().map(f64::to_string).collect::<Vec<_>>();
            return Err(value(&key, &said.in_words(), &want.join(" or ")));
        }
    }
    Ok(())
}
