//! Decodes blocks of quantised weights; formulas with each [`Dtype`](super::Dtype).
//!
//! Within a block of 32 the low halves of the bytes are the first 16 weights, the high halves the
//! last; the fifth bits stand in a word of their own, one for each weight. Within a super-block of
//! 256 runs of 32 or 64 bytes are shared by several runs of weights, a few bits each.

use half::f16;

#[inline(always)]
pub(super) fn half(low: u8, high: u8) -> f32 {
    f16::from_le_bytes([low, high]).to_f32()
}

#[inline(always)]
pub(super) fn q4_0(block: &[u8; 18], to: &mut [f32; 32]) {
    let scale = half(block[0], block[1]);
    for (i, q) in block[2..].iter().enumerate() {
        to[i] = scale * (f32::from(q & 15) - 8.0);
        to[16 + i] = scale * (f32::from(q >> 4) - 8.0);
    }
}

#[inline(always)]
pub(super) fn q4_1(block: &[u8; 20], to: &mut [f32; 32]) {
    let (scale, least) = (half(block[0], block[1]), half(block[2], block[3]));
    for (i, q) in block[4..].iter().enumerate() {
        to[i] = scale * f32::from(q & 15) + least;
        to[16 + i] = scale * f32::from(q >> 4) + least;
    }
}

/// Five bits each: four of a byte, the fifth of `fifth`.
#[inline(always)]
fn five(fifth: [u8; 4], quants: &[u8], to: &mut [f32; 32], worth: impl Fn(f32) -> f32) {
    let fifth = u32::from_le_bytes(fifth);
    for (i, q) in quants.iter().enumerate() {
        let bit = |at: usize| ((fifth >> at) as u8 & 1) << 4;
        to[i] = worth(f32::from(q & 15 | bit(i)));
        to[16 + i] = worth(f32::from(q >> 4 | bit(16 + i)));
    }
}

#[inline(always)]
pub(super) fn q5_0(block: &[u8; 22], to: &mut [f32; 32]) {
    let [low, high, a, b, c, d, quants @ ..] = block;
    let scale = half(*low, *high);
    five([*a, *b, *c, *d], quants, to, |q| scale * (q - 16.0));
}

#[inline(always)]
pub(super) fn q5_1(block: &[u8; 24], to: &mut [f32; 32]) {
    let [s0, s1, m0, m1, a, b, c, d, quants @ ..] = block;
    let (scale, least) = (half(*s0, *s1), half(*m0, *m1));
    five([*a, *b, *c, *d], quants, to, |q| scale * q + least);
}

#[inline(always)]
pub(super) fn q8_0(block: &[u8; 34], to: &mut [f32; 32]) {
    let scale = half(block[0], block[1]);
    for (q, to) in block[2..].iter().zip(to) {
        *to = scale * f32::from(q.cast_signed());
    }
}

/// `[16 scales and minimums, 64 bytes of four quants each, scale, scale of the minimums]`
#[inline(always)]
pub(super) fn q2_k(block: &[u8; 84], to: &mut [f32; 256]) {
    let (scales, quants) = (&block[..16], &block[16..80]);
    let (scale, least) = (half(block[80], block[81]), half(block[82], block[83]));
    for (run, to) in to.chunks_exact_mut(16).enumerate() {
        // Eight runs share 32 bytes, two bits for each pair of runs.
        let (half, pair, second) = (run / 8, run % 8 / 2, run % 2);
        let (times, minus) = (
            scale * f32::from(scales[run] & 15),
            least * f32::from(scales[run] >> 4),
        );
        let from = &quants[half * 32 + second * 16..][..16];
        for (to, q) in to.iter_mut().zip(from) {
            *to = times * f32::from(q >> (2 * pair) & 3) - minus;
        }
    }
}

