//! Causal attention with grouped heads, over keys and values of any length.

#[cfg(any(test, not(feature = "flash-attn")))]
mod in_blocks; // blockwise attention for devices without a kernel of ours

use candle_core::{Device, Result, Tensor};
use candle_nn::ops::rms_norm;
use candle_nn::rotary_emb::{rope, rope_i};
use fathom_kernels::model::config::RopePairing;

use super::cpu::attention::BlockwiseAttention;
use super::kv_cache::CandleKvCache;
use super::linear::Linear;
use super::shape::DecoderShape;
#[cfg(not(feature = "flash-attn"))]
use in_blocks::{in_blocks, mask};

/// One layer's weights.
#[derive(Debug)]
pub(super) struct AttentionLayer {
    /// Queries, keys and values in one.
    pub(super) qkv: Linear,
    /// What queries and keys are normed by, head by head, where they are.
    pub(super) norms: Option<(Tensor, Tensor)>,
    pub(super) out: Linear,
}

/// What the tokens of a chunk have in common in every layer.
pub(super) struct ChunkTensors {
    /// Rotation of their positions, `(tokens, head_dim / 2)`.
    pub(super) cos: Tensor,
    /// Likewise.
    pub(super) sin: Tensor,
    /// What they may see of each other, where the way they are computed wants it.
    mask: Option<Tensor>,
}

impl ChunkTensors {
    /// Of `tokens` tokens on `device`.
    pub(super) fn new(cos: Tensor, sin: Tensor, tokens: usize, device: &Device) -> Result<Self> {
        let mask = match device {
            Device::Cpu => None,
            _ => mask(tokens, device)?,
        };
        Ok(Self { cos, sin, mask })
    }
}

impl AttentionLayer {
    /// `x` is `(tokens, width)`.
    pub(super) fn forward(
        &self,
        x: &Tensor,
        layer: usize,
        cache: &CandleKvCache,
        shape: &DecoderShape,
        chunk: &ChunkTensors,
    ) -> Result<Tensor> {
        let (tokens, _) = x.dims2()?;
        let &DecoderShape {
            heads,
            kv_heads,
            head_dim,
            norm_eps,
            pairs,
            ..
        } = shape;
        let qkv = self.qkv.forward(x)?;
        let split = |first: usize, heads: usize, norm: Option<&Tensor>| {
            let x = qkv.narrow(1, first * head_dim, heads * head_dim)?;
            let x = x.reshape((tokens, heads, head_dim))?;
            let x = match norm {
                Some(norm) => rms_norm(&x.contiguous()?, norm, norm_eps)?,
                None => x,
            };
            x.transpose(0, 1)?.contiguous()
        };
        let rotate = |x: Tensor| {
            let x = x.unsqueeze(0)?;
            match pairs {
                RopePairing::Neighbours => rope_i(&x, &chunk.cos, &chunk.sin)?,
                RopePairing::Halves => rope(&x, &chunk.cos, &chunk.sin)?,
            }
            .squeeze(0)
        };
        let (q_norm, k_norm) = self.norms.as_ref().map(|(q, k)| (q, k)).unzip();
        let q = rotate(split(0, heads, q_norm)?)?;
        let k = rotate(split(heads, kv_heads, k_norm)?)?;
        let v = split(heads + kv_heads, kv_heads, None)?;
        let len = cache.push(layer, &k, &v)?;
        let (keys, values) = cache.layer(layer);
        let scale = 1.0 / (head_dim as f32).sqrt();
        let attention_output = match x.device() {
            Device::Cpu => q.apply_op3_no_bwd(keys, values, &BlockwiseAttention { len, scale })?,
            _ => in_blocks(&q, [keys, values], len, scale, chunk.mask.as_ref())?,
        };
        self.out.forward(&attention_output)
    }
}

/// As [`BlockwiseAttention`], by flash attention, which makes blocks of its own.
#[cfg(feature = "flash-attn")]
fn in_blocks(
    q: &Tensor,
    [k, v]: [&Tensor; 2],
    len: usize,
    scale: f32,
    _: Option<&Tensor>,
) -> Result<Tensor> {
    // It wants (batch, tokens, heads, head_dim).
    let swap = |x: &Tensor| x.transpose(0, 1)?.unsqueeze(0);
    let (k, v) = (swap(&k.narrow(1, 0, len)?)?, swap(&v.narrow(1, 0, len)?)?);
    let attention_output = candle_flash_attn::flash_attn(&swap(q)?, &k, &v, scale, true)?;
    attention_output.squeeze(0)?.flatten_from(1)
}

#[cfg(feature = "flash-attn")]
fn mask(_: usize, _: &Device) -> Result<Option<Tensor>> {
    Ok(None)
}

#[cfg(test)]
mod tests;
