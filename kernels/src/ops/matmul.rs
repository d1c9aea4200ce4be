//! `y[t,r] = sum_c x[t,c] · w[r,c]`, dequantising `w` as it is read.

use std::collections::{BTreeMap, BTreeSet};

use super::{KernelTuning, KernelVariant, WeightLayout};
use crate::gpu::{self, BoundBuffers, Buffer, ComputePass, ComputePipeline, Gpu, Shader};
use crate::model::dtype::Dtype;
use crate::model::gguf::GgufTensor;

/// A matrix on the adapter, `(rows, cols)`.
#[derive(Debug)]
pub(crate) struct GpuMatrix {
    pub(crate) buffer: Buffer,
    pub(crate) layout: WeightLayout,
    pub(crate) rows: usize,
    pub(crate) cols: usize,
}

impl GpuMatrix {
    /// Puts a matrix of the file onto the adapter.
    pub(crate) fn upload(
        gpu: &Gpu,
        name: &str,
        tensor: &GgufTensor,
    ) -> Result<Self, gpu::GpuError> {
        let words = WeightLayout::words(tensor.dtype, &tensor.bytes);
        gpu.check(&format!("tensor `{name}`"), words.len() as u64)?;
        let [rows, cols] = match tensor.shape[..] {
            [rows, cols] => [rows, cols],
            _ => [1, tensor.shape.iter().product()],
        };
        Ok(Self {
            buffer: gpu.upload(name, &words),
            layout: WeightLayout::of(tensor.dtype),
            rows,
            cols,
        })
    }

    /// The uniform that tells a kernel the matrix's sizes.
    pub(super) fn dims(&self, gpu: &Gpu, accumulate: bool) -> Buffer {
        gpu.uniform([word(self.rows), word(self.cols), u32::from(accumulate), 0])
    }
}

pub(super) fn word(n: usize) -> u32 {
    u32::try_from(n).unwrap_or(u32::MAX)
}

/// The products with every matrix of a model: one token alone takes another kernel than many.
#[derive(Debug)]
pub(crate) struct MatmulKernels {
    pipelines: BTreeMap<WeightLayout, (ComputePipeline, ComputePipeline)>,
    tuning: KernelTuning,
}

/// One product.
#[derive(Debug)]
pub(crate) struct MatmulDispatch {
    bound: BoundBuffers,
    layout: WeightLayout,
    rows: usize,
}

impl MatmulKernels {
    pub(crate) fn new(
        gpu: &Gpu,
        dtypes: impl IntoIterator<Item = Dtype>,
        tuning: &KernelTuning,
    ) -> Self {
        let layouts: BTreeSet<_> = dtypes.into_iter().map(WeightLayout::of).collect();
        let pair = |layout| {
            let many = gpu.pipeline(shader(layout, tuning.matmul, true));
            let one = gpu.pipeline(shader(layout, tuning.matvec, false));
            (layout, (many, one))
        };
        let pipelines = layouts.into_iter().map(pair).collect();
        Self {
            pipelines,
            tuning: tuning.clone(),
        }
    }

    /// `x` is `(tokens, cols)`, `y` is `(tokens, rows)` and is added to where `accumulate`.
    pub(crate) fn bind(
        &self,
        gpu: &Gpu,
        chunk: &Buffer,
        w: &GpuMatrix,
        x: &Buffer,
        y: &Buffer,
        accumulate: bool,
    ) -> MatmulDispatch {
        let dims = w.dims(gpu, accumulate);
        let (many, _) = &self.pipelines[&w.layout];
        let bound = gpu.bind(many, &[chunk, &dims, &w.buffer, x, y]);
        MatmulDispatch {
            bound,
            layout: w.layout,
            rows: w.rows,
        }
    }

    pub(crate) fn run(&self, pass: &mut ComputePass<'_>, product: &MatmulDispatch, tokens: usize) {
        let (many, one) = &self.pipelines[&product.layout];
        let (pipeline, variant) = match tokens {
            1 => (one, self.tuning.matvec),
            _ => (many, self.tuning.matmul),
        };
        let (x, y) = groups(product.rows, tokens, variant);
        pass.dispatch(pipeline, &product.bound, x, y);
    }
}

fn groups(rows: usize, tokens: usize, variant: KernelVariant) -> (usize, usize) {
    match (variant, tokens) {
        (KernelVariant::Register, 1) => (rows.div_ceil(4 * 64), 1),
        (KernelVariant::Register, _) => (rows.div_ceil(4 * 64), tokens.div_ceil(4)),
        (KernelVariant::Workgroup, 1) => (rows.div_ceil(4), 1),
        (KernelVariant::Workgroup, _) => (rows.div_ceil(64), tokens.div_ceil(64)),
    }
}

fn shader(layout: WeightLayout, variant: KernelVariant, many: bool) -> &'static Shader {
    match (layout, variant, many) {
        (WeightLayout::F32, KernelVariant::Register, true) => &gpu::MATMUL_REGISTER_F32,
        (WeightLayout::F16, KernelVariant::Register, true) => &gpu::MATMUL_REGISTER_F16,
        (WeightLayout::Q4_1, KernelVariant::Register, true) => &gpu::MATMUL_REGISTER_Q4_1,
        (WeightLayout::Q8_0, KernelVariant::Register, true) => &gpu::MATMUL_REGISTER_Q8_0,
        (WeightLayout::F32, KernelVariant::Workgroup, true) => &gpu::MATMUL_WORKGROUP_F32,
        (WeightLayout::F16, KernelVariant::Workgroup, true) => &gpu::MATMUL_WORKGROUP_F16,
        (WeightLayout::Q4_1, KernelVariant::Workgroup, true) => &gpu::MATMUL_WORKGROUP_Q4_1,
        (WeightLayout::Q8_0, KernelVariant::Workgroup, true) => &gpu::MATMUL_WORKGROUP_Q8_0,
        (WeightLayout::F32, KernelVariant::Register, false) => &gpu::MATVEC_REGISTER_F32,
        (WeightLayout::F16, KernelVariant::Register, false) => &gpu::MATVEC_REGISTER_F16,
        (WeightLayout::Q4_1, KernelVariant::Register, false) => &gpu::MATVEC_REGISTER_Q4_1,
        (WeightLayout::Q8_0, KernelVariant::Register, false) => &gpu::MATVEC_REGISTER_Q8_0,
        (WeightLayout::F32, KernelVariant::Workgroup, false) => &gpu::MATVEC_WORKGROUP_F32,
        (WeightLayout::F16, KernelVariant::Workgroup, false) => &gpu::MATVEC_WORKGROUP_F16,
        (WeightLayout::Q4_1, KernelVariant::Workgroup, false) => &gpu::MATVEC_WORKGROUP_Q4_1,
        (WeightLayout::Q8_0, KernelVariant::Workgroup, false) => &gpu::MATVEC_WORKGROUP_Q8_0,
    }
}
