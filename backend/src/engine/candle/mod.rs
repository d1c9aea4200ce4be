//! Hugging Face's candle, on the processor or an NVIDIA device: llama, qwen2 and qwen3 from GGUF
//! files and Hugging Face folders, prompts read in chunks, a cache written in place, attention that
//! never holds the scores of more than one block. On the processor weights stay as they are stored
//! and everything is computed in f32.

mod attention; // causal attention with grouped heads
mod cpu; // what candle lacks on the processor
mod decoder; // the llama family
mod kv_cache; // what earlier tokens left for later ones
mod linear; // a linear layer on whatever device
mod load; // from a model's files to a model in memory
mod memory_needs; // what a run takes in bytes, told before anything is allocated
mod source; // where a model comes from

use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering};

use candle_core::{DType, Device};
use fathom_kernels::model::config::ModelConfig;
use fathom_kernels::model::sampler::are_numbers;
use fathom_shared::engine::{EngineKind, KvFormat};
use fathom_shared::transcript::EngineInfo;

use super::local::LocalEngine;
use super::model::{LanguageModel, LogitsCallback, ModelStop};
use super::{EngineKey, KvError};
use decoder::{CandleDecoder, RopeFrequencies};
use kv_cache::CandleKvCache;
pub use load::LoadError;
use load::LoadErrorKind;
pub use memory_needs::{MemoryNeeds, free_memory};

/// Tokens read at a time: enough for a fast product, few enough that what they leave stays small.
const CHUNK: usize = 512;

/// Where and in what a model computes.
#[derive(Clone, Debug)]
struct DeviceOptions {
    device: Device,
    /// What keys and values are kept in.
    kv: DType,
}

impl DeviceOptions {
    /// The device of an engine, and the cache that `key` chooses. Without a choice keys and values
    /// are kept in 16 bits: the room of a long prompt is halved, and so is what each new token must
    /// read. On the processor in f16, which has three more digits than bf16, and what stands in a
    /// cache is far from its largest number; on devices in bf16, which they compute in.
    fn of(key: &EngineKey) -> Result<Self, LoadErrorKind> {
        let (device, kv) = match &key.kind {
            EngineKind::CandleCpu => (Device::Cpu, KvFormat::F16),
            #[cfg(feature = "cuda")]
            EngineKind::CandleCuda => {
                let device =
                    Device::new_cuda(0).map_err(|error| LoadErrorKind::no_device(&error))?;
                (device, KvFormat::Bf16)
            }
            #[cfg(not(feature = "cuda"))]
            EngineKind::CandleCuda => return Err(LoadErrorKind::NoCuda(key.kind.to_string())),
            EngineKind::Wgpu | EngineKind::Openai { .. } => {
                return Err(LoadErrorKind::Engine(key.kind.to_string()));
            }
        };
        let got = key.kv.unwrap_or(kv);
        if cfg!(feature = "flash-attn") && !device.is_cpu() && got != KvFormat::Bf16 {
            let (who, how) = ("flash attention".to_owned(), "in bf16");
            return Err(KvError { who, how, got }.into());
        }
        let kv = match got {
            KvFormat::F16 => DType::F16,
            KvFormat::Bf16 => DType::BF16,
            KvFormat::F32 => DType::F32,
        };
        Ok(Self { device, kv })
    }
}

/// A model on a device.
#[derive(Debug)]
struct CandleModel {
    decoder: CandleDecoder,
    config: ModelConfig,
    /// Bytes of the weights.
    weights: u64,
    kv: DType,
    positions: RopeFrequencies,
    cache: Option<CandleKvCache>,
}

/// Loads the model at `path`, a GGUF file or a folder, for the engine of `key`; `info` says which
/// model it is.
///
/// # Errors
/// [`LoadError`], naming the model and what does not fit.
pub(super) fn open(
    path: &Path,
    key: &EngineKey,
    info: EngineInfo,
) -> Result<LocalEngine, LoadError> {
    let options = DeviceOptions::of(key).map_err(|why| LoadError::new(path, why))?;
    let local = load::local(path, key.rope.as_ref(), &options, info);
    local.map_err(|why| LoadError::new(path, why))
}

/// What a run with `capacity` tokens of prompt and answer takes of the memory of the engine of `key`,
/// and the tokens that the model reads with the positions asked for; no weights are read.
///
/// # Errors
/// [`LoadError`].
pub fn needs(
    path: &Path,
    key: &EngineKey,
    capacity: usize,
) -> Result<(MemoryNeeds, usize), LoadError> {
    let needs = || {
        let options = DeviceOptions::of(key)?;
        let (source, config) = load::open(path, key.rope.as_ref())?;
        let weights = memory_needs::weights(&source, &config, options.dense())?;
        let threads = candle_core::utils::get_num_threads();
        let needs = MemoryNeeds::of(&config, weights, capacity, options.kv, threads);
        Ok((needs, config.context))
    };
    needs().map_err(|why: LoadErrorKind| LoadError::new(path, why))
}

