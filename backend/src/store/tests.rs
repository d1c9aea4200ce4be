use fathom_shared::api::{NewRun, RunStatus};
use fathom_shared::prompt::PromptMode;
use fathom_shared::run::Scored;
use fathom_shared::score::Score;
use fathom_shared::task::TaskSpec;
use fathom_shared::tokens::Tokens;
use fathom_shared::transcript::{
    Completion, EngineInfo, Failure, FailureKind, Finish, Outcome, Timings, Transcript,
};
use tempfile::TempDir;

use super::{Store, StoreError};

fn order(seed: u32) -> NewRun {
    NewRun {
        spec: TaskSpec::new("vt", Tokens(1024), seed),
        first: 0,
        count: 3,
        model: "tiny".to_owned(),
        mode: PromptMode::Chat,
    }
}

fn answered(sample: u32, text: &str) -> Scored {
    let outcome = Outcome::Completed(Completion {
        text: text.to_owned(),
        thinking: None,
        tokens: Tokens(4),
        finish: Finish::Length,
        usage: None,
        timings: Timings {
            prefill_ms: 1.5,
            decode_ms: 0.1,
        },
    });
    let score = Score {
        value: 1.0 / 3.0,
        found: vec![true, false, false],
        version: 1,
    };
    row(sample, outcome, Some(score))
}

fn failed(sample: u32) -> Scored {
    let failure = Failure {
        kind: FailureKind::Context,
        message: "too long".to_owned(),
    };
    row(sample, Outcome::Failed(failure), None)
}

fn row(sample: u32, outcome: Outcome, score: Option<Score>) -> Scored {
    let transcript = Transcript {
        sample,
        prompt_hash: Some("00".to_owned()),
        prompt_tokens: Some(Tokens(900)),
        engine: EngineInfo::default(),
        outcome,
    };
    Scored { transcript, score }
}

async fn open() -> (TempDir, Store) {
    let folder = tempfile::tempdir().unwrap();
    let store = Store::open(&folder.path().join("new/fathom.db")).await;
    (folder, store.unwrap())
}

async fn running(store: &Store) -> i64 {
    let id = store.add_run(&order(1), &EngineInfo::default()).await;
    let id = id.unwrap();
    assert_eq!(store.claim(Some(id)).await.unwrap().unwrap().id, id);
    id
}

#[tokio::test]
async fn rows_come_back_as_they_were_in_order() {
    let (_folder, store) = open().await;
    let id = running(&store).await;
    let rows = [failed(0), answered(1, "ünïcode\0"), answered(2, "")];
    for row in rows.iter().rev() {
        store.add_row(id, row).await.unwrap();
    }
    let detail = store.run(id).await.unwrap();
    assert_eq!(detail.rows, rows);
    assert_eq!(detail.run.order, order(1));
    let listed = &store.runs().await.unwrap()[0];
    assert_eq!(*listed, detail.run);
    let summary = listed.summary;
    assert_eq!((summary.asked, summary.answered, summary.failed), (3, 2, 1));
}

#[tokio::test]
async fn a_sample_is_answered_once() {
    let (_folder, store) = open().await;
    let id = running(&store).await;
    store.add_row(id, &answered(1, "first")).await.unwrap();
    let error = store.add_row(id, &answered(1, "second")).await.unwrap_err();
    assert!(
        matches!(error, StoreError::Answered { sample: 1, .. }),
        "{error}"
    );
    assert_eq!(store.run(id).await.unwrap().rows, [answered(1, "first")]);
}

#[tokio::test]
async fn a_run_is_claimed_once_oldest_first() {
    let (_folder, store) = open().await;
    let engine = EngineInfo::default();
    let first = store.add_run(&order(1), &engine).await.unwrap();
    let second = store.add_run(&order(2), &engine).await.unwrap();
    assert_eq!(store.claim(None).await.unwrap().unwrap().id, first);
    assert_eq!(store.claim(Some(first)).await.unwrap(), None);
    assert_eq!(store.claim(None).await.unwrap().unwrap().order, order(2));
    assert_eq!(store.claim(None).await.unwrap(), None);
    let newest_first: Vec<_> = store.runs().await.unwrap().iter().map(|r| r.id).collect();
    assert_eq!(newest_first, [second, first]);
}

