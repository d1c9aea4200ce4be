//! The exponential function without a call, so that loops over it become vector loops.

use std::f32::consts::LOG2_E;

/// ln 2 in two parts, the first with few enough bits to multiply exactly.
const LN_2: (f32, f32) = (0.693_359_4, -2.121_944_4e-4);
/// 1.5 · 2²³: what is added to it is rounded to a whole number, which its low bits then hold.
const ROUNDER: f32 = 12_582_912.0;

/// # Formula
/// `eˣ = 2ⁿ e^(x - n ln 2)` with `n` the whole number nearest to `x / ln 2`, and a polynomial for the
/// rest, which is at most `ln 2 / 2`.
///
/// Source: the polynomial of Cephes' `expf` (S. Moshier). Relative error below 2e-7. Arguments are
/// limited to [-87, 88], where the result is a normal number.
#[inline(always)]
pub(crate) fn exp(x: f32) -> f32 {
    let x = x.clamp(-87.0, 88.0);
    let shifted = x.mul_add(LOG2_E, ROUNDER);
    let n = shifted - ROUNDER;
    let r = n.mul_add(-LN_2.0, x);
    let r = n.mul_add(-LN_2.1, r);
    let p = 1.987_569_1e-4_f32
        .mul_add(r, 1.398_2e-3)
        .mul_add(r, 8.333_452e-3)
        .mul_add(r, 4.166_579_6e-2)
        .mul_add(r, 1.666_666_5e-1)
        .mul_add(r, 5e-1);
    let p = p.mul_add(r * r, r) + 1.0;
    // The exponent's bits of 2ⁿ.
    let scale = f32::from_bits((shifted.to_bits() << 23).wrapping_add(0x3f80_0000));
    p * scale
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_is_as_exact_as_f32_allows() {
        for i in -8_700..8_800 {
            let x = i as f32 / 100.0;
            let want = f64::from(x).exp();
            let off = (f64::from(exp(x)) / want - 1.0).abs();
            assert!(off < 3e-7, "exp({x}) is off by {off}");
        }
        assert_eq!(exp(0.0), 1.0);
        assert!(exp(-1e9) < 1e-37 && exp(f32::NEG_INFINITY) < 1e-37);
    }
}
