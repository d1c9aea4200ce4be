//! A disk that takes nothing more while a worker answers: it keeps its answer until there is room.
//!
//! The disk is played by the kernel's limit on the size of files (`RLIMIT_FSIZE`), lowered to what
//! the write-ahead log has reached and raised again, while the worker runs. A small filesystem
//! that fills up would need privileges or namespaces, which many machines do not give. With either
//! one a `write` is cut short and the next one refused, in the middle of a page.

use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::mpsc::{Receiver, channel};
use std::thread;
use std::time::{Duration, Instant};

use fathom_backend::catalog::Catalog;
use fathom_backend::config::Config;
use fathom_backend::data::models::ModelStore;
use fathom_backend::jobs::Jobs;
use fathom_backend::store::{DatabaseUrl, Store};
use fathom_shared::api::RowState;

use crate::testing;
use crate::worker::{Worker, assert_whole, new_run};

const PATIENCE: Duration = Duration::from_secs(240);
/// A worker that waits for the disk renews no lease; nobody else is there to take the sample.
const LEASE: u32 = 600;

/// A worker that is refused a write instead of being ended by the signal that comes with it.
fn worker(database: &DatabaseUrl, models: &Path) -> Worker {
    let child = Command::new("sh")
        .args(["-c", "trap '' XFSZ; exec \"$0\" \"$@\""])
        .args(Worker::arguments(database, models, LEASE))
        .env("FATHOM_LOG", "error")
        .stdout(Stdio::null())
        .stderr(Stdio::piped())
        .spawn();
    Worker(child.expect("sh starts the worker"))
}

/// What the worker could not store.
#[derive(PartialEq, Debug)]
enum Refused {
    Answer,
    Lease,
}

/// What the worker complains of; other lines come from drivers.
fn complaints(child: &mut Child) -> Receiver<Refused> {
    let lines = BufReader::new(child.stderr.take().unwrap()).lines();
    let refused = |line: String| match line {
        line if line.contains("answer not stored") => Some(Refused::Answer),
        line if line.contains("no sample taken up") => Some(Refused::Lease),
        _ => None,
    };
    let mut refused = lines.map_while(Result::ok).filter_map(refused);
    let (told, complaints) = channel();
    thread::spawn(move || refused.try_for_each(|refused| told.send(refused)));
    complaints
}

/// No file of the worker grows beyond `bytes` (a number or `unlimited`) from now on.
fn limit(child: &Child, bytes: &str) {
    let done = Command::new("prlimit")
        .args(["--pid", &child.id().to_string()])
        .arg(format!("--fsize={bytes}:"))
        .status()
        .expect("prlimit, of util-linux, sets the limit");
    assert!(done.success());
}

async fn leased(store: &Store, id: i64) -> bool {
    let rows = store.rows(id, None, 100).await.unwrap();
    rows.iter().any(|row| row.state == RowState::Leased)
}

#[tokio::test(flavor = "multi_thread")]
async fn an_answer_waits_for_a_disk_that_is_full() {
    let folder = tempfile::tempdir().unwrap();
    testing::write_model(folder.path(), "tiny");
    let path = folder.path().join("fathom.db");
    let database = DatabaseUrl::Sqlite(path.clone());
    let store = Store::open(&database).await.unwrap();
    let catalog = Catalog::new(ModelStore::new(folder.path()), Config::default());
    let jobs = Jobs::new(store.clone(), Config::default());
    let mut new = new_run(1);
    let engine = catalog.check(&mut new.run_spec).unwrap().engine;
    let id = jobs.queue(&new, &engine).await.unwrap().id;
    let mut worker = worker(&database, folder.path());
    let complaints = complaints(&mut worker.0);
    let began = Instant::now();

    // The disk is full while a sample is being answered. Where it became so just after an answer
    // was stored, only the next sample could not be taken up: then once more.
    let kept = loop {
        assert!(began.elapsed() < PATIENCE, "no answer met the full disk");
        let counts = store.run(id).await.unwrap().counts;
        assert!(counts.open() > 0, "the run ended before the disk was full");
        if counts.answered < 3 || !leased(&store, id).await {
            continue;
        }
        let log = std::fs::metadata(path.with_extension("db-wal")).unwrap();
        // In the middle of a page.
        limit(&worker.0, &(log.len() + 1000).to_string());
        if complaints.recv_timeout(PATIENCE).unwrap() == Refused::Answer {
            break store.run(id).await.unwrap().counts;
        }
        limit(&worker.0, "unlimited");
    };
    // It is offered again and waits again; the log has the reason once.
    let more = complaints.recv_timeout(Duration::from_secs(4));
    assert!(more.is_err(), "{more:?}");
    let (waiting, leased) = (store.run(id).await.unwrap(), leased(&store, id).await);
    assert_eq!(
        (waiting.counts, leased),
        (kept, true),
        "{:?}",
        waiting.error
    );
    assert!(kept.open() > 0);

    limit(&worker.0, "unlimited");
    while store.run(id).await.unwrap().counts.open() > 0 {
        assert!(began.elapsed() < PATIENCE, "the run did not go on");
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    assert_whole(&store, id).await;
    // The answer that waited was not asked for again.
    let rows = store.rows(id, None, 100).await.unwrap();
    let attempts: Vec<_> = rows.iter().map(|row| row.attempts).collect();
    assert_eq!(attempts, vec![1; attempts.len()]);
    store.close().await;
}