#[tokio::test]
async fn what_was_running_is_queued_after_a_crash() {
    let (folder, store) = open().await;
    let id = running(&store).await;
    store.add_row(id, &answered(0, "kept")).await.unwrap();
    store.close().await;
    let store = Store::open(&folder.path().join("new/fathom.db"))
        .await
        .unwrap();
    let _lock = store.lock_worker().await.unwrap();
    assert_eq!(store.claim(None).await.unwrap().unwrap().id, id);
    assert_eq!(store.run(id).await.unwrap().rows, [answered(0, "kept")]);
}

#[tokio::test]
async fn one_process_answers() {
    let (_folder, store) = open().await;
    let lock = store.lock_worker().await.unwrap();
    let error = store.lock_worker().await.unwrap_err();
    let holder = format!("process {}", std::process::id());
    assert!(error.to_string().contains(&holder), "{error}");
    drop(lock);
    store.lock_worker().await.unwrap();
}

#[tokio::test]
async fn nothing_is_added_to_a_cancelled_run() {
    let (_folder, store) = open().await;
    let id = running(&store).await;
    assert!(store.cancel(id).await.unwrap());
    assert!(!store.cancel(id).await.unwrap());
    let error = store.add_row(id, &answered(0, "late")).await.unwrap_err();
    assert!(matches!(error, StoreError::NotRunning { .. }), "{error}");
    assert!(!store.finish(id, RunStatus::Done, None).await.unwrap());
    assert_eq!(
        store.run(id).await.unwrap().run.status,
        RunStatus::Cancelled
    );
    let unknown = store.cancel(99).await.unwrap_err();
    assert_eq!(unknown.to_string(), "there is no run 99");
}

#[tokio::test]
async fn an_identical_order_that_is_not_done_is_found() {
    let (_folder, store) = open().await;
    let id = running(&store).await;
    assert_eq!(store.unfinished(&order(2)).await.unwrap(), None);
    assert_eq!(store.unfinished(&order(1)).await.unwrap(), Some(id));
    let failed = store.finish(id, RunStatus::Failed, Some("full")).await;
    assert!(failed.unwrap());
    assert_eq!(store.unfinished(&order(1)).await.unwrap(), Some(id));
    store.requeue(id).await.unwrap();
    let run = store.run(id).await.unwrap().run;
    assert_eq!((run.status, run.error), (RunStatus::Queued, None));
    store.claim(None).await.unwrap();
    store.finish(id, RunStatus::Done, None).await.unwrap();
    assert_eq!(store.unfinished(&order(1)).await.unwrap(), None);
}

#[tokio::test]
async fn a_full_disk_is_named_and_leaves_no_half_row() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("fathom.db");
    Store::open(&path).await.unwrap().close().await;
    let small =
        |options: sqlx::sqlite::SqliteConnectOptions| options.pragma("max_page_count", "20");
    let store = Store::open_with(&path, small).await.unwrap();
    let id = running(&store).await;
    store.add_row(id, &answered(0, "fits")).await.unwrap();
    let long = "x".repeat(100_000);
    let error = store.add_row(id, &answered(1, &long)).await.unwrap_err();
    assert!(matches!(error, StoreError::Full { .. }), "{error}");
    assert!(error.to_string().contains("fathom.db"), "{error}");
    assert_eq!(store.run(id).await.unwrap().rows, [answered(0, "fits")]);
}

#[tokio::test]
async fn foreign_files_are_refused_with_a_sentence() {
    let folder = tempfile::tempdir().unwrap();
    let text = folder.path().join("notes.txt");
    std::fs::write(
        &text,
        "not a database, but long enough to be read as one".repeat(20),
    )
    .unwrap();
    let before = std::fs::read(&text).unwrap();
    let error = Store::open(&text).await.unwrap_err();
    assert!(error.to_string().contains("notes.txt"), "{error}");
    assert_eq!(std::fs::read(&text).unwrap(), before);

    let other = folder.path().join("other.db");
    let store = Store::open(&other).await.unwrap();
    sqlx::query("UPDATE _sqlx_migrations SET version = 999")
        .execute(&store.pool)
        .await
        .unwrap();
    store.close().await;
    let error = Store::open(&other).await.unwrap_err();
    assert!(matches!(error, StoreError::Foreign { .. }), "{error}");
}
