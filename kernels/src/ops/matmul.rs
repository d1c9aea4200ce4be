//! `y[t,r] = sum_c x[t,c] · w[r,c]`, dequantising `w` while reading it. With SwiGLU, gate rows and
//! up rows are combined to `silu(gate) · up` directly.

use std::collections::BTreeMap;

use super::{GpuMatrix, KernelTuning, KernelVariant, WeightLayout};
use crate::gpu::{
    self, BoundBuffers, Buffer, ComputePass, ComputePipeline, Gpu, MatrixDims, Shader,
};

/// The products with all matrices of a model: a single token uses another kernel than many.
#[derive(Debug)]
pub(crate) struct MatmulKernels {
    compiled: BTreeMap<&'static str, ComputePipeline>,
    many: KernelVariant,
    one: KernelVariant,
}

/// One product.
#[derive(Debug)]
pub(crate) struct MatmulDispatch {
    many: ComputePipeline,
    one: ComputePipeline,
    bound: BoundBuffers,
    rows: usize,
}

/// Where a product is written, and how.
#[derive(Clone, Copy, Debug)]
pub(crate) struct MatmulOutput<'a> {
    /// `(tokens, stride)`
    pub(crate) y: &'a Buffer,
    /// Where the first row is written in a token's output.
    pub(crate) offset: usize,
    /// Values of a token's output.
    pub(crate) stride: usize,
    /// What is done with the rows.
    pub(crate) then: ProductUse,
}

/// What is done with the rows of a product.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum ProductUse {
    /// They are stored.
    Store,
    /// They are added to what is there.
    Add,
    /// They are gate and up rows in the order of [`GpuMatrix::gated`]: half as many values result.
    Swiglu,
}

impl<'a> MatmulOutput<'a> {
    /// A product that fills a token's whole output of `stride` values.
    pub(crate) fn whole(y: &'a Buffer, stride: usize, then: ProductUse) -> Self {
        let offset = 0;
        Self {
            y,
            offset,
            stride,
            then,
        }
    }

    /// The uniform that tells a kernel the sizes of `w` and where its product goes.
    pub(super) fn dims(&self, gpu: &Gpu, w: &GpuMatrix, eps: f32) -> Buffer {
        gpu.uniform(&MatrixDims {
            rows: w.rows,
            cols: w.cols,
            accumulate: usize::from(self.then == ProductUse::Add),
            offset: self.offset,
            stride: self.stride,
            eps,
        })
    }
}

impl MatmulKernels {
    pub(crate) fn new(tuning: &KernelTuning) -> Self {
        Self {
            compiled: BTreeMap::new(),
            many: tuning.matmul,
            one: tuning.matvec,
        }
    }

    /// `x` is `(tokens, cols)`.
    pub(crate) fn bind(
        &mut self,
        gpu: &Gpu,
        chunk: &Buffer,
        w: &GpuMatrix,
        x: &Buffer,
        output: MatmulOutput<'_>,
    ) -> MatmulDispatch {
        let swiglu = output.then == ProductUse::Swiglu;
        let many = match (self.many, swiglu) {
            (KernelVariant::Register, false) => &gpu::MATMUL_REGISTER,
            (KernelVariant::Register, true) => &gpu::MATMUL_SWIGLU_REGISTER,
            (KernelVariant::Workgroup, false) => &gpu::MATMUL_WORKGROUP,
            (KernelVariant::Workgroup, true) => &gpu::MATMUL_SWIGLU_WORKGROUP,
        };
        let one = match (self.one, swiglu) {
            (KernelVariant::Register, false) => &gpu::MATVEC_REGISTER,
            (KernelVariant::Register, true) => &gpu::MATVEC_SWIGLU_REGISTER,
            (KernelVariant::Workgroup, false) => &gpu::MATVEC_WORKGROUP,
            (KernelVariant::Workgroup, true) => &gpu::MATVEC_SWIGLU_WORKGROUP,
        };
        let [many, one] = [many, one].map(|shaders| self.pipeline(gpu, shaders, w.layout));
        let dims = output.dims(gpu, w, 0.0);
        let bound = gpu.bind(&many, &[chunk, &dims, &w.buffer, x, output.y]);
        MatmulDispatch {
            many,
            one,
            bound,
            rows: w.rows,
        }
    }

    /// The product with one token's `x`, which the kernel itself normalises with the weights
    /// `norm`; `None` if the variant in use needs a separate normalisation.
    pub(crate) fn bind_normed(
        &mut self,
        gpu: &Gpu,
        chunk: &Buffer,
        w: &GpuMatrix,
        [x, norm]: [&Buffer; 2],
        eps: f32,
        output: MatmulOutput<'_>,
    ) -> Option<MatmulDispatch> {
        let one = match (self.one, output.then == ProductUse::Swiglu) {
            (KernelVariant::Register, _) => return None,
            (KernelVariant::Workgroup, false) => &gpu::MATVEC_NORM_WORKGROUP,
            (KernelVariant::Workgroup, true) => &gpu::MATVEC_NORM_SWIGLU_WORKGROUP,
        };
        let one = self.pipeline(gpu, one, w.layout);
        let dims = output.dims(gpu, w, eps);
        Some(MatmulDispatch {
            bound: gpu.bind(&one, &[chunk, &dims, &w.buffer, x, output.y, norm]),
            many: one.clone(),
            one,
            rows: w.rows,
        })
    }

    fn pipeline(
        &mut self,
        gpu: &Gpu,
        shaders: &'static [Shader],
        layout: WeightLayout,
    ) -> ComputePipeline {
        let shader = &shaders[layout as usize];
        let compiled = self.compiled.entry(shader.label);
        compiled.or_insert_with(|| gpu.pipeline(shader)).clone()
    }
}

impl MatmulDispatch {
    pub(crate) fn run(&self, pass: &mut ComputePass<'_>, tokens: usize) {
        let pipeline = if tokens == 1 { &self.one } else { &self.many };
        pass.dispatch(pipeline, &self.bound, [self.rows, tokens]);
    }
}
