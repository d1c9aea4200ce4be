//! Tests for a single database, and helpers for the tests of both. The PostgreSQL tests use the
//! server that `cargo xtask test` starts, with a new database for each test.

macro_rules! on_both {
    ($($name:ident),* $(,)?) => {
        mod sqlite {
            $(#[tokio::test(flavor = "multi_thread")]
            async fn $name() { super::$name(crate::store::tests::Fresh::sqlite()).await; })*
        }
        mod postgres {
            $(#[tokio::test(flavor = "multi_thread")]
            async fn $name() { super::$name(crate::store::tests::Fresh::postgres().await).await; })*
        }
    };
}

mod both_databases; // tests of the store on both databases
mod hostile; // hostile input, on both databases
mod power; // recovery of SQLite's files after a power cut

use std::collections::BTreeSet;
use std::time::Duration;

use fathom_shared::api::RunSpec;
use fathom_shared::engine::EngineKind;
use fathom_shared::prompt::PromptMode;
use fathom_shared::run::{RunGrid, ScoredTranscript, TaskChoice};
use fathom_shared::score::Score;
use fathom_shared::tokens::Tokens;
use fathom_shared::transcript::{
    Completion, EngineInfo, Failure, FailureKind, FinishReason, Outcome, Timings, Transcript,
};
use tempfile::TempDir;

use super::{DatabaseUrl, Lease, LeaseHolder, Store, StoreError};

/// A new database; dropping it removes its folder.
struct Fresh {
    url: DatabaseUrl,
    _folder: Option<TempDir>,
}

impl Fresh {
    fn sqlite() -> Self {
        let folder = tempfile::tempdir().unwrap();
        Self {
            // The space and the special character are deliberate.
            url: DatabaseUrl::Sqlite(folder.path().join("new folder/fathom #1.db")),
            _folder: Some(folder),
        }
    }

    async fn postgres() -> Self {
        let server = std::env::var("FATHOM_TEST_POSTGRES")
            .expect("FATHOM_TEST_POSTGRES is not set: run the tests by `cargo xtask test`");
        let chance = tempfile::tempdir().unwrap();
        let name = chance.path().file_name().unwrap().to_string_lossy();
        let name = name
            .to_lowercase()
            .replace(|c: char| !c.is_alphanumeric(), "_");
        let name = format!("{name}_{}", std::process::id());
        sqlx::any::install_default_drivers();
        let pool = sqlx::AnyPool::connect(&server).await.unwrap();
        let create = sqlx::AssertSqlSafe(format!("CREATE DATABASE \"{name}\""));
        sqlx::query(create).execute(&pool).await.unwrap();
        pool.close().await;
        let url = format!("{server}/{name}").parse().unwrap();
        Self { url, _folder: None }
    }

    async fn open(&self) -> Store {
        Store::open(&self.url).await.unwrap()
    }
}

fn a_run_spec(seed: u32) -> RunSpec {
    RunSpec {
        grid: RunGrid {
            tasks: vec![TaskChoice::new("vt"), TaskChoice::new("cwe")],
            lengths: vec![Tokens(1024)],
            seeds: vec![seed],
            first: 2,
            count: 3,
        },
        model: "tiny".to_owned(),
        engine: EngineKind::CandleCpu,
        mode: PromptMode::Chat,
        rope: None,
        texts: None,
        kv: None,
    }
}

fn worker(name: &str) -> LeaseHolder {
    LeaseHolder::new(name, Duration::from_secs(60))
}

fn answered(sample: u32, text: &str) -> ScoredTranscript {
    let outcome = Outcome::Completed(Completion {
        text: text.to_owned(),
        thinking: None,
        thinking_end_alone: false,
        options: Vec::new(),
        tokens: Tokens(4),
        finish: FinishReason::Length,
        usage: None,
        timings: Timings {
            prefill_ms: 20.5,
            decode_ms: 10.0,
        },
    });
    let score = Score {
        value: 1.0 / 3.0,
        found: vec![true, false, false],
        blank: false,
        parts: Vec::new(),
        source: Some("0123456789ab".to_owned()),
        version: 1,
    };
    row(sample, outcome, Some(score))
}

fn failed(sample: u32) -> ScoredTranscript {
    let failure = Failure {
        kind: FailureKind::DeviceLost,
        message: "gone".to_owned(),
    };
    row(sample, Outcome::Failed(failure), None)
}

