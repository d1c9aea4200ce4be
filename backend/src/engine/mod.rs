//! What answers: a closed set of engines behind one face. An engine knows nothing of tasks,
//! runs or the database: a prompt in, a completion or a failure out.

pub mod candle;
#[cfg(test)]
pub(crate) mod scripted;

use std::path::Path;
use std::sync::atomic::AtomicBool;

use fathom_shared::prompt::ChatTemplate;
use fathom_shared::tokens::{Counter, Tokens};
use fathom_shared::transcript::{EngineInfo, Outcome};

pub use candle::LoadError;

/// A model made ready to answer.
#[derive(Debug)]
pub enum Engine {
    /// Hugging Face's candle, on the processor.
    Candle(Box<candle::Candle>),
    /// Says what a test tells it to.
    #[cfg(test)]
    Scripted(scripted::Scripted),
}

/// What an engine reports while it answers.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Progress<'a> {
    /// The prompt is being read.
    Prefill {
        /// Tokens read.
        done: Tokens,
        /// Tokens in all.
        total: Tokens,
    },
    /// New text of the answer.
    Text(&'a str),
}

/// What came of one prompt.
#[derive(Clone, PartialEq, Debug)]
pub struct Answer {
    /// The prompt's length under the model's own tokenizer, where it came that far.
    pub prompt_tokens: Option<Tokens>,
    /// The completion or the failure.
    pub outcome: Outcome,
}

impl Engine {
    /// Loads the GGUF file at `path` for the processor; `info` says which model it is.
    ///
    /// # Errors
    /// [`LoadError`], naming the file and what does not fit.
    pub fn open(path: &Path, info: EngineInfo) -> Result<Self, LoadError> {
        candle::Candle::open(path, info).map(|engine| Self::Candle(Box::new(engine)))
    }

    /// Who answers.
    pub fn info(&self) -> &EngineInfo {
        match self {
            Self::Candle(engine) => engine.info(),
            #[cfg(test)]
            Self::Scripted(engine) => &engine.info,
        }
    }

    /// The model's own chat template, where it has one.
    pub fn template(&self) -> Option<&ChatTemplate> {
        match self {
            Self::Candle(engine) => engine.template(),
            #[cfg(test)]
            Self::Scripted(_) => None,
        }
    }

    /// Counts with the model's own tokenizer.
    pub fn counter(&self) -> Counter<'static> {
        match self {
            Self::Candle(engine) => engine.counter(),
            #[cfg(test)]
            Self::Scripted(_) => scripted::words(),
        }
    }

    /// Completes `prompt` with at most `max_tokens`; blocks. Ends early when `cancel` rises, with
    /// a failure that says so.
    pub fn complete(
        &mut self,
        prompt: &str,
        max_tokens: Tokens,
        cancel: &AtomicBool,
        report: &mut dyn FnMut(Progress<'_>),
    ) -> Answer {
        match self {
            Self::Candle(engine) => engine.complete(prompt, max_tokens, cancel, report),
            #[cfg(test)]
            Self::Scripted(engine) => (engine.say)(prompt, cancel, report),
        }
    }
}
