//! `y[t,r] = sum_c x[t,c] · w[r,c]`, dequantising `w` as it is read.

use std::collections::{BTreeMap, BTreeSet};

use super::{KernelTuning, KernelVariant, WeightLayout};
use crate::gpu::{self, BoundBuffers, Buffer, ComputePass, ComputePipeline, Gpu, MatrixDims};
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
        gpu.uniform(&MatrixDims {
            rows: self.rows,
            cols: self.cols,
            accumulate: usize::from(accumulate),
        })
    }
}

/// The products with every matrix of a model: one token alone takes another kernel than many.
#[derive(Debug)]
pub(crate) struct MatmulKernels {
    pipelines: BTreeMap<WeightLayout, (ComputePipeline, ComputePipeline)>,
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
        let many = match tuning.matmul {
            KernelVariant::Register => &gpu::MATMUL_REGISTER,
            KernelVariant::Workgroup => &gpu::MATMUL_WORKGROUP,
        };
        let one = match tuning.matvec {
            KernelVariant::Register => &gpu::MATVEC_REGISTER,
            KernelVariant::Workgroup => &gpu::MATVEC_WORKGROUP,
        };
        let pair = |layout| {
            let at = layout as usize;
            (layout, (gpu.pipeline(&many[at]), gpu.pipeline(&one[at])))
        };
        Self {
            pipelines: layouts.into_iter().map(pair).collect(),
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
        let pipeline = if tokens == 1 { one } else { many };
        pass.dispatch(pipeline, &product.bound, [product.rows, tokens]);
    }
}
