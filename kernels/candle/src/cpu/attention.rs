//! Causal attention block by block, with an online softmax (Milakov and Gimelshein 2018; Dao et al.
//! 2022): only the scores of one tile of queries with one block of keys are held at a time, so
//! memory grows linearly with the length, not quadratically.

use std::ops::Range;

use bytemuck::NoUninit;
use candle_core::backend::BackendStorage;
use candle_core::{CpuStorage, CustomOp3, Layout, Result, Shape};
use rayon::prelude::*;

use super::elementwise::{add_scaled, scale, soften};
use super::format::WeightFormat;
use super::gemm::{MatrixView, MatrixViewMut, product};
use super::rows::{dots, expand, sums};

/// Keys of one block.
pub(in super::super) const BLOCK: usize = 256;
/// Rows of queries of one tile, about: the tokens of a tile times the heads that share their keys.
pub(in super::super) const TILE: usize = 192;
/// Up to so many rows a product row by row is faster.
const FEW: usize = 8;
/// Keys that one task reads where there are few queries: else one thread would read them all.
const SPAN: usize = 4 * BLOCK;

/// Attention of the newest tokens to all of them.
///
/// # Formula
/// `softmax(scale · q kᵀ) v`, each token over itself and what is before it; query head `h` reads key
/// head `h / (heads / kv heads)`. `q` is `(heads, tokens, head_dim)` in f32, `k` and `v` are
/// `(kv heads, kv_capacity, head_dim)` in f32, f16 or bf16, of which the first `len` are filled; the last
/// `tokens` of those are the queries' own. The result is `(tokens, heads · head_dim)`.
pub(in super::super) struct BlockwiseAttention {
    pub(in super::super) len: usize,
    pub(in super::super) scale: f32,
}

impl CustomOp3 for BlockwiseAttention {
    fn name(&self) -> &'static str {
        "blockwise attention"
    }

    fn cpu_fwd(
        &self,
        q: &CpuStorage,
        q_layout: &Layout,
        k: &CpuStorage,
        k_layout: &Layout,
        v: &CpuStorage,
        v_layout: &Layout,
    ) -> Result<(CpuStorage, Shape)> {
        let (heads, tokens, head_dim) = q_layout.shape().dims3()?;
        let (kv_heads, kv_capacity, _) = k_layout.shape().dims3()?;
        let whole = [q_layout, k_layout, v_layout].map(Layout::is_contiguous);
        if whole != [true; 3] || k.dtype() != v.dtype() || k_layout.shape() != v_layout.shape() {
            candle_core::bail!("attention needs its inputs whole, and keys and values alike");
        }
        if self.len < tokens || self.len > kv_capacity || tokens == 0 {
            let len = self.len;
            candle_core::bail!("attention of {tokens} tokens to {len} in a room of {kv_capacity}");
        }
        let q: &[f32] = q.as_slice()?;
        let problem = AttentionProblem {
            q: &q[q_layout.start_offset()..][..heads * tokens * head_dim],
            keys: cached(k, k_layout)?,
            values: cached(v, v_layout)?,
            format: WeightFormat::try_from(k.dtype())?,
            tokens,
            group: heads / kv_heads,
            head_dim,
            kv_capacity,
            len: self.len,
            scale: self.scale,
        };
        let out = problem.solve(kv_heads);
        Ok((
            CpuStorage::F32(out),
            Shape::from((tokens, heads * head_dim)),
        ))
    }
}

/// The cache's bytes.
fn cached<'a>(storage: &'a CpuStorage, layout: &Layout) -> Result<&'a [u8]> {
    fn bytes<'a, T: NoUninit>(values: &'a [T], layout: &Layout) -> &'a [u8] {
        bytemuck::cast_slice(&values[layout.start_offset()..][..layout.shape().elem_count()])
    }
    Ok(match storage {
        CpuStorage::F32(values) => bytes(values, layout),
        CpuStorage::F16(values) => bytes(values, layout),
        CpuStorage::BF16(values) => bytes(values, layout),
        _ => candle_core::bail!("a cache is kept in F32, F16 or BF16"),
    })
}

