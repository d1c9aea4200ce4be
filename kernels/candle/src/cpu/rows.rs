//! Rows of stored weights: their worth in f32, and products of many rows with one vector.

use fathom_kernels::model::dtype::Dtype;

use super::format::WeightFormat;
use super::lanes::{Lanes, for_each_level};

for_each_level! {
    /// What stored weights, whole blocks, are worth.
    expand = expand_by(format: WeightFormat, bytes: &[u8], to: &mut [f32])
}

for_each_level! {
    /// The product of every row in `bytes` with `x`, into `to`. `sums` are those of `x`, one for
    /// every 32; only Q4_1 asks for them.
    dots = dots_by(format: WeightFormat, bytes: &[u8], x: &[f32], sums: &[f32], to: &mut [f32])
}

impl WeightFormat {
    /// What whole blocks of stored weights are worth.
    pub(in super::super) fn expand(self, bytes: &[u8], to: &mut [f32]) {
        expand::run(self, bytes, to);
    }
}

/// The sum of every 32 values of `x`.
pub(super) fn sums(x: &[f32]) -> Vec<f32> {
    x.chunks(32).map(|block| block.iter().sum()).collect()
}

/// How many bytes ahead weights are asked for: a token reads all of them once, so that memory, not
/// arithmetic, is what it waits for.
const AHEAD: usize = 2048;

/// Bytes of a quantised block's head (scale, or scale and minimum).
const HEAD: [usize; 2] = [2, 4];

#[inline(always)]
unsafe fn expand_by<L: Lanes>(format: WeightFormat, bytes: &[u8], to: &mut [f32]) {
    assert_eq!(bytes.len(), format.bytes(to.len()), "whole rows");
    // SAFETY: the bytes are those of as many weights as `to` takes, as asserted, blocks are whole,
    // and `N` divides what a block holds.
    unsafe {
        match format {
            WeightFormat::F32 => expand_each::<L>(bytes, to, 4, |from| L::load(from.cast())),
            WeightFormat::F16 => expand_each::<L>(bytes, to, 2, |from| L::f16(from.cast())),
            WeightFormat::Bf16 => expand_each::<L>(bytes, to, 2, |from| L::bf16(from.cast())),
            WeightFormat::Q8_0 => {
                for (block, to) in bytes.chunks_exact(34).zip(to.chunks_exact_mut(32)) {
                    let scale = L::splat(L::two_f16(block.as_ptr())[0]);
                    for at in (0..32).step_by(L::N) {
                        let q = L::i8(block.as_ptr().add(HEAD[0] + at));
                        L::store(to.as_mut_ptr().add(at), L::mul(scale, q));
                    }
                }
            }
            WeightFormat::Q4_1 => {
                for (block, to) in bytes.chunks_exact(20).zip(to.chunks_exact_mut(32)) {
                    let [scale, least] = L::two_f16(block.as_ptr()).map(|x| L::splat(x));
                    for at in (0..16).step_by(L::N) {
                        let from = block.as_ptr().add(HEAD[1] + at);
                        let to = to.as_mut_ptr().add(at);
                        L::store(to, L::fma(scale, L::low(from), least));
                        L::store(to.add(16), L::fma(scale, L::high(from), least));
                    }
                }
            }
            WeightFormat::Decoded(dtype) => dtype.expand(bytes, to),
        }
    }
}

/// Formats without blocks, `size` bytes a weight.
#[inline(always)]
unsafe fn expand_each<L: Lanes>(
    bytes: &[u8],
    to: &mut [f32],
    size: usize,
    load: impl Fn(*const u8) -> L::F,
) {
    let whole = to.len() / L::N * L::N;
    for at in (0..whole).step_by(L::N) {
        // SAFETY: `at + N` weights, `size` bytes each, are within `bytes`, and as many numbers in `to`.
        unsafe {
            let value = load(bytes.as_ptr().add(at * size));
            L::store(to.as_mut_ptr().add(at), value);
        }
    }
    let rest = to.len() - whole;
    if rest > 0 {
        let (mut filled, mut out) = ([0; 64], [0.0; 16]);
        filled[..rest * size].copy_from_slice(&bytes[whole * size..]);
        // SAFETY: 64 bytes and 16 numbers are as many as the widest vector takes.
        unsafe { L::store(out.as_mut_ptr(), load(filled.as_ptr())) };
        to[whole..].copy_from_slice(&out[..rest]);
    }
}

#[inline(always)]
unsafe fn dots_by<L: Lanes>(
    format: WeightFormat,
    bytes: &[u8],
    x: &[f32],
    sums: &[f32],
    to: &mut [f32],
) {
    let size = format.bytes(x.len());
    assert_eq!(bytes.len(), size * to.len(), "whole rows");
    assert_eq!(sums.len(), x.len().div_ceil(32), "a sum for each block");
    for (row, to) in bytes.chunks_exact(size).zip(to) {
        // SAFETY: `row` has a weight for each value of `x`, in whole blocks, as asserted.
        *to = unsafe {
            match format {
                WeightFormat::F32 => dot_each::<L>(row, x, 4, |from| L::load(from.cast())),
                WeightFormat::F16 => dot_each::<L>(row, x, 2, |from| L::f16(from.cast())),
                WeightFormat::Bf16 => dot_each::<L>(row, x, 2, |from| L::bf16(from.cast())),
                WeightFormat::Q8_0 => dot_q8_0::<L>(row, x),
                WeightFormat::Q4_1 => dot_q4_1::<L>(row, x, sums),
                WeightFormat::Decoded(dtype) => dot_decoded::<L>(dtype, row, x),
            }
        };
    }
}

