//! Loops for the processor: each is compiled for every vector width that `pulp` knows, and the widest
//! that the processor has is chosen when it runs. No `unsafe` here: the dispatch is `pulp`'s.

mod exponential; // e to the x, for vectors
mod product; // products of small matrices
mod slices; // tensors as slices

pub(crate) use exponential::exp;
pub(crate) use product::{Factor, multiply_add};
pub(crate) use slices::{contiguous, cpu_slice, tensor_slice};

use pulp::{Arch, Simd, WithSimd};

/// A loop that profits from vectors. `run` and what it calls must be `#[inline(always)]`, or it is
/// compiled without them.
pub(crate) trait VectorLoop {
    /// Runs it with the vectors of `simd`.
    fn run<S: Simd>(self, simd: S);
}

struct Dispatched<L>(L);

impl<L: VectorLoop> WithSimd for Dispatched<L> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: Simd>(self, simd: S) {
        self.0.run(simd);
    }
}

/// Runs a loop with the widest vectors that the processor has.
pub(crate) fn vectorized(vector_loop: impl VectorLoop) {
    Arch::new().dispatch(Dispatched(vector_loop));
}

/// How many sums a long sum is split into, so that it fits vectors of any width.
const LANES: usize = 16;

/// `Σ f(a[i], b[i])`, in the same order on every processor.
#[inline(always)]
pub(crate) fn sum_of(a: &[f32], b: &[f32], f: impl Fn(f32, f32) -> f32) -> f32 {
    let mut sums = [0.0; LANES];
    let (a_rest, b_rest) = (a.chunks_exact(LANES), b.chunks_exact(LANES));
    let mut rest = 0.0;
    for (a, b) in a_rest.remainder().iter().zip(b_rest.remainder()) {
        rest += f(*a, *b);
    }
    for (a, b) in a_rest.zip(b_rest) {
        for (sum, (a, b)) in sums.iter_mut().zip(a.iter().zip(b)) {
            *sum += f(*a, *b);
        }
    }
    sums.iter().sum::<f32>() + rest
}

/// The largest of `values`; negative infinity if there are none.
#[inline(always)]
pub(crate) fn largest(values: &[f32]) -> f32 {
    let mut most = [f32::NEG_INFINITY; LANES];
    let chunks = values.chunks_exact(LANES);
    let rest = chunks.remainder().iter();
    let rest = rest.fold(f32::NEG_INFINITY, |most, x| most.max(*x));
    for chunk in chunks {
        for (most, x) in most.iter_mut().zip(chunk) {
            *most = if *x > *most { *x } else { *most };
        }
    }
    most.into_iter().fold(rest, f32::max)
}
