//! Where a model's tensors come from.

use fathom_kernels::model::dtype::Dtype;

use crate::cpu::format::WeightFormat;

/// Where a model's tensors come from, by their GGUF names.
pub trait WeightSource {
    /// Why a tensor cannot be had.
    type Error;

    /// How a tensor is stored.
    ///
    /// # Errors
    /// No such tensor, or a format that is not read.
    fn dtype(&self, name: &str) -> Result<Dtype, Self::Error>;

    /// Reads a tensor.
    ///
    /// # Errors
    /// As above, or files that cannot be read.
    fn tensor(&mut self, name: &str) -> Result<StoredTensor, Self::Error>;
}

/// A tensor as it is stored.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct StoredTensor {
    /// How.
    pub dtype: Dtype,
    /// Rows first.
    pub shape: Vec<usize>,
    /// The stored bytes.
    pub bytes: Vec<u8>,
}

impl StoredTensor {
    /// What the weights are worth.
    pub fn to_f32(&self) -> Vec<f32> {
        let mut values = vec![0.0; self.shape.iter().product()];
        WeightFormat::from(self.dtype).expand(&self.bytes, &mut values);
        values
    }
}
