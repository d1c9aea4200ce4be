//! From stored tensors to a model in memory.

use std::sync::Arc;

use candle_core::{Device, Tensor};
use fathom_kernels::model::config::ModelConfig;
use rayon::prelude::*;

use crate::attention::AttentionLayer;
use crate::cpu::matrix::StoredMatrix;
use crate::decoder::{CandleDecoder, DecoderLayer};
use crate::linear::{Linear, LinearWeight};
use crate::memory_needs::short_of;
use crate::pause::Pauses;
use crate::shape::DecoderShape;
use crate::{CandleModel, DeviceOptions, MemoryNeeds, StoredTensor, WeightSource};

/// Why a model was not loaded; `E` is what its source says.
#[derive(Debug, thiserror::Error)]
pub enum LoadError<E> {
    /// A tensor.
    #[error(transparent)]
    Source(E),
    /// Weights that nothing can be computed with.
    #[error("tensor `{0}` holds weights that are no numbers (NaN or infinite)")]
    Numbers(String),
    /// More than there is.
    #[error("{needs} are needed for {room} tokens, {:.0} MB are free", *free as f64 / 1e6)]
    Memory {
        /// What it takes.
        needs: MemoryNeeds,
        /// For so many tokens.
        room: usize,
        /// Bytes that are free.
        free: u64,
    },
    /// What candle says.
    #[error("candle does not take its weights: {0}")]
    Candle(#[from] candle_core::Error),
}

impl CandleModel {
    /// The weights of `source` on their device, for the model of `config`.
    ///
    /// # Errors
    /// [`LoadError`], naming what does not fit.
    pub async fn load<S: WeightSource>(
        source: &mut S,
        config: ModelConfig,
        options: &DeviceOptions,
    ) -> Result<Self, LoadError<S::Error>> {
        // Room for one token: the rest is asked for with the first prompt, whose length is known then.
        let needs = MemoryNeeds::of(source, &config, options, 1).map_err(LoadError::Source)?;
        if let Some(free) = short_of(needs.total()).filter(|_| options.device.is_cpu()) {
            let room = 1;
            return Err(LoadError::Memory { needs, room, free });
        }
        let mut loader = CandleLoader {
            source,
            options,
            config: &config,
            pauses: Pauses::new(options.pause),
        };
        let decoder = loader.decoder().await?;
        Ok(Self::new(decoder, config, needs.weights, options))
    }
}

struct CandleLoader<'a, S> {
    source: &'a mut S,
    options: &'a DeviceOptions,
    config: &'a ModelConfig,
    pauses: Pauses,
}

impl<S: WeightSource> CandleLoader<'_, S> {
    async fn decoder(&mut self) -> Result<CandleDecoder, LoadError<S::Error>> {
        let embedding = self.linear(&["token_embd".to_owned()], false)?;
        let mut layers = Vec::new();
        for number in 0..self.config.layers {
            self.pauses.take().await;
            layers.push(self.layer(number)?);
        }
        let norm = self.vector("output_norm.weight")?;
        let output = match self.config.tied() {
            true => embedding.clone(),
            false => self.linear(&["output".to_owned()], false)?,
        };
        let &ModelConfig {
            heads,
            kv_heads,
            head_dim,
            norm_eps,
            pairs,
            ..
        } = self.config;
        let shape = DecoderShape {
            heads,
            kv_heads,
            head_dim,
            norm_eps,
            pairs,
        };
        Ok(CandleDecoder {
            shape,
            embedding,
            layers,
            norm,
            output,
            device: self.options.device.clone(),
            dtype: self.options.dtype(),
        })
    }

    fn layer(&mut self, number: usize) -> Result<DecoderLayer, LoadError<S::Error>> {
        let name = |part: &str| format!("blk.{number}.{part}");
        let norms = match self.config.norms_heads() {
            true => Some((
                self.vector(&name("attn_q_norm.weight"))?,
                self.vector(&name("attn_k_norm.weight"))?,
            )),
            false => None,
        };
        let biases = self.config.has_biases();
        Ok(DecoderLayer {
            attention_norm: self.vector(&name("attn_norm.weight"))?,
            attention: AttentionLayer {
                qkv: self.linear(&["attn_q", "attn_k", "attn_v"].map(name), biases)?,
                norms,
                out: self.linear(&[name("attn_output")], false)?,
            },
            ffn_norm: self.vector(&name("ffn_norm.weight"))?,
            gate_up: self.linear(&["ffn_gate", "ffn_up"].map(name), false)?,
            down: self.linear(&[name("ffn_down")], false)?,
        })
    }

    /// Matrices that read the same input, one below the other.
    fn linear(&mut self, names: &[String], biases: bool) -> Result<Linear, LoadError<S::Error>> {
        let on_cpu = self.options.device.is_cpu();
        let (mut stored, mut dense, mut bias) = (Vec::new(), Vec::new(), Vec::new());
        for name in names {
            let tensor = self.tensor(&format!("{name}.weight"))?;
            match (on_cpu, tensor.shape.as_slice()) {
                (true, &[rows, columns]) => {
                    let matrix =
                        StoredMatrix::new(tensor.dtype.into(), rows, columns, tensor.bytes)?;
                    stored.push(Arc::new(matrix));
                }
                _ => dense.push(self.dense(&tensor)?),
            }
            if biases {
                bias.push(self.vector(&format!("{name}.bias"))?);
            }
        }
        let weight = match on_cpu {
            true => LinearWeight::Stored(stored),
            false => LinearWeight::Dense(Tensor::cat(&dense, 0)?),
        };
        let bias = match biases {
            true => Some(Tensor::cat(&bias, 0)?),
            false => None,
        };
        Ok(Linear { weight, bias })
    }

    fn vector(&mut self, name: &str) -> Result<Tensor, LoadError<S::Error>> {
        let tensor = self.tensor(name)?;
        Ok(self.dense(&tensor)?)
    }

    /// As it is stored, if it holds numbers.
    fn tensor(&mut self, name: &str) -> Result<StoredTensor, LoadError<S::Error>> {
        let tensor = self.source.tensor(name).map_err(LoadError::Source)?;
        // Some megabytes on each thread.
        let piece = tensor.dtype.block_bytes() << 16;
        let pieces = tensor.bytes.par_chunks(piece);
        if !pieces
            .into_par_iter()
            .all(|bytes| tensor.dtype.is_finite(bytes))
        {
            return Err(LoadError::Numbers(name.to_owned()));
        }
        Ok(tensor)
    }

    /// In the format of computation.
    fn dense(&self, stored: &StoredTensor) -> candle_core::Result<Tensor> {
        let values = stored.to_f32();
        let DeviceOptions { device, .. } = self.options;
        let shape = stored.shape.as_slice();
        // Rounded here, so that no device ever holds it in f32.
        let tensor = Tensor::from_vec(values, shape, &Device::Cpu)?;
        tensor.to_dtype(self.options.dtype())?.to_device(device)
    }
}
