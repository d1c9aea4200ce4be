//! Causal attention with grouped heads, over keys and values of any length.

use candle_core::{D, DType, Device, Result, Tensor};
use candle_nn::ops::rms_norm;
use candle_nn::rotary_emb::{rope, rope_i};
use fathom_kernels::model::config::Pairs;

use super::cpu::attention::Blockwise;
use super::decoder::Shape;
use super::kv_cache::KvCache;
use super::linear::Linear;

/// One layer's weights.
#[derive(Debug)]
pub(super) struct Attention {
    /// Queries, keys and values in one.
    pub(super) qkv: Linear,
    /// What queries and keys are normed by, head by head, where they are.
    pub(super) norms: Option<(Tensor, Tensor)>,
    pub(super) out: Linear,
}

/// Rotation of a chunk's positions, `(tokens, head_dim / 2)` both.
pub(super) struct Turns {
    pub(super) cos: Tensor,
    pub(super) sin: Tensor,
}

impl Attention {
    /// `x` is `(tokens, width)`.
    pub(super) fn forward(
        &self,
        x: &Tensor,
        layer: usize,
        cache: &KvCache,
        shape: &Shape,
        turns: &Turns,
    ) -> Result<Tensor> {
        let (tokens, _) = x.dims2()?;
        let &Shape {
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
                Pairs::Neighbours => rope_i(&x, &turns.cos, &turns.sin)?,
                Pairs::Halves => rope(&x, &turns.cos, &turns.sin)?,
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
        let mixed = match x.device() {
            Device::Cpu => q.apply_op3_no_bwd(keys, values, &Blockwise { len, scale })?,
            _ => on_device(&q, keys, values, len, scale)?,
        };
        self.out.forward(&mixed)
    }
}

/// As [`Blockwise`], by flash attention.
#[cfg(feature = "flash-attn")]
fn on_device(q: &Tensor, k: &Tensor, v: &Tensor, len: usize, scale: f32) -> Result<Tensor> {
    // It wants (batch, tokens, heads, head_dim).
    let swap = |x: &Tensor| x.transpose(0, 1)?.unsqueeze(0);
    let (k, v) = (swap(&k.narrow(1, 0, len)?)?, swap(&v.narrow(1, 0, len)?)?);
    let mixed = candle_flash_attn::flash_attn(&swap(q)?, &k, &v, scale, true)?;
    mixed.squeeze(0)?.flatten_from(1)
}

#[cfg(not(feature = "flash-attn"))]
fn on_device(q: &Tensor, k: &Tensor, v: &Tensor, len: usize, scale: f32) -> Result<Tensor> {
    in_blocks(q, k, v, len, scale)
}

/// As [`Blockwise`], on any device by candle's own kernels.
#[cfg(any(test, not(feature = "flash-attn")))]
pub(super) fn in_blocks(
    q: &Tensor,
    k: &Tensor,
    v: &Tensor,
    len: usize,
    scale: f32,
) -> Result<Tensor> {
    /// Keys at a time.
    const BLOCK: usize = 1024;
    let (heads, tokens, head_dim) = q.dims3()?;
    let kv_heads = k.dim(0)?;
    let rows = heads / kv_heads * tokens;
    // Heads of one group stand next to each other, so they are rows of one product.
    let q = q.reshape((kv_heads, rows, head_dim))?;
    let mut state: Option<(Tensor, Tensor, Tensor)> = None;
    for start in (0..len).step_by(BLOCK) {
        let count = BLOCK.min(len - start);
        let keys = k.narrow(1, start, count)?.to_dtype(q.dtype())?;
        let scores = (q.matmul(&keys.t()?)?.to_dtype(DType::F32)? * f64::from(scale))?;
        let scores = match mask(len - tokens, tokens, start, count, q.device())? {
            Some(mask) => scores
                .reshape((heads, tokens, count))?
                .broadcast_add(&mask)?
                .reshape((kv_heads, rows, count))?,
            None => scores,
        };
        let most = scores.max_keepdim(D::Minus1)?;
        let largest = match &state {
            Some((before, ..)) => before.maximum(&most)?,
            None => most,
        };
        let weights = scores.broadcast_sub(&largest)?.exp()?;
        let values = v.narrow(1, start, count)?.to_dtype(q.dtype())?;
        let mixed = weights.to_dtype(q.dtype())?.matmul(&values)?;
        let (mut sum, mut mixed) = (weights.sum_keepdim(D::Minus1)?, mixed.to_dtype(DType::F32)?);
        if let Some((before, sum_before, mixed_before)) = state {
            let shrink = (before - &largest)?.exp()?;
            sum = (sum + (sum_before * &shrink)?)?;
            mixed = (mixed + mixed_before.broadcast_mul(&shrink)?)?;
        }
        state = Some((largest, sum, mixed));
    }
    let Some((_, sum, mixed)) = state else {
        candle_core::bail!("attention to no tokens");
    };
    mixed
        .broadcast_div(&sum)?
        .to_dtype(q.dtype())?
        .reshape((heads, tokens, head_dim))?
        .transpose(0, 1)?
        .reshape((tokens, heads * head_dim))
}

/// `(tokens, count)`: 0 where a token may look at the keys from `start` on, minus a lot where it may
/// not; nothing where all may look at all. The first block has a key for every token, so that no
/// row is ever without one.
#[cfg(any(test, not(feature = "flash-attn")))]
fn mask(
    before: usize,
    tokens: usize,
    start: usize,
    count: usize,
    device: &Device,
) -> Result<Option<Tensor>> {
    if start + count <= before + 1 {
        return Ok(None);
    }
    let mask: Vec<f32> = (0..tokens)
        .flat_map(|row| {
            let last = before + row;
            (start..start + count).map(move |at| if at <= last { 0.0 } else { -1e30 })
        })
        .collect();
    Tensor::from_vec(mask, (tokens, count), device).map(Some)
}

#[cfg(test)]
mod tests;
