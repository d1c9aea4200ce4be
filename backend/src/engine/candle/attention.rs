//! Causal attention with grouped heads.

use candle_core::{D, Device, Result, Tensor};
use candle_nn::ops::softmax_last_dim;
use candle_nn::rotary_emb::rope_i;

use super::kv_cache::KvCache;
use super::llama::linear;

/// One layer's weights, each `(out, in)`.
#[derive(Debug)]
pub(super) struct Attention {
    pub(super) q: Tensor,
    pub(super) k: Tensor,
    pub(super) v: Tensor,
    pub(super) out: Tensor,
}

/// What all layers share while one chunk passes through them.
pub(super) struct Chunk {
    pub(super) heads: usize,
    pub(super) kv_heads: usize,
    pub(super) head_dim: usize,
    /// Rotation of the chunk's positions, `(tokens, head width / 2)`.
    pub(super) cos: Tensor,
    pub(super) sin: Tensor,
    /// `(tokens, all tokens)`: 0 where a token may look, minus infinity where it may not. One
    /// token alone may look everywhere.
    pub(super) mask: Option<Tensor>,
}

impl Attention {
    /// # Formula
    /// `softmax(q kᵀ / √d + mask) v`; query head `h` reads key head `h / (heads / kv heads)`.
    /// `x` is `(tokens, width)`; the scores are `tokens × all tokens`, never the whole square.
    pub(super) fn forward(
        &self,
        x: &Tensor,
        layer: usize,
        cache: &KvCache,
        chunk: &Chunk,
    ) -> Result<Tensor> {
        let (tokens, _) = x.dims2()?;
        let &Chunk {
            heads,
            kv_heads,
            head_dim,
            ..
        } = chunk;
        let split = |x: Tensor, heads: usize| {
            x.reshape((tokens, heads, head_dim))?
                .transpose(0, 1)?
                .contiguous()
        };
        // GGUF stores q and k of llama so that neighbours form a pair.
        let rotate = |x: Tensor| rope_i(&x.unsqueeze(0)?, &chunk.cos, &chunk.sin)?.squeeze(0);
        let q = rotate(split(linear(x, &self.q)?, heads)?)?;
        let k = rotate(split(linear(x, &self.k)?, kv_heads)?)?;
        let v = split(linear(x, &self.v)?, kv_heads)?;
        let (k, v) = cache.push(layer, &k, &v)?;

        // Heads of one group stand next to each other, so they are rows of one product.
        let q = q.reshape((kv_heads, heads / kv_heads * tokens, head_dim))?;
        let scale = 1.0 / (head_dim as f64).sqrt();
        let scores = (q.matmul(&k.t()?)? * scale)?;
        let all = scores.dim(D::Minus1)?;
        let scores = match &chunk.mask {
            Some(mask) => scores
                .reshape((heads, tokens, all))?
                .broadcast_add(mask)?
                .reshape((kv_heads, heads / kv_heads * tokens, all))?,
            None => scores,
        };
        let mixed = softmax_last_dim(&scores)?.matmul(&v)?;
        let mixed = mixed
            .reshape((heads, tokens, head_dim))?
            .transpose(0, 1)?
            .reshape((tokens, heads * head_dim))?;
        linear(&mixed, &self.out)
    }
}

/// The mask of `tokens` new ones after `before` old ones.
pub(super) fn causal_mask(before: usize, tokens: usize, device: &Device) -> Result<Option<Tensor>> {
    if tokens == 1 {
        return Ok(None);
    }
    let all = before + tokens;
    let mask: Vec<f32> = (0..tokens)
        .flat_map(|row| {
            let last = before + row;
            (0..all).map(move |at| if at <= last { 0.0 } else { f32::NEG_INFINITY })
        })
        .collect();
    Tensor::from_vec(mask, (tokens, all), device).map(Some)
}
