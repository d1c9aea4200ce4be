//! For any processor; the twin of the others.
#![expect(
    unsafe_op_in_unsafe_fn,
    reason = "each function is an instruction or two, sound where the trait's conditions hold"
)]

use half::{bf16, f16};

use super::Lanes;

/// Eight numbers in an array.
pub(in super::super) struct Plain;

type F = [f32; 8];

#[inline(always)]
fn each(f: impl Fn(usize) -> f32) -> F {
    std::array::from_fn(f)
}

impl Lanes for Plain {
    const N: usize = 8;
    type F = F;

    #[inline(always)]
    unsafe fn splat(x: f32) -> F {
        [x; 8]
    }
    #[inline(always)]
    unsafe fn load(from: *const f32) -> F {
        from.cast::<F>().read_unaligned()
    }
    #[inline(always)]
    unsafe fn store(to: *mut f32, x: F) {
        to.cast::<F>().write_unaligned(x);
    }
    #[inline(always)]
    unsafe fn add(a: F, b: F) -> F {
        each(|i| a[i] + b[i])
    }
    #[inline(always)]
    unsafe fn sub(a: F, b: F) -> F {
        each(|i| a[i] - b[i])
    }
    #[inline(always)]
    unsafe fn mul(a: F, b: F) -> F {
        each(|i| a[i] * b[i])
    }
    #[inline(always)]
    unsafe fn div(a: F, b: F) -> F {
        each(|i| a[i] / b[i])
    }
    #[inline(always)]
    unsafe fn max(a: F, b: F) -> F {
        each(|i| if a[i] > b[i] { a[i] } else { b[i] })
    }
    #[inline(always)]
    unsafe fn min(a: F, b: F) -> F {
        each(|i| if a[i] < b[i] { a[i] } else { b[i] })
    }
    #[inline(always)]
    unsafe fn fma(a: F, b: F, c: F) -> F {
        // Not `mul_add`, which is a slow call where the processor has no such instruction.
        each(|i| a[i] * b[i] + c[i])
    }
    #[inline(always)]
    unsafe fn round(x: F) -> F {
        each(|i| x[i].round_ties_even())
    }
    #[inline(always)]
    unsafe fn exp2(x: F) -> F {
        each(|i| f32::from_bits(((x[i] as i32 + 127) as u32) << 23))
    }
    #[inline(always)]
    unsafe fn sum(x: F) -> f32 {
        x.iter().sum()
    }
    #[inline(always)]
    unsafe fn largest(x: F) -> f32 {
        x.into_iter().fold(f32::NEG_INFINITY, f32::max)
    }
    #[inline(always)]
    unsafe fn f16(from: *const u16) -> F {
        each(|i| f16::from_bits(from.add(i).read_unaligned()).to_f32())
    }
    #[inline(always)]
    unsafe fn bf16(from: *const u16) -> F {
        each(|i| bf16::from_bits(from.add(i).read_unaligned()).to_f32())
    }
    #[inline(always)]
    unsafe fn i8(from: *const u8) -> F {
        each(|i| f32::from((*from.add(i)).cast_signed()))
    }
    #[inline(always)]
    unsafe fn low(from: *const u8) -> F {
        each(|i| f32::from((*from.add(i)) & 15))
    }
    #[inline(always)]
    unsafe fn high(from: *const u8) -> F {
        each(|i| f32::from((*from.add(i)) >> 4))
    }
    #[inline(always)]
    fn prefetch(_: *const u8) {}
    #[inline(always)]
    unsafe fn two_f16(from: *const u8) -> [f32; 2] {
        let bytes = from.cast::<[u8; 4]>().read();
        let half = |at: usize| f16::from_le_bytes([bytes[at], bytes[at + 1]]).to_f32();
        [half(0), half(2)]
    }
}
