//! Matrices on the adapter.

use super::WeightLayout;
use crate::gpu::{Buffer, Gpu, GpuError};
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
    /// Uploads a matrix of the file to the adapter.
    pub(crate) fn upload(gpu: &Gpu, name: &str, tensor: &GgufTensor) -> Result<Self, GpuError> {
        let words = WeightLayout::words(tensor.dtype, &tensor.bytes);
        Self::put(
            gpu,
            name,
            &words,
            WeightLayout::of(tensor.dtype),
            size(tensor),
        )
    }

    /// Stacks several matrices of equal width and layout vertically.
    pub(crate) fn stacked(gpu: &Gpu, name: &str, tensors: &[GgufTensor]) -> Result<Self, GpuError> {
        let words = |tensor: &GgufTensor| WeightLayout::words(tensor.dtype, &tensor.bytes);
        let all: Vec<u8> = tensors.iter().flat_map(words).collect();
        let rows = tensors.iter().map(|tensor| size(tensor)[0]).sum();
        let layout = WeightLayout::of(tensors[0].dtype);
        Self::put(gpu, name, &all, layout, [rows, size(&tensors[0])[1]])
    }

    /// Interleaves a gate matrix and an up matrix of equal sizes with an even number of rows: two
    /// gate rows, two up rows, and so on. If they are stored in different formats, both are
    /// converted to F16.
    pub(crate) fn gated(
        gpu: &Gpu,
        name: &str,
        gate: &GgufTensor,
        up: &GgufTensor,
    ) -> Result<Self, GpuError> {
        let [rows, cols] = size(gate);
        let mut layout = WeightLayout::of(gate.dtype);
        let parts = if layout == WeightLayout::of(up.dtype) {
            [gate, up].map(|part| WeightLayout::words(part.dtype, &part.bytes))
        } else {
            layout = WeightLayout::F16;
            [gate, up].map(|part| WeightLayout::halves(part.dtype, &part.bytes))
        };
        let two_rows = parts[0].len() / rows * 2;
        let mut words = Vec::with_capacity(2 * parts[0].len());
        for (gates, ups) in parts[0].chunks(two_rows).zip(parts[1].chunks(two_rows)) {
            words.extend_from_slice(gates);
            words.extend_from_slice(ups);
        }
        Self::put(gpu, name, &words, layout, [2 * rows, cols])
    }

    fn put(
        gpu: &Gpu,
        name: &str,
        words: &[u8],
        layout: WeightLayout,
        [rows, cols]: [usize; 2],
    ) -> Result<Self, GpuError> {
        gpu.check(&format!("tensor `{name}`"), words.len() as u64)?;
        Ok(Self {
            buffer: gpu.upload(name, words),
            layout,
            rows,
            cols,
        })
    }
}

/// Rows and columns.
fn size(tensor: &GgufTensor) -> [usize; 2] {
    match tensor.shape[..] {
        [rows, cols] => [rows, cols],
        _ => [1, tensor.shape.iter().product()],
    }
}
