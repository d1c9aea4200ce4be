//! Exponentials.

use super::lanes::{Lanes, for_each_level};

for_each_level! {
    /// One row of an online softmax: scores become `exp(score − largest)`, where the largest is that
    /// of the row or of what came before. Returns the largest and the sum.
    soften = soften_by(scores: &mut [f32], before: f32) -> (f32, f32)
}

for_each_level! {
    /// `to += by · from`.
    add_scaled = add_scaled_by(to: &mut [f32], from: &[f32], by: f32)
}

for_each_level! {
    /// `to ·= by`.
    scale = scale_by(to: &mut [f32], by: f32)
}

for_each_level! {
    /// `silu(gate) · up` into `to`.
    swiglu = swiglu_by(gate: &[f32], up: &[f32], to: &mut [f32])
}

/// `exp(x)` to 1e-7 of itself; 0 is 1e-38.
///
/// # Formula
/// `2^n · exp(r)` with `n = round(x / ln 2)` and Taylor's series for `r`, which is at most
/// `ln 2 / 2`: its eighth term is below 6e-9.
#[inline(always)]
unsafe fn exp<L: Lanes>(x: L::F) -> L::F {
    // ln 2 in two parts: the first has few enough digits to be multiplied by `n` without a loss.
    const LN_2: [f32; 2] = [355.0 / 512.0, -2.121_944_4e-4];
    const SERIES: [f32; 7] = [
        1.0 / 5040.0,
        1.0 / 720.0,
        1.0 / 120.0,
        1.0 / 24.0,
        1.0 / 6.0,
        0.5,
        1.0,
    ];
    // SAFETY: arithmetic alone, with the instructions that the caller answers for.
    unsafe {
        let x = L::min(L::max(x, L::splat(-87.0)), L::splat(88.0));
        let n = L::round(L::mul(x, L::splat(std::f32::consts::LOG2_E)));
        let r = L::fma(n, L::splat(-LN_2[0]), x);
        let r = L::fma(n, L::splat(-LN_2[1]), r);
        let mut sum = L::splat(SERIES[0]);
        for factor in &SERIES[1..] {
            sum = L::fma(sum, r, L::splat(*factor));
        }
        L::mul(L::fma(sum, r, L::splat(1.0)), L::exp2(n))
    }
}

/// Applies `f` to whole vectors of `to` and what stands beside them, then to the rest, filled up.
#[inline(always)]
unsafe fn map<L: Lanes, const A: usize>(
    from: [&[f32]; A],
    to: &mut [f32],
    f: impl Fn([L::F; A], L::F) -> L::F,
) {
    let whole = to.len() / L::N * L::N;
    let from = from.map(|slice| &slice[..to.len()]);
    let mut at = 0;
    while at < whole {
        // SAFETY: `at + N` is at most the length of `to`, and so of each of `from`.
        unsafe {
            let inputs = from.map(|slice| L::load(slice.as_ptr().add(at)));
            let out = to.as_mut_ptr().add(at);
            L::store(out, f(inputs, L::load(out)));
        }
        at += L::N;
    }
    let rest = to.len() - whole;
    if rest > 0 {
        let filled = |slice: &[f32]| {
            let mut filled = [0.0; 16];
            filled[..rest].copy_from_slice(&slice[whole..]);
            filled
        };
        let inputs = from.map(filled);
        let mut out = filled(to);
        // SAFETY: 16 numbers are as many as the widest vector has.
        unsafe {
            let inputs = inputs.map(|filled| L::load(filled.as_ptr()));
            L::store(out.as_mut_ptr(), f(inputs, L::load(out.as_ptr())));
        }
        to[whole..].copy_from_slice(&out[..rest]);
    }
}

