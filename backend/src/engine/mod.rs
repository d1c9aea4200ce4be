//! What answers: a closed set of engines behind one face. An engine knows nothing of tasks,
//! runs or the database: a prompt in, a completion or a failure out.

mod ask;
pub mod candle;
mod host;
mod local;
mod model;
#[cfg(test)]
pub(crate) mod scripted;

use std::path::Path;
use std::sync::atomic::AtomicBool;

use fathom_shared::prompt::Dialogue;
use fathom_shared::tokens::Counter;
use fathom_shared::transcript::EngineInfo;

pub use ask::{Answer, Ask, Progress, Settings};
pub use candle::LoadError;
pub use host::{EngineKey, Host, Loader};

/// A model made ready to answer.
#[derive(Debug)]
pub enum Engine {
    /// A model in this process.
    Local(Box<local::Local>),
    /// Says what a test tells it to.
    #[cfg(test)]
    Scripted(scripted::Scripted),
}

impl Engine {
    /// Loads the model at `path`, a GGUF file or a Hugging Face folder, for the engine of `key`;
    /// `info` says which model it is.
    ///
    /// # Errors
    /// [`LoadError`], naming the model and what does not fit.
    pub fn open(path: &Path, key: &EngineKey, info: EngineInfo) -> Result<Self, LoadError> {
        candle::open(path, key, info).map(|engine| Self::Local(Box::new(engine)))
    }

    /// Who answers.
    pub fn info(&self) -> &EngineInfo {
        match self {
            Self::Local(engine) => &engine.info,
            #[cfg(test)]
            Self::Scripted(engine) => &engine.info,
        }
    }

    /// Who puts a dialogue into the model's words.
    pub fn dialogue(&self) -> Dialogue {
        match self {
            Self::Local(engine) => engine.template.clone().into(),
            #[cfg(test)]
            Self::Scripted(_) => Dialogue::Unknown,
        }
    }

    /// Counts with the model's own tokenizer.
    pub fn counter(&self) -> Counter<'static> {
        match self {
            Self::Local(engine) => engine.counter(),
            #[cfg(test)]
            Self::Scripted(_) => scripted::words(),
        }
    }

    /// Completes the prompt; blocks. Ends early when `cancel` rises, with a failure that says so.
    pub fn complete(
        &mut self,
        ask: Ask<'_>,
        cancel: &AtomicBool,
        report: &mut dyn FnMut(Progress<'_>),
    ) -> Answer {
        match self {
            Self::Local(engine) => engine.complete(ask, cancel, report),
            #[cfg(test)]
            Self::Scripted(engine) => (engine.say)(&ask.prompt.text, cancel, report),
        }
    }
}
