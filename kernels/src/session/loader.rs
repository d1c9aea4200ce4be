//! Brings tensors from the file onto the adapter.

use std::io::{Read, Seek};

use super::SessionError;
use crate::cancel::CancelFlag;
use crate::gpu::{Buffer, Gpu};
use crate::model::dtype::Dtype;
use crate::model::gguf::{Gguf, GgufTensor};
use crate::ops::GpuMatrix;

/// The file and the adapter, and how far the one is on the other.
pub(super) struct WeightLoader<'a, R> {
    gpu: &'a Gpu,
    gguf: &'a Gguf,
    file: &'a mut R,
    cancel: &'a CancelFlag,
    report: &'a mut dyn FnMut(u64, u64),
    done: u64,
    settled: u64,
}

impl<'a, R: Read + Seek> WeightLoader<'a, R> {
    pub(super) fn new(
        gpu: &'a Gpu,
        gguf: &'a Gguf,
        file: &'a mut R,
        cancel: &'a CancelFlag,
        report: &'a mut dyn FnMut(u64, u64),
    ) -> Self {
        Self {
            gpu,
            gguf,
            file,
            cancel,
            report,
            done: 0,
            settled: 0,
        }
    }

    pub(super) async fn matrix(&mut self, name: &str) -> Result<GpuMatrix, SessionError> {
        if self.cancel.is_raised() {
            return Err(SessionError::Cancelled);
        }
        let tensor = self.tensor(name)?;
        let weights = GpuMatrix::upload(self.gpu, name, &tensor)?;
        self.advance(tensor.bytes.len() as u64).await?;
        Ok(weights)
    }

    /// The stored weights, which must be numbers.
    fn tensor(&mut self, name: &str) -> Result<GgufTensor, SessionError> {
        let tensor = self.gguf.tensor(self.file, name)?;
        match tensor.dtype.is_finite(&tensor.bytes) {
            true => Ok(tensor),
            false => Err(SessionError::Numbers(name.to_owned())),
        }
    }

    pub(super) async fn vector(&mut self, name: &str) -> Result<Buffer, SessionError> {
        let mut tensor = self.tensor(name)?;
        let stored = tensor.bytes.len() as u64;
        // Norms are small and read as floats, however they are stored.
        let floats = tensor.to_f32();
        tensor.bytes = floats
            .iter()
            .flat_map(|value| value.to_le_bytes())
            .collect();
        tensor.dtype = Dtype::F32;
        let weights = GpuMatrix::upload(self.gpu, name, &tensor)?;
        self.advance(stored).await?;
        Ok(weights.buffer)
    }

    /// Waits now and then: memory on its way stays bounded, and a cancel is heard.
    async fn advance(&mut self, bytes: u64) -> Result<(), SessionError> {
        self.done += bytes;
        if self.done - self.settled > 8 << 20 {
            self.gpu.finish(self.gpu.commands()).await?;
            self.settled = self.done;
        }
        let all = self.gguf.tensors().iter().map(|info| info.size_bytes).sum();
        (self.report)(self.done, all);
        Ok(())
    }
}
