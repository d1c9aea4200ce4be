//! Blockwise attention where there is no kernel for it.

use std::ops::Range;

use candle_core::{D, DType, Device, Result, Tensor};

/// Scores that are held at once: 64 MB, so that a device has much to do at each call. A call takes
/// longer to hand over than a small one takes to compute.
const SCORES: usize = 1 << 24;
/// Keys of a block, at least.
const LEAST: usize = 1024;

/// As [`BlockwiseAttention`](super::BlockwiseAttention), on any device by candle's own kernels;
/// `mask` is [`mask`] of as many tokens.
pub(super) fn in_blocks(
    q: &Tensor,
    [k, v]: [&Tensor; 2],
    len: usize,
    scale: f32,
    mask: Option<&Tensor>,
) -> Result<Tensor> {
    let (heads, tokens, head_dim) = q.dims3()?;
    let kv_heads = k.dim(0)?;
    let rows = heads / kv_heads * tokens;
    // Heads of one group stand next to each other, so they are rows of one product.
    let q = q.reshape((kv_heads, rows, head_dim))?;
    let mut state: Option<(Tensor, Tensor, Tensor)> = None;
    for (Range { start, end }, mask) in blocks(len, tokens, SCORES / (heads * tokens), mask) {
        let count = end - start;
        let keys = k.narrow(1, start, count)?.to_dtype(q.dtype())?;
        let scores = (q.matmul(&keys.t()?)?.to_dtype(DType::F32)? * f64::from(scale))?;
        let scores = match mask {
            Some(mask) => scores
                .reshape((heads, tokens, count))?
                .broadcast_add(mask)?
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
        let attention_output = weights.to_dtype(q.dtype())?.matmul(&values)?;
        let (mut sum, mut attention_output) = (
            weights.sum_keepdim(D::Minus1)?,
            attention_output.to_dtype(DType::F32)?,
        );
        if let Some((before, sum_before, mixed_before)) = state {
            let shrink = (before - &largest)?.exp()?;
            sum = (sum + (sum_before * &shrink)?)?;
            attention_output = (attention_output + mixed_before.broadcast_mul(&shrink)?)?;
        }
        state = Some((largest, sum, attention_output));
    }
    let Some((_, sum, attention_output)) = state else {
        candle_core::bail!("attention to no tokens");
    };
    attention_output
        .broadcast_div(&sum)?
        .to_dtype(q.dtype())?
        .reshape((heads, tokens, head_dim))?
        .transpose(0, 1)?
        .reshape((tokens, heads * head_dim))
}

/// The keys that are looked at together, and what hides some of them: those before the chunk are
/// seen by all its tokens, `most` at a time; its own come last, masked where there are several.
fn blocks(
    len: usize,
    tokens: usize,
    most: usize,
    mask: Option<&Tensor>,
) -> impl Iterator<Item = (Range<usize>, Option<&Tensor>)> {
    let seen = if mask.is_some() { len - tokens } else { len };
    let most = most.max(LEAST);
    let earlier = (0..seen).step_by(most);
    let earlier = earlier.map(move |start| (start..seen.min(start + most), None));
    earlier.chain(mask.map(|mask| (seen..len, Some(mask))))
}

/// What a chunk's tokens may see of each other, `(tokens, tokens)`: 0 where one comes no later,
/// minus a lot where it does. Nothing for a single one.
pub(super) fn mask(tokens: usize, device: &Device) -> Result<Option<Tensor>> {
    if tokens < 2 {
        return Ok(None);
    }
    let row = |row| (0..tokens).map(move |at| if at <= row { 0.0_f32 } else { -1e30 });
    let mask: Vec<f32> = (0..tokens).flat_map(row).collect();
    Tensor::from_vec(mask, (tokens, tokens), device).map(Some)
}
