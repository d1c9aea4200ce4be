//! One file per kernel: its shader, its buffers and the size of its dispatch.

mod attention; // attention: softmax(q·k) v, by tiles or by slices
mod embed; // embedding lookup: rows of a matrix by id
mod kernel_variant; // which variant of each kernel runs
mod layout; // the layout of weights in the shaders' 32-bit words
mod logprobs; // log-probabilities of some tokens
mod matmul; // matrix products that dequantise as they read
mod matrix; // matrices on the adapter
mod normed; // matrix products with RMS-normed input
mod rms_norm; // x · w / √(mean(x²) + eps)
mod rope_store; // rotary positions, and writing keys and values to the cache
#[cfg(test)]
mod tests;
mod top_k; // the likeliest tokens of logits
mod tuning; // measures which kernel variant is faster on this adapter

pub use attention::KvPrecision;
pub(crate) use attention::{AttentionBuffers, AttentionKernel, FEW, head_dims};
pub(crate) use embed::EmbedKernel;
pub use kernel_variant::{KernelTuning, KernelVariant};
pub(crate) use layout::WeightLayout;
pub(crate) use logprobs::LogprobsKernel;
pub(crate) use matmul::{MatmulDispatch, MatmulKernels, MatmulOutput, ProductUse};
pub(crate) use matrix::GpuMatrix;
pub(crate) use normed::{NormInput, NormedProducts};
pub(crate) use rms_norm::RmsNormKernel;
pub(crate) use rope_store::{HeadInputs, RopeStoreBuffers, RopeStoreKernel};
pub(crate) use top_k::{TopKBuffers, TopKKernel};
