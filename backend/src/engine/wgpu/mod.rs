//! Our compute shaders on this machine's adapter: which file, and what a run chooses of it.

mod tuning; // the kernel variants an adapter runs, measured once

use std::fs::File;
use std::io::{self, BufReader};
use std::path::{Path, PathBuf};
use std::sync::{Arc, OnceLock};

use fathom_kernels::cancel::CancelFlag;
use fathom_kernels::gpu::{Gpu, GpuError};
use fathom_kernels::model::gguf::{Gguf, GgufError};
use fathom_kernels::session::{
    KvPrecision, ModelFile, OpenedModelFile, ReadSeek, Session, SessionError,
};
use fathom_shared::engine::{EngineKind, KvFormat};
use fathom_shared::prompt::{ChatError, ChatTemplate};
use fathom_shared::transcript::EngineInfo;
use pollster::block_on;
use serde_json::{Map, Value as Json};

use super::local::{LocalEngine, told_date};
use super::{EngineKey, KvError};

/// Why a model was not loaded onto the adapter.
#[derive(Debug, thiserror::Error)]
#[error("cannot load the model `{}` onto an adapter", path.display())]
pub struct WgpuError {
    path: PathBuf,
    #[source]
    why: WgpuErrorKind,
}

impl WgpuError {
    /// What is wrong with the weights, if that is the error; loading them again will not help.
    pub fn bad_weights(&self) -> Option<String> {
        match &self.why {
            WgpuErrorKind::Session(error @ SessionError::Numbers(_)) => Some(error.to_string()),
            _ => None,
        }
    }
}

#[derive(Debug, thiserror::Error)]
enum WgpuErrorKind {
    #[error("it cannot be read")]
    Read(#[from] io::Error),
    #[error("it is a folder; the engine wgpu reads GGUF files")]
    Folder,
    #[error(transparent)]
    Kv(#[from] KvError),
    #[error(transparent)]
    Gguf(#[from] GgufError),
    #[error(transparent)]
    Adapter(#[from] GpuError),
    #[error(transparent)]
    Session(#[from] SessionError),
    #[error(transparent)]
    Template(#[from] ChatError),
}

/// A model's file, which is opened again when its adapter was lost.
#[derive(Debug)]
struct GgufFile(PathBuf);

impl ModelFile for GgufFile {
    fn open(&self) -> OpenedModelFile<'_> {
        let file = File::open(&self.0).map(BufReader::new);
        let file = file.map(|file| Box::new(file) as Box<dyn ReadSeek>);
        Box::pin(std::future::ready(file))
    }
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

/// Loads the GGUF file at `path` with what `key` chooses; which kernel variants run is measured
/// first. `info` says which model it is.
///
/// # Errors
/// [`WgpuError`], naming the file, and the adapter where it is at fault.
pub(super) fn open(
    path: &Path,
    key: &EngineKey,
    info: EngineInfo,
) -> Result<LocalEngine, WgpuError> {
    load(path, key, info).map_err(|why| WgpuError {
        path: path.to_owned(),
        why,
    })
}

/// Tokens that the model at `path` reads with what `key` chooses.
///
/// # Errors
/// [`WgpuError`], as far as the file's header tells.
pub(super) fn context(path: &Path, key: &EngineKey) -> Result<usize, WgpuError> {
    let read = || {
        let gguf = Gguf::read(&mut file(path, key)?)?;
        Ok(Session::config_of(&gguf, rope(key).as_ref())?.context)
    };
    read().map_err(|why: WgpuErrorKind| WgpuError {
        path: path.to_owned(),
        why,
    })
}

/// How keys and values are kept: in f16, or as the run chooses.
fn kv(key: &EngineKey) -> Result<KvPrecision, KvError> {
    match key.kv {
        None | Some(KvFormat::F16) => Ok(KvPrecision::F16),
        Some(KvFormat::F32) => Ok(KvPrecision::F32),
        Some(got) => {
            let (who, how) = ("the engine wgpu".to_owned(), "in f16 or f32");
            Err(KvError { who, how, got })
        }
    }
}

fn file(path: &Path, key: &EngineKey) -> Result<BufReader<File>, WgpuErrorKind> {
    kv(key)?;
    if path.is_dir() {
        return Err(WgpuErrorKind::Folder);
    }
    Ok(BufReader::new(File::open(path)?))
}

fn rope(key: &EngineKey) -> Option<Map<String, Json>> {
    let rope = key.rope.as_ref()?;
    Some(rope.0.clone().into_iter().collect())
}

fn load(path: &Path, key: &EngineKey, info: EngineInfo) -> Result<LocalEngine, WgpuErrorKind> {
    let mut file = file(path, key)?;
    let gpu = block_on(Gpu::open())?;
    let (rope, cancel, mut report) = (rope(key), CancelFlag::default(), |_, _| ());
    let (rope, kv) = (rope.as_ref(), kv(key)?);
    let tuning = Some(tuning::tuning(&gpu)?);
    let session = Session::load_keeping(gpu, &mut file, rope, kv, tuning, &cancel, &mut report);
    let session = block_on(session)?.recovering(Box::new(GgufFile(path.to_owned())));
    let tokenizer = Arc::clone(session.tokenizer());
    let template = session
        .gguf()
        .str("tokenizer.chat_template")
        .map(|source| ChatTemplate::new(source, tokenizer.bos(), tokenizer.eos()))
        .transpose()?;
    let info = EngineInfo {
        engine: EngineKind::Wgpu.to_string(),
        device: session.adapter().to_owned(),
        template_date: told_date(template.as_ref()),
        ..info
    };
    Ok(LocalEngine::new(
        info,
        template,
        Box::new(session),
        tokenizer,
    ))
}

#[cfg(test)]
mod tests;