#[inline(always)]
unsafe fn dot_each<L: Lanes>(
    row: &[u8],
    x: &[f32],
    size: usize,
    load: impl Fn(*const u8) -> L::F,
) -> f32 {
    let whole = x.len() / (4 * L::N) * (4 * L::N);
    // SAFETY: needs nothing but the instructions, which the caller answers for.
    let mut total = unsafe { [L::splat(0.0); 4] };
    for at in (0..whole).step_by(4 * L::N) {
        for (part, total) in total.iter_mut().enumerate() {
            let at = at + part * L::N;
            // SAFETY: `at + N` is at most the number of weights in `row` and of values in `x`.
            unsafe {
                let weights = load(row.as_ptr().add(at * size));
                *total = L::fma(weights, L::load(x.as_ptr().add(at)), *total);
            }
        }
    }
    for at in (whole..x.len()).step_by(L::N) {
        let rest = (x.len() - at).min(L::N);
        let (mut weights, mut values) = ([0; 64], [0.0; 16]);
        weights[..rest * size].copy_from_slice(&row[at * size..][..rest * size]);
        values[..rest].copy_from_slice(&x[at..][..rest]);
        // SAFETY: 64 bytes and 16 numbers are as many as the widest vector takes.
        unsafe { total[0] = L::fma(load(weights.as_ptr()), L::load(values.as_ptr()), total[0]) };
    }
    let [a, b, c, d] = total;
    // SAFETY: arithmetic alone.
    unsafe { L::sum(L::add(L::add(a, b), L::add(c, d))) }
}

#[inline(always)]
unsafe fn dot_q8_0<L: Lanes>(row: &[u8], x: &[f32]) -> f32 {
    // SAFETY: blocks of 34 bytes and 32 values are whole, and `N` divides 32.
    unsafe {
        let mut total = L::splat(0.0);
        for (block, x) in row.chunks_exact(34).zip(x.chunks_exact(32)) {
            L::prefetch(block.as_ptr().wrapping_add(AHEAD));
            let mut inner = L::splat(0.0);
            for at in (0..32).step_by(L::N) {
                let q = L::i8(block.as_ptr().add(HEAD[0] + at));
                inner = L::fma(q, L::load(x.as_ptr().add(at)), inner);
            }
            total = L::fma(L::splat(L::two_f16(block.as_ptr())[0]), inner, total);
        }
        L::sum(total)
    }
}

/// # Formula
/// `Σ (d q + m) x = Σ d (Σ q x) + m (Σ x)`, the inner sums over a block.
#[inline(always)]
unsafe fn dot_q4_1<L: Lanes>(row: &[u8], x: &[f32], sums: &[f32]) -> f32 {
    // SAFETY: blocks of 20 bytes and 32 values are whole, and `N` divides 16.
    unsafe {
        let (mut total, mut least) = (L::splat(0.0), 0.0);
        let blocks = row.chunks_exact(20).zip(x.chunks_exact(32)).zip(sums);
        for ((block, x), sum) in blocks {
            let [scale, m] = L::two_f16(block.as_ptr());
            L::prefetch(block.as_ptr().wrapping_add(AHEAD));
            let (mut low, mut high) = (L::splat(0.0), L::splat(0.0));
            for at in (0..16).step_by(L::N) {
                let from = block.as_ptr().add(HEAD[1] + at);
                low = L::fma(L::low(from), L::load(x.as_ptr().add(at)), low);
                high = L::fma(L::high(from), L::load(x.as_ptr().add(16 + at)), high);
            }
            total = L::fma(L::splat(scale), L::add(low, high), total);
            least += m * sum;
        }
        L::sum(total) + least
    }
}

/// Decodes some blocks at a time, which stay in the first cache.
#[inline(always)]
unsafe fn dot_decoded<L: Lanes>(dtype: Dtype, row: &[u8], x: &[f32]) -> f32 {
    /// The largest block, and a multiple of all.
    const AT_ONCE: usize = 256;
    assert!(x.len().is_multiple_of(32), "whole blocks");
    let size = AT_ONCE / dtype.block() * dtype.block_bytes();
    let mut worth = [0.0; AT_ONCE];
    // SAFETY: needs nothing but the instructions, which the caller answers for.
    let mut total = unsafe { [L::splat(0.0); 2] };
    for (blocks, x) in row.chunks(size).zip(x.chunks(AT_ONCE)) {
        dtype.expand(blocks, &mut worth[..x.len()]);
        // Blocks are multiples of 32, and so of two vectors.
        for at in (0..x.len()).step_by(2 * L::N) {
            for (part, total) in total.iter_mut().enumerate() {
                let at = at + part * L::N;
                // SAFETY: `x` is a multiple of 32 long, so that `at + N` is within it, and `worth` is no shorter.
                unsafe {
                    let weights = L::load(worth.as_ptr().add(at));
                    *total = L::fma(weights, L::load(x.as_ptr().add(at)), *total);
                }
            }
        }
    }
    let [a, b] = total;
    // SAFETY: arithmetic alone.
    unsafe { L::sum(L::add(a, b)) }
}

