//! RMS norm: one operation on the processor, composed of candle's own on any other device.

use candle_core::{CpuStorage, CustomOp2, D, Device, Layout, Result, Shape, Tensor};
use pulp::Simd;
use rayon::prelude::*;

use crate::cpu::{VectorLoop, contiguous, cpu_slice, sum_of, tensor_slice, vectorized};

/// Rows of a task; also those whose gradients of the weights are summed together, so that the sum
/// does not depend on threads.
const ROWS: usize = 128;

/// # Formula
/// `y = x w / sqrt(mean(x²) + eps)`, row by row.
///
/// Source: Zhang and Sennrich, NeurIPS 2019.
///
/// # Errors
/// What candle says.
pub(crate) fn rms_norm(x: &Tensor, weight: &Tensor, eps: f32) -> Result<Tensor> {
    match x.device() {
        Device::Cpu => contiguous(x)?.apply_op2(weight, RmsNormOp { eps }),
        _ => composed(x, weight, eps),
    }
}

/// The same of candle's own operations.
///
/// # Errors
/// What candle says.
pub(super) fn composed(x: &Tensor, weight: &Tensor, eps: f32) -> Result<Tensor> {
    let mean = x.sqr()?.mean_keepdim(D::Minus1)?;
    let rms = (mean + f64::from(eps))?.sqrt()?;
    x.broadcast_div(&rms)?.broadcast_mul(weight)
}

struct RmsNormOp {
    eps: f32,
}

#[inline(always)]
fn inverse_rms(row: &[f32], eps: f32) -> f32 {
    1.0 / (sum_of(row, row, |a, b| a * b) / row.len() as f32 + eps).sqrt()
}

struct RmsNormForward<'a> {
    eps: f32,
    x: &'a [f32],
    weight: &'a [f32],
    y: &'a mut [f32],
}

impl VectorLoop for RmsNormForward<'_> {
    #[inline(always)]
    fn run<S: Simd>(self, _simd: S) {
        let width = self.weight.len();
        for (x, y) in self
            .x
            .chunks_exact(width)
            .zip(self.y.chunks_exact_mut(width))
        {
            let r = inverse_rms(x, self.eps);
            for ((y, x), w) in y.iter_mut().zip(x).zip(self.weight) {
                *y = x * r * w;
            }
        }
    }
}

/// # Formula
/// `dw = Σ dy x r`, `dx = r (w dy - x r² mean(w dy x))`, with `r = 1 / sqrt(mean(x²) + eps)`.
struct RmsNormBackward<'a> {
    eps: f32,
    x: &'a [f32],
    weight: &'a [f32],
    d_y: &'a [f32],
    d_x: &'a mut [f32],
    d_weight: &'a mut [f32],
}

impl VectorLoop for RmsNormBackward<'_> {
    #[inline(always)]
    fn run<S: Simd>(self, _simd: S) {
        let width = self.weight.len();
        let rows = self.x.chunks_exact(width).zip(self.d_y.chunks_exact(width));
        for ((x, d_y), d_x) in rows.zip(self.d_x.chunks_exact_mut(width)) {
            let r = inverse_rms(x, self.eps);
            let each = d_x.iter_mut().zip(d_y).zip(x);
            for (((d_x, d_y), x), (w, d_w)) in each.zip(self.weight.iter().zip(&mut *self.d_weight))
            {
                *d_w += d_y * x * r;
                *d_x = d_y * w;
            }
            let along = sum_of(d_x, x, |g, x| g * x) * r * r / width as f32;
            for (d_x, x) in d_x.iter_mut().zip(x) {
                *d_x = r * (*d_x - x * along);
            }
        }
    }
}

impl CustomOp2 for RmsNormOp {
    fn name(&self) -> &'static str {
        "rms-norm"
    }

    fn cpu_fwd(
        &self,
        x: &CpuStorage,
        x_layout: &Layout,
        weight: &CpuStorage,
        w_layout: &Layout,
    ) -> Result<(CpuStorage, Shape)> {
        let (x, weight) = (cpu_slice(x, x_layout)?, cpu_slice(weight, w_layout)?);
        let (eps, chunk) = (self.eps, ROWS * weight.len());
        let mut y = vec![0.0; x.len()];
        y.par_chunks_mut(chunk)
            .zip(x.par_chunks(chunk))
            .for_each(|(y, x)| vectorized(RmsNormForward { eps, x, weight, y }));
        Ok((CpuStorage::F32(y), x_layout.shape().clone()))
    }

    fn bwd(
        &self,
        x: &Tensor,
        weight: &Tensor,
        _y: &Tensor,
        d_y: &Tensor,
    ) -> Result<(Option<Tensor>, Option<Tensor>)> {
        let d_y = contiguous(d_y)?;
        let held = [x, weight, &d_y].map(Tensor::storage_and_layout);
        let [values, w, d] = held
            .each_ref()
            .map(|(storage, layout)| tensor_slice(storage, layout));
        let (values, w, d) = (values?, w?, d?);
        let (eps, width) = (self.eps, w.len());
        let chunk = ROWS * width;
        let parts = values.len().div_ceil(chunk);
        let (mut d_x, mut d_w) = (vec![0.0; values.len()], vec![0.0; parts * width]);
        d_x.par_chunks_mut(chunk)
            .zip(d_w.par_chunks_mut(width))
            .zip(values.par_chunks(chunk).zip(d.par_chunks(chunk)))
            .for_each(|((d_x, d_weight), (x, d_y))| {
                vectorized(RmsNormBackward {
                    eps,
                    x,
                    weight: w,
                    d_y,
                    d_x,
                    d_weight,
                });
            });
        let d_w = Tensor::from_vec(d_w, (parts, width), x.device())?.sum(0)?;
        let d_x = Tensor::from_vec(d_x, x.shape(), x.device())?;
        Ok((Some(d_x), Some(d_w)))
    }
}
