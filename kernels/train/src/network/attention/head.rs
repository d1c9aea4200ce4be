//! One head's queries or keys: RMS norm, then rotation by position; and the gradients of both.

use super::QkvLayout;
use crate::cpu::sum_of;

/// Cosine and sine for each position and each pair of a head's values, position by position.
#[derive(Clone, Debug)]
pub(crate) struct Rotations {
    pub(super) cos: std::sync::Arc<[f32]>,
    pub(super) sin: std::sync::Arc<[f32]>,
}

impl Rotations {
    /// From cosine and sine of each position and pair.
    pub(crate) fn new(turns: &[[f32; 2]]) -> Self {
        Self {
            cos: turns.iter().map(|[cos, _]| *cos).collect(),
            sin: turns.iter().map(|[_, sin]| *sin).collect(),
        }
    }

    /// Cosines and sines of one position.
    #[inline(always)]
    fn at(&self, position: usize, half: usize) -> (&[f32], &[f32]) {
        let (cos, sin) = (&self.cos[position * half..], &self.sin[position * half..]);
        (&cos[..half], &sin[..half])
    }
}

/// # Formula
/// `y = x w / sqrt(mean(x²) + eps)`, `out = scale · rotate(y)`, where values i and i + half are a pair:
/// `(a, b) -> (a cos - b sin, b cos + a sin)`.
///
/// - x shape: (T, D) with rows `stride` values apart
/// - out shape: (T, D)
#[inline(always)]
pub(super) fn normed_and_rotated(
    layout: &QkvLayout,
    rotations: &Rotations,
    (x, stride): (&[f32], usize),
    weight: &[f32],
    scale: f32,
    out: &mut [f32],
) {
    let (size, half) = (layout.head_dim, layout.head_dim / 2);
    let (w_low, w_high) = (&weight[..half], &weight[half..size]);
    for (position, out) in out.chunks_exact_mut(size).enumerate() {
        let row = &x[position * stride..][..size];
        let factor = scale * layout.inverse_rms(row);
        let (cos, sin) = rotations.at(position, half);
        let (x_low, x_high) = (&row[..half], &row[half..size]);
        let (low, high) = out.split_at_mut(half);
        let (low, high) = (&mut low[..half], &mut high[..half]);
        for i in 0..half {
            let a = x_low[i] * w_low[i] * factor;
            let b = x_high[i] * w_high[i] * factor;
            low[i] = a * cos[i] - b * sin[i];
            high[i] = b * cos[i] + a * sin[i];
        }
    }
}

/// The gradients of [`normed_and_rotated`] from that of its result, which is overwritten.
///
/// # Formula
/// `dy = scale · rotate back(dz)`, `dw = Σ dy x r`, `dx = r w dy - x r³ / D Σ (w dy x)`, with
/// `r = 1 / sqrt(mean(x²) + eps)`.
#[inline(always)]
pub(super) fn back(
    layout: &QkvLayout,
    rotations: &Rotations,
    (x, stride): (&[f32], usize),
    (weight, d_weight): (&[f32], &mut [f32]),
    scale: f32,
    d_out: &mut [f32],
    d_x: &mut [f32],
) {
    let (size, half) = (layout.head_dim, layout.head_dim / 2);
    let (weight, d_weight) = (&weight[..size], &mut d_weight[..size]);
    for (position, d_y) in d_out.chunks_exact_mut(size).enumerate() {
        let row = &x[position * stride..][..size];
        let d_row = &mut d_x[position * stride..][..size];
        let r = layout.inverse_rms(row);
        let (cos, sin) = rotations.at(position, half);
        let (low, high) = d_y.split_at_mut(half);
        let (low, high) = (&mut low[..half], &mut high[..half]);
        for i in 0..half {
            let (a, b) = (low[i], high[i]);
            low[i] = scale * (a * cos[i] + b * sin[i]);
            high[i] = scale * (b * cos[i] - a * sin[i]);
        }
        for i in 0..size {
            d_weight[i] += d_y[i] * row[i] * r;
            d_y[i] *= weight[i];
        }
        let along = sum_of(d_y, row, |g, x| g * x) * r * r / size as f32;
        for i in 0..size {
            d_row[i] = r * (d_y[i] - row[i] * along);
        }
    }
}
