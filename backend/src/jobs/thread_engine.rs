//! An engine as one thread has it.

use fathom_shared::prompt::DialogueRenderer;
use fathom_shared::tokens::TokenCounter;
use fathom_shared::transcript::EngineInfo;

use crate::engine::{Engine, EngineHost, EngineKey};
use crate::errors::chain;

/// An engine for one thread: the process's own, or one for itself.
pub(super) enum ThreadEngine {
    Local(EngineHost, EngineKey),
    Own(Box<Engine>),
}

/// Who answers a run, as its cells must know it.
pub(super) struct Answerer {
    pub(super) info: EngineInfo,
    pub(super) dialogue: DialogueRenderer,
    pub(super) counter: TokenCounter<'static>,
}

impl ThreadEngine {
    /// Lets `work` ask the engine when its turn has come; nothing where `waits`, which is asked
    /// until then, says no.
    pub(super) fn with<T>(
        &mut self,
        waits: &mut dyn FnMut() -> bool,
        work: impl FnOnce(&mut Engine) -> T,
    ) -> Result<Option<T>, String> {
        match self {
            Self::Local(host, key) => {
                let done = host.with(key, waits, work);
                done.map_err(|error| chain(error.as_ref()))
            }
            Self::Own(engine) => Ok(Some(work(engine))),
        }
    }

    pub(super) fn answerer(
        &mut self,
        waits: &mut dyn FnMut() -> bool,
    ) -> Result<Option<Answerer>, String> {
        self.with(waits, |engine| Answerer {
            info: engine.info().clone(),
            dialogue: engine.dialogue(),
            counter: engine.counter(),
        })
    }
}
