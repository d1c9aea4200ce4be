//! The KV cache: allocated once per prompt, written in place.

use candle_core::{DType, Device, Result, Tensor};

use super::shape::DecoderShape;

/// Keys and values of every layer, each `(kv heads, capacity, head width)`.
#[derive(Debug)]
pub(super) struct CandleKvCache {
    layers: Vec<(Tensor, Tensor)>,
    dtype: DType,
    capacity: usize,
    len: usize,
}

impl CandleKvCache {
    /// Room for `capacity` tokens.
    pub(super) fn new(
        layers: usize,
        shape: &DecoderShape,
        capacity: usize,
        dtype: DType,
        device: &Device,
    ) -> Result<Self> {
        let size = (shape.kv_heads, capacity, shape.head_dim);
        let zeros = || Tensor::zeros(size, dtype, device);
        let layers = (0..layers)
            .map(|_| Ok((zeros()?, zeros()?)))
            .collect::<Result<_>>()?;
        Ok(Self {
            layers,
            dtype,
            capacity,
            len: 0,
        })
    }

    /// Forgets all but the first `len` tokens and keeps the memory.
    pub(super) fn rewind(&mut self, len: usize) {
        self.len = self.len.min(len);
    }

    /// Tokens that every layer has seen.
    pub(super) fn len(&self) -> usize {
        self.len
    }

    /// Tokens there is room for.
    pub(super) fn capacity(&self) -> usize {
        self.capacity
    }

    /// Writes `k` and `v`, both `(kv heads, new tokens, head width)`, after what `layer` holds,
    /// and returns how many it holds then. [`advance`](Self::advance) once per chunk.
    pub(super) fn push(&self, layer: usize, k: &Tensor, v: &Tensor) -> Result<usize> {
        let (keys, values) = self.layer(layer);
        keys.slice_set(&k.to_dtype(self.dtype)?, 1, self.len)?;
        values.slice_set(&v.to_dtype(self.dtype)?, 1, self.len)?;
        Ok(self.len + k.dim(1)?)
    }

    /// All keys and values of `layer`, room included.
    pub(super) fn layer(&self, layer: usize) -> (&Tensor, &Tensor) {
        let (keys, values) = &self.layers[layer];
        (keys, values)
    }

    /// Every layer has `tokens` more.
    pub(super) fn advance(&mut self, tokens: usize) {
        self.len += tokens;
    }
}
