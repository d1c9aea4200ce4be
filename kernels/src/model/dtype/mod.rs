//! How weights are stored.
//!
//! Source of the layouts: `ggml-common.h` of the ggml project. A block is some weights of one row
//! that share a scale.

mod blocks; // decodes each kind of quantised block
#[cfg(feature = "gpu")]
mod runs; // values shared by the quants of neighbouring weights
#[cfg(test)]
mod tests;

use std::fmt;

use half::{bf16, f16};

/// Weights in one block of what the kernels read.
pub const BLOCK: usize = 32;

/// A storage format that we read.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Dtype {
    /// 32-bit floats.
    F32,
    /// 16-bit floats.
    F16,
    /// The upper half of 32-bit floats.
    Bf16,
    /// 4 bits, with a scale per block: `w = d·(q − 8)`.
    Q4_0,
    /// 4 bits, with a scale and a minimum per block: `w = d·q + m`.
    Q4_1,
    /// 5 bits, with a scale per block: `w = d·(q − 16)`.
    Q5_0,
    /// 5 bits, with a scale and a minimum per block: `w = d·q + m`.
    Q5_1,
    /// 8 bits, with a scale per block: `w = d·q`.
    Q8_0,
    /// 2 bits in super-blocks of 16 × 16: `w = d·s·q − m·t`, scale `s` and minimum `t` in 4 bits.
    Q2K,
    /// 3 bits in super-blocks of 16 × 16: `w = d·s·(q − 4)`, scale `s` in 6 bits.
    Q3K,
    /// 4 bits in super-blocks of 8 × 32: `w = d·s·q − m·t`, scale `s` and minimum `t` in 6 bits.
    Q4K,
    /// The same with 5 bits.
    Q5K,
    /// 6 bits in super-blocks of 16 × 16: `w = d·s·(q − 32)`, scale `s` in 8 bits.
    Q6K,
}

impl Dtype {
    /// Every format.
    pub const ALL: [Self; 13] = [
        Self::F32,
        Self::F16,
        Self::Bf16,
        Self::Q4_0,
        Self::Q4_1,
        Self::Q5_0,
        Self::Q5_1,
        Self::Q8_0,
        Self::Q2K,
        Self::Q3K,
        Self::Q4K,
        Self::Q5K,
        Self::Q6K,
    ];

    /// The format of a number in a GGUF file.
    ///
    /// # Errors
    /// The format's name, where we do not read it.
    pub fn from_gguf(number: u32) -> Result<Self, String> {
        // What the other numbers mean to ggml, for the message.
        let name = match number {
            0 => return Ok(Self::F32),
            1 => return Ok(Self::F16),
            2 => return Ok(Self::Q4_0),
            3 => return Ok(Self::Q4_1),
            6 => return Ok(Self::Q5_0),
            7 => return Ok(Self::Q5_1),
            8 => return Ok(Self::Q8_0),
            10 => return Ok(Self::Q2K),
            11 => return Ok(Self::Q3K),
            12 => return Ok(Self::Q4K),
            13 => return Ok(Self::Q5K),
            14 => return Ok(Self::Q6K),
            30 => return Ok(Self::Bf16),
            9 => "Q8_1",
            15 => "Q8_K",
            16 => "IQ2_XXS",
            17 => "IQ2_XS",
            18 => "IQ3_XXS",
            19 => "IQ1_S",
            20 => "IQ4_NL",
            21 => "IQ3_S",
            22 => "IQ2_S",
            23 => "IQ4_XS",
            _ => return Err(format!("format {number}")),
        };
        Err(name.to_owned())
    }

    /// Weights of one block.
    pub fn block(self) -> usize {
        match self {
            Self::F32 | Self::F16 | Self::Bf16 => 1,
            Self::Q4_0 | Self::Q4_1 | Self::Q5_0 | Self::Q5_1 | Self::Q8_0 => 32,
            Self::Q2K | Self::Q3K | Self::Q4K | Self::Q5K | Self::Q6K => 256,
        }
    }

    /// Bytes of one block.
    pub fn block_bytes(self) -> usize {
        match self {
            Self::F32 => 4,
            Self::F16 | Self::Bf16 => 2,
            Self::Q4_0 => 18,
            Self::Q4_1 => 20,
            Self::Q5_0 => 22,
            Self::Q5_1 => 24,
            Self::Q8_0 => 34,
            Self::Q2K => 84,
            Self::Q3K => 110,
            Self::Q4K => 144,
            Self::Q5K => 176,
            Self::Q6K => 210,
        }
    }

    /// Bytes of `count` weights, which is a multiple of [`block`](Self::block); nothing where it is
    /// not, or where the number is beyond reason.
    pub fn bytes(self, count: u64) -> Option<u64> {
        let block = self.block() as u64;
        let blocks = count.is_multiple_of(block).then_some(count / block)?;
        blocks.checked_mul(self.block_bytes() as u64)
    }

