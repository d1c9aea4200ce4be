//! Whether anyone still waits for this thread's result: a run may be cancelled, or a client may
//! disconnect. Long-running code that cannot be passed a flag asks here.

use std::cell::RefCell;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

thread_local! {
    /// Set when nobody waits for this thread's result any more.
    static LEFT: RefCell<Option<Arc<AtomicBool>>> = const { RefCell::new(None) };
}

/// How often a waiting task checks the flag.
const LOOK: Duration = Duration::from_millis(50);

/// Runs `work` on this thread; `left` is set when nobody waits for its result any more.
pub fn until<T>(left: &Arc<AtomicBool>, work: impl FnOnce() -> T) -> T {
    let before = LEFT.replace(Some(Arc::clone(left)));
    let _back = RestoreFlag(before);
    work()
}

/// Whether nobody waits for this thread's result any more.
pub fn is_left() -> bool {
    LEFT.with_borrow(|left| {
        left.as_ref()
            .is_some_and(|left| left.load(Ordering::Relaxed))
    })
}

/// Completes when nobody waits any more; await it on the thread that works.
pub async fn left() {
    while !is_left() {
        tokio::time::sleep(LOOK).await;
    }
}

/// Owns a flag that is set when this is dropped; the waiting side holds it.
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

/// Restores the previous flag, even after a panic.
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
