//! An endpoint that takes connections and says nothing holds up nobody else, and is left at once.

use std::time::{Duration, Instant};

use fathom_shared::api::RunStatus;

use crate::endpoint::{Endpoint, Holds};
use crate::served::{LONGEST, PATIENCE, Served};

#[tokio::test(flavor = "multi_thread")]
async fn a_check_that_hangs_holds_up_no_other_run_and_can_be_cancelled() {
    let folder = tempfile::tempdir().unwrap();
    let hangs = Endpoint::start("hangs", LONGEST, Holds::All).await;
    let good = Endpoint::start("good", LONGEST, Holds::Nothing).await;
    let server = Served::start(folder.path(), &[&hangs, &good]).await;
    let stuck = server.queue(&hangs, 3).await;
    let began = Instant::now();
    while hangs.requests() == 0 {
        assert!(began.elapsed() < PATIENCE);
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    let other = server.queue(&good, 3).await;
    let run = server
        .until(other, |run| run.status == RunStatus::Done)
        .await;
    assert_eq!(run.counts.answered, 3);
    assert_eq!(hangs.left(), 0, "the check goes on");

    // By another process: the server that waits must hear of it by itself.
    server.jobs.cancel(stuck).await.unwrap();
    let cancelled = Instant::now();
    while hangs.left() == 0 {
        assert!(
            cancelled.elapsed() < Duration::from_secs(3),
            "it is not left"
        );
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    let run = server.run(stuck).await;
    assert_eq!((run.status, run.error), (RunStatus::Cancelled, None));
    // One thread looked, and nobody looked again.
    tokio::time::sleep(Duration::from_secs(2)).await;
    assert_eq!(hangs.requests(), 1);
}
