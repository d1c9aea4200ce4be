//! The llama family: tokens in, logits out.

use std::sync::atomic::{AtomicBool, Ordering};

use candle_core::{DType, Device, Result, Tensor};
use candle_nn::ops::rms_norm;
use fathom_kernels::generation::EachLogits;
use fathom_kernels::model::rope::rotations;

use super::attention::{AttentionLayer, ChunkTensors};
use super::cpu::swiglu::SwigluOp;
use super::kv_cache::CandleKvCache;
use super::linear::Linear;
use super::pause::Pauses;
use super::shape::DecoderShape;

/// Tokens whose logits are held at once: a vocabulary is large.
pub(super) const ASKED: usize = 32;

/// How far positions turn in a text of one length.
#[derive(Clone, PartialEq, Debug)]
pub(super) struct RopeFrequencies {
    /// Radians per position of each pair of a head's values.
    pub(super) frequencies: Vec<f32>,
    /// What cosine and sine are multiplied by.
    pub(super) attention: f64,
}

/// Weights on a device.
#[derive(Debug)]
pub(super) struct CandleDecoder {
    pub(super) shape: DecoderShape,
    pub(super) embedding: Linear,
    pub(super) layers: Vec<DecoderLayer>,
    pub(super) norm: Tensor,
    /// The embedding itself where the model ties the two.
    pub(super) output: Linear,
    pub(super) device: Device,
    /// What is computed in.
    pub(super) dtype: DType,
}

#[derive(Debug)]
pub(super) struct DecoderLayer {
    pub(super) attention_norm: Tensor,
    pub(super) attention: AttentionLayer,
    pub(super) ffn_norm: Tensor,
    /// Gate and up in one.
    pub(super) gate_up: Linear,
    pub(super) down: Linear,
}

impl CandleDecoder {
    /// Reads `tokens` after what `cache` holds and returns the logits that follow the last of them,
    /// handing those after every token to `each` where that is wanted; or returns `None` when
    /// `cancel` rose on the way; the cache then holds what it held before.
    pub(super) async fn forward(
        &self,
        tokens: &[u32],
        cache: &mut CandleKvCache,
        positions: &RopeFrequencies,
        each: Option<EachLogits<'_>>,
        (cancel, pauses): (&AtomicBool, &mut Pauses),
    ) -> Result<Option<Vec<f32>>> {
        let eps = self.shape.norm_eps;
        let chunk = self.chunk(positions, cache.len(), tokens.len())?;
        let mut x = self.embedding.rows(tokens)?;
        for (number, layer) in self.layers.iter().enumerate() {
            // A layer of a chunk takes tens of milliseconds: soon enough for whoever stops it.
            pauses.take().await;
            if cancel.load(Ordering::Relaxed) {
                return Ok(None);
            }
            let normed = rms_norm(&x, &layer.attention_norm, eps)?;
            let attention = &layer.attention;
            x = (x + attention.forward(&normed, number, cache, &self.shape, &chunk)?)?;
            let normed = rms_norm(&x, &layer.ffn_norm, eps)?;
            x = (x + layer.feed_forward(&normed)?)?;
        }
        cache.advance(tokens.len());
        // The head is a fifth of all the weights: only what is asked for goes through it.
        let logits = |first: usize, count: usize| {
            let x = x.narrow(0, first, count)?.contiguous()?;
            let x = rms_norm(&x, &self.norm, eps)?;
            let logits = self.output.forward(&x)?.to_dtype(DType::F32)?;
            logits.flatten_all()?.to_vec1::<f32>()
        };
        let Some(each) = each else {
            return logits(tokens.len() - 1, 1).map(Some);
        };
        let mut last = Vec::new();
        for first in (0..tokens.len()).step_by(ASKED) {
            let count = ASKED.min(tokens.len() - first);
            let all = logits(first, count)?;
            for row in all.chunks_exact(all.len() / count) {
                each(row);
                last = row.to_vec();
            }
        }
        Ok(Some(last))
    }

    /// The first part of the model that gives something other than numbers for `tokens`, which
    /// follow what `cache` holds. The cache is then good for nothing but clearing.
    pub(super) fn first_without_numbers(
        &self,
        tokens: &[u32],
        cache: &mut CandleKvCache,
        positions: &RopeFrequencies,
    ) -> Result<String> {
        let eps = self.shape.norm_eps;
        let chunk = self.chunk(positions, cache.len(), tokens.len())?;
        let mut x = self.embedding.rows(tokens)?;
        if !are_numbers(&x)? {
            return Ok("the embedding (`token_embd.weight`)".to_owned());
        }
        for (number, layer) in self.layers.iter().enumerate() {
            let norm = |part: &str| {
                format!("the norm of layer {number} (`blk.{number}.{part}.weight`, epsilon {eps})")
            };
            let normed = rms_norm(&x, &layer.attention_norm, eps)?;
            if !are_numbers(&normed)? {
                return Ok(norm("attn_norm"));
            }
            let attention = &layer.attention;
            x = (x + attention.forward(&normed, number, cache, &self.shape, &chunk)?)?;
            if !are_numbers(&x)? {
                return Ok(format!(
                    "the attention of layer {number} (`blk.{number}.attn_…`)"
                ));
            }
            let normed = rms_norm(&x, &layer.ffn_norm, eps)?;
            if !are_numbers(&normed)? {
                return Ok(norm("ffn_norm"));
            }
            x = (x + layer.feed_forward(&normed)?)?;
            if !are_numbers(&x)? {
                return Ok(format!(
                    "the feed-forward part of layer {number} (`blk.{number}.ffn_…`)"
                ));
            }
        }
        Ok("the head (`output_norm.weight`, `output.weight`)".to_owned())
    }

    /// What `tokens` tokens after `before` others have in common.
    fn chunk(
        &self,
        positions: &RopeFrequencies,
        before: usize,
        tokens: usize,
    ) -> Result<ChunkTensors> {
        let RopeFrequencies {
            frequencies,
            attention,
        } = positions;
        let turns = rotations(frequencies, *attention, before, tokens).into_iter();
        let (cos, sin): (Vec<f32>, Vec<f32>) = turns.map(|[cos, sin]| (cos, sin)).unzip();
        let size = (tokens, frequencies.len());
        let tensor = |values| Tensor::from_vec(values, size, &self.device)?.to_dtype(self.dtype);
        ChunkTensors::new(tensor(cos)?, tensor(sin)?, tokens, &self.device)
    }
}

impl DecoderLayer {
    /// # Formula
    /// `down (silu(gate x) ⊙ up x)`
    fn feed_forward(&self, x: &Tensor) -> Result<Tensor> {
        let both = self.gate_up.forward(x)?;
        let gated = match both.device() {
            Device::Cpu => both.apply_op1_no_bwd(&SwigluOp)?,
            _ => candle_nn::ops::swiglu(&both)?,
        };
        self.down.forward(&gated)
    }
}

/// Whether all of `x` are numbers.
fn are_numbers(x: &Tensor) -> Result<bool> {
    let values = x.flatten_all()?.to_dtype(DType::F32)?.to_vec1::<f32>()?;
    Ok(values.iter().all(|value| value.is_finite()))
}
