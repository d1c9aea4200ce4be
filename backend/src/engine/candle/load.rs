//! From a model's files to a model in memory.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use candle_core::{DType, Device, Tensor};
use fathom_kernels::model::config::{ModelConfig, ModelConfigError};
use fathom_shared::engine::RopeParameters;
use fathom_shared::transcript::EngineInfo;

use super::super::KvError;
use super::super::local::{CachedTokens, LocalEngine, told_date};
use super::attention::AttentionLayer;
use super::cpu::matrix::StoredMatrix;
use super::decoder::{CandleDecoder, DecoderLayer, DecoderShape};
use super::linear::{Linear, LinearWeight};
use super::memory_needs::{self, MemoryNeeds, free_memory};
use super::source::{ModelSource, SourceError, StoredTensor};
use super::{CandleModel, DeviceOptions};

/// Why a model was not loaded.
#[derive(Debug, thiserror::Error)]
#[error("cannot load the model `{}`", path.display())]
pub struct LoadError {
    path: PathBuf,
    // Boxed: it is large, and rare.
    #[source]
    why: Box<LoadErrorKind>,
}

/// What is in the way.
#[derive(Debug, thiserror::Error)]
pub(super) enum LoadErrorKind {
    #[error(transparent)]
    Source(#[from] SourceError),
    #[error(transparent)]
    Kv(#[from] KvError),
    #[error("its positions cannot be set as the run asks")]
    Rope(#[from] ModelConfigError),
    #[error("{needs} are needed for {room} tokens, {:.0} MB are free", *free as f64 / 1e6)]
    Memory {
        needs: MemoryNeeds,
        room: usize,
        free: u64,
    },
    #[error("candle does not take its weights: {0}")]
    Candle(#[from] candle_core::Error),
    #[error("the engine `{0}` is not in this build: it needs the cargo feature `cuda`")]
    #[cfg_attr(feature = "cuda", expect(dead_code, reason = "this build has it"))]
    NoCuda(String),
    #[error("there is no CUDA device for the engine `candle-cuda`: {0}")]
    #[cfg_attr(
        not(feature = "cuda"),
        expect(dead_code, reason = "this build has none")
    )]
    NoDevice(String),
    #[error("`{0}` does not run on candle")]
    Engine(String),
}

impl LoadErrorKind {
    /// What the driver says of its device, without the way to where it was asked.
    #[cfg(feature = "cuda")]
    pub(super) fn no_device(error: &candle_core::Error) -> Self {
        let error = match error {
            candle_core::Error::WithBacktrace { inner, .. } => inner,
            other => other,
        };
        Self::NoDevice(error.to_string())
    }
}

impl LoadError {
    /// What is wrong with the weights, where that is in the way: they stay so.
    pub fn bad_weights(&self) -> Option<String> {
        match &*self.why {
            LoadErrorKind::Source(error @ SourceError::Numbers(_)) => Some(error.to_string()),
            _ => None,
        }
    }

    pub(super) fn new(path: &Path, why: impl Into<LoadErrorKind>) -> Self {
        Self {
            path: path.to_owned(),
            why: Box::new(why.into()),
        }
    }
}

/// Opens the files at `path`, with the positions that a run asks for.
pub(super) fn open(
    path: &Path,
    rope: Option<&RopeParameters>,
) -> Result<(ModelSource, ModelConfig), LoadErrorKind> {
    let source = ModelSource::open(path)?;
    let mut config = source.config()?;
    if let Some(rope) = rope {
        let said = rope.0.clone().into_iter().collect();
        config = config.with_rope(&said)?;
    }
    Ok((source, config))
}

/// The model with its tokenizer.
pub(super) fn local(
    path: &Path,
    rope: Option<&RopeParameters>,
    options: &DeviceOptions,
    info: EngineInfo,
) -> Result<LocalEngine, LoadErrorKind> {
    let (mut source, config) = open(path, rope)?;
    let tokenizer = Arc::new(source.tokenizer()?);
    let template = source.template(&tokenizer)?;
    let threads = candle_core::utils::get_num_threads();
    let (engine, device) = match &options.device {
        Device::Cpu => ("candle-cpu", format!("CPU, {threads} threads")),
        other => ("candle-cuda", format!("{:?}", other.location())),
    };
    let model = model(&mut source, config, options)?;
    Ok(LocalEngine {
        info: EngineInfo {
            engine: engine.to_owned(),
            device,
            template_date: told_date(template.as_ref()),
            ..info
        },
        tokenizer,
        template,
        model: Box::new(model),
        held: CachedTokens::default(),
    })
}

/// The weights on their device.
pub(super) fn model(
    source: &mut ModelSource,
    config: ModelConfig,
    options: &DeviceOptions,
) -> Result<CandleModel, LoadErrorKind> {
    let weights = memory_needs::weights(source, &config, options.dense())?;
    let threads = candle_core::utils::get_num_threads();
    // Room for one token: the rest is asked for with the first prompt, whose length is known then.
    let needs = MemoryNeeds::of(&config, weights, 1, options.kv, threads);
    if let Some(free) =
        free_memory().filter(|free| options.device.is_cpu() && needs.total() > *free)
    {
        let room = 1;
        return Err(LoadErrorKind::Memory { needs, room, free });
    }
    let decoder = CandleLoader {
        source,
        options,
        config: &config,
    }
    .decoder()?;
    Ok(CandleModel::new(decoder, config, weights, options))
}

struct CandleLoader<'a> {
    source: &'a mut ModelSource,
    options: &'a DeviceOptions,
    config: &'a ModelConfig,
}

impl CandleLoader<'_> {
    fn decoder(&mut self) -> Result<CandleDecoder, LoadErrorKind> {
        let embedding = self.linear(&["token_embd".to_owned()], false)?;
        let layers = (0..self.config.layers).map(|number| self.layer(number));
        let layers = layers.collect::<Result<_, _>>()?;
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

    fn layer(&mut self, number: usize) -> Result<DecoderLayer, LoadErrorKind> {
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
    fn linear(&mut self, names: &[String], biases: bool) -> Result<Linear, LoadErrorKind> {
        let on_cpu = self.options.device.is_cpu();
        let (mut stored, mut dense, mut bias) = (Vec::new(), Vec::new(), Vec::new());
        for name in names {
            let tensor = self.source.tensor(&format!("{name}.weight"))?;
            match (on_cpu, tensor.shape.as_slice()) {
                (true, &[rows, columns]) => {
                    let matrix = StoredMatrix::new(tensor.format, rows, columns, tensor.bytes)?;
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

    fn vector(&mut self, name: &str) -> Result<Tensor, LoadErrorKind> {
        let tensor = self.source.tensor(name)?;
        Ok(self.dense(&tensor)?)
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

impl DeviceOptions {
    /// The dtype of computation: what the processor is fast at is f32, what devices are is 16 bits.
    /// Who keeps keys and values in f32 wants no rounding to 16 bits anywhere.
    pub(super) fn dtype(&self) -> DType {
        match (&self.device, self.kv) {
            (Device::Cpu, _) | (_, DType::F32) => DType::F32,
            _ => DType::BF16,
        }
    }

    /// The format of dense weights, where weights are dense.
    pub(super) fn dense(&self) -> Option<DType> {
        (!self.device.is_cpu()).then(|| self.dtype())
    }
}