fn row(sample: u32, outcome: Outcome, score: Option<Score>) -> ScoredTranscript {
    let transcript = Transcript {
        sample,
        prompt_hash: Some("00".to_owned()),
        prompt_tokens: Some(Tokens(900)),
        engine: EngineInfo::default(),
        outcome,
    };
    ScoredTranscript { transcript, score }
}

async fn add(store: &Store, seed: u32) -> i64 {
    let engine = EngineInfo::default();
    store.add_run(&a_run_spec(seed), 0, &engine).await.unwrap()
}

async fn take(store: &Store, run: i64, worker: &LeaseHolder) -> Lease {
    store.claim(run, worker).await.unwrap().expect("a sample")
}

#[tokio::test]
async fn a_full_disk_is_named_and_leaves_no_half_row() {
    let fresh = Fresh::sqlite();
    fresh.open().await.close().await;
    let store = Store::open_with(&fresh.url, "PRAGMA max_page_count = 24")
        .await
        .unwrap();
    let (id, ann) = (add(&store, 1).await, worker("ann"));
    let lease = take(&store, id, &ann).await;
    store.answer(&lease, &answered(2, "fits")).await.unwrap();
    let lease = take(&store, id, &ann).await;
    let long = answered(3, &"x".repeat(200_000));
    // Every attempt gives the same reason: no connection is left in a transaction.
    for _again in 0..3 {
        let error = store.answer(&lease, &long).await.unwrap_err();
        assert!(matches!(error, StoreError::Full { .. }), "{error}");
        assert!(error.to_string().contains("fathom #1.db"), "{error}");
    }
    store.renew(&lease, &ann).await.unwrap();
    assert_eq!(
        store.transcripts(id, 0).await.unwrap(),
        [answered(2, "fits")]
    );
    assert_eq!(store.run(id).await.unwrap().counts.answered, 1);
    store.close().await;
    // Once there is space again, the same answer is accepted: the lease is still valid.
    let store = fresh.open().await;
    store.answer(&lease, &long).await.unwrap();
    assert_eq!(store.run(id).await.unwrap().counts.answered, 2);
}

#[tokio::test]
async fn a_database_that_is_only_read_is_not_made() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("new folder/nothere.db");
    let url = DatabaseUrl::Sqlite(path.clone());
    let error = Store::open_existing(&url).await.unwrap_err();
    let want = format!("there is no database `{}`", path.display());
    assert_eq!(error.to_string(), want);
    assert!(!folder.path().join("new folder").exists());
    Store::open(&url).await.unwrap().close().await;
    Store::open_existing(&url).await.unwrap().close().await;
}

#[tokio::test]
async fn foreign_databases_are_refused_with_a_sentence() {
    let began = std::time::Instant::now();
    let folder = tempfile::tempdir().unwrap();
    let refused = async |path: &std::path::Path| {
        let error = Store::open(&DatabaseUrl::Sqlite(path.to_owned()))
            .await
            .unwrap_err();
        crate::errors::chain(&error)
    };
    let text = folder.path().join("notes.txt");
    let content = "not a database, but long enough to be read as one".repeat(20);
    std::fs::write(&text, &content).unwrap();
    let error = refused(&text).await;
    assert!(error.contains("notes.txt"), "{error}");
    assert!(error.contains("file is not a database"), "{error}");
    assert_eq!(std::fs::read_to_string(&text).unwrap(), content);
    let error = refused(folder.path()).await;
    assert!(error.contains("it is a folder, expected a file"), "{error}");
    let error = refused(&text.join("below/a.db")).await;
    assert!(error.contains("Not a directory"), "{error}");

    // Another program's database, which is left as it is.
    let theirs = folder.path().join("places.sqlite");
    let url = format!("sqlite:{}?mode=rwc", theirs.display());
    let pool = sqlx::AnyPool::connect(&url).await.unwrap();
    let made = sqlx::query("CREATE TABLE bookmarks (id INTEGER)");
    made.execute(&pool).await.unwrap();
    pool.close().await;
    let before = std::fs::read(&theirs).unwrap();
    let error = refused(&theirs).await;
    assert!(error.contains("another program (bookmarks)"), "{error}");
    assert!(std::fs::read(&theirs).unwrap() == before);

    let fresh = Fresh::sqlite();
    let DatabaseUrl::Sqlite(path) = &fresh.url else {
        panic!("{:?}", fresh.url)
    };
    let store = fresh.open().await;
    let later = sqlx::query("UPDATE _sqlx_migrations SET version = 999 WHERE version = 1");
    later.execute(&store.pool).await.unwrap();
    store.close().await;
    let error = Store::open(&fresh.url).await.unwrap_err();
    assert!(matches!(error, StoreError::Foreign { .. }), "{error}");
    let error = refused(path).await;
    assert!(
        error.contains("a later version of fathom (its schema version is 999"),
        "{error}"
    );
    assert!(began.elapsed() < Duration::from_secs(10), "at once");
}

