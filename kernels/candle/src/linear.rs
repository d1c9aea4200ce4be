//! A linear layer on whatever device.

use std::sync::Arc;

use candle_core::{Result, Tensor};

use super::cpu::matrix::{MatrixProduct, StoredMatrix};

/// Weights `(out, in)`.
#[derive(Clone, Debug)]
pub(super) enum LinearWeight {
    /// As stored, one part below the other, for the processor.
    Stored(Vec<Arc<StoredMatrix>>),
    /// In the format of computation.
    Dense(Tensor),
}

/// `x wᵀ + b`.
#[derive(Clone, Debug)]
pub(super) struct Linear {
    pub(super) weight: LinearWeight,
    pub(super) bias: Option<Tensor>,
}

impl Linear {
    /// `x` is `(tokens, in)`.
    pub(super) fn forward(&self, x: &Tensor) -> Result<Tensor> {
        let out = match &self.weight {
            LinearWeight::Stored(parts) => x.apply_op1_no_bwd(&MatrixProduct(parts))?,
            LinearWeight::Dense(weight) => x.matmul(&weight.t()?)?,
        };
        match &self.bias {
            Some(bias) => out.broadcast_add(bias),
            None => Ok(out),
        }
    }

    /// The rows `ids`, for an embedding.
    pub(super) fn rows(&self, ids: &[u32]) -> Result<Tensor> {
        match &self.weight {
            LinearWeight::Stored(parts) => match parts.first() {
                Some(only) => only.rows(ids),
                None => candle_core::bail!("an embedding without weights"),
            },
            LinearWeight::Dense(weight) => {
                weight.index_select(&Tensor::new(ids, weight.device())?, 0)
            }
        }
    }
}
