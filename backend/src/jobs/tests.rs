//! The worker with an engine that says what it is told to.

use std::sync::atomic::Ordering;
use std::sync::{Arc, Mutex, mpsc};
use std::time::Duration;

use fathom_shared::api::{NewRun, RunDetail, RunEvent, RunStatus};
use fathom_shared::prompt::PromptMode;
use fathom_shared::task::TaskSpec;
use fathom_shared::tokens::Tokens;
use fathom_shared::transcript::{EngineInfo, Failure, FailureKind, Outcome};
use tempfile::TempDir;
use tokio::runtime::Handle;

use super::{Jobs, Loader, Worker, is_last};
use crate::engine::scripted::{answer, engine};
use crate::engine::{Answer, Engine, Progress};
use crate::store::Store;

fn order(count: u32) -> NewRun {
    NewRun {
        spec: TaskSpec::new("niah_single_1", Tokens(400), 7),
        first: 0,
        count,
        model: "tiny".to_owned(),
        mode: PromptMode::Completion,
    }
}

fn info() -> EngineInfo {
    EngineInfo {
        model: "tiny".to_owned(),
        model_sha256: "abc".to_owned(),
        ..EngineInfo::default()
    }
}

async fn queue() -> (TempDir, Store, Jobs) {
    let folder = tempfile::tempdir().unwrap();
    let store = Store::open(&folder.path().join("fathom.db")).await.unwrap();
    (folder, store.clone(), Jobs::new(store))
}

fn load(make: impl FnMut() -> Engine + Send + 'static) -> Loader {
    let make = Mutex::new(make);
    Box::new(move |_| Ok((make.lock().unwrap())()))
}

/// Waits for the run's last event, and returns all of them.
async fn events(jobs: &Jobs, id: i64) -> Vec<RunEvent> {
    let mut watch = jobs.watch(id);
    let mut seen = Vec::new();
    loop {
        let wait = tokio::time::timeout(Duration::from_secs(60), watch.events.recv());
        let (_, event) = wait.await.expect("the run ends").unwrap();
        let last = is_last(&event);
        seen.push(event);
        if last {
            return seen;
        }
    }
}

async fn run(jobs: &Jobs, id: i64, load: Loader) -> RunDetail {
    let mut worker = Worker::new(jobs.clone(), load, Handle::current());
    let done = tokio::task::spawn_blocking(move || worker.answer_only(id));
    done.await.unwrap().unwrap();
    jobs.detail(id).await.unwrap()
}

