//! The dimensions of a model that determine its costs.

use serde::{Deserialize, Serialize};

use crate::tokens::Tokens;

/// The dimensions that determine a model's costs.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct ModelDimensions {
    /// Its name, if it was given by name; otherwise empty.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub name: String,
    /// Parameters that take part in a token: the active ones of a mixture of experts.
    pub parameters: f64,
    /// Layers with attention.
    pub layers: u32,
    /// Query heads times their width.
    pub attention_width: u32,
    /// All parameters, which have to fit into memory; the same if left out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub total_parameters: Option<f64>,
    /// Key heads times their width; if left out, a quarter of the attention width, and at most 1,024, as in
    /// models with grouped queries.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub kv_width: Option<u32>,
    /// Further layers, which attend only to a sliding window.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub local: Option<LocalAttention>,
    /// Further layers, which keep a state of constant size: linear attention, state space.
    #[serde(default, skip_serializing_if = "none")]
    pub linear_layers: u32,
    /// The source of the shape; empty if it is typed in or estimated.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub shape_by: String,
}

/// Layers with attention over a sliding window.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct LocalAttention {
    /// How many.
    pub layers: u32,
    /// Tokens that they look back.
    pub window: u32,
}

/// The widest keys that are assumed: eight heads of 128, as in most models from 7B on.
const USUAL_KEYS: u32 = 1_024;
/// The range in which an estimated cache is reported, as factors: 4 to 16 heads of 128.
const CACHE_RANGE: (f64, f64) = (0.5, 2.0);

fn none(layers: &u32) -> bool {
    *layers == 0
}

impl ModelDimensions {
    /// The usual shape of a dense transformer, if only its size is known.
    ///
    /// # Formula
    /// `N = 12 L W²` (Kaplan et al., arXiv 2001.08361) with `L = W / 128`, as of Llama 3.1 8B and
    /// GPT-3. An estimate, which is used only for attention's term and the cache.
    pub fn of_size(parameters: f64) -> Self {
        let width = libm::cbrt(parameters.max(0.0) * 128.0 / 12.0).max(1.0);
        Self {
            name: String::new(),
            parameters,
            layers: (width / 128.0).round().max(1.0) as u32,
            attention_width: width.round() as u32,
            total_parameters: None,
            kv_width: None,
            local: None,
            linear_layers: 0,
            shape_by: String::new(),
        }
    }

    /// Operations of reading `tokens`.
    ///
    /// # Formula
    /// `2 N T + 2 L W T²`: two for each parameter and token, and attention's two products of
    /// `2 W` for each pair of a token and one before it, of which there are `T² / 2`. `N`
    /// parameters, `L` layers, `W` attention width. Source: Kaplan et al., arXiv 2001.08361,
    /// table 1, the attention term for causal masks.
    ///
    /// # Example
    /// ```
    /// use fathom_shared::{advise::costs::ModelDimensions, tokens::Tokens};
    /// let model = ModelDimensions { layers: 32, attention_width: 4096, ..ModelDimensions::of_size(8e9) };
    /// let flops = model.prefill_flops(Tokens(131_072));
    /// assert!((flops / 6.6e15 - 1.0).abs() < 0.01); // 2.1e15 for weights, 4.5e15 for attention
    /// ```
    pub fn prefill_flops(&self, tokens: Tokens) -> f64 {
        let tokens = f64::from(tokens.0);
        2.0 * self.parameters * tokens + 2.0 * self.attention() * tokens * tokens
    }

    /// Operations of one more token after `context`.
    ///
    /// # Formula
    /// `2 N + 4 L W T`.
    pub fn decode_flops(&self, context: Tokens) -> f64 {
        2.0 * self.parameters + 4.0 * self.attention() * f64::from(context.0)
    }

    /// Bytes read for one more token after `context`: the weights and the cache, 16 bits each.
    ///
    /// # Formula
    /// `2 N + 4 L K T`, with `K` the width of the keys.
    pub fn decode_bytes(&self, context: Tokens) -> f64 {
        2.0 * self.parameters + self.cache_bytes(context)
    }

    /// Bytes of the keys and values of `context`, 16 bits each.
    ///
    /// # Formula
    /// `2 · 2 K (L T + L' min(T, T'))`, with `L'` layers that look back `T'` tokens.
    pub fn cache_bytes(&self, context: Tokens) -> f64 {
        let local = self.local.map_or(0.0, |local| {
            f64::from(local.layers) * f64::from(local.window.min(context.0))
        });
        let tokens = f64::from(self.layers) * f64::from(context.0) + local;
        4.0 * f64::from(self.kv()) * tokens
    }

    /// The same as a range: one figure if the width of the keys is known, else from half of the
    /// usual to twice it.
    pub fn cache_range(&self, context: Tokens) -> (f64, f64) {
        let usual = self.cache_bytes(context);
        match self.kv_width {
            Some(_) => (usual, usual),
            None => (usual * CACHE_RANGE.0, usual * CACHE_RANGE.1),
        }
    }

    /// Whether its name says that some of its layers keep a state of constant size, but not how many.
    pub fn may_be_linear(&self) -> bool {
        let name = self.name.to_lowercase();
        let kinds = [
            "linear", "mamba", "jamba", "rwkv", "retnet", "hybrid", "hyena",
        ];
        self.kv_width.is_none() && kinds.iter().any(|kind| name.contains(kind))
    }

    /// Bytes of the weights, 16 bits each.
    pub fn weight_bytes(&self) -> f64 {
        2.0 * self.total_parameters.unwrap_or(self.parameters)
    }

    /// Operations of training on `tokens` in texts of `length`: those of the weights, and those of
    /// attention.
    ///
    /// # Formula
    /// `6 N D` and `6 L W T D`: forward and backward take three times what reading takes, and of a
    /// text of `T` tokens each one looks at `T / 2` on average. Source: Kaplan et al., arXiv
    /// 2001.08361, table 1.
    pub fn training_flops(&self, tokens: f64, length: Tokens) -> (f64, f64) {
        let attention = 6.0 * self.attention() * f64::from(length.0);
        (6.0 * self.parameters * tokens, attention * tokens)
    }

    fn attention(&self) -> f64 {
        f64::from(self.layers) * f64::from(self.attention_width)
    }

    fn kv(&self) -> u32 {
        self.kv_width
            .unwrap_or((self.attention_width / 4).clamp(1, USUAL_KEYS))
    }
}