#[inline(always)]
unsafe fn soften_by<L: Lanes>(scores: &mut [f32], before: f32) -> (f32, f32) {
    let whole = scores.len() / L::N * L::N;
    let (body, tail) = scores.split_at_mut(whole);
    let mut rest = [f32::NEG_INFINITY; 16];
    rest[..tail.len()].copy_from_slice(tail);
    // SAFETY: chunks have `N` numbers each, and `rest` has 16.
    unsafe {
        let mut most = L::max(L::splat(before), L::load(rest.as_ptr()));
        for chunk in body.chunks_exact(L::N) {
            most = L::max(most, L::load(chunk.as_ptr()));
        }
        let largest = L::largest(most);
        let shift = L::splat(largest);
        let mut sum = L::splat(0.0);
        for chunk in body.chunks_exact_mut(L::N) {
            let e = exp::<L>(L::sub(L::load(chunk.as_ptr()), shift));
            sum = L::add(sum, e);
            L::store(chunk.as_mut_ptr(), e);
        }
        let e = exp::<L>(L::sub(L::load(rest.as_ptr()), shift));
        L::store(rest.as_mut_ptr(), e);
        tail.copy_from_slice(&rest[..tail.len()]);
        (largest, L::sum(sum) + tail.iter().sum::<f32>())
    }
}

#[inline(always)]
unsafe fn add_scaled_by<L: Lanes>(to: &mut [f32], from: &[f32], by: f32) {
    // SAFETY: slices go to `map`; the instructions are the caller's to answer for.
    unsafe {
        let by = L::splat(by);
        map::<L, 1>([from], to, |[from], to| L::fma(from, by, to));
    }
}

#[inline(always)]
unsafe fn scale_by<L: Lanes>(to: &mut [f32], by: f32) {
    // SAFETY: as above.
    unsafe {
        let by = L::splat(by);
        map::<L, 0>([], to, |[], to| L::mul(to, by));
    }
}

#[inline(always)]
unsafe fn swiglu_by<L: Lanes>(gate: &[f32], up: &[f32], to: &mut [f32]) {
    // SAFETY: as above.
    unsafe {
        let (zero, one) = (L::splat(0.0), L::splat(1.0));
        map::<L, 2>([gate, up], to, |[gate, up], _| {
            let below = L::add(one, exp::<L>(L::sub(zero, gate)));
            L::mul(L::div(gate, below), up)
        });
    }
}

#[cfg(test)]
mod tests {
    use super::super::lanes::levels;
    use super::*;

    #[cfg_attr(target_arch = "wasm32", wasm_bindgen_test::wasm_bindgen_test)]
    #[cfg_attr(not(target_arch = "wasm32"), test)]
    fn exponentials_are_those_of_the_standard_library() {
        for level in levels() {
            for count in [1, 7, 16, 37] {
                let scores: Vec<f32> = (0..count).map(|i| (i as f32 * 0.7).sin() * 20.0).collect();
                let mut got = scores.clone();
                let (largest, sum) = soften::at(level, &mut got, 3.0);
                assert_eq!(largest, scores.iter().copied().fold(3.0, f32::max));
                let want: Vec<f32> = scores.iter().map(|x| (x - largest).exp()).collect();
                for (got, want) in got.iter().zip(&want) {
                    assert!(
                        (got - want).abs() <= 3e-7 * want,
                        "{level:?}: {got} for {want}"
                    );
                }
                let total: f32 = want.iter().sum();
                assert!((sum / total - 1.0).abs() < 1e-6, "{level:?}");
            }
        }
    }

    #[cfg_attr(target_arch = "wasm32", wasm_bindgen_test::wasm_bindgen_test)]
    #[cfg_attr(not(target_arch = "wasm32"), test)]
    fn swiglu_is_its_formula() {
        let gate: Vec<f32> = (0..37).map(|i| (i as f32 - 18.0) * 6.0).collect();
        let up: Vec<f32> = (0..37).map(|i| i as f32 * 0.1 - 1.0).collect();
        for level in levels() {
            let mut got = vec![f32::NAN; 37];
            swiglu::at(level, &gate, &up, &mut got);
            for ((gate, up), got) in gate.iter().zip(&up).zip(got) {
                let want = gate / (1.0 + (-gate).exp()) * up;
                assert!(
                    (got - want).abs() <= 1e-6 * want.abs() + 1e-30,
                    "{level:?}: {got}, {want}"
                );
            }
            let mut sums = vec![1.0; 37];
            add_scaled::at(level, &mut sums, &up, 2.0);
            scale::at(level, &mut sums, 0.5);
            for (got, up) in sums.iter().zip(&up) {
                assert!((got - (0.5 + up)).abs() < 1e-6, "{level:?}");
            }
        }
    }
}
