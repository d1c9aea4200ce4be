//! The model behind the face that all have: room, chunks, logits, and how far a cancel reaches.

use std::sync::atomic::{AtomicBool, Ordering};

use candle_core::DType;
use fathom_kernels::generation::{EachLogits, LanguageModel, LogitsFuture, ModelStop};
use fathom_kernels::model::config::ModelConfig;
use fathom_kernels::model::sampler::are_numbers;

use crate::decoder::{CandleDecoder, RopeFrequencies};
use crate::kv_cache::CandleKvCache;
use crate::memory_needs::short_of;
use crate::pause::Pauses;
use crate::{CHUNK, DeviceOptions, MemoryNeeds};

/// A model on a device.
#[derive(Debug)]
pub struct CandleModel {
    decoder: CandleDecoder,
    config: ModelConfig,
    /// Bytes of the weights.
    weights: u64,
    kv: DType,
    positions: RopeFrequencies,
    cache: Option<CandleKvCache>,
    pauses: Pauses,
}

impl CandleModel {
    pub(crate) fn new(
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
            pauses: Pauses::new(options.pause),
        }
    }

    /// Whether the processor computes it.
    pub fn is_on_cpu(&self) -> bool {
        self.decoder.device.is_cpu()
    }

    /// Whether `capacity` tokens fit what is free.
    fn check(&self, capacity: usize) -> Result<(), ModelStop> {
        let needs = MemoryNeeds::with_weights(&self.config, self.weights, capacity, self.kv);
        // The weights are there already.
        let more = needs.kv + needs.scratch;
        match short_of(more).filter(|_| self.decoder.device.is_cpu()) {
            None => Ok(()),
            Some(free) => Err(ModelStop::Failed(format!(
                "{needs} are needed for {capacity} tokens; besides the weights {:.0} MB are free",
                free as f64 / 1e6
            ))),
        }
    }

    async fn read_chunks(
        &mut self,
        ids: &[u32],
        cancel: &AtomicBool,
        done: &mut dyn FnMut(usize),
        mut each: Option<EachLogits<'_>>,
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
            let between = (cancel, &mut self.pauses);
            let logits = match &mut each {
                Some(each) => {
                    let mut heard = |logits: &[f32]| {
                        good &= are_numbers(logits);
                        each(logits);
                    };
                    let each = Some(&mut heard as EachLogits<'_>);
                    decoder
                        .forward(chunk, cache, positions, each, between)
                        .await
                }
                None => {
                    decoder
                        .forward(chunk, cache, positions, None, between)
                        .await
                }
            };
            last = logits.map_err(failed)?.ok_or(ModelStop::Cancelled)?;
            if !good || !are_numbers(&last) {
                cache.rewind(before);
                let place = decoder.first_without_numbers(chunk, cache, positions);
                return Err(ModelStop::not_numbers(&place.map_err(failed)?));
            }
            read += chunk.len();
            done(read);
        }
        Ok(last)
    }
}

fn failed(error: candle_core::Error) -> ModelStop {
    ModelStop::Failed(format!("candle failed: {error}"))
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
                    CandleKvCache::new(layers, &decoder.shape, capacity, self.kv, &decoder.device);
                self.cache = Some(cache.map_err(failed)?);
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

    fn read<'a>(
        &'a mut self,
        ids: &'a [u32],
        cancel: &'a AtomicBool,
        done: &'a mut dyn FnMut(usize),
        each: Option<EachLogits<'a>>,
    ) -> LogitsFuture<'a> {
        Box::pin(self.read_chunks(ids, cancel, done, each))
    }
}
