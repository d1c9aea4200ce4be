//! `x[t,c] = w[ids[t],c]`

use super::{GpuMatrix, MatmulOutput, ProductUse};
use crate::gpu::{self, BoundBuffers, Buffer, ComputePass, ComputePipeline, Gpu};

#[derive(Debug)]
pub(crate) struct EmbedKernel {
    pipeline: ComputePipeline,
    bound: BoundBuffers,
    cols: usize,
}

impl EmbedKernel {
    /// `ids` is `(tokens)`, `x` is `(tokens, cols)`.
    pub(crate) fn new(gpu: &Gpu, chunk: &Buffer, w: &GpuMatrix, ids: &Buffer, x: &Buffer) -> Self {
        let pipeline = gpu.pipeline(&gpu::EMBED[w.layout as usize]);
        let dims = MatmulOutput::whole(x, w.cols, ProductUse::Store).dims(gpu, w, 0.0);
        let bound = gpu.bind(&pipeline, &[chunk, &dims, &w.buffer, ids, x]);
        Self {
            pipeline,
            bound,
            cols: w.cols,
        }
    }

    pub(crate) fn run(&self, pass: &mut ComputePass<'_>, tokens: usize) {
        pass.dispatch(&self.pipeline, &self.bound, [self.cols / 8, tokens]);
    }
}
