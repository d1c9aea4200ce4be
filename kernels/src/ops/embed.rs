//! `x[t,c] = w[ids[t],c]`

use super::{Layout, Weights};
use crate::gpu::{self, Bound, Buffer, Gpu, Pass, Pipeline};

#[derive(Debug)]
pub(crate) struct Embed {
    pipeline: Pipeline,
    bound: Bound,
    cols: usize,
}

impl Embed {
    /// `ids` is `(tokens)`, `x` is `(tokens, cols)`.
    pub(crate) fn new(gpu: &Gpu, chunk: &Buffer, w: &Weights, ids: &Buffer, x: &Buffer) -> Self {
        let pipeline = gpu.pipeline(match w.layout {
            Layout::F32 => &gpu::EMBED_F32,
            Layout::F16 => &gpu::EMBED_F16,
            Layout::Q4_1 => &gpu::EMBED_Q4_1,
            Layout::Q8_0 => &gpu::EMBED_Q8_0,
        });
        let dims = w.dims(gpu, false);
        let bound = gpu.bind(&pipeline, &[chunk, &dims, &w.buffer, ids, x]);
        Self {
            pipeline,
            bound,
            cols: w.cols,
        }
    }

    pub(crate) fn run(&self, pass: &mut Pass<'_>, tokens: usize) {
        pass.dispatch(
            &self.pipeline,
            &self.bound,
            (self.cols / 8).div_ceil(64),
            tokens,
        );
    }
}