fn failure(detail: &RunDetail, row: usize) -> &Failure {
    match &detail.rows[row].transcript.outcome {
        Outcome::Failed(failure) => failure,
        Outcome::Completed(_) => panic!("row {row} is answered"),
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn every_answer_is_kept_and_told() {
    let (_folder, _store, jobs) = queue().await;
    let id = jobs.order(&order(2), &info()).await.unwrap().id;
    let watching = tokio::spawn({
        let jobs = jobs.clone();
        async move { events(&jobs, id).await }
    });
    // The watcher must be there before the worker begins.
    while jobs.live.watchers(id) == 0 {
        tokio::task::yield_now().await;
    }
    let detail = run(
        &jobs,
        id,
        load(|| {
            engine(|_, _, report| {
                let (done, total) = (Tokens(1), Tokens(1));
                report(Progress::Prefill { done, total });
                report(Progress::Text("a"));
                answer("a")
            })
        }),
    )
    .await;
    assert_eq!(detail.run.status, RunStatus::Done);
    assert_eq!(detail.run.engine.engine, "scripted");
    assert_eq!(detail.run.summary.answered, 2);
    let told: Vec<&str> = watching.await.unwrap().iter().map(word).collect();
    let sample = ["started", "prefill", "token", "row"];
    let expected = [&["running"], &sample[..], &sample[..], &["done"]].concat();
    assert_eq!(told, expected);
}

fn word(event: &RunEvent) -> &'static str {
    match event {
        RunEvent::Snapshot { .. } => "snapshot",
        RunEvent::Started { .. } => "started",
        RunEvent::Prefill { .. } => "prefill",
        RunEvent::Token { .. } => "token",
        RunEvent::Row { .. } => "row",
        RunEvent::Status { status, .. } => status.as_str(),
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_broke_off_goes_on_at_the_first_unanswered_sample() {
    let (_folder, store, jobs) = queue().await;
    let id = jobs.order(&order(3), &info()).await.unwrap().id;
    // The process ends while sample 1 is asked.
    let stopping = jobs.clone();
    let mut asked = 0;
    let stop = engine(move |_, cancel, _| {
        asked += 1;
        if asked == 2 {
            stopping.stop();
            assert!(cancel.load(Ordering::Relaxed));
        }
        answer("first")
    });
    let mut stop = Some(stop);
    let detail = run(&jobs, id, load(move || stop.take().unwrap())).await;
    assert_eq!(detail.run.status, RunStatus::Queued);
    assert_eq!(detail.rows.len(), 1);

    let _lock = store.lock_worker().await.unwrap();
    let jobs = Jobs::new(store);
    let detail = run(&jobs, id, load(|| engine(|_, _, _| answer("second")))).await;
    let texts: Vec<_> = detail
        .rows
        .iter()
        .map(|row| match &row.transcript.outcome {
            Outcome::Completed(completion) => (row.transcript.sample, completion.text.as_str()),
            Outcome::Failed(failure) => panic!("{}", failure.message),
        })
        .collect();
    assert_eq!(texts, [(0, "first"), (1, "second"), (2, "second")]);
    assert_eq!(detail.run.status, RunStatus::Done);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_panic_of_the_engine_is_a_failure_of_its_sample_alone() {
    let (_folder, _store, jobs) = queue().await;
    let id = jobs.order(&order(3), &info()).await.unwrap().id;
    let asked = Arc::new(Mutex::new(0));
    let make = move || {
        let asked = Arc::clone(&asked);
        engine(move |_, _, _| {
            let number = {
                let mut asked = asked.lock().unwrap();
                *asked += 1;
                *asked
            };
            assert_ne!(number, 2, "index out of bounds");
            answer("fine")
        })
    };
    let detail = run(&jobs, id, load(make)).await;
    assert_eq!(detail.run.status, RunStatus::Done);
    let summary = detail.run.summary;
    assert_eq!((summary.asked, summary.answered, summary.failed), (3, 2, 1));
    let failure = failure(&detail, 1);
    assert_eq!(failure.kind, FailureKind::Engine);
    assert!(
        failure.message.contains("index out of bounds"),
        "{}",
        failure.message
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn cancelling_keeps_what_is_answered() {
    let (_folder, _store, jobs) = queue().await;
    let id = jobs.order(&order(5), &info()).await.unwrap().id;
    let (asking, asked) = mpsc::channel();
    let mut count = 0;
    let slow = engine(move |_, cancel, _| {
        count += 1;
        if count == 2 {
            asking.send(()).unwrap();
            while !cancel.load(Ordering::Relaxed) {
                std::thread::yield_now();
            }
            let (kind, message) = (FailureKind::Cancelled, "cancelled".to_owned());
            return Answer {
                prompt_tokens: None,
                outcome: Outcome::Failed(Failure { kind, message }),
            };
        }
        answer("kept")
    });
    let mut slow = Some(slow);
    let working = tokio::spawn({
        let jobs = jobs.clone();
        async move { run(&jobs, id, load(move || slow.take().unwrap())).await }
    });
    tokio::task::spawn_blocking(move || asked.recv().unwrap())
        .await
        .unwrap();
    let view = jobs.cancel(id).await.unwrap();
    assert_eq!(view.status, RunStatus::Cancelled);
    let detail = working.await.unwrap();
    assert_eq!(detail.run.status, RunStatus::Cancelled);
    let summary = detail.run.summary;
    assert_eq!((summary.asked, summary.answered, summary.failed), (5, 1, 0));
    assert_eq!(jobs.live.watchers(id), 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_model_that_does_not_load_fails_the_run_with_its_sentence() {
    let (_folder, _store, jobs) = queue().await;
    let id = jobs.order(&order(1), &info()).await.unwrap().id;
    let detail = run(&jobs, id, Box::new(|_| Err("no such file".into()))).await;
    assert_eq!(detail.run.status, RunStatus::Failed);
    assert_eq!(detail.run.error.as_deref(), Some("no such file"));
}

#[tokio::test(flavor = "multi_thread")]
async fn another_file_under_the_same_name_is_refused() {
    let (_folder, _store, jobs) = queue().await;
    let other = EngineInfo {
        model_sha256: "def".to_owned(),
        ..info()
    };
    let id = jobs.order(&order(1), &other).await.unwrap().id;
    let detail = run(&jobs, id, load(|| engine(|_, _, _| answer("x")))).await;
    let error = detail.run.error.unwrap();
    assert!(error.contains("SHA-256 abc, expected def"), "{error}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_prompt_that_cannot_be_made_is_a_failed_row() {
    let (_folder, _store, jobs) = queue().await;
    // The scripted engine has no chat template.
    let chat = NewRun {
        mode: PromptMode::Chat,
        ..order(2)
    };
    let id = jobs.order(&chat, &info()).await.unwrap().id;
    let detail = run(&jobs, id, load(|| engine(|_, _, _| answer("x")))).await;
    assert_eq!(detail.run.summary.failed, 2);
    assert_eq!(failure(&detail, 0).kind, FailureKind::Prompt);
}
