//! Products with weights as they are stored. For a few tokens every row is read once and expanded in
//! registers, as reading is what takes time; for many, panels of rows are expanded to f32 for a
//! product of matrices. Nothing is rounded but by f32 itself.

use candle_core::{CpuStorage, CustomOp1, Layout, Result, Shape, Tensor};
use rayon::prelude::*;

use super::format::WeightFormat;
use super::gemm::{MatrixView, MatrixViewMut, product};
use super::rows::{dots, expand, sums};

/// Rows that are expanded together, so that a panel stays in the second cache; 128 were a tenth slower.
pub(in super::super) const PANEL: usize = 96;
/// Up to so many tokens, row by row is faster.
const FEW: usize = 4;
/// Bytes of rows that one task reads: some microseconds.
const TASK: usize = 32 << 10;

/// Weights `(rows, columns)` as stored.
#[derive(Debug)]
pub(in super::super) struct StoredMatrix {
    format: WeightFormat,
    rows: usize,
    columns: usize,
    bytes: Vec<u8>,
}

impl StoredMatrix {
    /// # Errors
    /// Rows that are no whole blocks, or bytes that are no whole rows.
    pub(in super::super) fn new(
        format: WeightFormat,
        rows: usize,
        columns: usize,
        bytes: Vec<u8>,
    ) -> Result<Self> {
        if !columns.is_multiple_of(format.block()) {
            candle_core::bail!("rows of {columns} weights are no whole blocks of {format}");
        }
        if bytes.len() != rows * format.bytes(columns) || bytes.is_empty() {
            let got = bytes.len();
            candle_core::bail!("{rows} rows of {columns} weights in {format} take not {got} bytes");
        }
        Ok(Self {
            format,
            rows,
            columns,
            bytes,
        })
    }

    /// What the rows `ids` are worth, `(ids, columns)`.
    ///
    /// # Errors
    /// An id beyond the rows.
    pub(in super::super) fn rows(&self, ids: &[u32]) -> Result<Tensor> {
        let mut values = vec![0.0; ids.len() * self.columns];
        for (id, to) in ids.iter().zip(values.chunks_exact_mut(self.columns)) {
            let id = *id as usize;
            if id >= self.rows {
                candle_core::bail!("token {id} is beyond the {} of the model", self.rows);
            }
            expand::run(self.format, self.range(id, 1), to);
        }
        Tensor::from_vec(values, (ids.len(), self.columns), &candle_core::Device::Cpu)
    }

    fn range(&self, row: usize, count: usize) -> &[u8] {
        let size = self.format.bytes(self.columns);
        &self.bytes[row * size..][..count * size]
    }
}

/// `x (w₁, w₂, …)ᵀ` for matrices of equal columns: one product for what reads the same `x`.
pub(in super::super) struct MatrixProduct<'a, M>(pub(in super::super) &'a [M]);

impl<M: AsRef<StoredMatrix> + Sync> CustomOp1 for MatrixProduct<'_, M> {
    fn name(&self) -> &'static str {
        "product with stored weights"
    }

    fn cpu_fwd(&self, storage: &CpuStorage, layout: &Layout) -> Result<(CpuStorage, Shape)> {
        let x: &[f32] = storage.as_slice()?;
        let Some((start, end)) = layout.contiguous_offsets() else {
            candle_core::bail!("a product needs its input in one piece");
        };
        let x = &x[start..end];
        let (tokens, columns) = layout.shape().dims2()?;
        let parts: Vec<&StoredMatrix> = self.0.iter().map(AsRef::as_ref).collect();
        if let Some(part) = parts.iter().find(|part| part.columns != columns) {
            let want = part.columns;
            candle_core::bail!("a product of rows of {columns} with a matrix of {want} columns");
        }
        let width = parts.iter().map(|part| part.rows).sum();
        let out = match tokens {
            1..=FEW => few(&parts, x, tokens, width),
            _ => many(&parts, x, tokens, width),
        };
        Ok((CpuStorage::F32(out), Shape::from((tokens, width))))
    }
}

