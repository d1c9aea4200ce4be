//! `y[t,c] = x[t,c] · w[c] / √(mean_c(x[t,c]²) + eps)`

use super::matmul::word;
use super::{Tuning, Variant};
use crate::gpu::{self, Bound, Buffer, Gpu, Pass, Pipeline};

#[derive(Debug)]
pub(crate) struct RmsNorm {
    pipeline: Pipeline,
    dims: Buffer,
}

impl RmsNorm {
    pub(crate) fn new(gpu: &Gpu, width: usize, eps: f32, tuning: &Tuning) -> Self {
        let pipeline = gpu.pipeline(match tuning.rms_norm {
            Variant::Register => &gpu::RMS_NORM_REGISTER,
            Variant::Workgroup => &gpu::RMS_NORM_WORKGROUP,
        });
        let dims = gpu.uniform([word(width / 4), eps.to_bits(), 0, 0]);
        Self { pipeline, dims }
    }

    /// `w` is `(width)` in f32, `x` and `y` are `(tokens, width)`.
    pub(crate) fn bind(
        &self,
        gpu: &Gpu,
        chunk: &Buffer,
        w: &Buffer,
        x: &Buffer,
        y: &Buffer,
    ) -> Bound {
        gpu.bind(&self.pipeline, &[chunk, &self.dims, w, x, y])
    }

    pub(crate) fn run(&self, pass: &mut Pass<'_>, bound: &Bound, tokens: usize) {
        pass.dispatch(&self.pipeline, bound, tokens, 1);
    }
}
