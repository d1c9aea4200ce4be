//! What an engine says that does not keep keys and values as a run asks.

use fathom_shared::engine::KvFormat;

/// The choice is not the run's.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
#[error("{who} keeps keys and values {how}, not in {got}; leave `kv` out")]
pub struct KvError {
    /// The engine, in words.
    pub who: String,
    /// As it keeps them.
    pub how: &'static str,
    /// What was asked for.
    pub got: KvFormat,
}
