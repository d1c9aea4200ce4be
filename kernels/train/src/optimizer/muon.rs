//! Muon: momentum whose singular values are all brought near 1.

use candle_core::{Result, Tensor};

/// How much of the momentum is kept from step to step.
const MOMENTUM: f64 = 0.95;
/// Iterations of Newton and Schulz.
const ITERATIONS: usize = 5;
/// The coefficients of an iteration, chosen to grow small singular values fast.
const COEFFICIENTS: (f64, f64, f64) = (3.4445, -4.7750, 2.0315);

/// What a matrix is moved by at a learning rate of 1, against its direction; decay apart. The matrix
/// may be several, one below the other, of so many `rows` each.
///
/// # Formula
/// `B = μ B + G`, update `sqrt(max(1, rows / columns)) · orthogonal(G + μ B)`.
///
/// Source: Jordan et al., Muon, 2024, <https://kellerjordan.github.io/posts/muon/>.
///
/// # Errors
/// What candle says.
pub(super) fn update(
    momentum: &mut Tensor,
    gradient: &Tensor,
    rows: impl Iterator<Item = usize>,
) -> Result<Tensor> {
    *momentum = ((&*momentum * MOMENTUM)? + gradient)?;
    let ahead = (gradient + (&*momentum * MOMENTUM)?)?;
    let columns = gradient.dim(1)?;
    let mut first = 0;
    let mut updates = Vec::new();
    for rows in rows {
        let part = orthogonal(&ahead.narrow(0, first, rows)?)?;
        let scale = (rows as f64 / columns as f64).max(1.0).sqrt();
        updates.push((part * scale)?);
        first += rows;
    }
    Tensor::cat(&updates, 0)
}

/// A matrix with the singular vectors of `x` and all singular values near 1, between about 0.7 and 1.2.
///
/// # Formula
/// `X = x / |x|`, then five times `X = a X + (b A + c A²) X` with `A = X Xᵀ`, on the side with fewer
/// rows. Source: as above, after Newton and Schulz.
fn orthogonal(x: &Tensor) -> Result<Tensor> {
    let (rows, columns) = x.dims2()?;
    let norm = f64::from(x.sqr()?.sum_all()?.to_scalar::<f32>()?).sqrt();
    let x = (x / (norm + 1e-7))?;
    let mut x = match rows > columns {
        true => x.t()?.contiguous()?,
        false => x,
    };
    let (a, b, c) = COEFFICIENTS;
    for _ in 0..ITERATIONS {
        let square = x.matmul(&x.t()?)?;
        let polynomial = ((&square * b)? + (square.matmul(&square)? * c)?)?;
        x = ((&x * a)? + polynomial.matmul(&x)?)?;
    }
    match rows > columns {
        true => x.t()?.contiguous(),
        false => Ok(x),
    }
}

#[cfg(test)]
mod tests {
    use candle_core::Device;

    use super::*;
    use crate::random::Random;

    fn matrix(rows: usize, columns: usize) -> Tensor {
        let mut random = Random::of(&[rows as u64, columns as u64]);
        let values: Vec<f32> = (0..rows * columns)
            .map(|_| random.normal() as f32)
            .collect();
        Tensor::from_vec(values, (rows, columns), &Device::Cpu).unwrap()
    }

    /// The definition in plain loops and f64.
    fn by_definition(x: &[Vec<f64>]) -> Vec<Vec<f64>> {
        type Matrix = Vec<Vec<f64>>;
        let t = |x: &Matrix| -> Matrix {
            let columns = 0..x[0].len();
            columns
                .map(|j| x.iter().map(|row| row[j]).collect())
                .collect()
        };
        let times = |x: &Matrix, y: &Matrix| -> Matrix {
            let y = t(y);
            let dot = |a: &[f64], b: &[f64]| a.iter().zip(b).map(|(a, b)| a * b).sum();
            let row = |a: &Vec<f64>| y.iter().map(|b| dot(a, b)).collect();
            x.iter().map(row).collect()
        };
        let norm = x.iter().flatten().map(|x| x * x).sum::<f64>().sqrt();
        let mut x: Matrix = x
            .iter()
            .map(|row| row.iter().map(|x| x / norm).collect())
            .collect();
        let tall = x.len() > x[0].len();
        if tall {
            x = t(&x);
        }
        for _ in 0..5 {
            let a = times(&x, &t(&x));
            let (ax, aax) = (times(&a, &x), times(&times(&a, &a), &x));
            for (i, row) in x.iter_mut().enumerate() {
                for (j, x) in row.iter_mut().enumerate() {
                    *x = 3.4445 * *x - 4.7750 * ax[i][j] + 2.0315 * aax[i][j];
                }
            }
        }
        if tall { t(&x) } else { x }
    }

    #[test]
    fn it_is_its_definition_and_nearly_orthogonal() {
        for (rows, columns) in [(8, 8), (12, 30), (30, 12)] {
            let x = matrix(rows, columns);
            let got = orthogonal(&x).unwrap().to_vec2::<f32>().unwrap();
            let plain: Vec<Vec<f64>> = x
                .to_vec2::<f32>()
                .unwrap()
                .into_iter()
                .map(|row| row.into_iter().map(f64::from).collect())
                .collect();
            let want = by_definition(&plain);
            for (got, want) in got.iter().flatten().zip(want.iter().flatten()) {
                assert!((f64::from(*got) - want).abs() < 1e-3, "{got} {want}");
            }
            // The squares of all singular values lie between 0.4 and 1.5, so their sum, the squared
            // length, is near the number of rows of the smaller side.
            let side = rows.min(columns) as f32;
            let square: f32 = got.iter().flatten().map(|x| x * x).sum();
            assert!(
                (0.4 * side..1.5 * side).contains(&square),
                "{square} of {side}"
            );
        }
    }

    #[test]
    fn matrices_below_each_other_are_moved_apart() {
        let (one, two) = (matrix(8, 8), matrix(6, 8));
        let both = Tensor::cat(&[&one, &two], 0).unwrap();
        let mut momentum = both.zeros_like().unwrap();
        let together = update(&mut momentum, &both, [8, 6].into_iter()).unwrap();
        let mut alone = two.zeros_like().unwrap();
        let alone = update(&mut alone, &two, [6].into_iter()).unwrap();
        let off = (together.narrow(0, 8, 6).unwrap() - alone).unwrap();
        let off = off.abs().unwrap().max_all().unwrap();
        assert!(off.to_scalar::<f32>().unwrap() < 1e-5);
    }
}
