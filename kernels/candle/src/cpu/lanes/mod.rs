//! Vectors of numbers, as wide as the processor has them.
//!
//! Why not `pulp` (0.22.3): its portable vectors know no halves and do not widen bytes to f32, which
//! is what reading weights is, and its AVX2 has no F16C. By its own AVX-512 instructions the hottest
//! kernel, a row of Q4_1 times a vector (1,536 rows of 576, one thread of an AMD EPYC), took 8 to 9 %
//! longer than ours in four runs, and 55 % longer with halves read by the crate `half`.

#[cfg(target_arch = "x86_64")]
mod avx2; // AVX2 with FMA and F16C
#[cfg(target_arch = "x86_64")]
mod avx512; // AVX-512
#[cfg(any(not(target_arch = "wasm32"), test))]
mod plain; // portable fallback for any processor
#[cfg(target_arch = "wasm32")]
mod simd128; // WebAssembly's vectors

#[cfg(not(target_arch = "wasm32"))]
use std::sync::OnceLock;

#[cfg(target_arch = "x86_64")]
pub(super) use avx2::Avx2;
#[cfg(target_arch = "x86_64")]
pub(super) use avx512::Avx512;
#[cfg(any(not(target_arch = "wasm32"), test))]
pub(super) use plain::Plain;
#[cfg(target_arch = "wasm32")]
pub(super) use simd128::Simd128;

/// One vector of `N` f32, 8 or 16.
///
/// # Safety of all functions
/// The processor has the instructions of the implementing type, and a pointer has `N` elements of
/// its kind behind it (bytes for [`low`](Self::low), [`high`](Self::high) and [`i8`](Self::i8)).
pub(super) trait Lanes {
    const N: usize;
    type F: Copy;

    unsafe fn splat(x: f32) -> Self::F;
    unsafe fn load(from: *const f32) -> Self::F;
    unsafe fn store(to: *mut f32, x: Self::F);
    unsafe fn add(a: Self::F, b: Self::F) -> Self::F;
    unsafe fn sub(a: Self::F, b: Self::F) -> Self::F;
    unsafe fn mul(a: Self::F, b: Self::F) -> Self::F;
    unsafe fn div(a: Self::F, b: Self::F) -> Self::F;
    unsafe fn max(a: Self::F, b: Self::F) -> Self::F;
    unsafe fn min(a: Self::F, b: Self::F) -> Self::F;
    /// `a b + c`.
    unsafe fn fma(a: Self::F, b: Self::F, c: Self::F) -> Self::F;
    /// To the nearest whole number.
    unsafe fn round(x: Self::F) -> Self::F;
    /// `2^x` of whole numbers from -126 to 127.
    unsafe fn exp2(x: Self::F) -> Self::F;
    unsafe fn sum(x: Self::F) -> f32;
    unsafe fn largest(x: Self::F) -> f32;
    unsafe fn f16(from: *const u16) -> Self::F;
    unsafe fn bf16(from: *const u16) -> Self::F;
    unsafe fn i8(from: *const u8) -> Self::F;
    /// The low four bits of each byte.
    unsafe fn low(from: *const u8) -> Self::F;
    /// The high four bits.
    unsafe fn high(from: *const u8) -> Self::F;
    /// Asks for what lies there, wherever that is: a hint, never a fault.
    fn prefetch(at: *const u8);
    /// Two f16 that stand side by side.
    unsafe fn two_f16(from: *const u8) -> [f32; 2];
}

/// Which instructions this processor has.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Level {
    #[cfg(target_arch = "x86_64")]
    Avx512,
    #[cfg(target_arch = "x86_64")]
    Avx2,
    /// A WebAssembly program with these instructions does not start where they are missing, so there
    /// the others are for tests alone.
    #[cfg(target_arch = "wasm32")]
    Simd128,
    #[cfg(any(not(target_arch = "wasm32"), test))]
    Plain,
}

