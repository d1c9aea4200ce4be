//! The KV cache on the adapter.

use crate::gpu::{Buffer, Gpu, GpuError};
use crate::model::config::ModelConfig;
use crate::ops::KvPrecision;

/// Keys and values of every layer, each `(capacity, kv_heads, head_dim)`.
#[derive(Debug)]
pub(super) struct GpuKvCache {
    pub(super) layers: Vec<[Buffer; 2]>,
    capacity: usize,
    /// Words of 32 bits that a token takes in one buffer.
    token_words: usize,
}

impl GpuKvCache {
    pub(super) fn new(
        gpu: &Gpu,
        config: &ModelConfig,
        precision: KvPrecision,
    ) -> Result<Self, GpuError> {
        let mut cache = Self {
            layers: Vec::new(),
            capacity: 0,
            token_words: config.kv_heads * config.head_dim / precision.per_word(),
        };
        cache.grow(gpu, config, 1)?;
        Ok(cache)
    }

    /// Tokens that fit after the first `start`.
    pub(super) fn room(&self, start: usize) -> usize {
        self.capacity.saturating_sub(start)
    }

    /// Makes room for at least `tokens` and keeps what is there; true where the buffers are others
    /// than before. Grows by half at least, so that no token is copied more often than twice or so,
    /// layer by layer, so that little is in memory twice.
    pub(super) fn grow(
        &mut self,
        gpu: &Gpu,
        config: &ModelConfig,
        tokens: usize,
    ) -> Result<bool, GpuError> {
        if tokens <= self.capacity {
            return Ok(false);
        }
        let wanted = tokens.max(self.capacity + self.capacity / 2);
        let capacity = wanted.next_multiple_of(512).min(config.context.max(tokens));
        let words = capacity * self.token_words;
        gpu.check(&format!("the cache of {capacity} tokens"), 4 * words as u64)?;
        let held = self.capacity * self.token_words;
        let mut old = std::mem::take(&mut self.layers).into_iter();
        for _ in 0..config.layers {
            let layer = ["keys", "values"].map(|label| gpu.words(label, words));
            if let Some(old) = old.next() {
                let mut commands = gpu.commands();
                for (from, to) in old.iter().zip(&layer) {
                    commands.copy((from, 0), (to, 0), held);
                }
                gpu.submit(commands);
            }
            self.layers.push(layer);
        }
        self.capacity = capacity;
        Ok(true)
    }
}
