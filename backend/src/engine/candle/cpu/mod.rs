//! What candle lacks on the processor, or has only for other formats: products with weights as they
//! are stored, attention that never holds the scores of more than one block, and the elementwise
//! functions between them. Everything computes in f32; the storage alone is smaller.
//!
//! Every function is written once over [`Lanes`](lanes::Lanes) and compiled for AVX-512, for AVX2
//! and for any processor; which of them runs is asked of the processor.

pub(super) mod attention; // blockwise, with an online softmax
mod elementwise; //          exponentials
pub(super) mod format; //    how weights and caches are stored
mod gemm; //                 f32 products
mod lanes; //                vectors of numbers
pub(super) mod matrix; //    products with stored weights
mod rows; //                 rows of stored weights: their worth, and products with one vector
pub(super) mod swiglu; // `silu(gate) · up`, both halves of one tensor