struct AttentionProblem<'a> {
    q: &'a [f32],
    keys: &'a [u8],
    values: &'a [u8],
    format: WeightFormat,
    tokens: usize,
    group: usize,
    head_dim: usize,
    kv_capacity: usize,
    len: usize,
    scale: f32,
}

/// One task: the queries of some tokens, in all heads that share keys, against some keys.
#[derive(Clone)]
struct AttentionTask {
    kv_head: usize,
    tokens: Range<usize>,
    keys: Range<usize>,
}

/// What came of it, a row for each query, heads outermost.
struct PartialAttention {
    task: AttentionTask,
    /// The largest score.
    largest: Vec<f32>,
    /// The sum of exponentials.
    sum: Vec<f32>,
    /// The values times their exponentials.
    attention_output: Vec<f32>,
}

impl AttentionProblem<'_> {
    fn solve(&self, kv_heads: usize) -> Vec<f32> {
        let step = (TILE / self.group).max(1);
        let before = self.len - self.tokens;
        let span = if self.tokens * self.group <= FEW {
            SPAN
        } else {
            self.len
        };
        let mut tasks = Vec::new();
        for kv_head in 0..kv_heads {
            for first in (0..self.tokens).step_by(step) {
                let tokens = first..(first + step).min(self.tokens);
                let seen = before + tokens.end;
                for start in (0..seen).step_by(span) {
                    let keys = start..(start + span).min(seen);
                    let tokens = tokens.clone();
                    tasks.push(AttentionTask {
                        kv_head,
                        tokens,
                        keys,
                    });
                }
            }
        }
        let parts = tasks
            .into_par_iter()
            .map_init(AttentionScratch::default, |scratch, task| {
                self.part(task, scratch)
            });
        self.join(&parts.collect::<Vec<_>>(), kv_heads)
    }

    fn part(&self, task: AttentionTask, scratch: &mut AttentionScratch) -> PartialAttention {
        let (d, count) = (self.head_dim, task.tokens.len());
        let rows = self.group * count;
        scratch.fit(rows, d);
        for head in 0..self.group {
            let from = (task.kv_head * self.group + head) * self.tokens + task.tokens.start;
            let to = &mut scratch.q[head * count * d..][..count * d];
            to.copy_from_slice(&self.q[from * d..][..count * d]);
            scale::run(to, self.scale);
        }
        let mut part = PartialAttention {
            largest: vec![f32::NEG_INFINITY; rows],
            sum: vec![0.0; rows],
            attention_output: vec![0.0; rows * d],
            task,
        };
        let first = self.len - self.tokens + part.task.tokens.start;
        for start in part.task.keys.clone().step_by(BLOCK) {
            let block = start..(start + BLOCK).min(part.task.keys.end);
            self.score(part.task.kv_head, &block, rows, scratch);
            for row in 0..rows {
                // The keys of this block that the row's token may see.
                let seen = (first + row % count + 1)
                    .saturating_sub(start)
                    .min(block.len());
                let scores = &mut scratch.scores[row * BLOCK..][..block.len()];
                scores[seen..].fill(0.0);
                if seen == 0 {
                    continue;
                }
                let before = part.largest[row];
                let (largest, sum) = soften::run(&mut scores[..seen], before);
                if largest > before {
                    let shrink = (before - largest).exp();
                    part.sum[row] *= shrink;
                    scale::run(&mut part.attention_output[row * d..][..d], shrink);
                    part.largest[row] = largest;
                }
                part.sum[row] += sum;
            }
            self.mix(&block, rows, scratch, &mut part);
        }
        part
    }

    /// `q kᵀ` of one block into the scratch.
    fn score(
        &self,
        kv_head: usize,
        block: &Range<usize>,
        rows: usize,
        scratch: &mut AttentionScratch,
    ) {
        let (d, count) = (self.head_dim, block.len());
        let bytes = self.cached(self.keys, kv_head, block);
        if rows <= FEW {
            for row in 0..rows {
                let q = &scratch.q[row * d..][..d];
                let scores = &mut scratch.scores[row * BLOCK..][..count];
                dots::run(self.format, bytes, q, &sums(q), scores);
            }
            return;
        }
        expand::run(self.format, bytes, &mut scratch.block[..count * d]);
        let (rows_of, columns_of) = ((d, 1), (1, d));
        let to = MatrixViewMut {
            values: scratch.scores.as_mut_ptr(),
            len: scratch.scores.len(),
            rows: BLOCK,
            columns: 1,
        };
        let q = view(&scratch.q, rows_of);
        let keys = view(&scratch.block, columns_of);
        // SAFETY: the scores are this task's.
        unsafe { product((rows, count, d), q, keys, &to, false) };
    }

    /// Adds the block's values, weighted by the scores.
    fn mix(
        &self,
        block: &Range<usize>,
        rows: usize,
        scratch: &mut AttentionScratch,
        part: &mut PartialAttention,
    ) {
        let (d, count) = (self.head_dim, block.len());
        let bytes = self.cached(self.values, part.task.kv_head, block);
        expand::run(self.format, bytes, &mut scratch.block[..count * d]);
        if rows <= FEW {
            for row in 0..rows {
                let weights = &scratch.scores[row * BLOCK..][..count];
                let attention_output = &mut part.attention_output[row * d..][..d];
                for (weight, value) in weights.iter().zip(scratch.block.chunks_exact(d)) {
                    add_scaled::run(attention_output, value, *weight);
                }
            }
            return;
        }
        let to = MatrixViewMut {
            values: part.attention_output.as_mut_ptr(),
            len: part.attention_output.len(),
            rows: d,
            columns: 1,
        };
        let weights = view(&scratch.scores, (BLOCK, 1));
        let values = view(&scratch.block, (d, 1));
        // SAFETY: the sums are this task's.
        unsafe { product((rows, d, count), weights, values, &to, true) };
    }

    fn cached<'a>(&self, all: &'a [u8], kv_head: usize, block: &Range<usize>) -> &'a [u8] {
        let size = self.format.bytes(self.head_dim);
        &all[(kv_head * self.kv_capacity + block.start) * size..][..block.len() * size]
    }

    /// Brings the spans of each tile together and divides by the sums.
    fn join(&self, parts: &[PartialAttention], kv_heads: usize) -> Vec<f32> {
        let (d, heads) = (self.head_dim, kv_heads * self.group);
        let mut out = vec![0.0; self.tokens * heads * d];
        let same = |a: &PartialAttention, b: &PartialAttention| {
            (a.task.kv_head, &a.task.tokens) == (b.task.kv_head, &b.task.tokens)
        };
        for spans in parts.chunk_by(same) {
            let task = &spans[0].task;
            for row in 0..spans[0].sum.len() {
                let largest = spans.iter().map(|part| part.largest[row]);
                let largest = largest.fold(f32::NEG_INFINITY, f32::max);
                let (head, token) = (row / task.tokens.len(), row % task.tokens.len());
                let column = (task.kv_head * self.group + head) * d;
                let to = &mut out[(task.tokens.start + token) * heads * d + column..][..d];
                let mut sum = 0.0;
                for part in spans.iter().filter(|part| part.sum[row] > 0.0) {
                    let weight = (part.largest[row] - largest).exp();
                    sum += weight * part.sum[row];
                    add_scaled::run(to, &part.attention_output[row * d..][..d], weight);
                }
                scale::run(to, 1.0 / sum);
            }
        }
        out
    }
}

fn view(values: &[f32], (rows, columns): (usize, usize)) -> MatrixView<'_> {
    MatrixView {
        values,
        rows,
        columns,
    }
}

/// What one thread works in.
#[derive(Default)]
struct AttentionScratch {
    q: Vec<f32>,
    block: Vec<f32>,
    scores: Vec<f32>,
}

impl AttentionScratch {
    fn fit(&mut self, rows: usize, head_dim: usize) {
        self.q.resize(rows * head_dim, 0.0);
        self.block.resize(BLOCK * head_dim, 0.0);
        self.scores.resize(rows * BLOCK, 0.0);
    }
}
