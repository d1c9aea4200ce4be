//! The dimensions of a model that its weights do not reveal.

use fathom_kernels::model::config::RopePairing;

/// The numbers of a model that its weights do not tell.
#[derive(Clone, PartialEq, Debug)]
pub(super) struct DecoderShape {
    pub(super) heads: usize,
    pub(super) kv_heads: usize,
    pub(super) head_dim: usize,
    pub(super) norm_eps: f32,
    pub(super) pairs: RopePairing,
}