/// Row by row, `(tokens, width)`.
fn few(parts: &[&StoredMatrix], x: &[f32], tokens: usize, width: usize) -> Vec<f32> {
    let columns = x.len() / tokens;
    let sums: Vec<Vec<f32>> = x.chunks_exact(columns).map(sums).collect();
    let mut out = vec![0.0; tokens * width];
    let mut tasks = Vec::new();
    // One slice of the output for each task: of one token, and of rows of one matrix.
    for ((out, x), sums) in out
        .chunks_exact_mut(width)
        .zip(x.chunks_exact(columns))
        .zip(&sums)
    {
        let mut left = out;
        for part in parts {
            let (mut ours, rest) = left.split_at_mut(part.rows);
            left = rest;
            let step = (TASK / part.format.bytes(columns)).max(1);
            let mut row = 0;
            while !ours.is_empty() {
                let (now, later) = ours.split_at_mut(step.min(ours.len()));
                ours = later;
                tasks.push((*part, row, x, sums, now));
                row += step;
            }
        }
    }
    tasks.into_par_iter().for_each(|(part, row, x, sums, out)| {
        dots::run(part.format, part.range(row, out.len()), x, sums, out);
    });
    out
}

/// The output's address, for tasks that write different columns of it.
#[derive(Clone, Copy)]
struct OutputPointer(*mut f32);

// SAFETY: each task writes columns of its own.
unsafe impl Send for OutputPointer {}
// SAFETY: likewise.
unsafe impl Sync for OutputPointer {}

impl OutputPointer {
    fn at(self, offset: usize) -> *mut f32 {
        self.0.wrapping_add(offset)
    }
}

/// Panel by panel, `(tokens, width)`.
fn many(parts: &[&StoredMatrix], x: &[f32], tokens: usize, width: usize) -> Vec<f32> {
    let mut out = vec![0.0; tokens * width];
    let (start, len) = (OutputPointer(out.as_mut_ptr()), out.len());
    let mut panels = Vec::new();
    let mut first = 0;
    for part in parts {
        let rows = (0..part.rows).step_by(PANEL);
        panels.extend(rows.map(|row| (*part, row, first + row)));
        first += part.rows;
    }
    panels
        .into_par_iter()
        .for_each_init(Vec::new, |scratch, (part, row, column)| {
            let rows = PANEL.min(part.rows - row);
            scratch.resize(rows * part.columns, 0.0);
            expand::run(part.format, part.range(row, rows), scratch);
            let x = MatrixView {
                values: x,
                rows: part.columns,
                columns: 1,
            };
            let weights = MatrixView {
                values: scratch,
                rows: 1,
                columns: part.columns,
            };
            let to = MatrixViewMut {
                values: start.at(column),
                len: len - column,
                rows: width,
                columns: 1,
            };
            // SAFETY: columns `column..column + rows` of `out` are this task's alone, and `out`
            // outlives the loop.
            unsafe { product((tokens, rows, part.columns), x, weights, &to, false) };
        });
    out
}

#[cfg(test)]
mod tests {
    use candle_core::Device;

    use super::*;

    #[cfg_attr(target_arch = "wasm32", wasm_bindgen_test::wasm_bindgen_test)]
    #[cfg_attr(not(target_arch = "wasm32"), test)]
    fn products_are_those_of_plain_loops() {
        let (rows, columns) = ([150, 7], 96);
        let weight = |i: usize| ((i * 29 + 3) % 83) as f32 / 41.0 - 1.0;
        let values: Vec<Vec<f32>> = rows
            .iter()
            .map(|rows| (0..rows * columns).map(weight).collect())
            .collect();
        let parts: Vec<_> = values
            .iter()
            .zip(rows)
            .map(|(values, rows)| {
                let bytes = values.iter().flat_map(|x| x.to_le_bytes()).collect();
                std::sync::Arc::new(
                    StoredMatrix::new(WeightFormat::F32, rows, columns, bytes).unwrap(),
                )
            })
            .collect();
        // Both ways, at their border and beyond.
        for tokens in [1, 3, FEW, FEW + 1, 33] {
            let x: Vec<f32> = (0..tokens * columns)
                .map(|i| (i as f32 * 0.1).sin())
                .collect();
            let input = Tensor::from_slice(&x, (tokens, columns), &Device::Cpu).unwrap();
            let got = input.apply_op1_no_bwd(&MatrixProduct(&parts)).unwrap();
            let got: Vec<Vec<f32>> = got.to_vec2().unwrap();
            for (x, got) in x.chunks(columns).zip(&got) {
                let rows = values.iter().flat_map(|part| part.chunks(columns));
                assert_eq!(got.len(), 157);
                for (row, got) in rows.zip(got) {
                    let want: f32 = row.iter().zip(x).map(|(w, x)| w * x).sum();
                    assert!((got - want).abs() < 1e-4, "{tokens}: {got}, {want}");
                }
            }
        }
        assert!(parts[1].rows(&[7]).is_err(), "there are rows 0 to 6");
        assert!(StoredMatrix::new(WeightFormat::Q8_0, 1, 33, vec![0; 34]).is_err());
    }
}
