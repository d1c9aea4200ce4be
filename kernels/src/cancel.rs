//! Cancellation of long work.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

/// A flag that one side sets and the other checks between two steps.
///
/// # Example
/// ```
/// use fathom_kernels::cancel::CancelFlag;
/// let cancel = CancelFlag::default();
/// let other_hand = cancel.clone();
/// other_hand.raise();
/// assert!(cancel.is_raised());
/// ```
#[derive(Clone, Debug, Default)]
pub struct CancelFlag(Arc<AtomicBool>);

impl CancelFlag {
    /// Asks to stop.
    pub fn raise(&self) {
        self.0.store(true, Ordering::Relaxed);
    }

    /// Whether a stop was requested.
    pub fn is_raised(&self) -> bool {
        self.0.load(Ordering::Relaxed)
    }

    /// The flag itself, for code that shares an `AtomicBool`.
    pub fn flag(&self) -> &AtomicBool {
        &self.0
    }
}
