//! Brings tensors from the file onto the adapter.

use std::io::{Read, Seek};
use std::sync::atomic::{AtomicBool, Ordering};

use super::SessionError;
use crate::gpu::{Buffer, Gpu};
use crate::model::gguf::{Gguf, GgufTensor};
use crate::ops::{GpuMatrix, WeightLayout};

/// The file and the adapter, and how far the one is on the other.
pub(super) struct WeightLoader<'a, R> {
    gpu: &'a Gpu,
    gguf: &'a Gguf,
    file: &'a mut R,
    cancel: &'a AtomicBool,
    report: &'a mut dyn FnMut(u64, u64),
    done: u64,
    settled: u64,
}

impl<'a, R: Read + Seek> WeightLoader<'a, R> {
    pub(super) fn new(
        gpu: &'a Gpu,
        gguf: &'a Gguf,
        file: &'a mut R,
        cancel: &'a AtomicBool,
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
        let tensor = self.tensor(name)?;
        let weights = GpuMatrix::upload(self.gpu, name, &tensor)?;
        self.advance(tensor.bytes.len() as u64).await?;
        Ok(weights)
    }

    /// How matrices will lie on the adapter.
    pub(super) fn layouts(&self, names: &[String]) -> Result<Vec<WeightLayout>, SessionError> {
        let layout = |name: &String| Ok(WeightLayout::of(self.gguf.info(name)?.dtype));
        names.iter().map(layout).collect()
    }

    /// Matrices of one layout, one below the other.
    pub(super) async fn stacked(&mut self, names: &[String]) -> Result<GpuMatrix, SessionError> {
        let tensors = names.iter().map(|name| self.tensor(name));
        let tensors = tensors.collect::<Result<Vec<_>, _>>()?;
        let weights = GpuMatrix::stacked(self.gpu, &names.join(", "), &tensors)?;
        let bytes = tensors.iter().map(|tensor| tensor.bytes.len() as u64).sum();
        self.advance(bytes).await?;
        Ok(weights)
    }

    /// Gates and what they open.
    pub(super) async fn gated(&mut self, gate: &str, up: &str) -> Result<GpuMatrix, SessionError> {
        let (gates, ups) = (self.tensor(gate)?, self.tensor(up)?);
        let weights = GpuMatrix::gated(self.gpu, &format!("{gate}, {up}"), &gates, &ups)?;
        self.advance((gates.bytes.len() + ups.bytes.len()) as u64)
            .await?;
        Ok(weights)
    }

    /// The stored weights, which must be numbers.
    fn tensor(&mut self, name: &str) -> Result<GgufTensor, SessionError> {
        if self.cancel.load(Ordering::Relaxed) {
            return Err(SessionError::Cancelled);
        }
        let tensor = self.gguf.tensor(self.file, name)?;
        match tensor.dtype.is_finite(&tensor.bytes) {
            true => Ok(tensor),
            false => Err(SessionError::Numbers(name.to_owned())),
        }
    }

    pub(super) async fn vector(&mut self, name: &str) -> Result<Buffer, SessionError> {
        // Norms are small and read as floats, however they are stored.
        let floats = self.floats(name).await?;
        let bytes: Vec<u8> = floats.into_iter().flat_map(f32::to_le_bytes).collect();
        Ok(self.gpu.upload(name, &bytes))
    }

    pub(super) async fn floats(&mut self, name: &str) -> Result<Vec<f32>, SessionError> {
        let tensor = self.tensor(name)?;
        self.advance(tensor.bytes.len() as u64).await?;
        Ok(tensor.to_f32())
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
