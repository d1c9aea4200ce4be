//! Plain Rust twins of the kernels: the same names and shapes, computed one value after another.
//! The kernel tests compare the kernels with them.

mod attention; // causal attention
mod embed; // token embeddings
mod logprobs; // log-probabilities of some tokens
mod matmul; // matrix products
mod rms_norm; // root mean square normalisation
mod rope; // rotary positions
mod swiglu; // the gated activation
mod top_k; // the likeliest tokens

pub use attention::{AttentionSlice, HeadLayout, attention, attention_merge, attention_slice};
pub use embed::embed;
pub use logprobs::logprobs;
pub use matmul::matmul;
pub use rms_norm::rms_norm;
pub use rope::{rope, rope_halves};
pub use swiglu::swiglu;
pub use top_k::top_k;
