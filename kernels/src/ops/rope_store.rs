//! Applies rotary positions to queries and keys, and writes keys and values into the cache. Before
//! that, it adds biases and normalises heads, if the model has them.

use super::KvPrecision;
use crate::cpu::HeadLayout;
use crate::gpu::{self, BoundBuffers, Buffer, ComputePass, ComputePipeline, Gpu, RopeDims};

/// What a model does with its queries, keys and values before attention.
#[derive(Clone, Debug, Default)]
pub(crate) struct HeadInputs {
    /// Whether value `i` of a head is paired with `i + head_dim / 2`, or with its neighbour.
    pub(crate) halves: bool,
    /// Biases to add, `(heads + 2 kv_heads, head_dim)`; may be empty.
    pub(crate) biases: Vec<f32>,
    /// Norm weights for queries and keys, `(2, head_dim)`; may be empty.
    pub(crate) norms: Vec<f32>,
    pub(crate) eps: f32,
}

#[derive(Debug)]
pub(crate) struct RopeStoreKernel {
    pipeline: ComputePipeline,
    heads: HeadLayout,
}

/// The buffers that one layer reads and writes.
#[derive(Debug)]
pub(crate) struct RopeStoreBuffers<'a> {
    /// `(tokens, heads + 2 kv_heads, head_dim)`
    pub(crate) qkv: &'a Buffer,
    /// `(tokens, heads, head_dim)`
    pub(crate) q: &'a Buffer,
    /// Keys and values, `(capacity, kv_heads, head_dim)`
    pub(crate) cache: [&'a Buffer; 2],
}

impl RopeStoreKernel {
    pub(crate) fn new(gpu: &Gpu, heads: HeadLayout, kv: KvPrecision) -> Self {
        Self {
            pipeline: gpu.pipeline_with(&gpu::ROPE_STORE, &kv.constants()),
            heads,
        }
    }

    /// The uniform and the extra weights of one layer.
    pub(crate) fn inputs(&self, gpu: &Gpu, inputs: &HeadInputs) -> [Buffer; 2] {
        let HeadLayout {
            heads,
            kv_heads,
            head_dim,
        } = self.heads;
        let dims = RopeDims {
            heads,
            kv_heads,
            quads: head_dim / 4,
            halves: usize::from(inputs.halves),
            biased: usize::from(!inputs.biases.is_empty()),
            normed: usize::from(!inputs.norms.is_empty()),
            eps: inputs.eps,
        };
        let mut extra = inputs.biases.clone();
        extra.resize((heads + 2 * kv_heads) * head_dim, 0.0);
        extra.extend(&inputs.norms);
        let buffer = gpu.words("biases and norms of heads", extra.len());
        gpu.write(&buffer, &extra);
        [gpu.uniform(&dims), buffer]
    }

    /// `rope_cos_sin` is `(tokens, head_dim / 2)` of cosine and sine.
    pub(crate) fn bind(
        &self,
        gpu: &Gpu,
        chunk: &Buffer,
        rope_cos_sin: &Buffer,
        [dims, extra]: &[Buffer; 2],
        buffers: &RopeStoreBuffers<'_>,
    ) -> BoundBuffers {
        let [keys, values] = buffers.cache;
        let (qkv, q) = (buffers.qkv, buffers.q);
        let all = [chunk, dims, rope_cos_sin, extra, qkv, q, keys, values];
        gpu.bind(&self.pipeline, &all)
    }

    pub(crate) fn run(&self, pass: &mut ComputePass<'_>, bound: &BoundBuffers, tokens: usize) {
        let heads = self.heads.heads + 2 * self.heads.kv_heads;
        let over = [heads * self.heads.head_dim / 4, tokens];
        pass.dispatch(&self.pipeline, bound, over);
    }
}