    /// What stored weights are worth, as many whole blocks as there are in `bytes` and fit `to`.
    ///
    /// # Example
    /// ```
    /// use fathom_kernels::model::dtype::Dtype;
    /// let mut worth = [0.0];
    /// Dtype::F32.expand(&1.5_f32.to_le_bytes(), &mut worth);
    /// assert_eq!(worth, [1.5]);
    /// ```
    // Always inlined, so that a caller compiled for wider vectors has this in them too.
    #[inline(always)]
    pub fn expand(self, bytes: &[u8], to: &mut [f32]) {
        match self {
            Self::F32 => each(bytes, to, |b, w| *w = [f32::from_le_bytes(*b)]),
            Self::F16 => each(bytes, to, |b, w| *w = [f16::from_le_bytes(*b).to_f32()]),
            Self::Bf16 => each(bytes, to, |b, w| *w = [bf16::from_le_bytes(*b).to_f32()]),
            Self::Q4_0 => each(bytes, to, blocks::q4_0),
            Self::Q4_1 => each(bytes, to, blocks::q4_1),
            Self::Q5_0 => each(bytes, to, blocks::q5_0),
            Self::Q5_1 => each(bytes, to, blocks::q5_1),
            Self::Q8_0 => each(bytes, to, blocks::q8_0),
            Self::Q2K => each(bytes, to, blocks::q2_k),
            Self::Q3K => each(bytes, to, blocks::q3_k),
            Self::Q4K => each(bytes, to, blocks::q4_k),
            Self::Q5K => each(bytes, to, blocks::q5_k),
            Self::Q6K => each(bytes, to, blocks::q6_k),
        }
    }

    /// Whether every stored weight is a finite number. Of blocks only what scales them is looked at:
    /// the rest are whole numbers.
    ///
    /// # Example
    /// ```
    /// use fathom_kernels::model::dtype::Dtype;
    /// assert!(Dtype::F32.is_finite(&1.5_f32.to_le_bytes()));
    /// assert!(!Dtype::F32.is_finite(&f32::NAN.to_le_bytes()));
    /// ```
    pub fn is_finite(self, bytes: &[u8]) -> bool {
        // Where the halves stand that scale a block.
        let scales: &[usize] = match self {
            Self::F32 => {
                let words = bytes.as_chunks::<4>().0.iter();
                return words.fold(true, |all, word| {
                    all & f32::from_le_bytes(*word).is_finite()
                });
            }
            // The exponents of a number that is none are all ones.
            Self::Bf16 => {
                let halves = bytes.as_chunks::<2>().0.iter();
                return halves.fold(true, |all, half| {
                    all & (u16::from_le_bytes(*half) & 0x7f80 != 0x7f80)
                });
            }
            Self::F16 | Self::Q4_0 | Self::Q5_0 | Self::Q8_0 => &[0],
            Self::Q4_1 | Self::Q5_1 | Self::Q4K | Self::Q5K => &[0, 2],
            Self::Q2K => &[80, 82],
            Self::Q3K => &[108],
            Self::Q6K => &[208],
        };
        bytes.chunks_exact(self.block_bytes()).all(|block| {
            scales.iter().all(|at| {
                let half = u16::from_le_bytes([block[*at], block[at + 1]]);
                half & 0x7c00 != 0x7c00
            })
        })
    }

    /// What all stored weights are worth.
    pub fn to_f32(self, bytes: &[u8]) -> Vec<f32> {
        let mut values = vec![0.0; bytes.len() / self.block_bytes() * self.block()];
        self.expand(bytes, &mut values);
        values
    }
}

/// Block by block.
#[inline(always)]
fn each<const BYTES: usize, const WEIGHTS: usize>(
    bytes: &[u8],
    to: &mut [f32],
    decode: impl Fn(&[u8; BYTES], &mut [f32; WEIGHTS]),
) {
    let blocks = bytes.as_chunks().0.iter();
    for (block, to) in blocks.zip(to.as_chunks_mut().0) {
        decode(block, to);
    }
}

impl fmt::Display for Dtype {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::F32 => "F32",
            Self::F16 => "F16",
            Self::Bf16 => "BF16",
            Self::Q4_0 => "Q4_0",
            Self::Q4_1 => "Q4_1",
            Self::Q5_0 => "Q5_0",
            Self::Q5_1 => "Q5_1",
            Self::Q8_0 => "Q8_0",
            Self::Q2K => "Q2_K",
            Self::Q3K => "Q3_K",
            Self::Q4K => "Q4_K",
            Self::Q5K => "Q5_K",
            Self::Q6K => "Q6_K",
        })
    }
}
