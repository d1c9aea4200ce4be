//! Causal attention with grouped heads, queries and keys normed head by head and rotated by position:
//! one operation on the processor, composed of candle's own on any other device.

mod head; // norm and rotation of one head
mod passes; // the forward and the backward pass over one sequence

pub(crate) use head::Rotations;

use candle_core::{CpuStorage, CustomOp3, D, DType, Device, Layout, Result, Shape, Tensor};
use rayon::prelude::*;

use super::rms_norm::rms_norm;
use crate::cpu::{contiguous, cpu_slice, sum_of, tensor_slice, vectorized};
use passes::{AttentionBackward, AttentionForward, AttentionInput};

/// How the values of a token lie: queries, then keys, then values, head by head.
#[derive(Clone, Copy, Debug)]
pub(crate) struct QkvLayout {
    pub(crate) heads: usize,
    pub(crate) kv_heads: usize,
    pub(crate) head_dim: usize,
    /// Tokens of a sequence: T.
    pub(crate) sequence: usize,
    pub(crate) norm_eps: f32,
}

impl QkvLayout {
    /// Values of a token: (H + 2K) D.
    fn columns(&self) -> usize {
        (self.heads + 2 * self.kv_heads) * self.head_dim
    }

    /// Values of a token's queries: H D.
    fn query_columns(&self) -> usize {
        self.heads * self.head_dim
    }

    /// Where a key head begins; those of values follow.
    fn key_column(&self, kv: usize) -> usize {
        (self.heads + kv) * self.head_dim
    }

    /// The query heads that read a key head.
    fn group(&self, kv: usize) -> std::ops::Range<usize> {
        let size = self.heads / self.kv_heads;
        kv * size..(kv + 1) * size
    }

    fn scale(&self) -> f32 {
        1.0 / (self.head_dim as f32).sqrt()
    }

    #[inline(always)]
    fn inverse_rms(&self, row: &[f32]) -> f32 {
        let squares = sum_of(row, row, |a, b| a * b);
        1.0 / (squares / row.len() as f32 + self.norm_eps).sqrt()
    }
}

/// Attention of every token to those before it in its sequence.
///
/// - qkv shape: (B T, (H + 2K) D)
/// - result shape: (B T, H D)
///
/// # Errors
/// What candle says.
pub(crate) fn attention(
    qkv: &Tensor,
    (q_norm, k_norm): (&Tensor, &Tensor),
    layout: QkvLayout,
    rotations: &Rotations,
) -> Result<Tensor> {
    match qkv.device() {
        Device::Cpu => {
            let rotations = rotations.clone();
            qkv.apply_op3(q_norm, k_norm, AttentionOp { layout, rotations })
        }
        _ => composed(qkv, (q_norm, k_norm), layout, rotations),
    }
}

/// The same of candle's own operations.
///
/// # Errors
/// What candle says.
pub(super) fn composed(
    qkv: &Tensor,
    (q_norm, k_norm): (&Tensor, &Tensor),
    layout: QkvLayout,
    rotations: &Rotations,
) -> Result<Tensor> {
    let QkvLayout {
        heads,
        kv_heads,
        head_dim,
        sequence,
        norm_eps,
    } = layout;
    let (device, half) = (qkv.device(), head_dim / 2);
    let batch = qkv.dim(0)? / sequence;
    let all = qkv.reshape((batch, sequence, heads + 2 * kv_heads, head_dim))?;
    let part =
        |first: usize, count: usize| all.narrow(2, first, count)?.transpose(1, 2)?.contiguous();
    let table = |values: &[f32]| {
        let values = values[..sequence * half].to_vec();
        Tensor::from_vec(values, (1, 1, sequence, half), device)
    };
    let (cos, sin) = (table(&rotations.cos)?, table(&rotations.sin)?);
    let rotated = |x: Tensor, norm: &Tensor| -> Result<Tensor> {
        let x = rms_norm(&x, norm, norm_eps)?;
        let (a, b) = (
            x.narrow(D::Minus1, 0, half)?,
            x.narrow(D::Minus1, half, half)?,
        );
        let low = (a.broadcast_mul(&cos)? - b.broadcast_mul(&sin)?)?;
        let high = (b.broadcast_mul(&cos)? + a.broadcast_mul(&sin)?)?;
        Tensor::cat(&[low, high], D::Minus1)
    };
    // Each key head for all query heads that read it.
    let repeated = |x: Tensor| -> Result<Tensor> {
        let group = heads / kv_heads;
        let x = x.unsqueeze(2)?;
        let x = x.broadcast_as((batch, kv_heads, group, sequence, head_dim))?;
        x.reshape((batch, heads, sequence, head_dim))
    };
    let q = rotated(part(0, heads)?, q_norm)?;
    let k = repeated(rotated(part(heads, kv_heads)?, k_norm)?)?;
    let v = repeated(part(heads + kv_heads, kv_heads)?)?;
    let scores = (q.matmul(&k.transpose(2, 3)?.contiguous()?)? * f64::from(layout.scale()))?;
    let mask: Vec<f32> = (0..sequence * sequence)
        .map(|at| match at % sequence > at / sequence {
            true => f32::NEG_INFINITY,
            false => 0.0,
        })
        .collect();
    let mask = Tensor::from_vec(mask, (1, 1, sequence, sequence), device)?;
    let scores = scores.broadcast_add(&mask)?;
    let shifted = scores.broadcast_sub(&scores.max_keepdim(D::Minus1)?.detach())?;
    let weights = shifted.exp()?;
    let weights = weights.broadcast_div(&weights.sum_keepdim(D::Minus1)?)?;
    let out = weights.matmul(&v)?.transpose(1, 2)?.contiguous()?;
    out.reshape((batch * sequence, heads * head_dim))
}

