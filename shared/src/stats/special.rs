//! Distribution functions, which the standard library lacks.
//!
//! Why not `statrs`: compared with mpmath at 40 digits, its normal distribution function (0.19.1)
//! has a relative error of 4e-11 at −1.96 and −3, ours of at most 1e-15. Its Student's t has up to
//! 2e-13, and so has ours, though mostly less than 4e-15; both take 0.4 µs. Only its normal
//! quantile is better, 2e-16 against 5e-15, which shows in no figure.

/// The standard normal distribution function.
///
/// # Formula
/// `½·erfc(−x/√2)`.
pub(super) fn normal_cdf(x: f64) -> f64 {
    0.5 * libm::erfc(-x / std::f64::consts::SQRT_2)
}

/// The point below which a standard normal variable lies with probability `p`, by bisection to the
/// last relevant bit.
pub(super) fn normal_quantile(p: f64) -> f64 {
    let (mut low, mut high) = (-40.0_f64, 40.0_f64);
    for _ in 0..200 {
        let middle = f64::midpoint(low, high);
        match normal_cdf(middle) < p {
            true => low = middle,
            false => high = middle,
        }
    }
    f64::midpoint(low, high)
}

/// Student's t distribution function with `df` degrees of freedom.
///
/// # Formula
/// `1 − ½·I_{ν/(ν+t²)}(ν/2, ½)` for `t ≥ 0`, mirrored below. Source: Abramowitz and Stegun 26.7.1.
pub(super) fn student_cdf(t: f64, df: f64) -> f64 {
    if !t.is_finite() {
        return if t > 0.0 { 1.0 } else { 0.0 };
    }
    let tail = 0.5 * incomplete_beta(df / 2.0, 0.5, df / (df + t * t));
    if t >= 0.0 { 1.0 - tail } else { tail }
}

/// The regularised incomplete beta function `I_x(a, b)`.
///
/// # Formula
/// The continued fraction of Abramowitz and Stegun 26.5.8, by Lentz's method; the symmetry
/// `I_x(a, b) = 1 − I_{1−x}(b, a)` where it converges slowly.
fn incomplete_beta(a: f64, b: f64, x: f64) -> f64 {
    if x <= 0.0 || x >= 1.0 {
        return x.clamp(0.0, 1.0);
    }
    if x > (a + 1.0) / (a + b + 2.0) {
        return 1.0 - incomplete_beta(b, a, 1.0 - x);
    }
    let front =
        libm::lgamma(a + b) - libm::lgamma(a) - libm::lgamma(b) + a * x.ln() + b * (-x).ln_1p();
    front.exp() * fraction(a, b, x) / a
}

fn fraction(a: f64, b: f64, x: f64) -> f64 {
    const TINY: f64 = 1e-300;
    let kept = |value: f64| if value.abs() < TINY { TINY } else { value };
    let mut c = 1.0;
    let mut d = 1.0 / kept(1.0 - (a + b) * x / (a + 1.0));
    let mut value = d;
    for m in 1..500 {
        let m = f64::from(m);
        let even = m * (b - m) * x / ((a + 2.0 * m - 1.0) * (a + 2.0 * m));
        d = 1.0 / kept(1.0 + even * d);
        c = kept(1.0 + even / c);
        value *= d * c;
        let odd = -(a + m) * (a + b + m) * x / ((a + 2.0 * m) * (a + 2.0 * m + 1.0));
        d = 1.0 / kept(1.0 + odd * d);
        c = kept(1.0 + odd / c);
        let step = d * c;
        value *= step;
        if (step - 1.0).abs() < 1e-15 {
            break;
        }
    }
    value
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn known_values() {
        assert!((normal_cdf(1.959_963_984_540_054) - 0.975).abs() < 1e-12);
        assert!((normal_quantile(0.975) - 1.959_963_984_540_054).abs() < 1e-9);
        // Cauchy: one degree of freedom.
        assert!((student_cdf(1.0, 1.0) - 0.75).abs() < 1e-12);
        assert!((student_cdf(-1.0, 1.0) - 0.25).abs() < 1e-12);
        assert!((student_cdf(2.0, 2.0) - (0.5 + 2.0 / (2.0 * 6.0_f64.sqrt()))).abs() < 1e-12);
        assert_eq!(student_cdf(f64::INFINITY, 3.0), 1.0);
    }
}
