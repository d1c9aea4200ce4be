//! The model in memory, on either of the page's two engines.

use std::io::{Read, Seek};
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;

use fathom_candle::{
    CandleDevice, CandleModel, DeviceOptions, LoadError, StoredTensor, WeightSource,
};
use fathom_kernels::cancel::CancelFlag;
use fathom_kernels::generation::{
    EachLogits, LanguageModel, LogitsFuture, LogprobsFuture, ModelStop, TextGenerator, TokensFuture,
};
use fathom_kernels::model::config::ModelConfig;
use fathom_kernels::model::dtype::Dtype;
use fathom_kernels::model::gguf::Gguf;
use fathom_kernels::model::tokenizer::Tokenizer;
use fathom_kernels::session::{Session, SessionError};

/// A model that answers in this worker.
#[derive(Debug)]
pub(super) enum PageModel {
    /// Our shaders on an adapter.
    Adapter(Box<Session>),
    /// Candle on the processor.
    Processor(Box<ProcessorModel>),
}

/// A model on the processor, with what its file says.
#[derive(Debug)]
pub(super) struct ProcessorModel {
    candle: CandleModel,
    gguf: Gguf,
    config: ModelConfig,
    tokenizer: Arc<Tokenizer>,
    device: String,
}

/// Why the processor has no model.
#[derive(Debug, thiserror::Error)]
pub(super) enum ProcessorError {
    /// Someone stopped it.
    #[error("it was cancelled")]
    Cancelled,
    /// The file is no model that runs here.
    #[error("{0}")]
    Refused(String),
    /// It is one, but does not run.
    #[error("{0}")]
    Failed(String),
}

impl ProcessorModel {
    /// Reads the GGUF `file` into memory and reports bytes done and bytes in all.
    ///
    /// # Errors
    /// [`ProcessorError`]; nothing is left behind.
    pub(super) async fn load<R: Read + Seek>(
        file: &mut R,
        cancel: &CancelFlag,
        report: &mut dyn FnMut(u64, u64),
    ) -> Result<Self, ProcessorError> {
        fn refused(error: impl std::error::Error) -> ProcessorError {
            ProcessorError::Refused(error.to_string())
        }
        let gguf = Gguf::read(file).map_err(refused)?;
        let config = Session::config_of(&gguf, None).map_err(refused)?;
        let tokenizer = Tokenizer::from_gguf(&gguf).map_err(refused)?;
        let options = DeviceOptions::new(CandleDevice::Cpu, None)
            .map_err(|error| ProcessorError::Failed(error.to_string()))?
            .pausing(pause);
        let mut source = FileWeights {
            gguf: &gguf,
            file,
            cancel,
            report,
            done: 0,
        };
        let candle = CandleModel::load(&mut source, config.clone(), &options);
        let candle = candle.await.map_err(|error| match error {
            LoadError::Source(SessionError::Cancelled) => ProcessorError::Cancelled,
            other => ProcessorError::Failed(other.to_string()),
        })?;
        Ok(Self {
            candle,
            config,
            tokenizer: Arc::new(tokenizer),
            device: options.name(),
            gguf,
        })
    }

    /// The processor in words.
    pub(super) fn device(&self) -> &str {
        &self.device
    }
}

/// Lets the worker receive the page's messages.
fn pause() -> Pin<Box<dyn Future<Output = ()>>> {
    Box::pin(super::sleep(0))
}

/// The tensors of a file, until someone stops it.
struct FileWeights<'a, R> {
    gguf: &'a Gguf,
    file: &'a mut R,
    cancel: &'a CancelFlag,
    report: &'a mut dyn FnMut(u64, u64),
    done: u64,
}

impl<R: Read + Seek> WeightSource for FileWeights<'_, R> {
    type Error = SessionError;

    fn dtype(&self, name: &str) -> Result<Dtype, SessionError> {
        Ok(self.gguf.info(name)?.dtype)
    }

    fn tensor(&mut self, name: &str) -> Result<StoredTensor, SessionError> {
        if self.cancel.is_raised() {
            return Err(SessionError::Cancelled);
        }
        let tensor = self.gguf.tensor(self.file, name)?;
        self.done += tensor.bytes.len() as u64;
        let all = self.gguf.tensors().iter().map(|info| info.size_bytes).sum();
        (self.report)(self.done, all);
        Ok(StoredTensor {
            dtype: tensor.dtype,
            shape: tensor.shape,
            bytes: tensor.bytes,
        })
    }
}

impl PageModel {
    /// Whether it answers nothing any more: its adapter is gone.
    pub(super) fn is_lost(&self) -> bool {
        match self {
            Self::Adapter(session) => session.is_lost(),
            Self::Processor(_) => false,
        }
    }

    /// The file's metadata.
    pub(super) fn gguf(&self) -> &Gguf {
        match self {
            Self::Adapter(session) => session.gguf(),
            Self::Processor(model) => &model.gguf,
        }
    }

    /// The model's sizes.
    pub(super) fn config(&self) -> &ModelConfig {
        match self {
            Self::Adapter(session) => session.config(),
            Self::Processor(model) => &model.config,
        }
    }

    /// The model's tokenizer.
    pub(super) fn tokenizer(&self) -> &Arc<Tokenizer> {
        match self {
            Self::Adapter(session) => session.tokenizer(),
            Self::Processor(model) => &model.tokenizer,
        }
    }

    /// The loop that answers prompts with this model.
    pub(super) fn into_generator(self) -> TextGenerator<Self> {
        let tokenizer = Arc::clone(self.tokenizer());
        TextGenerator::new(Box::new(self), tokenizer)
    }

    fn language_model(&mut self) -> &mut dyn LanguageModel {
        match self {
            Self::Adapter(session) => &mut **session,
            Self::Processor(model) => &mut model.candle,
        }
    }
}

impl LanguageModel for PageModel {
    fn context(&self) -> usize {
        self.config().context
    }

    fn chunk(&self) -> usize {
        match self {
            Self::Adapter(session) => session.chunk(),
            Self::Processor(model) => model.candle.chunk(),
        }
    }

    fn reserve(&mut self, room: usize) -> Result<bool, ModelStop> {
        self.language_model().reserve(room)
    }

    fn rewind(&mut self, len: usize) {
        self.language_model().rewind(len);
    }

    fn read<'a>(
        &'a mut self,
        ids: &'a [u32],
        cancel: &'a AtomicBool,
        done: &'a mut dyn FnMut(usize),
        each: Option<EachLogits<'a>>,
    ) -> LogitsFuture<'a> {
        self.language_model().read(ids, cancel, done, each)
    }

    fn read_greedy<'a>(
        &'a mut self,
        ids: &'a [u32],
        order: (usize, usize),
        cancel: &'a AtomicBool,
        done: &'a mut dyn FnMut(usize),
    ) -> TokensFuture<'a> {
        self.language_model().read_greedy(ids, order, cancel, done)
    }

    fn read_logprobs<'a>(
        &'a mut self,
        ids: &'a [u32],
        next: &'a [u32],
        cancel: &'a AtomicBool,
        done: &'a mut dyn FnMut(usize),
    ) -> LogprobsFuture<'a> {
        self.language_model().read_logprobs(ids, next, cancel, done)
    }
}
