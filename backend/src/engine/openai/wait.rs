//! Waits for a server until a deadline passes or the caller cancels.

use std::future::Future;
use std::pin::pin;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use tokio::time::{Instant, interval, sleep_until};

use crate::engine::EngineProgress;

/// How often `cancel` is checked.
const LOOK: Duration = Duration::from_millis(100);
/// How often the caller is told that the wait continues.
const ALIVE: Duration = Duration::from_secs(1);

/// Why a wait ended early.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum WaitEnd {
    Cancelled,
    Late,
}

/// The caller of a request, who may cancel it and is told of its progress.
pub(super) struct RequestWatch<'a> {
    cancel: &'a AtomicBool,
    report: &'a mut (dyn FnMut(EngineProgress<'_>) + 'a),
    told: Instant,
    /// How much of the answer was shown, in bytes.
    shown: usize,
}

impl<'a> RequestWatch<'a> {
    pub(super) fn new(
        cancel: &'a AtomicBool,
        report: &'a mut (dyn FnMut(EngineProgress<'_>) + 'a),
    ) -> Self {
        let told = Instant::now();
        Self {
            cancel,
            report,
            told,
            shown: 0,
        }
    }

    /// What `work` gives, if that comes before `deadline`.
    pub(super) async fn until<T>(
        &mut self,
        deadline: Instant,
        work: impl Future<Output = T>,
    ) -> Result<T, WaitEnd> {
        let mut work = pin!(work);
        let mut look = interval(LOOK);
        loop {
            if self.cancel.load(Ordering::Relaxed) {
                return Err(WaitEnd::Cancelled);
            }
            // Looked at before the work: what is always ready would never be late.
            let now = Instant::now();
            if now >= deadline {
                return Err(WaitEnd::Late);
            }
            if now - self.told >= ALIVE {
                self.told = now;
                (self.report)(EngineProgress::Alive);
            }
            tokio::select! {
                biased;
                done = &mut work => return Ok(done),
                _ = look.tick() => {}
                () = sleep_until(deadline) => {}
            }
        }
    }

    /// Waits for `pause`.
    pub(super) async fn pause(&mut self, pause: Duration) -> Result<(), WaitEnd> {
        let end = Instant::now() + pause;
        match self.until(end, std::future::pending::<()>()).await {
            Err(WaitEnd::Cancelled) => Err(WaitEnd::Cancelled),
            Ok(()) | Err(WaitEnd::Late) => Ok(()),
        }
    }

    /// Shows what is new of `answer`. An attempt after one that broke off shows nothing twice.
    pub(super) fn show(&mut self, answer: &str) {
        if let Some(new) = answer.get(self.shown..).filter(|new| !new.is_empty()) {
            (self.report)(EngineProgress::Text(new));
            self.shown = answer.len();
        }
    }
}
