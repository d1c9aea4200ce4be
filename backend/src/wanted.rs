//! Whether anyone still waits for what a thread makes: a run may be cancelled, a client may hang up.
//! What takes long and cannot be handed a flag asks here.

use std::cell::RefCell;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

thread_local! {
    /// Rises when nobody waits any more for what this thread makes.
    static LEFT: RefCell<Option<Arc<AtomicBool>>> = const { RefCell::new(None) };
}

/// How often one that waits for something else looks here.
const LOOK: Duration = Duration::from_millis(50);

/// Does `work` on this thread, which is told by `left` when nobody waits for it any more.
pub fn until<T>(left: &Arc<AtomicBool>, work: impl FnOnce() -> T) -> T {
    let before = LEFT.replace(Some(Arc::clone(left)));
    let _back = RestoreFlag(before);
    work()
}

/// Whether nobody waits any more for what this thread makes.
pub fn is_left() -> bool {
    LEFT.with_borrow(|left| {
        left.as_ref()
            .is_some_and(|left| left.load(Ordering::Relaxed))
    })
}

/// Ends when nobody waits any more; to be awaited on the thread that works.
pub async fn left() {
    while !is_left() {
        tokio::time::sleep(LOOK).await;
    }
}

/// A flag that rises when this is dropped: held by whoever waits.
#[derive(Debug, Default)]
pub struct WaitFlag(Arc<AtomicBool>);

impl WaitFlag {
    /// The flag.
    pub fn flag(&self) -> Arc<AtomicBool> {
        Arc::clone(&self.0)
    }
}

impl Drop for WaitFlag {
    fn drop(&mut self) {
        self.0.store(true, Ordering::Relaxed);
    }
}

/// Puts back what held before, even after a panic.
struct RestoreFlag(Option<Arc<AtomicBool>>);

impl Drop for RestoreFlag {
    fn drop(&mut self) {
        LEFT.set(self.0.take());
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn work_hears_that_nobody_waits() {
        assert!(!is_left());
        let waiting = WaitFlag::default();
        let (flag, other) = (waiting.flag(), Arc::default());
        until(&flag, || {
            assert!(!is_left());
            drop(waiting);
            assert!(is_left());
            until(&other, || assert!(!is_left()));
            assert!(is_left());
        });
        assert!(!is_left());
    }
}
