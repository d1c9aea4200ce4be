//! `chosen = argmax(logits)`, and whether the logits are numbers.

use crate::gpu::{self, BoundBuffers, Buffer, ComputePass, ComputePipeline, Gpu, LogitsDims};

#[derive(Debug)]
pub(crate) struct ArgmaxKernel {
    pipeline: ComputePipeline,
    bound: BoundBuffers,
}

impl ArgmaxKernel {
    /// `logits` is `(vocab)`. `chosen` takes two words: the id, and 1 where the logits are numbers; else
    /// both are 0.
    pub(crate) fn new(gpu: &Gpu, vocab: usize, logits: &Buffer, chosen: &Buffer) -> Self {
        let pipeline = gpu.pipeline(&gpu::ARGMAX);
        let dims = gpu.uniform(&LogitsDims { vocab, count: 0 });
        let bound = gpu.bind(&pipeline, &[&dims, logits, chosen]);
        Self { pipeline, bound }
    }

    pub(crate) fn run(&self, pass: &mut ComputePass<'_>) {
        pass.dispatch(&self.pipeline, &self.bound, [1, 1]);
    }
}
