//! How weights and caches are stored.

use std::fmt;

use candle_core::DType;
use fathom_kernels::model::dtype::Dtype;

/// A storage format that the products read.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(in super::super) enum WeightFormat {
    F32,
    F16,
    Bf16,
    /// As [`Dtype::Q4_1`].
    Q4_1,
    /// As [`Dtype::Q8_0`].
    Q8_0,
    /// Decoded block by block to f32: those that have no code of their own for vectors.
    Decoded(Dtype),
}

impl WeightFormat {
    #[cfg(test)]
    pub(super) fn all() -> impl Iterator<Item = Self> {
        Dtype::ALL.into_iter().map(Self::from)
    }

    /// Weights of one block.
    pub(super) fn block(self) -> usize {
        match self {
            Self::F32 | Self::F16 | Self::Bf16 => 1,
            Self::Q4_1 | Self::Q8_0 => 32,
            Self::Decoded(dtype) => dtype.block(),
        }
    }

    /// Bytes of `count` weights, which are whole blocks.
    pub(in super::super) fn bytes(self, count: usize) -> usize {
        let block = match self {
            Self::F32 => 4,
            Self::F16 | Self::Bf16 => 2,
            Self::Q4_1 => 20,
            Self::Q8_0 => 34,
            Self::Decoded(dtype) => dtype.block_bytes(),
        };
        count / self.block() * block
    }
}

impl From<Dtype> for WeightFormat {
    fn from(dtype: Dtype) -> Self {
        match dtype {
            Dtype::F32 => Self::F32,
            Dtype::F16 => Self::F16,
            Dtype::Bf16 => Self::Bf16,
            Dtype::Q4_1 => Self::Q4_1,
            Dtype::Q8_0 => Self::Q8_0,
            other => Self::Decoded(other),
        }
    }
}

impl TryFrom<DType> for WeightFormat {
    type Error = candle_core::Error;

    fn try_from(dtype: DType) -> candle_core::Result<Self> {
        match dtype {
            DType::F32 => Ok(Self::F32),
            DType::F16 => Ok(Self::F16),
            DType::BF16 => Ok(Self::Bf16),
            other => candle_core::bail!("{other:?} is stored, expected F32, F16 or BF16"),
        }
    }
}

impl fmt::Display for WeightFormat {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::F32 => "F32",
            Self::F16 => "F16",
            Self::Bf16 => "BF16",
            Self::Q4_1 => "Q4_1",
            Self::Q8_0 => "Q8_0",
            Self::Decoded(dtype) => return dtype.fmt(f),
        })
    }
}
