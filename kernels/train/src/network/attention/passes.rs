//! Attention over one sequence, forward and backward, a block of queries at a time: scores are never
//! held for more than one block, and nothing is computed for keys that a block cannot see.

use pulp::Simd;

use super::QkvLayout;
use super::head::{Rotations, back, normed_and_rotated};
use crate::cpu::{Factor, VectorLoop, exp, largest, multiply_add, sum_of};

/// Queries of a block.
const BLOCK: usize = 32;

/// What both passes read.
#[derive(Clone, Copy)]
pub(super) struct AttentionInput<'a> {
    pub(super) layout: &'a QkvLayout,
    pub(super) rotations: &'a Rotations,
    /// Queries, keys and values of one sequence: (T, (H + 2K) D).
    pub(super) qkv: &'a [f32],
    /// (D)
    pub(super) q_norm: &'a [f32],
    /// (D)
    pub(super) k_norm: &'a [f32],
}

/// # Formula
/// `out = softmax(Q Kᵀ / sqrt(D), causal) V`, with `Q` and `K` normed and rotated.
pub(super) struct AttentionForward<'a> {
    pub(super) input: AttentionInput<'a>,
    /// (T, H D), zero before.
    pub(super) out: &'a mut [f32],
}

/// # Formula
/// With `P` the softmax, `dV = Pᵀ dO`, `dS = P (dO Vᵀ - Σ dO O)`, `dQ = dS K`, `dK = dSᵀ Q`.
///
/// Source: Dao et al., FlashAttention, NeurIPS 2022, appendix B.
pub(super) struct AttentionBackward<'a> {
    pub(super) input: AttentionInput<'a>,
    /// (T, H D)
    pub(super) out: &'a [f32],
    /// (T, H D)
    pub(super) d_out: &'a [f32],
    /// (T, (H + 2K) D)
    pub(super) d_qkv: &'a mut [f32],
    /// (2, D), for queries and keys; added to.
    pub(super) d_norms: &'a mut [f32],
}

impl AttentionInput<'_> {
    #[inline(always)]
    fn keys(&self, kv: usize, out: &mut [f32]) {
        let at = self.layout.key_column(kv);
        let x = (&self.qkv[at..], self.layout.columns());
        normed_and_rotated(self.layout, self.rotations, x, self.k_norm, 1.0, out);
    }

    #[inline(always)]
    fn queries(&self, head: usize, out: &mut [f32]) {
        let x = (
            &self.qkv[head * self.layout.head_dim..],
            self.layout.columns(),
        );
        let scale = self.layout.scale();
        normed_and_rotated(self.layout, self.rotations, x, self.q_norm, scale, out);
    }

    /// The values of a key head, with the distance of their rows.
    #[inline(always)]
    fn values(&self, kv: usize) -> (&[f32], usize) {
        let at = self.layout.key_column(self.layout.kv_heads + kv);
        (&self.qkv[at..], self.layout.columns())
    }

    /// The softmax of a block of `count` queries from `first` on, in rows of T.
    #[inline(always)]
    fn probabilities<S: Simd>(
        &self,
        simd: S,
        (first, count): (usize, usize),
        queries: &[f32],
        keys_transposed: &[f32],
        scores: &mut [f32],
    ) {
        let (size, length) = (self.layout.head_dim, self.layout.sequence);
        let end = first + count;
        for row in scores.chunks_exact_mut(length).take(count) {
            row[..end].fill(0.0);
        }
        let queries = rows(&queries[first * size..], size);
        let keys = (keys_transposed, length);
        multiply_add(simd, (count, end, size), queries, keys, (scores, length));
        for (i, row) in scores.chunks_exact_mut(length).take(count).enumerate() {
            let (visible, hidden) = row[..end].split_at_mut(first + i + 1);
            let most = largest(visible);
            for x in visible.iter_mut() {
                *x = exp(*x - most);
            }
            let inverse = 1.0 / sum_of(visible, visible, |x, _| x);
            for x in visible {
                *x *= inverse;
            }
            hidden.fill(0.0);
        }
    }
}

/// A matrix whose rows are `row` values apart.
#[inline(always)]
fn rows(values: &[f32], row: usize) -> Factor<'_> {
    Factor {
        values,
        row,
        column: 1,
    }
}

/// The transpose of a matrix whose rows are `column` values apart.
#[inline(always)]
fn transposed(values: &[f32], column: usize) -> Factor<'_> {
    Factor {
        values,
        row: 1,
        column,
    }
}

/// Writes (T, D), with rows `stride` values apart, as (D, T).
#[inline(always)]
fn transpose(layout: &QkvLayout, (from, stride): (&[f32], usize), to: &mut [f32]) {
    let (size, length) = (layout.head_dim, layout.sequence);
    for t in 0..length {
        for (d, x) in from[t * stride..][..size].iter().enumerate() {
            to[d * length + t] = *x;
        }
    }
}

