//! The loss, fused with the head: logits are held for some hundred tokens at a time, and their
//! gradients are made in the same pass.

use candle_core::{CpuStorage, CustomOp2, D, DType, Device, Layout, Result, Shape, Tensor};
use pulp::Simd;
use rayon::prelude::*;

use crate::cpu::{VectorLoop, exp, largest, sum_of, tensor_slice, vectorized};

/// Tokens whose logits are held at once.
const CHUNK: usize = 512;
/// Tokens of a task.
const ROWS: usize = 16;

/// What follows each token of a batch, and how much it counts.
#[derive(Clone, Copy, Debug)]
pub(crate) struct LossTargets<'a> {
    pub(crate) ids: &'a [u32],
    /// The weight of each target in the loss.
    pub(crate) weights: &'a [f32],
    /// Whether each target is part of an answer.
    pub(crate) answers: &'a [bool],
}

/// The loss of a batch, and what it is made of.
#[derive(Clone, Copy, PartialEq, Debug, Default)]
pub struct LossValues {
    /// The weighted mean of the negative log probabilities, in nats.
    pub loss: f32,
    /// The plain mean of those of answer tokens.
    pub answer_loss: f32,
    /// Answer tokens.
    pub answer_tokens: usize,
    /// Answer tokens that were the likeliest.
    pub answer_hits: usize,
}

/// # Formula
/// `Σ w nll / Σ w` with `nll = log Σ_v e^logit(v) - logit(target)` and `logits = hidden · embeddingᵀ`.
///
/// The tensor is the loss with its gradients; the values are the same and what it is made of.
///
/// # Errors
/// What candle says.
pub(crate) fn head_loss(
    hidden: &Tensor,
    embedding: &Tensor,
    targets: LossTargets<'_>,
) -> Result<(Tensor, LossValues)> {
    match hidden.device() {
        Device::Cpu => {
            let op = FusedHeadLoss::new(hidden, embedding, targets)?;
            let values = op.values;
            Ok((hidden.apply_op2(embedding, op)?, values))
        }
        _ => composed(hidden, embedding, targets),
    }
}

/// The same of candle's own operations.
///
/// # Errors
/// What candle says.
pub(super) fn composed(
    hidden: &Tensor,
    embedding: &Tensor,
    targets: LossTargets<'_>,
) -> Result<(Tensor, LossValues)> {
    let device = hidden.device();
    let logits = hidden.matmul(&embedding.t()?)?;
    let likeliest = logits.argmax(D::Minus1)?.to_vec1::<u32>()?;
    let hits: Vec<bool> = likeliest
        .iter()
        .zip(targets.ids)
        .map(|(a, b)| a == b)
        .collect();
    let most = logits.max_keepdim(D::Minus1)?.detach();
    let shifted = logits.broadcast_sub(&most)?;
    let sums = shifted.exp()?.sum_keepdim(D::Minus1)?.log()?;
    let ids = Tensor::from_slice(targets.ids, (targets.ids.len(), 1), device)?;
    let losses = (sums - shifted.gather(&ids, D::Minus1)?)?.squeeze(1)?;
    let weights = Tensor::from_slice(targets.weights, targets.weights.len(), device)?;
    let total = f64::from(targets.weights.iter().sum::<f32>());
    let loss = ((&losses * weights)?.sum_all()? / total)?;
    let values = targets.values(&losses.to_dtype(DType::F32)?.to_vec1()?, &hits);
    Ok((loss, values))
}

impl LossTargets<'_> {
    fn values(&self, losses: &[f32], hits: &[bool]) -> LossValues {
        let (mut sum, mut weight, mut values) = (0.0, 0.0, LossValues::default());
        let mut answers = 0.0;
        for (at, loss) in losses.iter().enumerate() {
            let w = f64::from(self.weights[at]);
            (sum, weight) = (sum + w * f64::from(*loss), weight + w);
            if self.answers[at] {
                answers += f64::from(*loss);
                values.answer_tokens += 1;
                values.answer_hits += usize::from(hits[at]);
            }
        }
        values.loss = (sum / weight) as f32;
        values.answer_loss = (answers / values.answer_tokens.max(1) as f64) as f32;
        values
    }
}

/// The loss with its gradients, which exist before candle asks for them.
struct FusedHeadLoss {
    values: LossValues,
    d_hidden: Tensor,
    d_embedding: Tensor,
}

