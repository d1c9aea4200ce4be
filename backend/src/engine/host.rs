//! The engines of this process. A model in memory answers one question at a time, in the order
//! of asking. The last model is kept, because loading takes seconds. Remote engines answer many
//! questions at once, so each caller gets its own.

use std::error::Error;
use std::fmt;
use std::sync::Arc;

use fathom_shared::engine::{EngineKind, KvFormat, RopeParameters};

use super::Engine;
use super::queue::FairQueue;

/// What an engine is made of.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct EngineKey {
    /// Which engine.
    pub kind: EngineKind,
    /// The model's id.
    pub model: String,
    /// Positions, where they are not the model's own.
    pub rope: Option<RopeParameters>,
    /// How keys and values are kept, where it is not the engine's own choice.
    pub kv: Option<KvFormat>,
}

/// Makes an engine.
pub type EngineLoader =
    Box<dyn Fn(&EngineKey) -> Result<Engine, Box<dyn Error + Send + Sync>> + Send + Sync>;

/// Makes engines and keeps the local one. A clone is another handle.
#[derive(Clone)]
pub struct EngineHost {
    load: Arc<EngineLoader>,
    local: Arc<FairQueue<Option<(EngineKey, Engine)>>>,
}

impl fmt::Debug for EngineHost {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Host")
    }
}

impl EngineHost {
    /// A host that makes engines by `load`.
    pub fn new(load: EngineLoader) -> Self {
        Self {
            load: Arc::new(load),
            local: Arc::default(),
        }
    }

    /// How many ask the local engine now, or wait for their turn.
    pub fn asked(&self) -> u64 {
        self.local.asked()
    }

    /// An engine for this caller alone.
    ///
    /// # Errors
    /// What the loader says.
    pub fn make(&self, key: &EngineKey) -> Result<Engine, Box<dyn Error + Send + Sync>> {
        (self.load)(key)
    }

    /// Lets `work` ask the local engine of `key`, which is loaded first where it is not held;
    /// blocks while others ask it who came before. `waits` is asked meanwhile, and before a model is
    /// loaded; nothing comes of it where it says no. An engine in which `work` panics is dropped, and
    /// the panic goes on.
    ///
    /// # Errors
    /// What the loader says.
    pub fn with<T>(
        &self,
        key: &EngineKey,
        waits: &mut dyn FnMut() -> bool,
        work: impl FnOnce(&mut Engine) -> T,
    ) -> Result<Option<T>, Box<dyn Error + Send + Sync>> {
        if !waits() {
            return Ok(None);
        }
        let done = self.local.with(waits, |local| {
            // Taken out while it works: what a panic leaves of it is not asked again.
            let mut engine = match local.take() {
                Some((held, engine)) if held == *key => engine,
                other => {
                    // Two models at once may not fit the memory.
                    drop(other);
                    (self.load)(key)?
                }
            };
            let done = work(&mut engine);
            *local = Some((key.clone(), engine));
            Ok(done)
        });
        done.transpose()
    }
}