/// `[32 bytes of the third bits, 64 bytes of four quants each, 12 bytes of 16 scales, scale]`
#[inline(always)]
pub(super) fn q3_k(block: &[u8; 110], to: &mut [f32; 256]) {
    let (third, quants, scales) = (&block[..32], &block[32..96], &block[96..108]);
    let scale = half(block[108], block[109]);
    for (run, to) in to.chunks_exact_mut(16).enumerate() {
        let (half, pair, second) = (run / 8, run % 8 / 2, run % 2);
        // The low four bits of scales 8 to 15 are the high halves of the first eight bytes; the
        // last four bytes hold the upper two bits of each.
        let low = scales[run % 8] >> (4 * (run / 8)) & 15;
        let high = scales[8 + run % 4] >> (2 * (run / 4)) & 3;
        let times = scale * (f32::from(low | high << 4) - 32.0);
        let from = &quants[half * 32 + second * 16..][..16];
        let third = &third[second * 16..][..16];
        for ((to, q), third) in to.iter_mut().zip(from).zip(third) {
            let bit = third >> (half * 4 + pair) & 1;
            let q = q >> (2 * pair) & 3 | bit << 2;
            *to = times * (f32::from(q) - 4.0);
        }
    }
}

/// Scale and minimum, six bits each, of run `run` out of eight, from their 12 bytes: the first four
/// of both stand in the low six bits of eight bytes; of the others the low four bits stand in the
/// last four bytes, the upper two above those of the first.
#[inline(always)]
pub(super) fn six(packed: &[u8], run: usize) -> [f32; 2] {
    let pair = match run {
        0..4 => [packed[run] & 63, packed[4 + run] & 63],
        _ => [
            packed[4 + run] & 15 | packed[run - 4] >> 6 << 4,
            packed[4 + run] >> 4 | packed[run] >> 6 << 4,
        ],
    };
    pair.map(f32::from)
}

/// `[scale, scale of the minimums, 12 bytes of scales and minimums, 128 bytes of two quants each]`
#[inline(always)]
pub(super) fn q4_k(block: &[u8; 144], to: &mut [f32; 256]) {
    let (scale, least) = (half(block[0], block[1]), half(block[2], block[3]));
    for (run, to) in to.chunks_exact_mut(32).enumerate() {
        let [times, minus] = six(&block[4..16], run);
        let (times, minus) = (scale * times, least * minus);
        let from = &block[16 + run / 2 * 32..][..32];
        for (to, q) in to.iter_mut().zip(from) {
            *to = times * f32::from(q >> (4 * (run % 2)) & 15) - minus;
        }
    }
}

/// As [`q4_k`], with 32 bytes of fifth bits before the quants.
#[inline(always)]
pub(super) fn q5_k(block: &[u8; 176], to: &mut [f32; 256]) {
    let (scale, least) = (half(block[0], block[1]), half(block[2], block[3]));
    for (run, to) in to.chunks_exact_mut(32).enumerate() {
        let [times, minus] = six(&block[4..16], run);
        let (times, minus) = (scale * times, least * minus);
        let from = &block[48 + run / 2 * 32..][..32];
        for ((to, q), fifth) in to.iter_mut().zip(from).zip(&block[16..48]) {
            let q = q >> (4 * (run % 2)) & 15 | (fifth >> run & 1) << 4;
            *to = times * f32::from(q) - minus;
        }
    }
}

/// `[128 bytes of low halves, 64 bytes of upper two bits, 16 scales, scale]`
#[inline(always)]
pub(super) fn q6_k(block: &[u8; 210], to: &mut [f32; 256]) {
    let (lows, highs, scales) = (&block[..128], &block[128..192], &block[192..208]);
    let scale = half(block[208], block[209]);
    for (run, to) in to.chunks_exact_mut(32).enumerate() {
        // Four runs share 64 bytes of low halves and 32 of upper bits.
        let (half, run) = (run / 4, run % 4);
        let low = &lows[half * 64 + run % 2 * 32..][..32];
        let high = &highs[half * 32..][..32];
        for (i, to) in to.iter_mut().enumerate() {
            let times = scale * f32::from(scales[half * 8 + run * 2 + i / 16].cast_signed());
            let q = low[i] >> (4 * (run / 2)) & 15 | (high[i] >> (2 * run) & 3) << 4;
            *to = times * (f32::from(q) - 32.0);
        }
    }
}
