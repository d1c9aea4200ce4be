//! Hugging Face's candle as one of Fathom's models: llama, qwen2 and qwen3 on the processor, natively
//! and in a browser's worker, or on an NVIDIA device; prompts read in chunks, a cache written in place, attention that never holds the
//! scores of more than one block. On the processor weights stay as they are stored and everything is
//! computed in f32. It knows no files, tasks or runs: weights and tokens in, logits out.
//!
//! The one crate with `unsafe` in it: the processor's own vector instructions ([`cpu`]), the product
//! of matrices that `gemm` offers, and one output that many tasks write, each its own columns.

mod attention; // causal attention with grouped heads
mod cpu; // processor kernels that candle lacks
mod decoder; // the decoder of the llama family
mod device; // device and number type of a model
mod kv_cache; // the KV cache
mod linear; // a linear layer for any device
mod load; // builds a model in memory from stored tensors
mod memory_needs; // the memory that a run needs, computed before any allocation
mod model; // candle's implementation of `LanguageModel`
mod pause; // pauses in long work, for a thread that has more to do
mod product_rate; // how fast the processor reads prompts, measured
mod shape; // dimensions that the weights do not reveal
#[cfg(test)]
mod testing; // helpers for tests
mod weight_source; // the trait that supplies tensors by name

/// What keys and values are kept in.
pub use candle_core::DType;
pub use device::{CandleDevice, DeviceError, DeviceOptions};
pub use load::LoadError;
pub use memory_needs::{MemoryNeeds, free_memory};
pub use model::CandleModel;
pub use pause::Pause;
pub use product_rate::product_rate;
pub use weight_source::{StoredTensor, WeightSource};

/// Tokens read at a time: enough for a fast product, few enough that what they leave stays small, and
/// that whoever waits sees a browser's one thread get on.
const CHUNK: usize = if cfg!(target_arch = "wasm32") {
    32
} else {
    512
};
