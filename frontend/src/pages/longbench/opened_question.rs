//! Which question is open. Its parts on the page all take it.

use std::sync::Arc;

use crate::state::library::QuestionOrigin;

/// Which question is open, of which set.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) struct OpenedQuestion {
    pub(super) origin: QuestionOrigin,
    /// SHA-256 of the set.
    pub(super) set: Arc<str>,
    pub(super) number: u32,
}
