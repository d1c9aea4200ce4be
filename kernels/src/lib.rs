//! Tokens in, logits out: reading models and running them on WGSL kernels, natively and in the
//! browser. Knows nothing of tasks or HTTP.
//!
//! ```text
//! GGUF file --model--> ModelConfig, Tokenizer, tensors --session--> logits --sampler--> text
//!                                  session -> ops (one file per kernel) -> gpu (the only user of wgpu)
//! ```

pub mod cancel; //  stopping what takes long
pub mod cpu; //     plain twins of the kernels, their oracle
#[cfg(feature = "gpu")]
pub mod gpu; //     device, buffers, pipelines, readback
pub mod model; //   what a model file says, without a GPU
#[cfg(feature = "gpu")]
mod ops; //         one file per kernel: bindings and dispatch
#[cfg(feature = "gpu")]
pub mod session; // a loaded model that answers
