//! The sizes of a decoder, as a stage file names them and as `config.json` does.

use fathom_kernels::model::rope::RopeConfig;
use serde::{Deserialize, Serialize};
use serde_json::{Value as Json, json};

/// The sizes of a decoder.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DecoderSizes {
    /// Blocks.
    pub layers: usize,
    /// Values of a token between the blocks.
    pub width: usize,
    /// Query heads.
    pub heads: usize,
    /// Key and value heads; divides `heads`.
    pub kv_heads: usize,
    /// Values of a head.
    pub head_dim: usize,
    /// Values inside the feed-forward part.
    pub ffn: usize,
    /// The longest sequence.
    pub context: usize,
    /// The base of the rotary positions.
    pub rope_base: f64,
    /// Added to the mean square before its root.
    #[serde(default = "norm_eps")]
    pub norm_eps: f32,
}

fn norm_eps() -> f32 {
    1e-6
}

/// Sizes that make no decoder.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
#[error("`model.{name}` is {got}, expected {want}")]
pub struct DecoderSizeError {
    /// The size.
    pub name: &'static str,
    /// What the file says.
    pub got: String,
    /// What would do.
    pub want: String,
}

impl DecoderSizes {
    /// Checks that the sizes go together.
    ///
    /// # Errors
    /// The first that does not.
    pub fn check(&self) -> Result<(), DecoderSizeError> {
        let fault = |name, got: &dyn ToString, want: String| DecoderSizeError {
            name,
            got: got.to_string(),
            want,
        };
        let sizes = [
            ("layers", self.layers),
            ("width", self.width),
            ("heads", self.heads),
            ("kv_heads", self.kv_heads),
            ("head_dim", self.head_dim),
            ("ffn", self.ffn),
            ("context", self.context),
        ];
        if let Some((name, got)) = sizes.into_iter().find(|(_, size)| *size == 0) {
            return Err(fault(name, &got, "at least 1".to_owned()));
        }
        if !self.heads.is_multiple_of(self.kv_heads) {
            let want = format!("a number that divides the {} heads", self.heads);
            return Err(fault("kv_heads", &self.kv_heads, want));
        }
        if !self.head_dim.is_multiple_of(2) {
            let want = "an even number: positions turn pairs".to_owned();
            return Err(fault("head_dim", &self.head_dim, want));
        }
        if !(self.rope_base.is_finite() && self.rope_base > 1.0) {
            let want = "a number above 1".to_owned();
            return Err(fault("rope_base", &self.rope_base, want));
        }
        Ok(())
    }

    /// Values of a token's queries.
    pub(crate) fn query_columns(&self) -> usize {
        self.heads * self.head_dim
    }

    /// Values of a token's keys.
    pub(crate) fn key_columns(&self) -> usize {
        self.kv_heads * self.head_dim
    }

    /// How far positions turn.
    pub(crate) fn rope(&self) -> RopeConfig {
        RopeConfig::new(self.rope_base, self.head_dim)
    }

    /// The `config.json` of a checkpoint whose tokenizer has `vocabulary` tokens, of which `end` ends a
    /// text.
    pub(crate) fn config_json(&self, vocabulary: usize, end: u32) -> Json {
        json!({
            "architectures": ["Qwen3ForCausalLM"],
            "model_type": "qwen3",
            "num_hidden_layers": self.layers,
            "hidden_size": self.width,
            "num_attention_heads": self.heads,
            "num_key_value_heads": self.kv_heads,
            "head_dim": self.head_dim,
            "intermediate_size": self.ffn,
            "vocab_size": vocabulary,
            "max_position_embeddings": self.context,
            "rope_theta": self.rope_base,
            "rms_norm_eps": self.norm_eps,
            "hidden_act": "silu",
            "attention_bias": false,
            "use_sliding_window": false,
            "tie_word_embeddings": true,
            "bos_token_id": end,
            "eos_token_id": end,
            "torch_dtype": "float16",
        })
    }
}
