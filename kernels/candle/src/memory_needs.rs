//! The memory that a run needs, computed before anything is allocated.

use std::fmt;

use candle_core::DType;
use fathom_kernels::model::config::ModelConfig;

use crate::cpu::attention::{BLOCK, TILE};
use crate::cpu::format::WeightFormat;
use crate::cpu::matrix::PANEL;
use crate::{CHUNK, DeviceOptions, WeightSource};

/// Bytes of memory, of the processor or of a device.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct MemoryNeeds {
    /// The weights in the format that they are computed from.
    pub weights: u64,
    /// Keys and values of all tokens.
    pub kv: u64,
    /// What one chunk of tokens leaves on its way, at most.
    pub scratch: u64,
}

impl MemoryNeeds {
    /// All of it.
    pub fn total(&self) -> u64 {
        self.weights + self.kv + self.scratch
    }

    /// What a run with `room` tokens, prompt and answer together, takes: of the model of `config`,
    /// whose tensors are those of `source`; no weights are read.
    ///
    /// # Errors
    /// What the source says.
    pub fn of<S: WeightSource>(
        source: &S,
        config: &ModelConfig,
        options: &DeviceOptions,
        room: usize,
    ) -> Result<Self, S::Error> {
        let weights = weights(source, config, options.dense())?;
        Ok(Self::with_weights(config, weights, room, options.kv))
    }

    /// The same of weights that take `weights` bytes, with a cache in `kv`.
    ///
    /// # Formula
    /// Keys and values: `2 · layers · kv heads · head_dim · room`. Scratch: what is alive at once of
    /// a chunk (state, normed state, queries, keys and values before and after they are turned,
    /// mixed values, both halves of the feed-forward part and their product), for each thread a
    /// panel of expanded weights and a tile of scores, and one row of logits.
    pub(crate) fn with_weights(config: &ModelConfig, weights: u64, room: usize, kv: DType) -> Self {
        let threads = candle_core::utils::get_num_threads();
        let pair = config.kv_heads * config.head_dim;
        let queries = config.heads * config.head_dim;
        let token = 3 * config.width + 4 * (queries + 2 * pair) + 3 * config.ffn;
        let panel = PANEL * config.width.max(config.ffn).max(queries);
        let group = config.heads / config.kv_heads;
        let tile = TILE.max(group) * (BLOCK + 2 * config.head_dim) + BLOCK * config.head_dim;
        let words = CHUNK.min(room) * token + threads * (panel + tile) + config.vocab;
        Self {
            weights,
            kv: (2 * config.layers * pair * kv.size_in_bytes()) as u64 * room as u64,
            scratch: 4 * words as u64,
        }
    }
}

/// Bytes of the weights on a device: as stored on the processor (vectors in f32), else in `dense`.
fn weights<S: WeightSource>(
    source: &S,
    config: &ModelConfig,
    dense: Option<DType>,
) -> Result<u64, S::Error> {
    let mut total = 0;
    for (name, shape) in config.tensors() {
        let count = shape.iter().product::<usize>();
        total += match dense {
            Some(dtype) => count * dtype.size_in_bytes(),
            None if shape.len() == 1 => 4 * count,
            None => WeightFormat::from(source.dtype(&name)?).bytes(count),
        } as u64;
    }
    Ok(total)
}

impl fmt::Display for MemoryNeeds {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mb = |bytes: u64| bytes as f64 / 1e6;
        write!(
            f,
            "{:.0} MB ({:.0} for weights, {:.0} for keys and values, {:.0} to compute in)",
            mb(self.total()),
            mb(self.weights),
            mb(self.kv),
            mb(self.scratch)
        )
    }
}

/// The bytes that are free, where they are fewer than `bytes`.
#[cfg(not(target_arch = "wasm32"))]
pub(crate) fn short_of(bytes: u64) -> Option<u64> {
    free_memory().filter(|free| bytes > *free)
}

/// The same of a WebAssembly program, which has 4 GiB at most: whether it gets so much is seen by
/// asking for it.
#[cfg(target_arch = "wasm32")]
pub(crate) fn short_of(bytes: u64) -> Option<u64> {
    const PAGE: u64 = 64 << 10;
    let fits = usize::try_from(bytes).is_ok_and(|bytes| {
        let mut room: Vec<u8> = Vec::new();
        room.try_reserve_exact(bytes).is_ok()
    });
    let pages = std::arch::wasm32::memory_size(0) as u64;
    (!fits).then(|| (4 << 30) - pages * PAGE)
}

/// Bytes of memory that are free on this machine, where the system says so.
pub fn free_memory() -> Option<u64> {
    let text = std::fs::read_to_string("/proc/meminfo").ok()?;
    available(&text)
}

fn available(meminfo: &str) -> Option<u64> {
    let mut lines = meminfo.lines();
    let line = lines.find_map(|line| line.strip_prefix("MemAvailable:"))?;
    let kilobytes: u64 = line.trim().strip_suffix("kB")?.trim().parse().ok()?;
    kilobytes.checked_mul(1024)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn free_memory_is_read_from_what_the_system_says() {
        let text = "MemTotal:  100 kB\nMemAvailable:   42 kB\n";
        assert_eq!(available(text), Some(42 * 1024));
        assert_eq!(available("MemTotal: 100 kB\n"), None);
        if cfg!(target_os = "linux") {
            assert!(free_memory().is_some_and(|bytes| bytes > 1 << 20));
        }
    }
}
