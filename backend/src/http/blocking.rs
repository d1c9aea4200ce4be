//! Work that blocks, on Tokio's threads for it. When a client hangs up or an answer takes too long,
//! the work continues; so only a few pieces of work run at once, the others wait where leaving costs
//! nothing, and scripts and embeddings are stopped when nobody waits for them.

use tokio::sync::Semaphore;
use tokio::task::spawn_blocking;

use super::ApiError;
use crate::work_cancellation::{self, WaitFlag};

/// Samples and texts being made.
static MAKING: Semaphore = Semaphore::const_new(4);
/// Models and run specs are checked; new models are hashed.
static LOOKING: Semaphore = Semaphore::const_new(8);

/// Makes something that takes the processor.
pub(super) async fn make<T: Send + 'static>(
    work: impl FnOnce() -> T + Send + 'static,
) -> Result<T, ApiError> {
    queued(&MAKING, work).await
}

/// Reads something from the disk.
pub(super) async fn look<T: Send + 'static>(
    work: impl FnOnce() -> T + Send + 'static,
) -> Result<T, ApiError> {
    queued(&LOOKING, work).await
}

async fn queued<T: Send + 'static>(
    queue: &'static Semaphore,
    work: impl FnOnce() -> T + Send + 'static,
) -> Result<T, ApiError> {
    let turn = queue.acquire().await;
    let turn = turn.map_err(|closed| ApiError::Internal(closed.into()))?;
    let waiting = WaitFlag::default();
    let left = waiting.flag();
    let done = spawn_blocking(move || {
        // Released when the work is over, whether or not anybody still waits for it.
        let _turn = turn;
        work_cancellation::until(&left, work)
    });
    Ok(done.await?)
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicUsize, Ordering};
    use std::sync::mpsc;
    use std::time::Duration;

    use super::*;

    static TWO: Semaphore = Semaphore::const_new(2);

    #[tokio::test(flavor = "multi_thread")]
    async fn who_left_keeps_a_turn_only_while_the_work_goes_on() {
        static BEGUN: AtomicUsize = AtomicUsize::new(0);
        let mut ends = Vec::new();
        for _ in 0..5 {
            let (end, ended) = mpsc::channel::<()>();
            ends.push(end);
            let left = queued(&TWO, move || {
                BEGUN.fetch_add(1, Ordering::Relaxed);
                // An error is an end as well.
                let _end = ended.recv();
            });
            let left = tokio::time::timeout(Duration::from_millis(100), left).await;
            assert!(left.is_err(), "the work goes on");
        }
        // Those who left while they queued began nothing.
        assert_eq!(BEGUN.load(Ordering::Relaxed), 2);
        drop(ends);
        assert_eq!(queued(&TWO, || 7).await.unwrap(), 7);
    }
}
