//! Our compute shaders on this machine's adapter: the session of `kernels` behind [`Model`].

use std::fs::File;
use std::io::{self, BufReader};
use std::path::{Path, PathBuf};
use std::sync::atomic::AtomicBool;
use std::sync::{Arc, OnceLock};

use fathom_kernels::cancel::Cancel;
use fathom_kernels::gpu::{Gpu, GpuError};
use fathom_kernels::session::{Session, SessionError};
use fathom_shared::engine::EngineKind;
use fathom_shared::prompt::{ChatError, ChatTemplate};
use fathom_shared::transcript::EngineInfo;
use pollster::block_on;

use super::local::Local;
use super::model::{Model, Stop};

/// Why a model was not loaded onto the adapter.
#[derive(Debug, thiserror::Error)]
#[error("cannot load the model `{}` onto an adapter", path.display())]
pub struct WgpuError {
    path: PathBuf,
    #[source]
    why: Why,
}

#[derive(Debug, thiserror::Error)]
enum Why {
    #[error("it cannot be read")]
    Read(#[from] io::Error),
    #[error(transparent)]
    Adapter(#[from] GpuError),
    #[error(transparent)]
    Session(#[from] SessionError),
    #[error(transparent)]
    Template(#[from] ChatError),
}

/// Whether there is an adapter.
pub(super) fn has_adapter() -> bool {
    static FOUND: OnceLock<bool> = OnceLock::new();
    *FOUND.get_or_init(|| match block_on(Gpu::open()) {
        Ok(_) => true,
        Err(error) => {
            tracing::debug!(error = crate::errors::chain(&error), "no adapter");
            false
        }
    })
}

/// Loads the GGUF file at `path`; which kernel variants run is measured first. `info` says which
/// model it is.
///
/// # Errors
/// [`WgpuError`], naming the file, and the adapter where it is at fault.
pub(super) fn open(path: &Path, info: EngineInfo) -> Result<Local, WgpuError> {
    load(path, info).map_err(|why| WgpuError {
        path: path.to_owned(),
        why,
    })
}

fn load(path: &Path, info: EngineInfo) -> Result<Local, Why> {
    let gpu = block_on(Gpu::open())?;
    let mut file = BufReader::new(File::open(path)?);
    let (cancel, mut report) = (Cancel::default(), |_, _| ());
    let session = Session::load(gpu, &mut file, None, &cancel, &mut report);
    let session = block_on(session)?;
    let tokenizer = Arc::clone(session.tokenizer());
    let template = session
        .gguf()
        .str("tokenizer.chat_template")
        .map(|source| ChatTemplate::new(source, tokenizer.bos(), tokenizer.eos()))
        .transpose()?;
    let info = EngineInfo {
        engine: EngineKind::Wgpu.to_string(),
        device: session.adapter().to_owned(),
        ..info
    };
    Ok(Local {
        info,
        tokenizer,
        template,
        model: Box::new(session),
        held: Vec::new(),
    })
}

impl Model for Session {
    fn context(&self) -> usize {
        self.config().context
    }

    fn reserve(&mut self, room: usize) -> Result<bool, Stop> {
        Ok(Self::reserve(self, room)?)
    }

    fn rewind(&mut self, len: usize) {
        Self::rewind(self, len);
    }

    fn read(
        &mut self,
        ids: &[u32],
        cancel: &AtomicBool,
        done: &mut dyn FnMut(usize),
        each: Option<&mut dyn FnMut(&[f32])>,
    ) -> Result<Vec<f32>, Stop> {
        Ok(block_on(Self::read(self, ids, cancel, done, each))?)
    }
}

impl From<SessionError> for Stop {
    fn from(error: SessionError) -> Self {
        match error {
            SessionError::Cancelled => Self::Cancelled,
            SessionError::DeviceLost { .. } => Self::Lost(error.to_string()),
            other => Self::Failed(other.to_string()),
        }
    }
}

#[cfg(test)]
mod tests;