struct AttentionOp {
    layout: QkvLayout,
    rotations: Rotations,
}

impl AttentionOp {
    fn input<'a>(
        &'a self,
        qkv: &'a [f32],
        (q_norm, k_norm): (&'a [f32], &'a [f32]),
    ) -> AttentionInput<'a> {
        AttentionInput {
            layout: &self.layout,
            rotations: &self.rotations,
            qkv,
            q_norm,
            k_norm,
        }
    }
}

impl CustomOp3 for AttentionOp {
    fn name(&self) -> &'static str {
        "attention"
    }

    fn cpu_fwd(
        &self,
        qkv: &CpuStorage,
        qkv_layout: &Layout,
        q_norm: &CpuStorage,
        q_layout: &Layout,
        k_norm: &CpuStorage,
        k_layout: &Layout,
    ) -> Result<(CpuStorage, Shape)> {
        let qkv = cpu_slice(qkv, qkv_layout)?;
        let norms = (cpu_slice(q_norm, q_layout)?, cpu_slice(k_norm, k_layout)?);
        let layout = &self.layout;
        let tokens = qkv.len() / layout.columns();
        let mut out = vec![0.0; tokens * layout.query_columns()];
        let each = out.par_chunks_mut(layout.sequence * layout.query_columns());
        each.zip(qkv.par_chunks(layout.sequence * layout.columns()))
            .for_each(|(out, qkv)| {
                let input = self.input(qkv, norms);
                vectorized(AttentionForward { input, out });
            });
        let shape = Shape::from((tokens, layout.query_columns()));
        Ok((CpuStorage::F32(out), shape))
    }

    fn bwd(
        &self,
        qkv: &Tensor,
        q_norm: &Tensor,
        k_norm: &Tensor,
        out: &Tensor,
        d_out: &Tensor,
    ) -> Result<(Option<Tensor>, Option<Tensor>, Option<Tensor>)> {
        let layout = &self.layout;
        let d_out = contiguous(d_out)?;
        let held = [qkv, q_norm, k_norm, out, &d_out].map(Tensor::storage_and_layout);
        let [x, q_weight, k_weight, o, d_o] = held
            .each_ref()
            .map(|(storage, layout)| tensor_slice(storage, layout));
        let (x, norms, o, d_o) = (x?, (q_weight?, k_weight?), o?, d_o?);
        let (of_qkv, of_out) = (
            layout.sequence * layout.columns(),
            layout.sequence * layout.query_columns(),
        );
        let mut d_qkv = vec![0.0; x.len()];
        // One for each sequence, added in order, so that the sum does not depend on threads.
        let mut d_norms = vec![0.0; x.len() / of_qkv * 2 * layout.head_dim];
        d_qkv
            .par_chunks_mut(of_qkv)
            .zip(d_norms.par_chunks_mut(2 * layout.head_dim))
            .zip(x.par_chunks(of_qkv))
            .zip(o.par_chunks(of_out).zip(d_o.par_chunks(of_out)))
            .for_each(|(((d_qkv, d_norms), qkv), (out, d_out))| {
                vectorized(AttentionBackward {
                    input: self.input(qkv, norms),
                    out,
                    d_out,
                    d_qkv,
                    d_norms,
                });
            });
        let device = qkv.device();
        let d_norms = Tensor::from_vec(d_norms, (x.len() / of_qkv, 2, layout.head_dim), device)?;
        let d_norms = d_norms.sum(0)?.to_dtype(DType::F32)?;
        let d_qkv = Tensor::from_vec(d_qkv, qkv.shape(), device)?;
        Ok((Some(d_qkv), Some(d_norms.get(0)?), Some(d_norms.get(1)?)))
    }
}
