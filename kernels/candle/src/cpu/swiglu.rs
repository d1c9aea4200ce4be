//! `silu(gate) · up`, both halves of one tensor.

use candle_core::{CpuStorage, CustomOp1, Layout, Result, Shape};
use rayon::prelude::*;

use super::elementwise::swiglu;

/// From `(tokens, 2 ffn)`, gate first, to `(tokens, ffn)`.
pub(in super::super) struct SwigluOp;

impl CustomOp1 for SwigluOp {
    fn name(&self) -> &'static str {
        "swiglu"
    }

    fn cpu_fwd(&self, storage: &CpuStorage, layout: &Layout) -> Result<(CpuStorage, Shape)> {
        let x: &[f32] = storage.as_slice()?;
        let Some((start, end)) = layout.contiguous_offsets() else {
            candle_core::bail!("swiglu needs its input in one piece");
        };
        let (tokens, both) = layout.shape().dims2()?;
        let ffn = both / 2;
        let mut out = vec![0.0; tokens * ffn];
        let rows = x[start..end].par_chunks_exact(both);
        let rows = rows.zip(out.par_chunks_exact_mut(ffn)).with_min_len(8);
        rows.for_each(|(row, out)| swiglu::run(&row[..ffn], &row[ffn..], out));
        Ok((CpuStorage::F32(out), Shape::from((tokens, ffn))))
    }
}
