//! The decoder in qwen3's form, with gradients: RMS norm, grouped heads with normed queries and keys,
//! rotary positions, SwiGLU, and an embedding that is the head as well. A batch is one matrix with a
//! row for each token.

mod attention; // attention with norms and positions
mod head_loss; // the loss, fused with the head
mod parameter; // a trained tensor
mod rms_norm; // RMS norm
mod sizes; // the sizes of a decoder, and its `config.json`
mod swiglu; // SwiGLU
#[cfg(test)]
mod tests;

pub use head_loss::LossValues;
pub(crate) use head_loss::{LossTargets, head_loss};
pub(crate) use parameter::{Parameter, ParameterKind};
pub use sizes::{DecoderSizeError, DecoderSizes};

use candle_core::{Device, Result, Tensor};
use fathom_kernels::model::rope::rotations;

use crate::random::Random;
use attention::{QkvLayout, Rotations, attention};
use rms_norm::rms_norm;
use swiglu::swiglu;

/// A decoder whose parameters can be trained.
#[derive(Debug)]
pub struct Decoder {
    sizes: DecoderSizes,
    vocabulary: usize,
    embedding: Parameter,
    layers: Vec<TrainedLayer>,
    norm: Parameter,
    rotations: Rotations,
    device: Device,
}

#[derive(Debug)]
struct TrainedLayer {
    attention_norm: Parameter,
    /// Queries, keys and values, one below the other.
    qkv: Parameter,
    q_norm: Parameter,
    k_norm: Parameter,
    out: Parameter,
    ffn_norm: Parameter,
    /// Gate and up, one below the other.
    gate_up: Parameter,
    down: Parameter,
}

impl Decoder {
    /// A decoder before its first step, which follows from `seed`.
    ///
    /// # Errors
    /// What candle says.
    pub fn new(sizes: DecoderSizes, vocabulary: usize, seed: u64, device: &Device) -> Result<Self> {
        let (width, queries, keys) = (sizes.width, sizes.query_columns(), sizes.key_columns());
        // Both matrices whose results are added to the residual stream begin smaller, as in GPT-2.
        let residual = (2.0 * sizes.layers as f64).sqrt().recip();
        let mut number = 0;
        let mut parameter = |name: &str, kind, parts: &[(&str, usize)], columns: usize| {
            number += 1;
            let parts = parts.iter().map(|(name, rows)| ((*name).to_owned(), *rows));
            let mut random = Random::of(&[seed, number]);
            Parameter::new(name, kind, parts.collect(), columns, &mut random, device)
        };
        let matrix = ParameterKind::Matrix { gain: 1.0 };
        let last = ParameterKind::Matrix { gain: residual };
        let part = ("model.embed_tokens.weight", vocabulary);
        let embedding = parameter("embedding", ParameterKind::Embedding, &[part], width)?;
        let mut layers = Vec::new();
        for layer in 0..sizes.layers {
            let mut parameter = |name: &str, kind, parts: &[(&str, usize)], columns| {
                let theirs = |part: &str| format!("model.layers.{layer}.{part}.weight");
                let parts: Vec<_> = parts
                    .iter()
                    .map(|(part, rows)| (theirs(part), *rows))
                    .collect();
                let parts: Vec<_> = parts
                    .iter()
                    .map(|(part, rows)| (part.as_str(), *rows))
                    .collect();
                parameter(&format!("layers.{layer}.{name}"), kind, &parts, columns)
            };
            let norm = ParameterKind::Norm;
            let (head_dim, ffn) = (sizes.head_dim, sizes.ffn);
            layers.push(TrainedLayer {
                attention_norm: parameter(
                    "attention_norm",
                    norm,
                    &[("input_layernorm", width)],
                    1,
                )?,
                qkv: parameter(
                    "qkv",
                    matrix,
                    &[
                        ("self_attn.q_proj", queries),
                        ("self_attn.k_proj", keys),
                        ("self_attn.v_proj", keys),
                    ],
                    width,
                )?,
                q_norm: parameter("q_norm", norm, &[("self_attn.q_norm", head_dim)], 1)?,
                k_norm: parameter("k_norm", norm, &[("self_attn.k_norm", head_dim)], 1)?,
                out: parameter("out", last, &[("self_attn.o_proj", width)], queries)?,
                ffn_norm: parameter("ffn_norm", norm, &[("post_attention_layernorm", width)], 1)?,
                gate_up: parameter(
                    "gate_up",
                    matrix,
                    &[("mlp.gate_proj", ffn), ("mlp.up_proj", ffn)],
                    width,
                )?,
                down: parameter("down", last, &[("mlp.down_proj", width)], ffn)?,
            });
        }
        let norm = parameter(
            "norm",
            ParameterKind::Norm,
            &[("model.norm.weight", width)],
            1,
        )?;
        let frequencies = sizes.rope().frequencies(sizes.context);
        Ok(Self {
            rotations: Rotations::new(&rotations(&frequencies, 1.0, 0, sizes.context)),
            sizes,
            vocabulary,
            embedding,
            layers,
            norm,
            device: device.clone(),
        })
    }

