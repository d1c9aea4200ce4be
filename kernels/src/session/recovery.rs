//! A lost adapter is opened again: the weights are loaded from the file, what the cache held is read
//! again as it was read before, and the work goes on with half as much at once.

use std::fmt::Debug;
use std::io::{self, Read, Seek};
use std::pin::Pin;
use std::sync::atomic::AtomicBool;

use super::llama::{Llama, WeightFile};
use super::{Session, SessionError};
use crate::gpu::{Gpu, GpuError};

/// How often one question survives a loss: an eighth of the usual submission is then too much.
const MOST_LOSSES: u32 = 3;

/// A model's file that can be opened again.
pub trait ModelFile: Debug + Send {
    /// Opens it, from its first byte on.
    fn open(&self) -> OpenedModelFile<'_>;
}

/// A model's file, once it is open.
pub type OpenedModelFile<'a> = Pin<Box<dyn Future<Output = io::Result<Box<dyn ReadSeek>>> + 'a>>;

/// What can be read from any place.
pub trait ReadSeek: Read + Seek {}

impl<T: Read + Seek> ReadSeek for T {}

impl Session {
    /// Works, and again from where it was when the adapter was lost, if the session knows its file.
    ///
    /// # Errors
    /// What the work says; [`SessionError::DeviceLost`] where the adapter is lost too often or does not
    /// come back.
    pub(super) async fn surviving<T>(
        &mut self,
        cancel: &AtomicBool,
        mut work: impl AsyncFnMut(&mut Self) -> Result<T, SessionError>,
    ) -> Result<T, SessionError> {
        let mut losses = 0;
        loop {
            let again = match losses {
                0 => Ok(()),
                _ => self.reopen(cancel).await,
            };
            let refilled = match again {
                Ok(()) => self.refill(cancel).await,
                Err(error) => Err(error),
            };
            let worked = match refilled {
                Ok(()) => work(self).await,
                Err(error) => Err(error),
            };
            match worked {
                Err(SessionError::DeviceLost { .. })
                    if losses < MOST_LOSSES && self.file.is_some() =>
                {
                    losses += 1;
                }
                worked => return worked,
            }
        }
    }

    /// Opens the adapter again with the weights; the cache is empty then.
    async fn reopen(&mut self, cancel: &AtomicBool) -> Result<(), SessionError> {
        let Some(file) = &self.file else {
            return Ok(());
        };
        let mut file = file.open().await.map_err(SessionError::Reopen)?;
        let gone = |error: GpuError| SessionError::DeviceLost {
            reason: error.to_string(),
        };
        let gpu = Gpu::open().await.map_err(gone)?;
        let source = WeightFile {
            gguf: &self.gguf,
            config: &self.config,
            file: &mut file,
        };
        let kernels = (&self.tuning, self.kv);
        let mut llama = Llama::load(&gpu, source, kernels, cancel, &mut |_, _| ()).await?;
        llama.prefill_pace = self.llama.prefill_pace.halved();
        llama.decode_pace = self.llama.decode_pace.halved();
        llama.reserve(&gpu, &self.config, self.reserved)?;
        (self.gpu, self.llama) = (gpu, llama);
        self.held.lose();
        Ok(())
    }

    /// Reads again what the cache lost.
    async fn refill(&mut self, cancel: &AtomicBool) -> Result<(), SessionError> {
        while let Some((read, range)) = self.held.missing() {
            let start = range.start;
            let count = self.llama.together(range.len(), read, start);
            let ids = self.held.ids(start..start + count);
            let pending = self.llama.forward(&self.gpu, ids, start, cancel).await?;
            self.llama.settle(&self.gpu, pending).await?;
            self.held.read_again(count);
        }
        Ok(())
    }
}
