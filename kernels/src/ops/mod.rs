//! One file per kernel: which shader, which buffers, how many workgroups.

mod attention;
mod embed;
mod layout;
mod matmul;
mod rms_norm;
mod rope;
mod swiglu;
#[cfg(test)]
mod tests;
mod tuning;

pub(crate) use attention::{Attention, head_dims};
pub(crate) use embed::Embed;
pub(crate) use layout::Layout;
pub(crate) use matmul::{Matmul, Product, Weights};
pub(crate) use rms_norm::RmsNorm;
pub(crate) use rope::{Rope, StoreKv};
pub(crate) use swiglu::Swiglu;
pub use tuning::{Tuning, Variant};
