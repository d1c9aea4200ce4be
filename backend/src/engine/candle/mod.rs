//! Hugging Face's candle (the crate `fathom-candle`), on the processor or an NVIDIA device: which
//! files a model is of, and what a run chooses of it.

mod source; // opens a model from a GGUF file or a Hugging Face folder

use std::path::{Path, PathBuf};
use std::sync::Arc;

pub use fathom_candle::free_memory;
use fathom_candle::{
    CandleDevice, CandleModel, DType, DeviceError, DeviceOptions, LoadError, MemoryNeeds,
};
use fathom_kernels::model::config::{ModelConfig, ModelConfigError};
use fathom_shared::engine::{EngineKind, KvFormat, RopeParameters};
use fathom_shared::transcript::EngineInfo;
use pollster::block_on;

use super::EngineKey;
use super::local::{LocalEngine, told_date};
use source::{ModelSource, SourceError};

/// Why a model was not opened.
#[derive(Debug, thiserror::Error)]
#[error("cannot load the model `{}`", path.display())]
pub struct CandleError {
    path: PathBuf,
    // Boxed: it is large, and rare.
    #[source]
    why: Box<CandleErrorKind>,
}

/// The kinds of errors.
#[derive(Debug, thiserror::Error)]
enum CandleErrorKind {
    #[error(transparent)]
    Source(#[from] SourceError),
    #[error(transparent)]
    Device(#[from] DeviceError),
    #[error("its positions cannot be set as the run asks")]
    Rope(#[from] ModelConfigError),
    #[error(transparent)]
    Load(#[from] LoadError<SourceError>),
    #[error("`{0}` does not run on candle")]
    Engine(String),
}

impl CandleError {
    fn new(path: &Path, why: CandleErrorKind) -> Self {
        Self {
            path: path.to_owned(),
            why: Box::new(why),
        }
    }

    /// What is wrong with the weights, if that is the error; loading them again will not help.
    pub fn bad_weights(&self) -> Option<String> {
        match &*self.why {
            CandleErrorKind::Load(error @ LoadError::Numbers(_)) => Some(error.to_string()),
            _ => None,
        }
    }
}

/// Loads the model at `path`, a GGUF file or a folder, for the engine of `key`; `info` says which
/// model it is.
///
/// # Errors
/// [`CandleError`], naming the model and what does not fit.
pub(super) fn open(
    path: &Path,
    key: &EngineKey,
    info: EngineInfo,
) -> Result<LocalEngine, CandleError> {
    let engine = options(key).and_then(|options| local(path, key.rope.as_ref(), &options, info));
    let engine = engine.map_err(|why| CandleError::new(path, why))?;
    Ok(LocalEngine {
        info: EngineInfo {
            engine: key.kind.to_string(),
            ..engine.info
        },
        ..engine
    })
}

/// What a run with `capacity` tokens of prompt and answer takes of the memory of the engine of `key`,
/// and the tokens that the model reads with the positions asked for; no weights are read.
///
/// # Errors
/// [`CandleError`].
pub fn needs(
    path: &Path,
    key: &EngineKey,
    capacity: usize,
) -> Result<(MemoryNeeds, usize), CandleError> {
    let needs = || {
        let options = options(key)?;
        let (source, config) = source(path, key.rope.as_ref())?;
        let needs = MemoryNeeds::of(&source, &config, &options, capacity)?;
        Ok((needs, config.context))
    };
    needs().map_err(|why: CandleErrorKind| CandleError::new(path, why))
}

/// The device of an engine, and the cache that `key` chooses.
fn options(key: &EngineKey) -> Result<DeviceOptions, CandleErrorKind> {
    let device = match &key.kind {
        EngineKind::CandleCpu => CandleDevice::Cpu,
        EngineKind::CandleCuda => CandleDevice::Cuda,
        EngineKind::Wgpu | EngineKind::Openai { .. } => {
            return Err(CandleErrorKind::Engine(key.kind.to_string()));
        }
    };
    let kv = key.kv.map(|kv| match kv {
        KvFormat::F16 => DType::F16,
        KvFormat::Bf16 => DType::BF16,
        KvFormat::F32 => DType::F32,
    });
    Ok(DeviceOptions::new(device, kv)?)
}

/// Opens the files at `path`, with the positions that a run asks for.
fn source(
    path: &Path,
    rope: Option<&RopeParameters>,
) -> Result<(ModelSource, ModelConfig), CandleErrorKind> {
    let source = ModelSource::open(path)?;
    let mut config = source.config()?;
    if let Some(rope) = rope {
        let said = rope.0.clone().into_iter().collect();
        config = config.with_rope(&said)?;
    }
    Ok((source, config))
}

/// The model with its tokenizer.
fn local(
    path: &Path,
    rope: Option<&RopeParameters>,
    options: &DeviceOptions,
    info: EngineInfo,
) -> Result<LocalEngine, CandleErrorKind> {
    let (mut source, config) = source(path, rope)?;
    let tokenizer = Arc::new(source.tokenizer()?);
    let template = source.template(&tokenizer)?;
    let model = block_on(CandleModel::load(&mut source, config, options))?;
    let info = EngineInfo {
        device: options.name(),
        template_date: told_date(template.as_ref()),
        ..info
    };
    Ok(LocalEngine::new(info, template, Box::new(model), tokenizer))
}

#[cfg(test)]
mod families; // a folder and a GGUF file of the same model
#[cfg(test)]
mod golden; // golden logits
#[cfg(test)]
mod numbers; // weights that are not numbers
#[cfg(test)]
mod rope_golden; // golden positions
#[cfg(test)]
mod stored_formats; // every weight format against f32
#[cfg(test)]
mod testing;
