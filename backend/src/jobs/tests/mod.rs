//! Workers with a scripted engine.

mod hostile; // failing runs must not stop others
mod other_models; // runs for another model or other texts

use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, Mutex, mpsc};
use std::time::Duration;

use fathom_shared::api::{NewRun, RunEvent, RunSpec, RunStatus, RunView};
use fathom_shared::engine::EngineKind;
use fathom_shared::prompt::PromptMode;
use fathom_shared::run::{RunGrid, RunNeeds, ScoredTranscript};
use fathom_shared::task::TaskSpec;
use fathom_shared::tokens::Tokens;
use fathom_shared::transcript::{EngineInfo, Failure, FailureKind, Outcome};
use tempfile::TempDir;
use tokio::runtime::Handle;

use super::{Jobs, WorkerPool, WorkerSlot};
use crate::config::Config;
use crate::engine::scripted::{answer, engine};
use crate::engine::{Engine, EngineAnswer, EngineHost, EngineKey, EngineLoader, EngineProgress};
use crate::store::{DatabaseUrl, LeaseHolder, Store};

pub(super) fn new_run(count: u32) -> NewRun {
    NewRun {
        run_spec: RunSpec {
            grid: RunGrid::of(TaskSpec::new("niah_single_1", Tokens(400), 7), 0, count),
            model: "tiny".to_owned(),
            engine: EngineKind::CandleCpu,
            mode: PromptMode::Completion,
            rope: None,
            texts: None,
            kv: None,
        },
        priority: 0,
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
    let url = DatabaseUrl::Sqlite(folder.path().join("fathom.db"));
    let store = Store::open(&url).await.unwrap();
    (folder, store.clone(), Jobs::new(store, Config::default()))
}

fn load(make: impl FnMut() -> Engine + Send + 'static) -> EngineLoader {
    let make = Mutex::new(make);
    Box::new(move |_| Ok((make.lock().unwrap())()))
}

fn workers(jobs: &Jobs, load: EngineLoader) -> WorkerPool {
    let worker = LeaseHolder::new("test", Duration::from_secs(60));
    let has = |id: &str| id == "tiny";
    WorkerPool::new(
        jobs.clone(),
        EngineHost::new(load),
        worker,
        has,
        Handle::current(),
    )
}

/// Works on one run until no open sample is left.
async fn run(jobs: &Jobs, id: i64, load: EngineLoader) -> RunView {
    let thread = workers(jobs, load).spawn(WorkerSlot::Only(id)).unwrap();
    let ended = tokio::task::spawn_blocking(move || thread.join());
    let ended = tokio::time::timeout(Duration::from_secs(60), ended).await;
    ended.expect("the run ends").unwrap().unwrap();
    jobs.view(id).await.unwrap()
}

async fn rows(jobs: &Jobs, id: i64) -> Vec<ScoredTranscript> {
    jobs.store().transcripts(id, 0).await.unwrap()
}

fn failure(row: &ScoredTranscript) -> &Failure {
    match &row.transcript.outcome {
        Outcome::Failed(failure) => failure,
        Outcome::Completed(_) => panic!("it is answered"),
    }
}

fn texts(rows: &[ScoredTranscript]) -> Vec<(u32, &str)> {
    rows.iter()
        .map(|row| match &row.transcript.outcome {
            Outcome::Completed(completion) => (row.transcript.sample, completion.text.as_str()),
            Outcome::Failed(failure) => panic!("{}", failure.message),
        })
        .collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn every_answer_is_kept_and_told() {
    let (_folder, _store, jobs) = queue().await;
    let id = jobs.queue(&new_run(2), &info()).await.unwrap().id;
    let mut watch = jobs.watch(id).await;
    let watching = tokio::spawn(async move {
        let mut seen = Vec::new();
        loop {
            let wait = tokio::time::timeout(Duration::from_secs(60), watch.events.recv());
            let (number, event) = wait.await.expect("the run ends").unwrap();
            let last = matches!(&*event, RunEvent::Run { run } if run.status.is_final());
            seen.push((number, event));
            if last {
                return seen;
            }
        }
    });
    let done = run(
        &jobs,
        id,
        load(|| {
            engine(|_, _, report| {
                let (done, total) = (Tokens(1), Tokens(1));
                report(EngineProgress::Prefill { done, total });
                report(EngineProgress::Text("a"));
                answer("a")
            })
        }),
    )
    .await;
    assert_eq!((done.status, done.counts.answered), (RunStatus::Done, 2));
    assert_eq!(done.engine.engine, "scripted");
    let told = watching.await.unwrap();
    let moments = |word: &str| told.iter().filter(|(_, e)| self::word(e) == word).count();
    assert_eq!((moments("prefill"), moments("token")), (2, 2));
    let rows = told.iter().filter_map(|(_, event)| match &**event {
        RunEvent::Rows { rows } => Some(rows.len()),
        _ => None,
    });
    assert_eq!(rows.sum::<usize>(), 2);
    let numbers: Vec<i64> = told.iter().filter_map(|(number, _)| *number).collect();
    assert!(numbers.is_sorted(), "{numbers:?}");
    assert_eq!(numbers.last(), Some(&done.seq));
    // Watchers that come later get the same events from the store.
    let mut seq = 0;
    let since = jobs.since(id, &mut seq).await.unwrap();
    let words: Vec<_> = since.iter().map(|(_, event)| word(event)).collect();
    assert_eq!((words, seq), (vec!["rows", "run"], done.seq));
}

fn word(event: &RunEvent) -> &'static str {
    match event {
        RunEvent::Run { .. } => "run",
        RunEvent::Rows { .. } => "rows",
        RunEvent::Current { .. } => "current",
        RunEvent::Prefill { .. } => "prefill",
        RunEvent::Token { .. } => "token",
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_broke_off_goes_on_at_the_first_unanswered_sample() {
    let (_folder, store, jobs) = queue().await;
    let id = jobs.queue(&new_run(3), &info()).await.unwrap().id;
    // The process ends while sample 1 is being answered.
    let stopping = jobs.clone();
    let mut asked = 0;
    let mut stop = Some(engine(move |_, cancel, _| {
        asked += 1;
        if asked == 2 {
            stopping.stop();
            assert!(cancel.load(Ordering::Relaxed));
            return EngineAnswer::failed(None, FailureKind::Cancelled, "cancelled");
        }
        answer("first")
    }));
    let stopped = run(&jobs, id, load(move || stop.take().unwrap())).await;
    assert_eq!(stopped.status, RunStatus::Queued);
    assert_eq!(texts(&rows(&jobs, id).await), [(0, "first")]);

    let jobs = Jobs::new(store, Config::default());
    let done = run(&jobs, id, load(|| engine(|_, _, _| answer("second")))).await;
    let rows = rows(&jobs, id).await;
    assert_eq!(texts(&rows), [(0, "first"), (1, "second"), (2, "second")]);
    assert_eq!(done.status, RunStatus::Done);
}

#[tokio::test(flavor = "multi_thread")]
async fn several_threads_share_a_run_without_doing_a_sample_twice() {
    let (_folder, _store, jobs) = queue().await;
    let id = jobs.queue(&new_run(12), &info()).await.unwrap().id;
    let asked = Arc::new(AtomicU32::new(0));
    let counting = Arc::clone(&asked);
    let workers = workers(
        &jobs,
        load(move || {
            let asked = Arc::clone(&counting);
            engine(move |_, _, _| {
                asked.fetch_add(1, Ordering::Relaxed);
                std::thread::sleep(Duration::from_millis(5));
                answer("x")
            })
        }),
    );
    let threads: Vec<_> = (0..3)
        .map(|_| workers.spawn(WorkerSlot::Only(id)).unwrap())
        .collect();
    let ended = tokio::task::spawn_blocking(move || {
        threads
            .into_iter()
            .for_each(|thread| thread.join().unwrap());
    });
    tokio::time::timeout(Duration::from_secs(60), ended)
        .await
        .unwrap()
        .unwrap();
    assert_eq!(asked.load(Ordering::Relaxed), 12);
    assert_eq!(jobs.view(id).await.unwrap().counts.answered, 12);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_panic_of_the_engine_is_a_failure_of_its_sample_alone() {
    let (_folder, _store, jobs) = queue().await;
    let id = jobs.queue(&new_run(3), &info()).await.unwrap().id;
    let asked = Arc::new(AtomicU32::new(0));
    let make = move || {
        let asked = Arc::clone(&asked);
        engine(move |_, _, _| {
            assert_ne!(
                asked.fetch_add(1, Ordering::Relaxed),
                1,
                "index out of bounds"
            );
            answer("fine")
        })
    };
    let done = run(&jobs, id, load(make)).await;
    let counts = done.counts;
    assert_eq!((counts.asked, counts.answered, counts.failed), (3, 2, 1));
    let rows = rows(&jobs, id).await;
    let failure = failure(&rows[1]);
    assert_eq!(failure.kind, FailureKind::Engine);
    assert!(
        failure.message.contains("index out of bounds"),
        "{}",
        failure.message
    );

    // Asked again, it is answered.
    assert_eq!(jobs.retry(id).await.unwrap().counts.open(), 1);
    let done = run(&jobs, id, load(|| engine(|_, _, _| answer("again")))).await;
    assert_eq!((done.counts.answered, done.counts.failed), (3, 0));
}

#[tokio::test(flavor = "multi_thread")]
async fn cancelling_keeps_what_is_answered() {
    let (_folder, _store, jobs) = queue().await;
    let id = jobs.queue(&new_run(5), &info()).await.unwrap().id;
    let (asking, asked) = mpsc::channel();
    let mut count = 0;
    let mut slow = Some(engine(move |_, cancel, _| {
        count += 1;
        if count == 2 {
            asking.send(()).unwrap();
            while !cancel.load(Ordering::Relaxed) {
                std::thread::yield_now();
            }
            return EngineAnswer::failed(None, FailureKind::Cancelled, "cancelled");
        }
        answer("kept")
    }));
    let working = tokio::spawn({
        let jobs = jobs.clone();
        async move { run(&jobs, id, load(move || slow.take().unwrap())).await }
    });
    tokio::task::spawn_blocking(move || asked.recv().unwrap())
        .await
        .unwrap();
    let view = jobs.cancel(id).await.unwrap();
    assert_eq!(view.status, RunStatus::Cancelled);
    let run = working.await.unwrap();
    assert_eq!(run.status, RunStatus::Cancelled);
    assert_eq!(
        (run.counts.answered, run.counts.failed, run.counts.open()),
        (1, 0, 4)
    );
    assert_eq!(jobs.load(), (0, 0));
}

#[tokio::test(flavor = "multi_thread")]
async fn an_engine_that_hangs_loses_its_sample() {
    let (_folder, store, jobs) = queue().await;
    let id = jobs.queue(&new_run(1), &info()).await.unwrap().id;
    let worker = LeaseHolder::new("slow", Duration::from_millis(200));
    let (hung, was_stopped) = mpsc::channel();
    let (wake, woken) = mpsc::channel::<()>();
    let woken = Arc::new(Mutex::new(woken));
    let make = move || {
        let (hung, woken) = (hung.clone(), Arc::clone(&woken));
        engine(move |_, cancel, report| {
            // Silent until another worker has answered its sample; when it moves again it is told
            // to stop.
            woken.lock().unwrap().recv().unwrap();
            report(EngineProgress::Alive);
            hung.send(cancel.load(Ordering::Relaxed)).unwrap();
            answer("late")
        })
    };
    let slow = WorkerPool::new(
        jobs.clone(),
        EngineHost::new(load(make)),
        worker,
        |id: &str| id == "tiny",
        Handle::current(),
    );
    let thread = slow.spawn(WorkerSlot::Only(id)).unwrap();
    tokio::time::sleep(Duration::from_millis(500)).await;
    let other = Jobs::new(store, Config::default());
    let done = run(&other, id, load(|| engine(|_, _, _| answer("in time")))).await;
    assert_eq!(done.counts.answered, 1);
    wake.send(()).unwrap();
    tokio::task::spawn_blocking(move || thread.join().unwrap())
        .await
        .unwrap();
    assert!(was_stopped.recv().unwrap());
    assert_eq!(texts(&rows(&jobs, id).await), [(0, "in time")]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_model_that_does_not_load_fails_the_run_with_its_sentence() {
    let (_folder, _store, jobs) = queue().await;
    let id = jobs.queue(&new_run(1), &info()).await.unwrap().id;
    let failed = run(&jobs, id, Box::new(|_| Err("no such file".into()))).await;
    assert_eq!(failed.status, RunStatus::Failed);
    assert_eq!(failed.error.as_deref(), Some("no such file"));
    // After the fault is fixed and the run resumed, it continues.
    jobs.resume(id).await.unwrap();
    let done = run(&jobs, id, load(|| engine(|_, _, _| answer("x")))).await;
    assert_eq!((done.status, done.error), (RunStatus::Done, None));
}

#[tokio::test(flavor = "multi_thread")]
async fn chat_mode_without_a_chat_template_fails_the_run_and_no_sample() {
    let (_folder, _store, jobs) = queue().await;
    // The scripted engine has no chat template.
    let mut chat = new_run(2);
    chat.run_spec.mode = PromptMode::Chat;
    let id = jobs.queue(&chat, &info()).await.unwrap().id;
    let failed = run(&jobs, id, load(|| engine(|_, _, _| answer("x")))).await;
    assert_eq!(
        (failed.status, failed.counts.failed),
        (RunStatus::Failed, 0)
    );
    let why = failed.error.unwrap();
    assert!(why.contains("has no chat template"), "{why}");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_cells_come_to_is_worked_out_anew_only_where_something_came() {
    let (_folder, _store, jobs) = queue().await;
    let mut two = new_run(2);
    two.run_spec.grid.lengths.push(Tokens(500));
    let id = jobs.queue(&two, &info()).await.unwrap().id;
    let before = jobs.detail(id).await.unwrap();
    assert_eq!(before.cells.len(), 2);
    assert!(before.cells.iter().all(|cell| cell.summary.mean.is_none()));
    run(
        &jobs,
        id,
        load(|| engine(|_, _, _| answer("nothing of it"))),
    )
    .await;
    let after = jobs.detail(id).await.unwrap();
    let told: Vec<_> = after
        .cells
        .iter()
        .map(|c| (c.length.0, c.summary.answered))
        .collect();
    assert_eq!(told, [(400, 2), (500, 2)]);
    assert_eq!(after.cells[0].summary.mean, Some(0.0));
    assert!(
        Arc::ptr_eq(&after, &jobs.detail(id).await.unwrap()),
        "nothing happened since"
    );
    let estimate = jobs
        .estimate(&two.run_spec, RunNeeds::default())
        .await
        .unwrap();
    assert_eq!((estimate.samples, estimate.pace_n), (4, 4));
    assert_eq!(
        estimate.prompt_tokens + estimate.answer_tokens,
        2 * 400 + 2 * 500
    );
}