impl FusedHeadLoss {
    fn new(hidden: &Tensor, embedding: &Tensor, targets: LossTargets<'_>) -> Result<Self> {
        let (hidden, embedding) = (hidden.detach(), embedding.detach());
        let (tokens, vocabulary) = (hidden.dim(0)?, embedding.dim(0)?);
        let total: f32 = targets.weights.iter().sum();
        let scales: Vec<f32> = targets
            .weights
            .iter()
            .map(|weight| weight / total)
            .collect();
        let mut losses = vec![0.0; tokens];
        let mut hits = vec![false; tokens];
        let mut d_hidden = Vec::new();
        let mut d_embedding: Option<Tensor> = None;
        for first in (0..tokens).step_by(CHUNK) {
            let count = CHUNK.min(tokens - first);
            let part = hidden.narrow(0, first, count)?;
            let logits = part.matmul(&embedding.t()?)?;
            let (storage, layout) = logits.storage_and_layout();
            let values = tensor_slice(&storage, layout)?;
            let mut gradient = vec![0.0; values.len()];
            let range = first..first + count;
            gradient
                .par_chunks_mut(ROWS * vocabulary)
                .zip(values.par_chunks(ROWS * vocabulary))
                .zip(losses[range.clone()].par_chunks_mut(ROWS))
                .zip(hits[range.clone()].par_chunks_mut(ROWS))
                .zip(targets.ids[range.clone()].par_chunks(ROWS))
                .zip(scales[range].par_chunks(ROWS))
                .for_each(
                    |(((((gradient, logits), losses), hits), targets), scales)| {
                        vectorized(LossRows {
                            logits,
                            targets,
                            scales,
                            losses,
                            hits,
                            gradient,
                        });
                    },
                );
            let gradient = Tensor::from_vec(gradient, (count, vocabulary), hidden.device())?;
            d_hidden.push(gradient.matmul(&embedding)?);
            let more = gradient.t()?.matmul(&part)?;
            d_embedding = Some(match d_embedding {
                None => more,
                Some(sum) => (sum + more)?,
            });
        }
        let none = || candle_core::Error::msg("a batch has no tokens, expected at least 1");
        Ok(Self {
            values: targets.values(&losses, &hits),
            d_hidden: Tensor::cat(&d_hidden, 0)?,
            d_embedding: d_embedding.ok_or_else(none)?,
        })
    }
}

struct LossRows<'a> {
    logits: &'a [f32],
    targets: &'a [u32],
    /// Each token's share of the loss.
    scales: &'a [f32],
    losses: &'a mut [f32],
    hits: &'a mut [bool],
    gradient: &'a mut [f32],
}

impl VectorLoop for LossRows<'_> {
    /// # Formula
    /// `d logit(v) = scale · (softmax(v) - [v = target])`
    #[inline(always)]
    fn run<S: Simd>(self, _simd: S) {
        let vocabulary = self.logits.len() / self.targets.len();
        let rows = self.logits.chunks_exact(vocabulary);
        let rows = rows.zip(self.gradient.chunks_exact_mut(vocabulary));
        for (at, (logits, gradient)) in rows.enumerate() {
            let target = self.targets[at] as usize;
            let most = largest(logits);
            for (g, x) in gradient.iter_mut().zip(logits) {
                *g = exp(x - most);
            }
            let sum = sum_of(gradient, gradient, |x, _| x);
            self.losses[at] = sum.ln() + most - logits[target];
            self.hits[at] = logits[target] >= most;
            let factor = self.scales[at] / sum;
            for g in gradient.iter_mut() {
                *g *= factor;
            }
            gradient[target] -= self.scales[at];
        }
    }
}

impl CustomOp2 for FusedHeadLoss {
    fn name(&self) -> &'static str {
        "head-loss"
    }

    fn cpu_fwd(
        &self,
        _: &CpuStorage,
        _: &Layout,
        _: &CpuStorage,
        _: &Layout,
    ) -> Result<(CpuStorage, Shape)> {
        Ok((CpuStorage::F32(vec![self.values.loss]), Shape::from(())))
    }

    fn bwd(
        &self,
        _hidden: &Tensor,
        _embedding: &Tensor,
        _loss: &Tensor,
        d_loss: &Tensor,
    ) -> Result<(Option<Tensor>, Option<Tensor>)> {
        let factor = f64::from(d_loss.to_scalar::<f32>()?);
        Ok((
            Some((&self.d_hidden * factor)?),
            Some((&self.d_embedding * factor)?),
        ))
    }
}
