//! `y[t,r] = sum_c x[t,c] · w[r,c]`, dequantising `w` as it is read.

use std::collections::{BTreeMap, BTreeSet};

use super::{Layout, Tuning, Variant};
use crate::gpu::{self, Bound, Buffer, Gpu, Pass, Pipeline, Shader};
use crate::model::dtype::Dtype;
use crate::model::gguf::Tensor;

/// A matrix on the adapter, `(rows, cols)`.
#[derive(Debug)]
pub(crate) struct Weights {
    pub(crate) buffer: Buffer,
    pub(crate) layout: Layout,
    pub(crate) rows: usize,
    pub(crate) cols: usize,
}

impl Weights {
    /// Puts a matrix of the file onto the adapter.
    pub(crate) fn upload(gpu: &Gpu, name: &str, tensor: &Tensor) -> Result<Self, gpu::GpuError> {
        let words = Layout::words(tensor.dtype, &tensor.bytes);
        gpu.check(&format!("tensor `{name}`"), words.len() as u64)?;
        let [rows, cols] = match tensor.shape[..] {
            [rows, cols] => [rows, cols],
            _ => [1, tensor.shape.iter().product()],
        };
        Ok(Self {
            buffer: gpu.upload(name, &words),
            layout: Layout::of(tensor.dtype),
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
pub(crate) struct Matmul {
    pipelines: BTreeMap<Layout, (Pipeline, Pipeline)>,
    tuning: Tuning,
}

/// One product.
#[derive(Debug)]
pub(crate) struct Product {
    bound: Bound,
    layout: Layout,
    rows: usize,
}

impl Matmul {
    pub(crate) fn new(gpu: &Gpu, dtypes: impl IntoIterator<Item = Dtype>, tuning: &Tuning) -> Self {
        let layouts: BTreeSet<_> = dtypes.into_iter().map(Layout::of).collect();
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
        w: &Weights,
        x: &Buffer,
        y: &Buffer,
        accumulate: bool,
    ) -> Product {
        let dims = w.dims(gpu, accumulate);
        let (many, _) = &self.pipelines[&w.layout];
        let bound = gpu.bind(many, &[chunk, &dims, &w.buffer, x, y]);
        Product {
            bound,
            layout: w.layout,
            rows: w.rows,
        }
    }

    pub(crate) fn run(&self, pass: &mut Pass<'_>, product: &Product, tokens: usize) {
        let (many, one) = &self.pipelines[&product.layout];
        let (pipeline, variant) = match tokens {
            1 => (one, self.tuning.matvec),
            _ => (many, self.tuning.matmul),
        };
        let (x, y) = groups(product.rows, tokens, variant);
        pass.dispatch(pipeline, &product.bound, x, y);
    }
}

fn groups(rows: usize, tokens: usize, variant: Variant) -> (usize, usize) {
    match (variant, tokens) {
        (Variant::Register, 1) => (rows.div_ceil(4 * 64), 1),
        (Variant::Register, _) => (rows.div_ceil(4 * 64), tokens.div_ceil(4)),
        (Variant::Workgroup, 1) => (rows.div_ceil(4), 1),
        (Variant::Workgroup, _) => (rows.div_ceil(64), tokens.div_ceil(64)),
    }
}

fn shader(layout: Layout, variant: Variant, many: bool) -> &'static Shader {
    match (layout, variant, many) {
        (Layout::F32, Variant::Register, true) => &gpu::MATMUL_REGISTER_F32,
        (Layout::F16, Variant::Register, true) => &gpu::MATMUL_REGISTER_F16,
        (Layout::Q4_1, Variant::Register, true) => &gpu::MATMUL_REGISTER_Q4_1,
        (Layout::Q8_0, Variant::Register, true) => &gpu::MATMUL_REGISTER_Q8_0,
        (Layout::F32, Variant::Workgroup, true) => &gpu::MATMUL_WORKGROUP_F32,
        (Layout::F16, Variant::Workgroup, true) => &gpu::MATMUL_WORKGROUP_F16,
        (Layout::Q4_1, Variant::Workgroup, true) => &gpu::MATMUL_WORKGROUP_Q4_1,
        (Layout::Q8_0, Variant::Workgroup, true) => &gpu::MATMUL_WORKGROUP_Q8_0,
        (Layout::F32, Variant::Register, false) => &gpu::MATVEC_REGISTER_F32,
        (Layout::F16, Variant::Register, false) => &gpu::MATVEC_REGISTER_F16,
        (Layout::Q4_1, Variant::Register, false) => &gpu::MATVEC_REGISTER_Q4_1,
        (Layout::Q8_0, Variant::Register, false) => &gpu::MATVEC_REGISTER_Q8_0,
        (Layout::F32, Variant::Workgroup, false) => &gpu::MATVEC_WORKGROUP_F32,
        (Layout::F16, Variant::Workgroup, false) => &gpu::MATVEC_WORKGROUP_F16,
        (Layout::Q4_1, Variant::Workgroup, false) => &gpu::MATVEC_WORKGROUP_Q4_1,
        (Layout::Q8_0, Variant::Workgroup, false) => &gpu::MATVEC_WORKGROUP_Q8_0,
    }
}
