//! SIGKILL at random points, fifty times, with two workers: no row is lost, none is there twice.

use std::collections::BTreeSet;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use fathom_backend::catalog::Catalog;
use fathom_backend::config::Config;
use fathom_backend::data::models::Models;
use fathom_backend::jobs::Jobs;
use fathom_backend::store::{DatabaseUrl, Store};
use fathom_shared::api::{NewRun, Order, RunStatus};
use fathom_shared::engine::EngineKind;
use fathom_shared::prompt::PromptMode;
use fathom_shared::run::{Grid, TaskChoice};
use fathom_shared::tokens::Tokens;
use fathom_shared::transcript::Outcome;

#[path = "../src/testing.rs"]
mod testing;

const KILLS: u32 = 50;
const PATIENCE: Duration = Duration::from_secs(240);

/// A `fathom worker`; ends with its owner.
struct Worker(Child);

impl Worker {
    fn start(database: &DatabaseUrl, folder: &Path) -> Self {
        let database = match database {
            DatabaseUrl::Sqlite(path) => path.display().to_string(),
            DatabaseUrl::Postgres(url) => url.to_string(),
        };
        let child = Command::new(env!("CARGO_BIN_EXE_fathom"))
            .args([
                "worker",
                "--lease",
                "1",
                "--database",
                &database,
                "--models",
            ])
            .arg(folder)
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn();
        Self(child.unwrap())
    }

    fn kill(&mut self) {
        self.0.kill().unwrap();
        self.0.wait().unwrap();
    }
}

impl Drop for Worker {
    fn drop(&mut self) {
        let _gone = self.0.kill();
        let _reaped = self.0.wait();
    }
}

fn order(seed: u32) -> NewRun {
    NewRun {
        order: Order {
            grid: Grid {
                tasks: vec![TaskChoice::new("niah_single_1")],
                lengths: vec![Tokens(1500), Tokens(1700)],
                seeds: vec![seed],
                first: 0,
                count: 20,
            },
            model: "tiny".to_owned(),
            engine: EngineKind::CandleCpu,
            mode: PromptMode::Completion,
            rope: None,
            kv: None,
        },
        priority: 0,
    }
}

async fn holds(database: DatabaseUrl) {
    let folder = tempfile::tempdir().unwrap();
    testing::write_model(folder.path(), "tiny");
    let store = Store::open(&database).await.unwrap();
    let catalog = Catalog::new(Models::new(folder.path()), Config::default());
    let jobs = Jobs::new(store.clone(), Config::default());
    let (mut ordered, mut kills, began) = (Vec::new(), 0, Instant::now());
    let mut workers = [
        Worker::start(&database, folder.path()),
        Worker::start(&database, folder.path()),
    ];
    // A generator of its own, so that a failure can be had again.
    let mut chance = 0x2545_f491_4f6c_dd1d_u64;
    loop {
        let open = match ordered.last() {
            Some(id) => jobs.view(*id).await.unwrap().counts.open(),
            None => 0,
        };
        if open == 0 && kills >= KILLS && interrupted(&store, &ordered).await {
            break;
        }
        if open == 0 {
            let mut new = order(u32::try_from(ordered.len()).unwrap());
            let engine = catalog.check(&mut new.order).unwrap();
            ordered.push(jobs.order(&new, &engine).await.unwrap().id);
        }
        chance ^= chance << 13;
        chance ^= chance >> 7;
        chance ^= chance << 17;
        tokio::time::sleep(Duration::from_millis(50 + chance % 600)).await;
        if kills < KILLS || !interrupted(&store, &ordered).await {
            let victim = &mut workers[(chance >> 20) as usize % 2];
            victim.kill();
            *victim = Worker::start(&database, folder.path());
            kills += 1;
        }
        assert!(
            began.elapsed() < PATIENCE,
            "{ordered:?} did not end: {open} open"
        );
    }
    for id in &ordered {
        let run = store.run(*id).await.unwrap();
        let counts = run.counts;
        assert_eq!(
            (run.status, counts.asked),
            (RunStatus::Done, 40),
            "{:?}",
            run.error
        );
        assert_eq!((counts.answered, counts.failed), (40, 0));
        let rows = store.rows(*id, None, 100).await.unwrap();
        assert_eq!(rows.len(), 40);
        let (stored, _) = store.stored_after(*id, 0, 100).await.unwrap();
        let places: BTreeSet<_> = stored.iter().map(|row| row.place).collect();
        assert_eq!((stored.len(), places.len()), (40, 40));
        // What the run counts is what its transcripts hold: no answer was added up twice.
        let (mut read, mut written) = (0, 0);
        for cell in [0, 1] {
            let kept = store.transcripts(*id, cell).await.unwrap();
            assert_eq!(kept.len(), 20);
            for row in kept {
                read += u64::from(row.transcript.prompt_tokens.unwrap().0);
                let Outcome::Completed(done) = &row.transcript.outcome else {
                    panic!("{row:?}")
                };
                written += u64::from(done.tokens.0);
            }
        }
        assert_eq!((run.prompt_tokens, run.answer_tokens), (read, written));
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
