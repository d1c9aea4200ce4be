//! Tokens in, logits out: reads models and runs them on WGSL kernels, natively and in the browser.
//! Knows nothing about tasks or HTTP.
//!
//! ```text
//! GGUF file --model--> ModelConfig, Tokenizer, tensors --session--> logits --generation--> text
//!                                  session -> ops (one file per kernel) -> gpu (the only user of wgpu)
//! ```

pub mod cancel; // cancellation of long work
pub mod cpu; // plain Rust twins of the kernels, which tests compare with
pub mod generation; // text generation with any model in memory
#[cfg(feature = "gpu")]
pub mod gpu; // the GPU: device, buffers, pipelines, readback
pub mod model; // model files and tokenizers; needs no GPU
#[cfg(feature = "gpu")]
mod ops; // one file per kernel: bindings and dispatch
#[cfg(feature = "gpu")]
pub mod session; // a model loaded on an adapter
