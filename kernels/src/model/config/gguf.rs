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
        let need = |name: &str| size(&key(name), gguf.uint(&key(name)));
        let or = |name: &str, default: usize| match gguf.uint(&key(name)) {
            Some(_) => need(name),
            None => Ok(default),
        };
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
        Ok(config)
    }
}