#[cfg(test)]
mod tests {
    use candle_core::quantized::QTensor;
    use candle_core::{Device, Tensor};
    use half::{bf16, f16};

    use super::super::lanes::levels;
    use super::*;
    use crate::testing::theirs;

    /// Bytes that are some weights in this format, and what they are worth by its definition.
    fn weights(format: WeightFormat, count: usize) -> (Vec<u8>, Vec<f32>) {
        let at = |i: usize| ((i * 37 + 11) % 101) as f32 / 50.0 - 1.0;
        let plain: Vec<f32> = (0..count).map(at).collect();
        let half = |x: f32| f16::from_f32(x);
        let (mut bytes, mut worth) = (Vec::new(), Vec::new());
        match format {
            WeightFormat::F32 => {
                bytes.extend(plain.iter().flat_map(|x| x.to_le_bytes()));
                worth = plain;
            }
            WeightFormat::F16 => {
                bytes.extend(plain.iter().flat_map(|x| half(*x).to_le_bytes()));
                worth.extend(plain.iter().map(|x| half(*x).to_f32()));
            }
            WeightFormat::Bf16 => {
                bytes.extend(plain.iter().flat_map(|x| bf16::from_f32(*x).to_le_bytes()));
                worth.extend(plain.iter().map(|x| bf16::from_f32(*x).to_f32()));
            }
            WeightFormat::Q8_0 => {
                for block in 0..count / 32 {
                    let scale = half(0.01 * (block + 1) as f32);
                    bytes.extend(scale.to_le_bytes());
                    let q: Vec<u8> = (0..32).map(|i| (i * 8 + block) as u8).collect();
                    let value = |q: &u8| scale.to_f32() * f32::from(q.cast_signed());
                    worth.extend(q.iter().map(value));
                    bytes.extend(q);
                }
            }
            WeightFormat::Q4_1 => {
                for block in 0..count / 32 {
                    let [scale, least] = [0.1 * (block + 1) as f32, -0.4].map(half);
                    bytes.extend(scale.to_le_bytes());
                    bytes.extend(least.to_le_bytes());
                    let q: Vec<u8> = (0..16).map(|i| (i * 17 + block * 5) as u8).collect();
                    let value = |q: u8| scale.to_f32() * f32::from(q) + least.to_f32();
                    worth.extend(q.iter().map(|q| value(q & 15)));
                    worth.extend(q.iter().map(|q| value(q >> 4)));
                    bytes.extend(q);
                }
            }
            // Made by candle's own quantiser, and read by it.
            WeightFormat::Decoded(dtype) => {
                let source = Tensor::from_vec(plain, count, &Device::Cpu).unwrap();
                let quantised = QTensor::quantize(&source, theirs(dtype)).unwrap();
                bytes = quantised.data().unwrap().into_owned();
                worth = quantised
                    .dequantize(&Device::Cpu)
                    .unwrap()
                    .to_vec1()
                    .unwrap();
            }
        }
        (bytes, worth)
    }

    #[cfg_attr(target_arch = "wasm32", wasm_bindgen_test::wasm_bindgen_test)]
    #[cfg_attr(not(target_arch = "wasm32"), test)]
    fn every_format_is_worth_the_same_on_every_processor() {
        for level in levels() {
            for format in WeightFormat::all() {
                // Odd sizes where the format has no blocks.
                let columns = match format.block() {
                    1 => 77,
                    32 => 96,
                    block => 3 * block,
                };
                let rows = 5;
                let (bytes, worth) = weights(format, rows * columns);
                let mut got = vec![f32::NAN; rows * columns];
                expand::at(level, format, &bytes, &mut got);
                for (got, want) in got.iter().zip(&worth) {
                    assert!(
                        (got - want).abs() < 1e-6,
                        "{level:?} {format}: {got}, {want}"
                    );
                }
                let x: Vec<f32> = (0..columns).map(|i| (i as f32 * 0.3).cos()).collect();
                let mut got = vec![f32::NAN; rows];
                dots::at(level, format, &bytes, &x, &sums(&x), &mut got);
                for (got, row) in got.iter().zip(worth.chunks(columns)) {
                    let want: f32 = row.iter().zip(&x).map(|(w, x)| w * x).sum();
                    assert!(
                        (got - want).abs() < 1e-4,
                        "{level:?} {format}: {got}, {want}"
                    );
                }
            }
        }
    }
}
