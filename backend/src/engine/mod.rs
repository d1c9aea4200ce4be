//! What answers: a closed set of engines behind one face. An engine knows nothing of tasks,
//! runs or the database: a prompt in, a completion or a failure out.

pub mod candle; // candle, on the processor or an NVIDIA device
mod host; // shares the loaded engines among those who ask
mod kv; // refuses KV cache formats that an engine lacks
mod local; // an engine for models in this process
pub mod openai; // a client for servers with OpenAI's API
mod queue; // a lock given in the order of asking
mod request; // a request to an engine, and its progress
#[cfg(test)]
pub(crate) mod scripted; // an engine with scripted answers, for tests
mod wgpu; // our compute shaders on this machine's adapter

use std::path::Path;
use std::sync::atomic::AtomicBool;

use fathom_shared::engine::{EngineKind, Preflight, PreflightPlan};
use fathom_shared::prompt::DialogueRenderer;
use fathom_shared::tokens::TokenCounter;
use fathom_shared::transcript::EngineInfo;

pub use candle::CandleError;
pub use fathom_kernels::generation::{GenerationEvent, SamplingParams, TokenLogprob};
pub use fathom_shared::run::EngineAnswer;
pub use host::{EngineHost, EngineKey, EngineLoader};
pub use kv::KvError;
pub use local::{LocalEngine, finish_reason};
pub use request::{CompletionRequest, EngineProgress};
pub use wgpu::WgpuError;

/// A model made ready to answer.
#[derive(Debug)]
pub enum Engine {
    /// A model in this process.
    Local(Box<LocalEngine>),
    /// A server that speaks OpenAI's API.
    Openai(Box<openai::OpenAiEngine>),
    /// Says what a test tells it to.
    #[cfg(test)]
    Scripted(scripted::ScriptedEngine),
}

impl Engine {
    /// Loads the model at `path`, a GGUF file or a Hugging Face folder, for the engine of `key`;
    /// `info` says which model it is.
    ///
    /// # Errors
    /// [`CandleError`], naming the model and what does not fit.
    pub fn open(path: &Path, key: &EngineKey, info: EngineInfo) -> Result<Self, CandleError> {
        candle::open(path, key, info).map(|engine| Self::Local(Box::new(engine)))
    }

    /// Loads the GGUF file at `path` onto this machine's adapter, for our compute shaders, as `key`
    /// asks.
    ///
    /// # Errors
    /// [`WgpuError`], naming the file and what does not fit.
    pub fn open_wgpu(path: &Path, key: &EngineKey, info: EngineInfo) -> Result<Self, WgpuError> {
        wgpu::open(path, key, info).map(|engine| Self::Local(Box::new(engine)))
    }

    /// How many tokens [`open_wgpu`](Self::open_wgpu) would read; no weights are read.
    ///
    /// # Errors
    /// [`WgpuError`], as far as the file's header tells.
    pub fn context_wgpu(path: &Path, key: &EngineKey) -> Result<usize, WgpuError> {
        wgpu::context(path, key)
    }

    /// Whether `kind` runs in this process. For `wgpu` an adapter is looked for, once; that takes a
    /// moment.
    pub fn is_here(kind: &EngineKind) -> bool {
        match kind {
            EngineKind::CandleCpu => true,
            EngineKind::CandleCuda => cfg!(feature = "cuda"),
            EngineKind::Wgpu => wgpu::has_adapter(),
            EngineKind::Openai { .. } => false,
        }
    }

    /// The model in this process, if it is one: it takes tokens and returns tokens.
    pub fn local(&mut self) -> Option<&mut LocalEngine> {
        match self {
            Self::Local(engine) => Some(engine),
            Self::Openai(_) => None,
            #[cfg(test)]
            Self::Scripted(_) => None,
        }
    }

    /// Who answers.
    pub fn info(&self) -> &EngineInfo {
        match self {
            Self::Local(engine) => &engine.info,
            Self::Openai(engine) => engine.info(),
            #[cfg(test)]
            Self::Scripted(engine) => &engine.info,
        }
    }

    /// Who puts a dialogue into the model's words.
    pub fn dialogue(&self) -> DialogueRenderer {
        match self {
            Self::Local(engine) => engine.template.clone().into(),
            Self::Openai(engine) => engine.dialogue(),
            #[cfg(test)]
            Self::Scripted(_) => DialogueRenderer::Unknown,
        }
    }

    /// Counts with the model's own tokenizer.
    pub fn counter(&self) -> TokenCounter<'static> {
        match self {
            Self::Local(engine) => engine.counter(),
            Self::Openai(engine) => engine.counter(),
            #[cfg(test)]
            Self::Scripted(_) => scripted::words(),
        }
    }

    /// Looks at what would make a run measure something else, before its first prompt; blocks. An
    /// engine in this process has nothing of that kind.
    pub fn preflight(
        &self,
        plan: &PreflightPlan,
        cancel: &AtomicBool,
        report: &mut dyn FnMut(EngineProgress<'_>),
    ) -> Option<Preflight> {
        match self {
            Self::Local(_) => None,
            Self::Openai(engine) => Some(engine.preflight(plan, cancel, report)),
            #[cfg(test)]
            Self::Scripted(_) => None,
        }
    }

    /// Completes the prompt; blocks. Ends early when `cancel` rises, with a failure that says so.
    pub fn complete(
        &mut self,
        ask: CompletionRequest<'_>,
        cancel: &AtomicBool,
        report: &mut dyn FnMut(EngineProgress<'_>),
    ) -> EngineAnswer {
        match self {
            Self::Local(engine) => engine.complete(ask, cancel, report),
            Self::Openai(engine) => engine.complete(ask, cancel, report),
            #[cfg(test)]
            Self::Scripted(engine) => (engine.say)(&ask.prompt.text, cancel, report),
        }
    }
}
