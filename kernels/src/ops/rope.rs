//! Rotary positions: queries in place, keys on their way into the cache.

use crate::gpu::{self, BoundBuffers, Buffer, ComputePass, ComputePipeline, Gpu, PairDims};

#[derive(Debug)]
pub(crate) struct RopeKernel {
    pipeline: ComputePipeline,
    bound: BoundBuffers,
    pairs: usize,
}

impl RopeKernel {
    /// `rope_cos_sin` is `(tokens, head_dim / 2)` of cosine and sine, `x` is `(tokens, heads, head_dim)`.
    pub(crate) fn new(
        gpu: &Gpu,
        chunk: &Buffer,
        rope_cos_sin: &Buffer,
        x: &Buffer,
        (heads, head_dim): (usize, usize),
    ) -> Self {
        let pipeline = gpu.pipeline(&gpu::ROPE);
        let dims = gpu.uniform(&PairDims {
            heads,
            pairs: head_dim / 2,
        });
        let bound = gpu.bind(&pipeline, &[chunk, &dims, rope_cos_sin, x]);
        Self {
            pipeline,
            bound,
            pairs: heads * head_dim / 2,
        }
    }

    pub(crate) fn run(&self, pass: &mut ComputePass<'_>, tokens: usize) {
        pass.dispatch(&self.pipeline, &self.bound, [self.pairs, tokens]);
    }
}

#[derive(Debug)]
pub(crate) struct StoreKvKernel {
    pipeline: ComputePipeline,
    dims: Buffer,
    pairs: usize,
}

impl StoreKvKernel {
    pub(crate) fn new(gpu: &Gpu, kv_heads: usize, head_dim: usize) -> Self {
        let pipeline = gpu.pipeline(&gpu::STORE_KV);
        let dims = gpu.uniform(&PairDims {
            heads: kv_heads,
            pairs: head_dim / 2,
        });
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
        rope_cos_sin: &Buffer,
        [k, v]: [&Buffer; 2],
        [keys, values]: [&Buffer; 2],
    ) -> BoundBuffers {
        gpu.bind(
            &self.pipeline,
            &[chunk, &self.dims, rope_cos_sin, k, v, keys, values],
        )
    }

    pub(crate) fn run(&self, pass: &mut ComputePass<'_>, bound: &BoundBuffers, tokens: usize) {
        pass.dispatch(&self.pipeline, bound, [self.pairs, tokens]);
    }
}
