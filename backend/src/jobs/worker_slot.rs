//! Which runs a thread answers.

use std::fmt;

use fathom_shared::engine::EngineKind;

/// Which runs a thread answers.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum WorkerSlot {
    /// Those of the engines in this process, one sample at a time.
    Local,
    /// Those of one endpoint; several threads ask it at once.
    Endpoint(EngineKind),
    /// One run alone, until nothing of it is left.
    Only(i64),
}

impl fmt::Display for WorkerSlot {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Local => f.write_str("the engines of this process"),
            Self::Endpoint(kind) => write!(f, "{kind}"),
            Self::Only(id) => write!(f, "run {id}"),
        }
    }
}
