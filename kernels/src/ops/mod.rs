//! One file per kernel: which shader, which buffers, over how much it runs.

mod attention; // softmax(q·k) v, by tiles or by slices
mod embed; // rows of a matrix by their numbers
mod layout; // weights as the shaders read them, in 32-bit words
mod matmul; // products, dequantising as they read
mod matrix; // matrices on the adapter
mod normed; // products with a normed input
mod rms_norm; // x · w / √(mean(x²) + eps)
mod rope_store; // rotary positions, and keys and values into the cache
#[cfg(test)]
mod tests;
mod tuning; // which of two kernels is the faster one here

pub use attention::KvPrecision;
pub(crate) use attention::{AttentionBuffers, AttentionKernel, head_dims};
pub(crate) use embed::EmbedKernel;
pub(crate) use layout::WeightLayout;
pub(crate) use matmul::{MatmulDispatch, MatmulKernels, MatmulOutput, ProductUse};
pub(crate) use matrix::GpuMatrix;
pub(crate) use normed::{NormInput, NormedProducts};
pub(crate) use rms_norm::RmsNormKernel;
pub(crate) use rope_store::{HeadInputs, RopeStoreBuffers, RopeStoreKernel};
pub use tuning::{KernelTuning, KernelVariant};
