//! `silu(gate) · up`, in place.

use super::matmul::word;
use crate::gpu::{self, Bound, Buffer, Gpu, Pass, Pipeline};

#[derive(Debug)]
pub(crate) struct Swiglu {
    pipeline: Pipeline,
    bound: Bound,
    quads: usize,
}

impl Swiglu {
    /// `gate` and `up` are `(tokens, width)`; `gate` becomes the answer.
    pub(crate) fn new(gpu: &Gpu, chunk: &Buffer, gate: &Buffer, up: &Buffer, width: usize) -> Self {
        let pipeline = gpu.pipeline(&gpu::SWIGLU);
        let dims = gpu.uniform([word(width / 4), 0, 0, 0]);
        let bound = gpu.bind(&pipeline, &[chunk, &dims, up, gate]);
        Self {
            pipeline,
            bound,
            quads: width / 4,
        }
    }

    pub(crate) fn run(&self, pass: &mut Pass<'_>, tokens: usize) {
        pass.dispatch(&self.pipeline, &self.bound, self.quads.div_ceil(64), tokens);
    }
}