impl CandleModel {
    fn new(
        decoder: CandleDecoder,
        config: ModelConfig,
        weights: u64,
        options: &DeviceOptions,
    ) -> Self {
        Self {
            positions: positions(&config, config.context),
            decoder,
            config,
            weights,
            kv: options.kv,
            cache: None,
        }
    }

    /// Whether `capacity` tokens fit what is free.
    fn check(&self, capacity: usize) -> Result<(), ModelStop> {
        let threads = candle_core::utils::get_num_threads();
        let needs = MemoryNeeds::of(&self.config, self.weights, capacity, self.kv, threads);
        // The weights are there already.
        let more = needs.kv + needs.scratch;
        let free = free_memory().filter(|_| self.decoder.device.is_cpu());
        match free.filter(|free| more > *free) {
            None => Ok(()),
            Some(free) => Err(ModelStop::Failed(format!(
                "{needs} are needed for {capacity} tokens; besides the weights {:.0} MB are free",
                free as f64 / 1e6
            ))),
        }
    }
}

/// How far positions turn in a text of `length` tokens, which matters to some kinds of stretch: then
/// all of a text turns as its whole length asks, as in one forward pass over all of it.
fn positions(config: &ModelConfig, length: usize) -> RopeFrequencies {
    RopeFrequencies {
        frequencies: config.rope.frequencies(length),
        attention: config.rope.attention(),
    }
}

impl LanguageModel for CandleModel {
    fn context(&self) -> usize {
        self.config.context
    }

    fn chunk(&self) -> usize {
        CHUNK
    }

    fn reserve(&mut self, capacity: usize) -> Result<bool, ModelStop> {
        let positions = positions(&self.config, capacity);
        match &mut self.cache {
            Some(cache) if cache.capacity() >= capacity => {
                if self.positions == positions {
                    return Ok(false);
                }
                // The keys that are held were turned by other frequencies.
                cache.rewind(0);
            }
            _ => {
                // Two caches at once may not fit the memory.
                self.cache = None;
                self.check(capacity)?;
                let decoder = &self.decoder;
                let layers = decoder.layers.len();
                let cache =
                    CandleKvCache::new(layers, &decoder.shape, capacity, self.kv, &decoder.device)?;
                self.cache = Some(cache);
            }
        }
        self.positions = positions;
        Ok(true)
    }

    fn rewind(&mut self, len: usize) {
        if let Some(cache) = &mut self.cache {
            cache.rewind(len);
        }
    }

    fn read(
        &mut self,
        ids: &[u32],
        cancel: &AtomicBool,
        done: &mut dyn FnMut(usize),
        mut each: LogitsCallback<'_>,
    ) -> Result<Vec<f32>, ModelStop> {
        let Some(cache) = &mut self.cache else {
            return Err(ModelStop::Failed("candle was given no room".to_owned()));
        };
        let capacity = cache.capacity() - cache.len();
        if ids.len() > capacity {
            let got = ids.len();
            return Err(ModelStop::Failed(format!(
                "candle was given {got} tokens and has room for {capacity}"
            )));
        }
        let (mut read, mut last) = (0, Vec::new());
        for chunk in ids.chunks(CHUNK) {
            if cancel.load(Ordering::Relaxed) {
                return Err(ModelStop::Cancelled);
            }
            let (before, mut good) = (cache.len(), true);
            let (decoder, positions) = (&self.decoder, &self.positions);
            let logits = match &mut each {
                Some(each) => {
                    let mut heard = |logits: &[f32]| {
                        good &= are_numbers(logits);
                        each(logits);
                    };
                    decoder.forward(chunk, cache, positions, Some(&mut heard), cancel)?
                }
                None => decoder.forward(chunk, cache, positions, None, cancel)?,
            };
            last = logits.ok_or(ModelStop::Cancelled)?;
            if !good || !are_numbers(&last) {
                cache.rewind(before);
                let place = decoder.first_without_numbers(chunk, cache, positions)?;
                return Err(ModelStop::not_numbers(&place));
            }
            read += chunk.len();
            done(read);
        }
        Ok(last)
    }
}

#[cfg(test)]
mod families;
#[cfg(test)]
mod golden;
#[cfg(test)]
mod numbers;
#[cfg(test)]
mod rope_golden;
#[cfg(test)]
mod stored_formats;
#[cfg(test)]
mod testing;
