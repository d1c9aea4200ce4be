//! Products of the small matrices of one attention head, where a call of `gemm` costs more than the
//! product, and where half of each would be computed for nothing.

use pulp::Simd;

/// A matrix in any layout: entry (i, j) is `values[i * row + j * column]`.
#[derive(Clone, Copy)]
pub(crate) struct Factor<'a> {
    pub(crate) values: &'a [f32],
    pub(crate) row: usize,
    pub(crate) column: usize,
}

/// Rows of the result that are computed together.
const ROWS: usize = 4;
/// Vectors per row that are computed together.
const VECTORS: usize = 2;

/// # Formula
/// `c[i, j] += Σ_p a[i, p] b[p, j]` for i below `m`, j below `n`, p below `k`; the rows of `b` and `c`
/// are contiguous and `row` values apart.
#[inline(always)]
pub(crate) fn multiply_add<S: Simd>(
    simd: S,
    (m, n, k): (usize, usize, usize),
    a: Factor<'_>,
    (b, b_row): (&[f32], usize),
    (c, c_row): (&mut [f32], usize),
) {
    let whole = m - m % ROWS;
    let from = |first: usize| Factor {
        values: &a.values[first * a.row..],
        ..a
    };
    for first in (0..whole).step_by(ROWS) {
        let c = (&mut c[first * c_row..], c_row);
        strip::<S, ROWS>(simd, (n, k), from(first), (b, b_row), c);
    }
    for first in whole..m {
        let c = (&mut c[first * c_row..], c_row);
        strip::<S, 1>(simd, (n, k), from(first), (b, b_row), c);
    }
}

/// `R` rows of the result.
#[inline(always)]
fn strip<S: Simd, const R: usize>(
    simd: S,
    (n, k): (usize, usize),
    a: Factor<'_>,
    (b, b_row): (&[f32], usize),
    (c, c_row): (&mut [f32], usize),
) {
    let mut at = 0;
    while at + VECTORS * S::F32_LANES <= n {
        let c = (&mut c[at..], c_row);
        tile::<S, R, VECTORS>(simd, k, a, (&b[at..], b_row), c);
        at += VECTORS * S::F32_LANES;
    }
    while at + S::F32_LANES <= n {
        let c = (&mut c[at..], c_row);
        tile::<S, R, 1>(simd, k, a, (&b[at..], b_row), c);
        at += S::F32_LANES;
    }
    for at in at..n {
        for r in 0..R {
            let terms = (0..k).map(|p| a.values[r * a.row + p * a.column] * b[p * b_row + at]);
            c[r * c_row + at] += terms.sum::<f32>();
        }
    }
}

/// `R` rows of `V` vectors, held in registers.
#[inline(always)]
fn tile<S: Simd, const R: usize, const V: usize>(
    simd: S,
    k: usize,
    a: Factor<'_>,
    (b, b_row): (&[f32], usize),
    (c, c_row): (&mut [f32], usize),
) {
    let width = V * S::F32_LANES;
    let mut sums = [[simd.splat_f32s(0.0); V]; R];
    for p in 0..k {
        let (row, _) = S::as_simd_f32s(&b[p * b_row..][..width]);
        for (r, sums) in sums.iter_mut().enumerate() {
            let x = simd.splat_f32s(a.values[r * a.row + p * a.column]);
            for (sum, y) in sums.iter_mut().zip(row) {
                *sum = simd.mul_add_e_f32s(x, *y, *sum);
            }
        }
    }
    for (r, sums) in sums.iter().enumerate() {
        let (row, _) = S::as_mut_simd_f32s(&mut c[r * c_row..][..width]);
        for (value, sum) in row.iter_mut().zip(sums) {
            *value = simd.add_f32s(*value, *sum);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cpu::{VectorLoop, vectorized};
    use crate::random::Random;

    struct Product<'a>((usize, usize, usize), Factor<'a>, &'a [f32], &'a mut [f32]);

    impl VectorLoop for Product<'_> {
        #[inline(always)]
        fn run<S: Simd>(self, simd: S) {
            let Self(sizes, a, b, c) = self;
            multiply_add(simd, sizes, a, (b, sizes.1), (c, sizes.1));
        }
    }

    #[test]
    fn it_is_the_plain_sum_in_every_layout() {
        let mut random = Random::of(&[1]);
        for (m, n, k) in [(1, 1, 1), (4, 32, 8), (7, 61, 5), (9, 16, 33), (5, 100, 64)] {
            let mut draw =
                |len: usize| -> Vec<f32> { (0..len).map(|_| random.normal() as f32).collect() };
            let (a, b, c) = (draw(m * k), draw(k * n), draw(m * n));
            for (row, column) in [(k, 1), (1, m)] {
                let factor = Factor {
                    values: &a,
                    row,
                    column,
                };
                let mut got = c.clone();
                vectorized(Product((m, n, k), factor, &b, &mut got));
                for (at, got) in got.iter().enumerate() {
                    let (i, j) = (at / n, at % n);
                    let terms = (0..k).map(|p| a[i * row + p * column] * b[p * n + j]);
                    let want = c[at] + terms.sum::<f32>();
                    assert!((got - want).abs() < 1e-4, "{m}x{n}x{k} at {at}");
                }
            }
        }
    }
}