    /// Its sizes.
    pub fn sizes(&self) -> &DecoderSizes {
        &self.sizes
    }

    /// Tokens of its vocabulary.
    pub fn vocabulary(&self) -> usize {
        self.vocabulary
    }

    /// Where it is.
    pub fn device(&self) -> &Device {
        &self.device
    }

    /// How many numbers are trained.
    pub fn parameter_count(&self) -> usize {
        let counts = self.parameters().into_iter();
        counts
            .map(|parameter| parameter.tensor().elem_count())
            .sum()
    }

    /// All that is trained, always in the same order.
    pub(crate) fn parameters(&self) -> Vec<&Parameter> {
        let mut all = vec![&self.embedding];
        for layer in &self.layers {
            let TrainedLayer {
                attention_norm,
                qkv,
                q_norm,
                k_norm,
                out,
                ffn_norm,
                gate_up,
                down,
            } = layer;
            all.extend([
                attention_norm,
                qkv,
                q_norm,
                k_norm,
                out,
                ffn_norm,
                gate_up,
                down,
            ]);
        }
        all.push(&self.norm);
        all
    }

    /// The embedding, which is the head as well: (V, W).
    pub(crate) fn head(&self) -> &Tensor {
        self.embedding.tensor()
    }

    /// The last normed state of every token of a batch of sequences of one length.
    ///
    /// - ids: B sequences of `length` tokens, one after another
    /// - result shape: (B · length, W)
    ///
    /// # Errors
    /// Sequences longer than the context, or what candle says.
    pub fn hidden(&self, ids: &[u32], length: usize) -> Result<Tensor> {
        if length > self.sizes.context || !ids.len().is_multiple_of(length) {
            candle_core::bail!(
                "{} tokens in sequences of {length}, expected whole sequences of at most {}",
                ids.len(),
                self.sizes.context
            );
        }
        let eps = self.sizes.norm_eps;
        let layout = QkvLayout {
            heads: self.sizes.heads,
            kv_heads: self.sizes.kv_heads,
            head_dim: self.sizes.head_dim,
            sequence: length,
            norm_eps: eps,
        };
        let ids = Tensor::from_slice(ids, ids.len(), &self.device)?;
        let mut x = self.embedding.tensor().index_select(&ids, 0)?;
        for layer in &self.layers {
            let normed = rms_norm(&x, layer.attention_norm.tensor(), eps)?;
            let qkv = linear(&normed, &layer.qkv)?;
            let norms = (layer.q_norm.tensor(), layer.k_norm.tensor());
            let attended = attention(&qkv, norms, layout, &self.rotations)?;
            x = (x + linear(&attended, &layer.out)?)?;
            let normed = rms_norm(&x, layer.ffn_norm.tensor(), eps)?;
            let gated = swiglu(&linear(&normed, &layer.gate_up)?)?;
            x = (x + linear(&gated, &layer.down)?)?;
        }
        rms_norm(&x, self.norm.tensor(), eps)
    }

    /// The logits after every token of a batch: (B · length, V).
    ///
    /// # Errors
    /// As [`hidden`](Self::hidden).
    pub fn logits(&self, ids: &[u32], length: usize) -> Result<Tensor> {
        self.hidden(ids, length)?.matmul(&self.head().t()?)
    }
}

/// `x Wᵀ`
fn linear(x: &Tensor, weight: &Parameter) -> Result<Tensor> {
    x.matmul(&weight.tensor().t()?)
}
