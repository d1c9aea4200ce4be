//! Loads a model: from its location to an engine that answers.

use std::io::{self, Read, Seek, SeekFrom};

use fathom_kernels::cancel::CancelFlag;
use fathom_kernels::session::{ModelFile, OpenedModelFile, ReadSeek, Session, SessionError};
use fathom_shared::engine::EngineKind;
use fathom_shared::tokens::Tokens;
use fathom_shared::transcript::EngineInfo;
use wasm_bindgen::JsValue;
use web_sys::AbortController;

use super::super::model_source::{self, ReadStop};
use super::super::store::{ModelStorage, StorageFile};
use super::choice::{ChosenEngine, OpenAdapter, choose, is_unsuited};
use super::page_model::{PageModel, ProcessorError, ProcessorModel};
use super::say;
use crate::protocol::{
    EngineChoice, FromEngine, LoadStep, LoadedModel, ModelLocation, StoredModel,
};

/// A model that is ready, and the beginning of its file.
pub(super) struct ReadyModel {
    pub(super) model: PageModel,
    pub(super) loaded: LoadedModel,
    pub(super) header: Vec<u8>,
}

/// Why a stored file became no model.
enum ModelFault {
    /// It is no model of ours, and not kept for the next visit.
    Refused(String),
    Stop(ReadStop),
}

/// A model's file in the storage, which is opened again when its adapter was lost.
#[derive(Debug)]
struct LostModelFile {
    sha256: String,
}

impl ModelFile for LostModelFile {
    fn open(&self) -> OpenedModelFile<'_> {
        Box::pin(async {
            let store = ModelStorage::open().await.map_err(io::Error::other)?;
            let file = store.model(&self.sha256).await.map_err(io::Error::other)?;
            Ok(Box::new(file) as Box<dyn ReadSeek>)
        })
    }
}

/// A model on an engine: which device that is, and why.
type Placed = (PageModel, String, String);

/// Brings the model of `source` into the storage and onto the engine of `choice`.
///
/// # Errors
/// [`ReadStop`].
pub(super) async fn bring_up(
    source: ModelLocation,
    choice: EngineChoice,
    beside: &JsValue,
    abort: &AbortController,
    cancel: &CancelFlag,
) -> Result<ReadyModel, ReadStop> {
    let started = js_sys::Date::now();
    let store = ModelStorage::open().await?;
    // Asked first: without an engine, the download is of no use.
    let engine = choose(choice, &store).await?;
    let model = model_source::bring(&store, source, beside, abort, cancel, &mut tell).await?;
    let StoredModel {
        name,
        sha256,
        size_bytes,
    } = model;
    let mut file = store.model(&sha256).await?;
    let (model, device, why) = match placed(engine, choice, (&mut file, &sha256), cancel).await {
        Ok(placed) => placed,
        Err(fault) => {
            drop(file);
            return Err(match fault {
                ModelFault::Refused(message) => {
                    store.forget(&sha256).await?;
                    ReadStop::Failed(message)
                }
                ModelFault::Stop(stop) => stop,
            });
        }
    };
    let mut header = vec![0; usize::try_from(model.gguf().header_size()).unwrap_or(0)];
    let read = file
        .seek(SeekFrom::Start(0))
        .and_then(|_| file.read_exact(&mut header));
    read.map_err(|error| format!("The stored model cannot be read again: {error}"))?;
    let kind = match &model {
        PageModel::Adapter(_) => EngineKind::Wgpu,
        PageModel::Processor(_) => EngineKind::CandleCpu,
    };
    let loaded = LoadedModel {
        engine: EngineInfo {
            engine: kind.to_string(),
            device,
            model: name,
            model_sha256: sha256,
            ..EngineInfo::default()
        },
        why,
        context: Tokens(u32::try_from(model.config().context).unwrap_or(u32::MAX)),
        has_template: model.gguf().str("tokenizer.chat_template").is_some(),
        size_bytes,
        load_ms: js_sys::Date::now() - started,
    };
    Ok(ReadyModel {
        model,
        loaded,
        header,
    })
}

/// The model of `file`, which has this hash, on `engine`, or on the processor where the choice is free
/// and the adapter does not take it.
async fn placed(
    engine: ChosenEngine,
    choice: EngineChoice,
    (file, sha256): (&mut StorageFile, &str),
    cancel: &CancelFlag,
) -> Result<Placed, ModelFault> {
    let why = match engine {
        ChosenEngine::Processor { why } => why,
        ChosenEngine::Adapter(open) => {
            let OpenAdapter {
                gpu,
                device,
                tuning,
                why,
            } = *open;
            let mut report = |done, of| tell(LoadStep::Upload, done, Some(of));
            let session = Session::load(gpu, file, None, Some(tuning), cancel, &mut report).await;
            match session {
                Ok(session) => {
                    let sha256 = sha256.to_owned();
                    let session = session.recovering(Box::new(LostModelFile { sha256 }));
                    return Ok((PageModel::Adapter(Box::new(session)), device, why));
                }
                Err(error) if choice == EngineChoice::Automatic && is_unsuited(&error) => {
                    format!("Runs on the processor: WebGPU cannot run this model ({error}).")
                }
                Err(error) => return Err(error.into()),
            }
        }
    };
    let mut report = |done, of| tell(LoadStep::Read, done, Some(of));
    let model = ProcessorModel::load(file, cancel, &mut report).await?;
    let device = model.device().to_owned();
    Ok((PageModel::Processor(Box::new(model)), device, why))
}

fn tell(step: LoadStep, done: u64, of: Option<u64>) {
    say(&FromEngine::Loading { step, done, of });
}

impl From<SessionError> for ModelFault {
    fn from(error: SessionError) -> Self {
        match error {
            SessionError::Cancelled => Self::Stop(ReadStop::Cancelled),
            SessionError::Gguf(_) | SessionError::Config(_) | SessionError::Tokenizer(_) => {
                Self::Refused(error.to_string())
            }
            other => Self::Stop(ReadStop::Failed(other.to_string())),
        }
    }
}

impl From<ProcessorError> for ModelFault {
    fn from(error: ProcessorError) -> Self {
        match error {
            ProcessorError::Cancelled => Self::Stop(ReadStop::Cancelled),
            ProcessorError::Refused(message) => Self::Refused(message),
            ProcessorError::Failed(message) => Self::Stop(ReadStop::Failed(message)),
        }
    }
}
