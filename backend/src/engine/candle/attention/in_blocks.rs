//! Blockwise attention where there is no kernel for it.

use candle_core::{D, DType, Device, Result, Tensor};

/// As [`Blockwise`](super::Blockwise), on any device by candle's own kernels.
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
