//! SwiGLU: one operation on the processor, composed of candle's own on any other device.

use candle_core::{CpuStorage, CustomOp1, D, Device, Layout, Result, Shape, Tensor};
use pulp::Simd;
use rayon::prelude::*;

use crate::cpu::{VectorLoop, contiguous, cpu_slice, exp, tensor_slice, vectorized};

/// Rows of a task.
const ROWS: usize = 64;

/// # Formula
/// `y = silu(g) u`, with `silu(g) = g / (1 + e^-g)`, where a row holds all `g`, then all `u`.
///
/// Source: Shazeer, GLU Variants Improve Transformer, 2020.
///
/// # Errors
/// What candle says.
pub(crate) fn swiglu(gate_up: &Tensor) -> Result<Tensor> {
    match gate_up.device() {
        Device::Cpu => gate_up.apply_op1(SwigluTrainOp),
        _ => composed(gate_up),
    }
}

/// The same of candle's own operations.
///
/// # Errors
/// What candle says.
pub(super) fn composed(gate_up: &Tensor) -> Result<Tensor> {
    let half = gate_up.dim(D::Minus1)? / 2;
    let gate = gate_up.narrow(D::Minus1, 0, half)?;
    let up = gate_up.narrow(D::Minus1, half, half)?;
    gate.silu()? * up
}

struct SwigluTrainOp;

#[inline(always)]
fn sigmoid(x: f32) -> f32 {
    1.0 / (1.0 + exp(-x))
}

struct SwigluForward<'a> {
    half: usize,
    x: &'a [f32],
    y: &'a mut [f32],
}

impl VectorLoop for SwigluForward<'_> {
    #[inline(always)]
    fn run<S: Simd>(self, _simd: S) {
        let half = self.half;
        for (x, y) in self
            .x
            .chunks_exact(2 * half)
            .zip(self.y.chunks_exact_mut(half))
        {
            let (gate, up) = x.split_at(half);
            for ((y, g), u) in y.iter_mut().zip(gate).zip(up) {
                *y = g * sigmoid(*g) * u;
            }
        }
    }
}

/// # Formula
/// `dg = dy u s (1 + g (1 - s))`, `du = dy g s`, with `s = 1 / (1 + e^-g)`.
struct SwigluBackward<'a> {
    half: usize,
    x: &'a [f32],
    d_y: &'a [f32],
    d_x: &'a mut [f32],
}

impl VectorLoop for SwigluBackward<'_> {
    #[inline(always)]
    fn run<S: Simd>(self, _simd: S) {
        let half = self.half;
        let rows = self
            .x
            .chunks_exact(2 * half)
            .zip(self.d_y.chunks_exact(half));
        for ((x, d_y), d_x) in rows.zip(self.d_x.chunks_exact_mut(2 * half)) {
            let (gate, up) = x.split_at(half);
            let (d_gate, d_up) = d_x.split_at_mut(half);
            let each = gate.iter().zip(up).zip(d_y);
            for (((g, u), d), (d_g, d_u)) in each.zip(d_gate.iter_mut().zip(d_up)) {
                let s = sigmoid(*g);
                *d_g = d * u * s * (1.0 + g * (1.0 - s));
                *d_u = d * g * s;
            }
        }
    }
}

impl CustomOp1 for SwigluTrainOp {
    fn name(&self) -> &'static str {
        "swiglu"
    }

    fn cpu_fwd(&self, x: &CpuStorage, layout: &Layout) -> Result<(CpuStorage, Shape)> {
        let x = cpu_slice(x, layout)?;
        let (rows, columns) = layout.shape().dims2()?;
        let half = columns / 2;
        let mut y = vec![0.0; rows * half];
        y.par_chunks_mut(ROWS * half)
            .zip(x.par_chunks(ROWS * columns))
            .for_each(|(y, x)| vectorized(SwigluForward { half, x, y }));
        Ok((CpuStorage::F32(y), Shape::from((rows, half))))
    }

    fn bwd(&self, x: &Tensor, _y: &Tensor, d_y: &Tensor) -> Result<Option<Tensor>> {
        let d_y = contiguous(d_y)?;
        let held = [x, &d_y].map(Tensor::storage_and_layout);
        let [values, d] = held
            .each_ref()
            .map(|(storage, layout)| tensor_slice(storage, layout));
        let (values, d) = (values?, d?);
        let half = x.dim(1)? / 2;
        let mut d_x = vec![0.0; values.len()];
        d_x.par_chunks_mut(ROWS * 2 * half)
            .zip(values.par_chunks(ROWS * 2 * half))
            .zip(d.par_chunks(ROWS * half))
            .for_each(|((d_x, x), d_y)| vectorized(SwigluBackward { half, x, d_y, d_x }));
        Tensor::from_vec(d_x, x.shape(), x.device()).map(Some)
    }
}
