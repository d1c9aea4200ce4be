//! Kernels that candle lacks on the processor, or has only for other formats: products with weights
//! are stored, attention that never holds the scores of more than one block, and the elementwise
//! functions between them. Everything computes in f32; the storage alone is smaller.
//!
//! Every function is written once over [`Lanes`](lanes::Lanes) and compiled for AVX-512, for AVX2
//! and for any processor; which of them runs is asked of the processor.

pub(super) mod attention; // blockwise, with an online softmax
mod elementwise; // elementwise exponentials
pub(super) mod format; // storage formats of weights and caches
mod gemm; // matrix products in f32
mod lanes; // SIMD vectors
pub(super) mod matrix; // products with stored weights
mod rows; // rows of stored weights: decoding, and products with one vector
pub(super) mod swiglu; // `silu(gate) · up`, both halves of one tensor
