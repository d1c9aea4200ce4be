//! WebAssembly's vectors.
#![expect(
    unsafe_op_in_unsafe_fn,
    reason = "each function is an instruction or two, sound where the trait's conditions hold"
)]

use std::arch::wasm32::*;

use super::Lanes;

/// 8 numbers in two registers of 4.
pub(in super::super) struct Simd128;

type F = [v128; 2];

#[inline(always)]
fn both(a: F, b: F, f: impl Fn(v128, v128) -> v128) -> F {
    [f(a[0], b[0]), f(a[1], b[1])]
}

/// Eight numbers of 16 bits, widened.
#[inline(always)]
unsafe fn words(from: *const u16) -> F {
    let eight = v128_load(from.cast());
    [
        u32x4_extend_low_u16x8(eight),
        u32x4_extend_high_u16x8(eight),
    ]
}

/// Eight whole numbers below 256 as f32.
#[inline(always)]
fn unsigned(bytes: v128) -> F {
    let words = u16x8_extend_low_u8x16(bytes);
    [
        f32x4_convert_u32x4(u32x4_extend_low_u16x8(words)),
        f32x4_convert_u32x4(u32x4_extend_high_u16x8(words)),
    ]
}

/// Four f16, each in the low half of a lane. There is no instruction for it.
///
/// # Formula
/// Exponent and digits moved to their places in an f32 are the number times `2^-112`, also where it
/// is below the smallest normal f16. Infinity and NaN get the exponent of theirs.
#[inline(always)]
fn halves(bits: v128) -> v128 {
    let sign = i32x4_shl(v128_and(bits, i32x4_splat(0x8000)), 16);
    let rest = i32x4_shl(v128_and(bits, i32x4_splat(0x7fff)), 13);
    let value = f32x4_mul(rest, f32x4_splat(f32::from_bits(0x7780_0000)));
    let special = i32x4_gt(rest, i32x4_splat(0x0f7f_ffff));
    let special = v128_and(special, i32x4_splat(0x7f80_0000));
    v128_or(v128_or(value, special), sign)
}

impl Lanes for Simd128 {
    const N: usize = 8;
    type F = F;

    #[inline(always)]
    unsafe fn splat(x: f32) -> F {
        [f32x4_splat(x); 2]
    }
    #[inline(always)]
    unsafe fn load(from: *const f32) -> F {
        [v128_load(from.cast()), v128_load(from.add(4).cast())]
    }
    #[inline(always)]
    unsafe fn store(to: *mut f32, x: F) {
        v128_store(to.cast(), x[0]);
        v128_store(to.add(4).cast(), x[1]);
    }
    #[inline(always)]
    unsafe fn add(a: F, b: F) -> F {
        both(a, b, |a, b| f32x4_add(a, b))
    }
    #[inline(always)]
    unsafe fn sub(a: F, b: F) -> F {
        both(a, b, |a, b| f32x4_sub(a, b))
    }
    #[inline(always)]
    unsafe fn mul(a: F, b: F) -> F {
        both(a, b, |a, b| f32x4_mul(a, b))
    }
    #[inline(always)]
    unsafe fn div(a: F, b: F) -> F {
        both(a, b, |a, b| f32x4_div(a, b))
    }
    #[inline(always)]
    unsafe fn max(a: F, b: F) -> F {
        // The one that gives `b` where one is no number, as the others do.
        both(a, b, |a, b| f32x4_pmax(b, a))
    }
    #[inline(always)]
    unsafe fn min(a: F, b: F) -> F {
        both(a, b, |a, b| f32x4_pmin(b, a))
    }
    #[inline(always)]
    unsafe fn fma(a: F, b: F, c: F) -> F {
        Self::add(Self::mul(a, b), c)
    }
    #[inline(always)]
    unsafe fn round(x: F) -> F {
        x.map(|x| f32x4_nearest(x))
    }
    #[inline(always)]
    unsafe fn exp2(x: F) -> F {
        x.map(|x| {
            let power = i32x4_add(i32x4_trunc_sat_f32x4(x), i32x4_splat(127));
            i32x4_shl(power, 23)
        })
    }
    #[inline(always)]
    unsafe fn sum(x: F) -> f32 {
        let four = f32x4_add(x[0], x[1]);
        let two = f32x4_add(four, i32x4_shuffle::<2, 3, 0, 1>(four, four));
        f32x4_extract_lane::<0>(two) + f32x4_extract_lane::<1>(two)
    }
    #[inline(always)]
    unsafe fn largest(x: F) -> f32 {
        let four = f32x4_pmax(x[0], x[1]);
        let two = f32x4_pmax(four, i32x4_shuffle::<2, 3, 0, 1>(four, four));
        f32x4_extract_lane::<0>(two).max(f32x4_extract_lane::<1>(two))
    }
    #[inline(always)]
    unsafe fn f16(from: *const u16) -> F {
        words(from).map(halves)
    }
    #[inline(always)]
    unsafe fn bf16(from: *const u16) -> F {
        words(from).map(|bits| i32x4_shl(bits, 16))
    }
    #[inline(always)]
    unsafe fn i8(from: *const u8) -> F {
        let words = i16x8_load_extend_i8x8(from.cast());
        [
            f32x4_convert_i32x4(i32x4_extend_low_i16x8(words)),
            f32x4_convert_i32x4(i32x4_extend_high_i16x8(words)),
        ]
    }
    #[inline(always)]
    unsafe fn low(from: *const u8) -> F {
        unsigned(v128_and(v128_load64_zero(from.cast()), u8x16_splat(15)))
    }
    #[inline(always)]
    unsafe fn high(from: *const u8) -> F {
        unsigned(u8x16_shr(v128_load64_zero(from.cast()), 4))
    }
    #[inline(always)]
    fn prefetch(_: *const u8) {}
    #[inline(always)]
    unsafe fn two_f16(from: *const u8) -> [f32; 2] {
        let both = halves(u32x4_extend_low_u16x8(v128_load32_zero(from.cast())));
        [f32x4_extract_lane::<0>(both), f32x4_extract_lane::<1>(both)]
    }
}
