//! The llama family in f32: tokens in, logits of the last one out.

use std::sync::atomic::{AtomicBool, Ordering};

use candle_core::{Device, Result, Tensor};
use candle_nn::ops::rms_norm;
use fathom_kernels::model::rope::rotations;

use super::attention::{Attention, Chunk, causal_mask};
use super::kv_cache::KvCache;

/// The numbers of a model that its weights do not tell.
#[derive(Clone, PartialEq, Debug)]
pub(super) struct Shape {
    pub(super) heads: usize,
    pub(super) kv_heads: usize,
    pub(super) head_dim: usize,
    pub(super) norm_eps: f32,
    /// Radians per position of each pair of a head's values.
    pub(super) frequencies: Vec<f32>,
    /// What cosine and sine are multiplied by.
    pub(super) attention: f64,
}

/// Every matrix is `(out, in)`.
#[derive(Debug)]
pub(super) struct Llama {
    pub(super) shape: Shape,
    pub(super) embedding: Tensor,
    pub(super) layers: Vec<Layer>,
    pub(super) norm: Tensor,
    /// The embedding itself where the model ties the two.
    pub(super) output: Tensor,
    pub(super) device: Device,
}

#[derive(Debug)]
pub(super) struct Layer {
    pub(super) attention_norm: Tensor,
    pub(super) attention: Attention,
    pub(super) ffn_norm: Tensor,
    pub(super) gate: Tensor,
    pub(super) up: Tensor,
    pub(super) down: Tensor,
}

impl Llama {
    /// An empty cache for prompt and answer of `room` tokens together.
    pub(super) fn cache(&self, room: usize) -> Result<KvCache> {
        let Shape {
            kv_heads, head_dim, ..
        } = self.shape;
        KvCache::new(self.layers.len(), kv_heads, head_dim, room, &self.device)
    }

    /// Reads `tokens` after what `cache` holds and returns the logits that follow each of them, or
    /// only the last one, or `None` when `cancel` rose on the way; the cache is then good for
    /// nothing but clearing.
    pub(super) fn forward(
        &self,
        tokens: &[u32],
        cache: &mut KvCache,
        all: bool,
        cancel: &AtomicBool,
    ) -> Result<Option<Vec<Vec<f32>>>> {
        let shape = &self.shape;
        let (cos, sin) = self.rotation(cache.len(), tokens.len())?;
        let chunk = Chunk {
            heads: shape.heads,
            kv_heads: shape.kv_heads,
            head_dim: shape.head_dim,
            cos,
            sin,
            mask: causal_mask(cache.len(), tokens.len(), &self.device)?,
        };
        let ids = Tensor::new(tokens, &self.device)?;
        let mut x = self.embedding.index_select(&ids, 0)?;
        for (number, layer) in self.layers.iter().enumerate() {
            // A layer of a chunk takes tens of milliseconds: soon enough for whoever stops it.
            if cancel.load(Ordering::Relaxed) {
                return Ok(None);
            }
            let normed = rms_norm(&x, &layer.attention_norm, shape.norm_eps)?;
            x = (x + layer.attention.forward(&normed, number, cache, &chunk)?)?;
            let normed = rms_norm(&x, &layer.ffn_norm, shape.norm_eps)?;
            x = (x + layer.feed_forward(&normed)?)?;
        }
        cache.advance(tokens.len());
        // The head is a fifth of all the weights: only what is asked for goes through it.
        let asked = if all { tokens.len() } else { 1 };
        let x = x.narrow(0, tokens.len() - asked, asked)?.contiguous()?;
        let x = rms_norm(&x, &self.norm, shape.norm_eps)?;
        linear(&x, &self.output)?.to_vec2().map(Some)
    }

    /// Cosine and sine of every pair at each position, `(tokens, pairs)` both.
    fn rotation(&self, before: usize, tokens: usize) -> Result<(Tensor, Tensor)> {
        let Shape {
            frequencies,
            attention,
            ..
        } = &self.shape;
        let turns = rotations(frequencies, *attention, before, tokens).into_iter();
        let (cos, sin): (Vec<f32>, Vec<f32>) = turns.map(|[cos, sin]| (cos, sin)).unzip();
        let size = (tokens, frequencies.len());
        let tensor = |values| Tensor::from_vec(values, size, &self.device);
        Ok((tensor(cos)?, tensor(sin)?))
    }
}

impl Layer {
    /// # Formula
    /// `down (silu(gate x) ⊙ up x)`
    fn feed_forward(&self, x: &Tensor) -> Result<Tensor> {
        let gated = (linear(x, &self.gate)?.silu()? * linear(x, &self.up)?)?;
        linear(&gated, &self.down)
    }
}

/// `x wᵀ`, with `x` `(tokens, in)` and `w` `(out, in)`.
pub(super) fn linear(x: &Tensor, w: &Tensor) -> Result<Tensor> {
    x.matmul(&w.t()?)
}
