//! Weights as the shaders read them, in 32-bit words.

use half::f16;

pub(crate) use crate::gpu::WeightLayout;
use crate::model::dtype::Dtype;

impl WeightLayout {
    /// How weights stored as `dtype` lie on the adapter. What has no shader of its own becomes
    /// floats when it is loaded: of 16 bits where it was quantised, whose steps are far larger than
    /// those of such a float, and of 32 for BF16, which reaches further.
    pub(crate) fn of(dtype: Dtype) -> Self {
        match dtype {
            Dtype::F32 | Dtype::Bf16 => Self::F32,
            Dtype::F16
            | Dtype::Q4_0
            | Dtype::Q5_0
            | Dtype::Q5_1
            | Dtype::Q2K
            | Dtype::Q3K
            | Dtype::Q4K
            | Dtype::Q5K
            | Dtype::Q6K => Self::F16,
            Dtype::Q4_1 => Self::Q4_1,
            Dtype::Q8_0 => Self::Q8_0,
        }
    }

    /// The weights in `bytes`, stored as `dtype`, in the layout [`of`](Self::of) it: Q4_1 as stored,
    /// Q8_0 with two bytes of padding after each scale, so that every block begins on a word.
    pub(crate) fn words(dtype: Dtype, bytes: &[u8]) -> Vec<u8> {
        let values = || dtype.to_f32(bytes).into_iter();
        match dtype {
            Dtype::F32 | Dtype::F16 | Dtype::Q4_1 => bytes.to_vec(),
            Dtype::Bf16 => values().flat_map(f32::to_le_bytes).collect(),
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
            _ => Self::halves(dtype, bytes),
        }
    }

    /// The same weights in the layout F16.
    pub(crate) fn halves(dtype: Dtype, bytes: &[u8]) -> Vec<u8> {
        let values = dtype.to_f32(bytes).into_iter();
        let halves = values.map(|value| f16::from_f32(value).to_le_bytes());
        halves.flatten().collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_worth_what_was_stored() {
        for dtype in Dtype::ALL {
            // Small in every byte, so that any of them may be a scale's.
            let small = |i: usize| (i * 7 % 23) as u8;
            let bytes: Vec<u8> = (0..2 * 256 / dtype.block() * dtype.block_bytes())
                .map(small)
                .collect();
            let want = dtype.to_f32(&bytes);
            let words = WeightLayout::words(dtype, &bytes);
            let got = match WeightLayout::of(dtype) {
                WeightLayout::F32 => Dtype::F32.to_f32(&words),
                WeightLayout::F16 => Dtype::F16.to_f32(&words),
                WeightLayout::Q4_1 => Dtype::Q4_1.to_f32(&words),
                WeightLayout::Q8_0 => {
                    assert_eq!(words.len(), 2 * 256 / 32 * 36);
                    let blocks = words.chunks(36);
                    let stored = blocks.flat_map(|block| [&block[..2], &block[4..]]);
                    Dtype::Q8_0.to_f32(&stored.flatten().copied().collect::<Vec<_>>())
                }
            };
            assert_eq!(got.len(), 512, "{dtype}");
            for (got, want) in got.iter().zip(&want) {
                // Half a step of 16-bit floats, and of their smallest.
                let room = want.abs() / 2048.0 + 6e-8;
                assert!((got - want).abs() <= room, "{dtype}: {got}, {want}");
            }
        }
    }
}
