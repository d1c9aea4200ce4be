//! What earlier tokens left for later ones: allocated once per prompt, written in place.

use candle_core::{DType, Device, Result, Tensor};

/// Keys and values of every layer, each `(kv heads, room, head width)`.
#[derive(Debug)]
pub(super) struct KvCache {
    layers: Vec<(Tensor, Tensor)>,
    room: usize,
    len: usize,
}

impl KvCache {
    /// Room for `room` tokens.
    pub(super) fn new(
        layers: usize,
        kv_heads: usize,
        head_dim: usize,
        room: usize,
        device: &Device,
    ) -> Result<Self> {
        let zeros = || Tensor::zeros((kv_heads, room, head_dim), DType::F32, device);
        let layers = (0..layers)
            .map(|_| Ok((zeros()?, zeros()?)))
            .collect::<Result<_>>()?;
        let len = 0;
        Ok(Self { layers, room, len })
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
    pub(super) fn room(&self) -> usize {
        self.room
    }

    /// Writes `k` and `v`, both `(kv heads, new tokens, head width)`, after what `layer` holds,
    /// and returns all of its keys and values. [`advance`](Self::advance) once per chunk.
    pub(super) fn push(&self, layer: usize, k: &Tensor, v: &Tensor) -> Result<(Tensor, Tensor)> {
        let (keys, values) = &self.layers[layer];
        keys.slice_set(k, 1, self.len)?;
        values.slice_set(v, 1, self.len)?;
        let len = self.len + k.dim(1)?;
        Ok((keys.narrow(1, 0, len)?, values.narrow(1, 0, len)?))
    }

    /// Every layer has `tokens` more.
    pub(super) fn advance(&mut self, tokens: usize) {
        self.len += tokens;
    }
}