/// The blocks of a sequence: first query and count.
#[inline(always)]
fn blocks(length: usize) -> impl Iterator<Item = (usize, usize)> {
    (0..length)
        .step_by(BLOCK)
        .map(move |first| (first, BLOCK.min(length - first)))
}

impl VectorLoop for AttentionForward<'_> {
    #[inline(always)]
    fn run<S: Simd>(self, simd: S) {
        let Self { input, out } = self;
        let layout = input.layout;
        let (size, length, out_row) = (layout.head_dim, layout.sequence, layout.query_columns());
        let mut keys = vec![0.0; length * size];
        let mut keys_transposed = keys.clone();
        let mut queries = keys.clone();
        let mut scores = vec![0.0; BLOCK * length];
        for kv in 0..layout.kv_heads {
            input.keys(kv, &mut keys);
            transpose(layout, (&keys, size), &mut keys_transposed);
            let values = input.values(kv);
            for head in layout.group(kv) {
                input.queries(head, &mut queries);
                for (first, count) in blocks(length) {
                    let block = (first, count);
                    input.probabilities(simd, block, &queries, &keys_transposed, &mut scores);
                    let sizes = (count, size, first + count);
                    let out = &mut out[first * out_row + head * size..];
                    multiply_add(simd, sizes, rows(&scores, length), values, (out, out_row));
                }
            }
        }
    }
}

impl VectorLoop for AttentionBackward<'_> {
    #[inline(always)]
    fn run<S: Simd>(self, simd: S) {
        let input = self.input;
        let (layout, rotations) = (input.layout, input.rotations);
        let (size, length) = (layout.head_dim, layout.sequence);
        let (out_row, columns) = (layout.query_columns(), layout.columns());
        let empty = vec![0.0; length * size];
        let (mut keys, mut keys_transposed) = (empty.clone(), empty.clone());
        let (mut queries, mut values_transposed) = (empty.clone(), empty.clone());
        let (mut d_queries, mut d_keys, mut d_values) = (empty.clone(), empty.clone(), empty);
        let mut scores = vec![0.0; BLOCK * length];
        let mut d_scores = scores.clone();
        let (d_q_norm, d_k_norm) = self.d_norms.split_at_mut(size);
        for kv in 0..layout.kv_heads {
            input.keys(kv, &mut keys);
            transpose(layout, (&keys, size), &mut keys_transposed);
            transpose(layout, input.values(kv), &mut values_transposed);
            d_keys.fill(0.0);
            d_values.fill(0.0);
            for head in layout.group(kv) {
                input.queries(head, &mut queries);
                d_queries.fill(0.0);
                for (first, count) in blocks(length) {
                    let (block, end) = ((first, count), first + count);
                    input.probabilities(simd, block, &queries, &keys_transposed, &mut scores);
                    let at = first * out_row + head * size;
                    let (out, d_out) = (&self.out[at..], &self.d_out[at..]);
                    for row in d_scores.chunks_exact_mut(length).take(count) {
                        row[..end].fill(0.0);
                    }
                    let values = (values_transposed.as_slice(), length);
                    let d_rows = rows(d_out, out_row);
                    let sizes = (count, end, size);
                    multiply_add(simd, sizes, d_rows, values, (&mut d_scores, length));
                    for i in 0..count {
                        let (o, d_o) = (&out[i * out_row..][..size], &d_out[i * out_row..][..size]);
                        let along = sum_of(o, d_o, |o, d| o * d);
                        let p = &scores[i * length..][..end];
                        for (d, p) in d_scores[i * length..][..end].iter_mut().zip(p) {
                            *d = p * (*d - along);
                        }
                    }
                    let sizes = (end, size, count);
                    let p = transposed(&scores, length);
                    multiply_add(simd, sizes, p, (d_out, out_row), (&mut d_values, size));
                    let d_s = transposed(&d_scores, length);
                    let q = (&queries[first * size..], size);
                    multiply_add(simd, sizes, d_s, q, (&mut d_keys, size));
                    let d_q = (&mut d_queries[first * size..], size);
                    let d_s = rows(&d_scores, length);
                    multiply_add(simd, (count, size, end), d_s, (&keys, size), d_q);
                }
                let at = head * size;
                back(
                    layout,
                    rotations,
                    (&input.qkv[at..], columns),
                    (input.q_norm, d_q_norm),
                    layout.scale(),
                    &mut d_queries,
                    &mut self.d_qkv[at..],
                );
            }
            let at = layout.key_column(kv);
            back(
                layout,
                rotations,
                (&input.qkv[at..], columns),
                (input.k_norm, d_k_norm),
                1.0,
                &mut d_keys,
                &mut self.d_qkv[at..],
            );
            let at = layout.key_column(layout.kv_heads + kv);
            for (t, row) in d_values.chunks_exact(size).enumerate() {
                self.d_qkv[t * columns + at..][..size].copy_from_slice(row);
            }
        }
    }
}
