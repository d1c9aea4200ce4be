//! An endpoint costs money: it is asked nothing while the answer could not be stored, and nothing
//! twice because it could not. The disk is played as in `full_disk`.

use std::process::Command;
use std::time::Duration;

use fathom_shared::api::RunStatus;

use crate::endpoint::{Endpoint, Holds};
use crate::served::{LONGEST, Served};

/// No file of the server grows beyond `bytes` (a number or `unlimited`) from now on.
fn limit(server: &Served, bytes: &str) {
    let done = Command::new("prlimit")
        .args(["--pid", &server.process.id().to_string()])
        .arg(format!("--fsize={bytes}:"))
        .status()
        .expect("prlimit, of util-linux, sets the limit");
    assert!(done.success());
}

#[tokio::test(flavor = "multi_thread")]
async fn nobody_is_asked_while_nothing_can_be_stored() {
    let folder = tempfile::tempdir().unwrap();
    let good = Endpoint::start("good", LONGEST, Holds::Nothing).await;
    let server = Served::start(folder.path(), &[&good]).await;
    assert_eq!(server.unready().await, None);
    limit(&server, "0");
    let id = server.queue(&good, 6).await;
    let run = server.until(id, |run| run.error.is_some()).await;
    assert_eq!(run.status, RunStatus::Queued, "{run:?}");
    let why = server.unready().await.expect("it is not ready");
    assert!(why.starts_with("nothing can be stored: "), "{why}");
    tokio::time::sleep(Duration::from_secs(3)).await;
    assert_eq!(good.requests(), 0, "no check, no sample");

    limit(&server, "unlimited");
    let run = server.until(id, |run| run.status == RunStatus::Done).await;
    assert_eq!((run.counts.answered, run.error), (6, None));
    assert_eq!(good.asked(), 6);
    assert_eq!(server.unready().await, None);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_answer_that_cannot_be_stored_is_not_asked_for_again() {
    let folder = tempfile::tempdir().unwrap();
    let good = Endpoint::start("good", LONGEST, Holds::Samples).await;
    let server = Served::start(folder.path(), &[&good]).await;
    let id = server.queue(&good, 6).await;
    let asked = || good.asked();
    let began = std::time::Instant::now();
    while asked() < 2 {
        assert!(began.elapsed() < crate::served::PATIENCE);
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    let log = server.database.with_extension("db-wal");
    // In the middle of a page.
    let length = std::fs::metadata(log).unwrap().len() + 1000;
    limit(&server, &length.to_string());
    good.open();
    let run = server.until(id, |run| run.error.is_some()).await;
    assert_eq!((run.counts.answered, run.status), (0, RunStatus::Running));
    assert!(server.unready().await.is_some());
    tokio::time::sleep(Duration::from_secs(5)).await;
    assert_eq!(asked(), 2, "one for each thread, and none again");

    limit(&server, "unlimited");
    let run = server.until(id, |run| run.status == RunStatus::Done).await;
    assert_eq!((run.counts.answered, run.error), (6, None));
    assert_eq!(asked(), 6);
    let rows = server.store.rows(id, None, 99).await.unwrap();
    assert!(rows.iter().all(|row| row.attempts == 1), "{rows:?}");
}
