//! One file per kernel: which shader, which buffers, how many workgroups.

mod attention;
mod embed; // `xt,c = wids[t,c]`
mod layout; // weights as the shaders read them, in 32-bit words
mod matmul; // `yt,r = sum_c xt,c · wr,c`
mod rms_norm; // `yt,c = xt,c · wc / √(mean_c(xt,c²) + eps)`
mod rope; // rotary positions
mod swiglu; // `silu(gate) · up`, in place
#[cfg(test)]
mod tests;
mod tuning; // which of two kernels is the faster one here

pub(crate) use attention::{AttentionKernel, head_dims};
pub(crate) use embed::EmbedKernel;
pub(crate) use layout::WeightLayout;
pub(crate) use matmul::{GpuMatrix, MatmulDispatch, MatmulKernels};
pub(crate) use rms_norm::RmsNormKernel;
pub(crate) use rope::{RopeKernel, StoreKvKernel};
pub(crate) use swiglu::SwigluKernel;
pub use tuning::{KernelTuning, KernelVariant};
