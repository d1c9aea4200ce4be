//! How weights are stored.
//!
//! Source of the layouts: `ggml-common.h` of the ggml project. A block is 32 weights of one row.

use std::fmt;

use half::f16;

/// Weights in one block of every format.
pub const BLOCK: usize = 32;

/// A storage format that the kernels read.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Dtype {
    /// 32-bit floats.
    F32,
    /// 16-bit floats.
    F16,
    /// 4 bits, with a scale and a minimum per block: `w = d·q + m`. 20 bytes a block.
    Q4_1,
    /// 8 bits, with a scale per block: `w = d·q`. 34 bytes a block.
    Q8_0,
}

impl Dtype {
    /// Every format.
    pub const ALL: [Self; 4] = [Self::F32, Self::F16, Self::Q4_1, Self::Q8_0];

    /// The format of a number in a GGUF file.
    ///
    /// # Errors
    /// The format's name, where we do not read it.
    pub fn from_gguf(number: u32) -> Result<Self, String> {
        // What the numbers mean to ggml, for the message; gaps are formats that were withdrawn.
        const NAMES: [&str; 15] = [
            "F32", "F16", "Q4_0", "Q4_1", "", "", "Q5_0", "Q5_1", "Q8_0", "Q8_1", "Q2_K", "Q3_K",
            "Q4_K", "Q5_K", "Q6_K",
        ];
        match number {
            0 => Ok(Self::F32),
            1 => Ok(Self::F16),
            3 => Ok(Self::Q4_1),
            8 => Ok(Self::Q8_0),
            30 => Err("BF16".to_owned()),
            _ => Err(match NAMES.get(number as usize) {
                Some(name) if !name.is_empty() => (*name).to_owned(),
                _ => format!("format {number}"),
            }),
        }
    }

    /// Bytes of one block.
    pub fn block_bytes(self) -> usize {
        match self {
            Self::F32 => 128,
            Self::F16 => 64,
            Self::Q4_1 => 20,
            Self::Q8_0 => 34,
        }
    }

    /// Bytes of `count` weights, which for the quantised formats is a multiple of [`BLOCK`];
    /// nothing where it is not, or where the number is beyond reason.
    pub fn bytes(self, count: u64) -> Option<u64> {
        match self {
            Self::F32 => count.checked_mul(4),
            Self::F16 => count.checked_mul(2),
            Self::Q4_1 | Self::Q8_0 => count
                .is_multiple_of(BLOCK as u64)
                .then(|| (count / BLOCK as u64).checked_mul(self.block_bytes() as u64))?,
        }
    }

    /// What stored weights are worth.
    ///
    /// # Example
    /// ```
    /// use fathom_kernels::model::dtype::Dtype;
    /// assert_eq!(Dtype::F32.to_f32(&1.5_f32.to_le_bytes()), [1.5]);
    /// ```
    pub fn to_f32(self, bytes: &[u8]) -> Vec<f32> {
        match self {
            Self::F32 => bytes
                .as_chunks()
                .0
                .iter()
                .map(|b| f32::from_le_bytes(*b))
                .collect(),
            Self::F16 => bytes.as_chunks().0.iter().map(|b| half(*b)).collect(),
            Self::Q4_1 => {
                let mut values = Vec::with_capacity(bytes.len() / 20 * BLOCK);
                for block in bytes.as_chunks::<20>().0 {
                    let scale = half([block[0], block[1]]);
                    let least = half([block[2], block[3]]);
                    let quants = &block[4..];
                    values.extend(quants.iter().map(|q| scale * f32::from(q & 15) + least));
                    values.extend(quants.iter().map(|q| scale * f32::from(q >> 4) + least));
                }
                values
            }
            Self::Q8_0 => {
                let mut values = Vec::with_capacity(bytes.len() / 34 * BLOCK);
                for block in bytes.as_chunks::<34>().0 {
                    let scale = half([block[0], block[1]]);
                    values.extend(
                        block[2..]
                            .iter()
                            .map(|q| scale * f32::from(q.cast_signed())),
                    );
                }
                values
            }
        }
    }

    /// The weights as the kernels read them, in 32-bit words: as stored, except that a block of
    /// Q8_0 gets two bytes of padding after its scale, so that every block begins on a word.
    pub fn to_words(self, bytes: &[u8]) -> Vec<u8> {
        if self != Self::Q8_0 {
            return bytes.to_vec();
        }
        let blocks = bytes.as_chunks::<34>().0;
        let mut words = Vec::with_capacity(blocks.len() * 36);
        for block in blocks {
            words.extend_from_slice(&block[..2]);
            words.extend_from_slice(&[0, 0]);
            words.extend_from_slice(&block[2..]);
        }
        words
    }
}

fn half(bytes: [u8; 2]) -> f32 {
    f16::from_le_bytes(bytes).to_f32()
}

impl fmt::Display for Dtype {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::F32 => "F32",
            Self::F16 => "F16",
            Self::Q4_1 => "Q4_1",
            Self::Q8_0 => "Q8_0",
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn q4_1_has_low_halves_first() {
        let mut block = Vec::new();
        block.extend(f16::from_f32(0.5).to_le_bytes());
        block.extend(f16::from_f32(-1.0).to_le_bytes());
        block.extend((0..16).map(|i| i | ((15 - i) << 4)));
        let values = Dtype::Q4_1.to_f32(&block);
        assert_eq!((values[0], values[15]), (-1.0, 6.5));
        assert_eq!((values[16], values[31]), (6.5, -1.0));
    }

    #[test]
    fn q8_0_is_signed() {
        let mut block = f16::from_f32(2.0).to_le_bytes().to_vec();
        block.extend((0..32).map(|i: u8| i.wrapping_sub(16)));
        let values = Dtype::Q8_0.to_f32(&block);
        assert_eq!((values[0], values[16], values[31]), (-32.0, 0.0, 30.0));
        assert_eq!(Dtype::Q8_0.to_words(&block).len(), 36);
    }

    #[test]
    fn sizes_are_whole_blocks() {
        assert_eq!(Dtype::Q4_1.bytes(64), Some(40));
        assert_eq!(Dtype::Q4_1.bytes(33), None);
        assert_eq!(Dtype::F32.bytes(u64::MAX), None);
        assert_eq!(Dtype::from_gguf(12), Err("Q4_K".to_owned()));
        assert_eq!(Dtype::from_gguf(4), Err("format 4".to_owned()));
    }
}
