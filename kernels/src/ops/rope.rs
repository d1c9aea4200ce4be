//! Rotary positions: queries in place, keys on their way into the cache.

use super::matmul::word;
use crate::gpu::{self, Bound, Buffer, Gpu, Pass, Pipeline};

#[derive(Debug)]
pub(crate) struct Rope {
    pipeline: Pipeline,
    bound: Bound,
    pairs: usize,
}

impl Rope {
    /// `turns` is `(tokens, head_dim / 2)` of cosine and sine, `x` is `(tokens, heads, head_dim)`.
    pub(crate) fn new(
        gpu: &Gpu,
        chunk: &Buffer,
        turns: &Buffer,
        x: &Buffer,
        (heads, head_dim): (usize, usize),
    ) -> Self {
        let pipeline = gpu.pipeline(&gpu::ROPE);
        let dims = gpu.uniform([word(heads), word(head_dim / 2), 0, 0]);
        let bound = gpu.bind(&pipeline, &[chunk, &dims, turns, x]);
        Self {
            pipeline,
            bound,
            pairs: heads * head_dim / 2,
        }
    }

    pub(crate) fn run(&self, pass: &mut Pass<'_>, tokens: usize) {
        pass.dispatch(&self.pipeline, &self.bound, self.pairs.div_ceil(64), tokens);
    }
}

#[derive(Debug)]
pub(crate) struct StoreKv {
    pipeline: Pipeline,
    dims: Buffer,
    pairs: usize,
}

impl StoreKv {
    pub(crate) fn new(gpu: &Gpu, kv_heads: usize, head_dim: usize) -> Self {
        let pipeline = gpu.pipeline(&gpu::STORE_KV);
        let dims = gpu.uniform([word(kv_heads), word(head_dim / 2), 0, 0]);
        Self {
            pipeline,
            dims,
            pairs: kv_heads * head_dim / 2,
        }
    }

    /// `k` and `v` are `(tokens, kv_heads, head_dim)`, `keys` and `values` `(room, kv_heads,
    /// head_dim)`.
    pub(crate) fn bind(
        &self,
        gpu: &Gpu,
        chunk: &Buffer,
        turns: &Buffer,
        [k, v]: [&Buffer; 2],
        [keys, values]: [&Buffer; 2],
    ) -> Bound {
        gpu.bind(
            &self.pipeline,
            &[chunk, &self.dims, turns, k, v, keys, values],
        )
    }

    pub(crate) fn run(&self, pass: &mut Pass<'_>, bound: &Bound, tokens: usize) {
        pass.dispatch(&self.pipeline, bound, self.pairs.div_ceil(64), tokens);
    }
}
