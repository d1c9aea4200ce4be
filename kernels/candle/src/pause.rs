//! Pauses in long work, for a thread that has more to do than to compute.

use std::pin::Pin;

use web_time::{Duration, Instant};

/// Lets others have the thread; ready when they had their turn.
pub type Pause = fn() -> Pin<Box<dyn Future<Output = ()>>>;

/// How long the thread is kept: well below the time in which a cancel has to take effect.
const KEEP: Duration = Duration::from_millis(100);

/// When the thread was last let go, where it ever is.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Pauses {
    pause: Option<Pause>,
    last: Option<Instant>,
}

impl Pauses {
    /// None at all without a `pause`.
    pub(crate) fn new(pause: Option<Pause>) -> Self {
        Self { pause, last: None }
    }

    /// Pauses, if it is time.
    pub(crate) async fn take(&mut self) {
        let Some(pause) = self.pause else {
            return;
        };
        if self.last.is_none_or(|last| last.elapsed() >= KEEP) {
            pause().await;
            self.last = Some(Instant::now());
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicUsize, Ordering};

    use pollster::block_on;

    use super::*;

    #[test]
    fn the_thread_is_let_go_at_first_and_then_when_its_time_is_over() {
        static PAUSED: AtomicUsize = AtomicUsize::new(0);
        let pause: Pause = || {
            PAUSED.fetch_add(1, Ordering::Relaxed);
            Box::pin(std::future::ready(()))
        };
        let mut pauses = Pauses::new(Some(pause));
        let begun = Instant::now();
        block_on(pauses.take());
        block_on(pauses.take());
        if begun.elapsed() < KEEP {
            assert_eq!(PAUSED.load(Ordering::Relaxed), 1);
        }
        pauses.last = Instant::now().checked_sub(KEEP);
        block_on(pauses.take());
        assert_eq!(PAUSED.load(Ordering::Relaxed), 2);
        block_on(Pauses::new(None).take());
        assert_eq!(PAUSED.load(Ordering::Relaxed), 2);
    }
}
