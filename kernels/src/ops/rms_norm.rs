//! `y[t,c] = x[t,c] · w[c] / √(mean_c(x[t,c]²) + eps)`

use super::{KernelTuning, KernelVariant};
use crate::gpu::{self, BoundBuffers, Buffer, ComputePass, ComputePipeline, Gpu, NormDims};

#[derive(Debug)]
pub(crate) struct RmsNormKernel {
    pipeline: ComputePipeline,
    dims: Buffer,
}

impl RmsNormKernel {
    pub(crate) fn new(gpu: &Gpu, width: usize, eps: f32, tuning: &KernelTuning) -> Self {
        let pipeline = gpu.pipeline(match tuning.rms_norm {
            KernelVariant::Register => &gpu::RMS_NORM_REGISTER,
            KernelVariant::Workgroup => &gpu::RMS_NORM_WORKGROUP,
        });
        let dims = gpu.uniform(&NormDims {
            quads: width / 4,
            eps,
        });
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
    ) -> BoundBuffers {
        gpu.bind(&self.pipeline, &[chunk, &self.dims, w, x, y])
    }

    pub(crate) fn run(&self, pass: &mut ComputePass<'_>, bound: &BoundBuffers, tokens: usize) {
        pass.dispatch(&self.pipeline, bound, [tokens, 1]);
    }
}