#[tokio::test]
async fn a_database_of_the_first_form_is_brought_up() {
    let fresh = Fresh::sqlite();
    let store = fresh.open().await;
    let id = add(&store, 1).await;
    let ann = worker("ann");
    for row in [answered(2, "x"), failed(3)] {
        let lease = take(&store, id, &ann).await;
        store.answer(&lease, &row).await.unwrap();
    }
    let before = store.scores(id).await.unwrap();
    assert_eq!(before[0].1.1.as_deref(), Some("0123456789ab"));
    for undo in [
        "DROP TABLE pulse",
        "ALTER TABLE rows DROP COLUMN source",
        "ALTER TABLE rows DROP COLUMN textless",
        "ALTER TABLE rows DROP COLUMN end_alone",
        "UPDATE runs SET order_json = replace(order_json, '\"vt\"', '\"qa_1\"')",
        "DELETE FROM _sqlx_migrations WHERE version > 1",
    ] {
        sqlx::query(undo).execute(&store.pool).await.unwrap();
    }
    store.close().await;
    let store = fresh.open().await;
    store.probe().await.unwrap();
    assert_eq!(store.run(id).await.unwrap().counts.asked, 6);
    // The source of each sample is read from its old score.
    assert_eq!(store.scores(id).await.unwrap(), before);
}

#[tokio::test(flavor = "multi_thread")]
async fn several_may_open_a_fresh_file_at_once() {
    for _ in 0..5 {
        let fresh = Fresh::sqlite();
        let opening = (0..8).map(|_| {
            let url = fresh.url.clone();
            tokio::spawn(async move { Store::open(&url).await })
        });
        let opening: Vec<_> = opening.collect();
        for opened in opening {
            let store = opened.await.unwrap().unwrap();
            add(&store, 1).await;
        }
        assert_eq!(fresh.open().await.runs(None, 99).await.unwrap().len(), 8);
    }
}

#[tokio::test]
async fn a_server_that_lets_nobody_in_says_so_at_once() {
    let began = std::time::Instant::now();
    let nobody = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let port = nobody.local_addr().unwrap().port();
    drop(nobody);
    let url = format!("postgres://ann:secret@127.0.0.1:{port}/fathom");
    let error = Store::open(&url.parse().unwrap()).await.unwrap_err();
    let error = crate::errors::chain(&error);
    assert!(
        error.contains("refused") && !error.contains("secret"),
        "{error}"
    );

    let server = Fresh::postgres().await;
    let DatabaseUrl::Postgres(mut url) = server.url else {
        panic!("{:?}", server.url)
    };
    url.set_path("/no_such_database");
    let error = Store::open(&DatabaseUrl::Postgres(url)).await.unwrap_err();
    let error = crate::errors::chain(&error);
    assert!(error.contains("no_such_database"), "{error}");
    assert!(began.elapsed() < Duration::from_secs(10), "at once");
}

#[test]
fn no_password_is_shown() {
    let url: DatabaseUrl = "postgres://ann:secret@db.example:5432/fathom"
        .parse()
        .unwrap();
    assert_eq!(
        format!("{url} {url:?}"),
        "postgres://db.example:5432/fathom postgres://db.example:5432/fathom"
    );
}

#[test]
fn both_migrations_say_the_same() {
    let folder = |name: &str| format!("{}/migrations/{name}", env!("CARGO_MANIFEST_DIR"));
    let names = |of: &str| {
        let files = std::fs::read_dir(folder(of)).unwrap();
        files
            .map(|file| file.unwrap().file_name())
            .collect::<BTreeSet<_>>()
    };
    assert_eq!(names("sqlite"), names("postgres"));
    for name in names("sqlite") {
        let text = |of: &str| {
            let path = std::path::Path::new(&folder(of)).join(&name);
            let words = std::fs::read_to_string(path).unwrap();
            words.split_whitespace().collect::<Vec<_>>().join(" ")
        };
        let translated = text("sqlite")
            .replace(
                "INTEGER PRIMARY KEY AUTOINCREMENT",
                "BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY",
            )
            .replace("INTEGER", "BIGINT")
            .replace(" REAL", " DOUBLE PRECISION")
            .replace(") WITHOUT ROWID;", ");");
        assert_eq!(translated, text("postgres"), "{name:?}");
    }
}