#[cfg(target_arch = "wasm32")]
pub(super) fn level() -> Level {
    Level::Simd128
}

#[cfg(not(target_arch = "wasm32"))]
pub(super) fn level() -> Level {
    static LEVEL: OnceLock<Level> = OnceLock::new();
    *LEVEL.get_or_init(|| {
        #[cfg(target_arch = "x86_64")]
        {
            let half = is_x86_feature_detected!("f16c") && is_x86_feature_detected!("fma");
            let avx2 = half && is_x86_feature_detected!("avx2");
            let wide = is_x86_feature_detected!("avx512f") && is_x86_feature_detected!("avx512bw");
            if avx2 && wide {
                return Level::Avx512;
            }
            if avx2 {
                return Level::Avx2;
            }
        }
        Level::Plain
    })
}

/// What this processor has: one with AVX-512 has AVX2.
#[cfg(test)]
pub(super) fn levels() -> impl Iterator<Item = Level> {
    let all = [
        Level::Plain,
        #[cfg(target_arch = "wasm32")]
        Level::Simd128,
        #[cfg(target_arch = "x86_64")]
        Level::Avx2,
        #[cfg(target_arch = "x86_64")]
        Level::Avx512,
    ];
    let own = all.iter().position(|one| *one == level());
    all.into_iter().take(own.map_or(0, |own| own + 1))
}

/// Compiles `$body`, which is generic over [`Lanes`] and always inlined, for each kind of processor,
/// as a module `$name` with `run`, which takes the one that fits, and in tests `at`.
macro_rules! for_each_level {
    ($(#[$doc:meta])* $name:ident = $body:ident($($arg:ident: $ty:ty),* $(,)?) $(-> $out:ty)?) => {
        $(#[$doc])*
        pub(super) mod $name {
            #[allow(unused_imports, reason = "some signatures name nothing of the module")]
            use super::*;
            use $crate::cpu::lanes::{Level, level};

            pub(in super::super) fn run($($arg: $ty),*) $(-> $out)? {
                at(level(), $($arg),*)
            }

            pub(in super::super) fn at(level: Level, $($arg: $ty),*) $(-> $out)? {
                #[cfg(target_arch = "x86_64")]
                {
                    use $crate::cpu::lanes::{Avx2, Avx512};

                    #[target_feature(enable = "avx512f,avx512bw,avx2,fma,f16c")]
                    fn avx512($($arg: $ty),*) $(-> $out)? {
                        // SAFETY: compiled with these instructions, and called where they are.
                        unsafe { $body::<Avx512>($($arg),*) }
                    }
                    #[target_feature(enable = "avx2,fma,f16c")]
                    fn avx2($($arg: $ty),*) $(-> $out)? {
                        // SAFETY: as above.
                        unsafe { $body::<Avx2>($($arg),*) }
                    }
                    match level {
                        // SAFETY: `level` says that the processor has them.
                        Level::Avx512 => return unsafe { avx512($($arg),*) },
                        // SAFETY: likewise.
                        Level::Avx2 => return unsafe { avx2($($arg),*) },
                        Level::Plain => (),
                    }
                }
                #[cfg(target_arch = "wasm32")]
                {
                    use $crate::cpu::lanes::Simd128;

                    #[target_feature(enable = "simd128")]
                    fn simd128($($arg: $ty),*) $(-> $out)? {
                        // SAFETY: compiled with these instructions; the program starts nowhere without.
                        unsafe { $body::<Simd128>($($arg),*) }
                    }
                    if level == Level::Simd128 {
                        return simd128($($arg),*);
                    }
                }
                let _ = level;
                #[cfg(any(not(target_arch = "wasm32"), test))]
                // SAFETY: needs no special instructions.
                unsafe { $body::<$crate::cpu::lanes::Plain>($($arg),*) }
                #[cfg(all(target_arch = "wasm32", not(test)))]
                unreachable!("a level of another processor")
            }
        }
    };
}
pub(super) use for_each_level;
