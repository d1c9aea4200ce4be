//! Products of f32 matrices on one thread.

use gemm::Parallelism;

/// A matrix within a slice: element `(r, c)` lies at `r · rows + c · columns`.
#[derive(Clone, Copy)]
pub(super) struct MatrixView<'a> {
    pub(super) values: &'a [f32],
    pub(super) rows: usize,
    pub(super) columns: usize,
}

/// A matrix to be written, of the same kind.
pub(super) struct MatrixViewMut {
    pub(super) values: *mut f32,
    /// Elements behind `values`.
    pub(super) len: usize,
    pub(super) rows: usize,
    pub(super) columns: usize,
}

/// `to = a b`, or `to += a b`, with `a` `(m, k)` and `b` `(k, n)`.
///
/// # Safety
/// `to.values` may be written over `to.len` elements, and nobody else touches those of this matrix.
pub(super) unsafe fn product(
    (m, n, k): (usize, usize, usize),
    a: MatrixView<'_>,
    b: MatrixView<'_>,
    to: &MatrixViewMut,
    add: bool,
) {
    let end = |(r, c): (usize, usize), rows: usize, columns: usize| {
        (r - 1) * rows + (c - 1) * columns + 1
    };
    assert!(end((m, k), a.rows, a.columns) <= a.values.len(), "left");
    assert!(end((k, n), b.rows, b.columns) <= b.values.len(), "right");
    assert!(end((m, n), to.rows, to.columns) <= to.len, "target");
    let stride = |by: usize| by.cast_signed();
    // SAFETY: all elements lie within their slices, as asserted, and the target is ours.
    unsafe {
        gemm::gemm(
            m,
            n,
            k,
            to.values,
            stride(to.columns),
            stride(to.rows),
            add,
            a.values.as_ptr(),
            stride(a.columns),
            stride(a.rows),
            b.values.as_ptr(),
            stride(b.columns),
            stride(b.rows),
            1.0,
            1.0,
            false,
            false,
            false,
            Parallelism::None,
        );
    }
}
