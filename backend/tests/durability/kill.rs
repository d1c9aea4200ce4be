//! SIGKILL at random points, fifty times, with two workers: no row is lost, none is there twice.

use std::process::Command;
use std::time::{Duration, Instant};

use fathom_backend::catalog::Catalog;
use fathom_backend::config::Config;
use fathom_backend::data::models::ModelStore;
use fathom_backend::jobs::Jobs;
use fathom_backend::store::{DatabaseUrl, Store};

use crate::testing;
use crate::worker::{Worker, assert_whole, new_run};

const KILLS: u32 = 50;
const PATIENCE: Duration = Duration::from_secs(240);

async fn holds(database: DatabaseUrl) {
    let folder = tempfile::tempdir().unwrap();
    testing::write_model(folder.path(), "tiny");
    let store = Store::open(&database).await.unwrap();
    let catalog = Catalog::new(ModelStore::new(folder.path()), Config::default());
    let jobs = Jobs::new(store.clone(), Config::default());
    let (mut queued, mut kills, began) = (Vec::new(), 0, Instant::now());
    let mut workers = [
        Worker::start(&database, folder.path(), 1),
        Worker::start(&database, folder.path(), 1),
    ];
    // A generator of its own, so that a failure can be had again.
    let mut chance = 0x2545_f491_4f6c_dd1d_u64;
    loop {
        let open = match queued.last() {
            Some(id) => jobs.view(*id).await.unwrap().counts.open(),
            None => 0,
        };
        if open == 0 && kills >= KILLS && interrupted(&store, &queued).await {
            break;
        }
        if open == 0 {
            let mut new = new_run(u32::try_from(queued.len()).unwrap());
            let engine = catalog.check(&mut new.run_spec).unwrap().engine;
            queued.push(jobs.queue(&new, &engine).await.unwrap().id);
        }
        chance ^= chance << 13;
        chance ^= chance >> 7;
        chance ^= chance << 17;
        tokio::time::sleep(Duration::from_millis(50 + chance % 600)).await;
        if kills < KILLS || !interrupted(&store, &queued).await {
            let victim = &mut workers[(chance >> 20) as usize % 2];
            victim.kill();
            *victim = Worker::start(&database, folder.path(), 1);
            kills += 1;
        }
        assert!(
            began.elapsed() < PATIENCE,
            "{queued:?} did not end: {open} open"
        );
    }
    for id in &queued {
        assert_whole(&store, *id).await;
    }
    store.close().await;
}

/// Whether a worker was killed in the middle of a sample, so that another had to take it again.
async fn interrupted(store: &Store, runs: &[i64]) -> bool {
    for id in runs {
        let rows = store.rows(*id, None, 100).await.unwrap();
        if rows.iter().any(|row| row.attempts > 1) {
            return true;
        }
    }
    false
}

#[tokio::test(flavor = "multi_thread")]
async fn sqlite_loses_no_row_and_repeats_none() {
    let folder = tempfile::tempdir().unwrap();
    holds(DatabaseUrl::Sqlite(folder.path().join("fathom.db"))).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn postgres_loses_no_row_and_repeats_none() {
    let server = std::env::var("FATHOM_TEST_POSTGRES")
        .expect("FATHOM_TEST_POSTGRES is not set: run the tests by `cargo xtask test`");
    let name = format!("kill_{}", std::process::id());
    let made = Command::new("psql")
        .args([&server, "-qc", &format!("CREATE DATABASE {name}")])
        .status();
    assert!(made.unwrap().success());
    holds(format!("{server}/{name}").parse().unwrap()).await;
}
