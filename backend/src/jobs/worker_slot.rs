//! Which runs a thread answers.

use std::fmt;

use fathom_shared::engine::EngineKind;

/// Which runs a thread answers.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum WorkerSlot {
    /// Runs of the engines in this process, one sample at a time.
    Local,
    /// Runs of one endpoint, which several threads ask at once.
    Endpoint(EngineKind),
    /// Only this run, until it has no open samples.
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
