//! The layout of weights as the shaders read them, in 32-bit words.

use half::f16;

pub(crate) use crate::gpu::WeightLayout;
use crate::model::dtype::{BLOCK, Dtype};

impl WeightLayout {
    /// The layout on the adapter for weights stored as `dtype`. Quants stay quants; their scales
    /// and shifts become 16-bit floats, whose steps are far smaller than those of the quants.
    pub(crate) fn of(dtype: Dtype) -> Self {
        match dtype {
            // BF16 has a wider range than F16.
            Dtype::F32 | Dtype::Bf16 => Self::F32,
            // Q2_K has a shift for every 16 weights, which no layout supports.
            Dtype::F16 | Dtype::Q2K => Self::F16,
            Dtype::Q4_0 | Dtype::Q4_1 | Dtype::Q4K => Self::Q4,
            Dtype::Q5_0 | Dtype::Q5_1 | Dtype::Q5K | Dtype::Q8_0 => Self::Q8,
            Dtype::Q3K | Dtype::Q6K => Self::Q8X2,
        }
    }

    /// Converts the weights in `bytes`, stored as `dtype`, to the layout [`of`](Self::of) it.
    pub(crate) fn words(dtype: Dtype, bytes: &[u8]) -> Vec<u8> {
        match dtype {
            Dtype::F32 | Dtype::F16 | Dtype::Q4_1 => bytes.to_vec(),
            Dtype::Bf16 => {
                let values = dtype.to_f32(bytes).into_iter();
                values.flat_map(f32::to_le_bytes).collect()
            }
            Dtype::Q2K => Self::halves(dtype, bytes),
            // As stored, with a shift of 0 after each scale.
            Dtype::Q8_0 => {
                let blocks = bytes.as_chunks::<34>().0;
                let mut words = Vec::with_capacity(blocks.len() * 36);
                for block in blocks {
                    words.extend_from_slice(&block[..2]);
                    words.extend_from_slice(&[0, 0]);
                    words.extend_from_slice(&block[2..]);
                }
                words
            }
            _ => Self::of(dtype).quants(dtype, bytes),
        }
    }

    /// Blocks of 32 quants with scale and shift, or with the scales of both halves.
    fn quants(self, dtype: Dtype, bytes: &[u8]) -> Vec<u8> {
        let (mut words, mut worth) = (Vec::new(), vec![0.0; dtype.block()]);
        for block in bytes.chunks_exact(dtype.block_bytes()) {
            let Some((length, runs)) = dtype.runs(block) else {
                continue;
            };
            dtype.expand(block, &mut worth);
            for (number, worth) in worth.chunks_exact(BLOCK).enumerate() {
                let run = |i: usize| runs[(BLOCK * number + i) / length];
                let quant = |i: usize| match run(i) {
                    [0.0, _] => 0,
                    [scale, shift] => ((worth[i] - shift) / scale).round() as i32 as u8,
                };
                let shared = match self {
                    Self::Q8X2 => [run(0)[0], run(BLOCK / 2)[0]],
                    _ => run(0),
                };
                words.extend(
                    shared
                        .map(|value| f16::from_f32(value).to_le_bytes())
                        .concat(),
                );
                match self {
                    Self::Q4 => words
                        .extend((0..BLOCK / 2).map(|i| quant(i) & 15 | quant(BLOCK / 2 + i) << 4)),
                    _ => words.extend((0..BLOCK).map(quant)),
                }
            }
        }
        words
    }

    /// The same weights in layout F16.
    pub(crate) fn halves(dtype: Dtype, bytes: &[u8]) -> Vec<u8> {
        let values = dtype.to_f32(bytes).into_iter();
        let halves = values.map(|value| f16::from_f32(value).to_le_bytes());
        halves.flatten().collect()
    }

    /// Decodes words in this layout to weights: the twin of `weights.wgsl`.
    #[cfg(test)]
    pub(super) fn worth(self, words: &[u8]) -> Vec<f32> {
        let half = |bytes: &[u8]| f16::from_le_bytes([bytes[0], bytes[1]]).to_f32();
        let block = |block: &[u8]| {
            let [first, second] = [half(&block[..2]), half(&block[2..4])];
            let weight = |(i, quant): (usize, &u8)| {
                let quant = f32::from(quant.cast_signed());
                match self {
                    Self::Q8X2 => quant * if i < BLOCK / 2 { first } else { second },
                    _ => quant * first + second,
                }
            };
            block[4..]
                .iter()
                .enumerate()
                .map(weight)
                .collect::<Vec<_>>()
        };
        match self {
            Self::F32 => Dtype::F32.to_f32(words),
            Self::F16 => Dtype::F16.to_f32(words),
            Self::Q4 => Dtype::Q4_1.to_f32(words),
            Self::Q8 | Self::Q8X2 => words.chunks_exact(36).flat_map(block).collect(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::testing::TestRng;

    #[test]
    fn words_are_worth_what_was_stored() {
        let mut rng = TestRng(5);
        for dtype in Dtype::ALL {
            // Every byte is small, because any of them may belong to a scale.
            let count = 4 * 256 / dtype.block() * dtype.block_bytes();
            let bytes: Vec<u8> = (0..count).map(|_| rng.below(61) as u8).collect();
            let want = dtype.to_f32(&bytes);
            let got = WeightLayout::of(dtype).worth(&WeightLayout::words(dtype, &bytes));
            assert_eq!(got.len(), 1024, "{dtype}");
            for (got, want) in got.chunks(BLOCK).zip(want.chunks(BLOCK)) {
                // Half a rounding step of F16: relative to the largest value added, and of the
                // smallest F16 step.
                let largest = want
                    .iter()
                    .fold(0.0, |most: f32, value| most.max(value.abs()));
                let room = largest / 256.0 + 2e-6;
                for (got, want) in got.iter().zip(want) {
                    assert!((got - want).abs() <= room, "{dtype}: {got}, {want}");
                }
            }
        }
    }
}
