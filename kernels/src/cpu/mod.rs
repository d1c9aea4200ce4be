//! Plain twins of the kernels: same names, same shapes, one value after another. The kernel tests
//! take them for the truth.

mod attention;
mod embed;
mod matmul;
mod rms_norm;
mod rope;
mod swiglu;

pub use attention::{AttentionSlice, HeadLayout, attention, attention_merge, attention_slice};
pub use embed::embed;
pub use matmul::matmul;
pub use rms_norm::rms_norm;
pub use rope::{rope, rope_halves};
pub use swiglu::swiglu;
