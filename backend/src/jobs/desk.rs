//! An engine as one thread has it.

use fathom_shared::prompt::Dialogue;
use fathom_shared::tokens::Counter;
use fathom_shared::transcript::EngineInfo;

use crate::engine::{Engine, EngineKey, Host};
use crate::errors::chain;

/// An engine for one thread: the process's own, or one for itself.
pub(super) enum Desk {
    Local(Host, EngineKey),
    Own(Box<Engine>),
}

/// Who answers a run, as its cells must know it.
pub(super) struct Answerer {
    pub(super) info: EngineInfo,
    pub(super) dialogue: Dialogue,
    pub(super) counter: Counter<'static>,
}

impl Desk {
    pub(super) fn with<T>(&mut self, work: impl FnOnce(&mut Engine) -> T) -> Result<T, String> {
        match self {
            Self::Local(host, key) => host.with(key, work).map_err(|e| chain(e.as_ref())),
            Self::Own(engine) => Ok(work(engine)),
        }
    }

    pub(super) fn answerer(&mut self) -> Result<Answerer, String> {
        self.with(|engine| Answerer {
            info: engine.info().clone(),
            dialogue: engine.dialogue(),
            counter: engine.counter(),
        })
    }
}
