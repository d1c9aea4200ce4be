//! What earlier tokens left for later ones.

use crate::gpu::{Buffer, Gpu, GpuError};
use crate::model::config::ModelConfig;

/// Keys and values of every layer, each `(capacity, kv_heads, head_dim)` in f32.
#[derive(Debug)]
pub(super) struct GpuKvCache {
    pub(super) layers: Vec<[Buffer; 2]>,
    capacity: usize,
}

impl GpuKvCache {
    /// Room for at least `tokens`, in steps, so that not every prompt asks for new memory.
    pub(super) fn new(gpu: &Gpu, config: &ModelConfig, tokens: usize) -> Result<Self, GpuError> {
        let capacity = tokens.next_multiple_of(512).min(config.context.max(tokens));
        let words = capacity * config.kv_heads * config.head_dim;
        gpu.check(&format!("the cache of {capacity} tokens"), 4 * words as u64)?;
        let layer = |_| ["keys", "values"].map(|label| gpu.words(label, words));
        Ok(Self {
            layers: (0..config.layers).map(layer).collect(),
            capacity,
        })
    }

    /// Whether `tokens` fit.
    pub(super) fn has(&self, tokens: usize) -> bool {
        tokens <= self.capacity
    }
}
