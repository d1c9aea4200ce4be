//! AdamW.

use candle_core::{Result, Tensor};

use super::Moments;

const BETAS: (f64, f64) = (0.9, 0.95);
const EPSILON: f64 = 1e-8;

/// What a parameter is moved by at a learning rate of 1, against its direction; decay apart.
///
/// # Formula
/// `m = β₁ m + (1 - β₁) g`, `v = β₂ v + (1 - β₂) g²`, update
/// `m / (1 - β₁ᵗ) / (sqrt(v / (1 - β₂ᵗ)) + ε)` at step `t`, from 1.
///
/// Source: Loshchilov and Hutter, Decoupled Weight Decay Regularization, ICLR 2019.
///
/// # Errors
/// What candle says.
pub(super) fn update(moments: &mut Moments, gradient: &Tensor, step: u64) -> Result<Tensor> {
    let steps = step as f64;
    let first = ((&moments.first * BETAS.0)? + (gradient * (1.0 - BETAS.0))?)?;
    let square = (gradient.sqr()? * (1.0 - BETAS.1))?;
    let second = match &moments.second {
        Some(second) => ((second * BETAS.1)? + square)?,
        None => square,
    };
    let mean = (&first / (1.0 - BETAS.0.powf(steps)))?;
    let root = (&second / (1.0 - BETAS.1.powf(steps)))?.sqrt()?;
    let update = (mean / (root + EPSILON)?)?;
    *moments = Moments {
        first,
        second: Some(second),
    };
    Ok(update)
}

#[cfg(test)]
mod tests {
    use candle_core::Device;

    use super::*;

    #[test]
    fn two_steps_are_those_of_the_formula() {
        let tensor = |x: f32| Tensor::new(&[x], &Device::Cpu).unwrap();
        let zero = tensor(0.0);
        let mut moments = Moments {
            first: zero.clone(),
            second: Some(zero),
        };
        let mut step = |g: f32, t| {
            let update = update(&mut moments, &tensor(g), t).unwrap();
            update.to_vec1::<f32>().unwrap()[0]
        };
        // After one step, mean and root are the gradient itself: the update is its sign.
        assert!((step(-0.3, 1) + 1.0).abs() < 1e-5);
        let (m, v) = (0.9 * -0.03 + 0.1 * 0.5, 0.95 * 0.05 * 0.09 + 0.05 * 0.25);
        let (mean, root): (f64, f64) = (m / (1.0 - 0.81), v / (1.0 - 0.9025));
        assert!((f64::from(step(0.5, 2)) - mean / root.sqrt()).abs() < 1e-5);
    }
}
