//! `silu(gate) · up`, in place.

use crate::gpu::{self, BoundBuffers, Buffer, ComputePass, ComputePipeline, Gpu, SwigluDims};

#[derive(Debug)]
pub(crate) struct SwigluKernel {
    pipeline: ComputePipeline,
    bound: BoundBuffers,
    quads: usize,
}

impl SwigluKernel {
    /// `gate` and `up` are `(tokens, width)`; `gate` becomes the answer.
    pub(crate) fn new(gpu: &Gpu, chunk: &Buffer, gate: &Buffer, up: &Buffer, width: usize) -> Self {
        let pipeline = gpu.pipeline(&gpu::SWIGLU);
        let dims = gpu.uniform(&SwigluDims { quads: width / 4 });
        let bound = gpu.bind(&pipeline, &[chunk, &dims, up, gate]);
        Self {
            pipeline,
            bound,
            quads: width / 4,
        }
    }

    pub(crate) fn run(&self, pass: &mut ComputePass<'_>, tokens: usize) {
        pass.dispatch(&self.pipeline, &self.bound, [self.quads, tokens]);
    }
}
