//! An engine as used by one thread.

use fathom_shared::prompt::DialogueRenderer;
use fathom_shared::tokens::TokenCounter;
use fathom_shared::transcript::EngineInfo;

use crate::engine::{Engine, EngineHost, EngineKey};
use crate::errors::chain;

/// An engine for one thread: the one shared by the process, or its own.
pub(super) enum ThreadEngine {
    Local(EngineHost, EngineKey),
    Own(Box<Engine>),
}

/// The engine and model that answer a run, as its cells need them.
pub(super) struct Answerer {
    pub(super) info: EngineInfo,
    pub(super) dialogue: DialogueRenderer,
    pub(super) counter: TokenCounter<'static>,
}

impl ThreadEngine {
    /// Lets `work` use the engine when it is this thread's turn; `None` if `waits`, which is polled
    /// until then, returns `false`.
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
