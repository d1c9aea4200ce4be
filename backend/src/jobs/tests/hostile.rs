//! Faults that must not stop other runs: runs that cannot be read, that nobody can answer, or that
//! break what they touch; and a store that accepts no writes.

use std::sync::atomic::AtomicBool;
use std::time::Instant;

use super::*;

/// Waits until a run meets a condition.
async fn until(jobs: &Jobs, id: i64, wanted: impl Fn(&RunView) -> bool) -> RunView {
    let began = Instant::now();
    loop {
        let view = jobs.view(id).await.unwrap();
        if wanted(&view) {
            return view;
        }
        assert!(began.elapsed() < Duration::from_secs(60), "{view:?}");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}

/// Stops the threads and waits until they have ended.
async fn end(jobs: &Jobs, thread: std::thread::JoinHandle<()>) {
    jobs.stop();
    let ended = tokio::task::spawn_blocking(move || thread.join());
    ended.await.unwrap().unwrap();
}

fn done(view: &RunView) -> bool {
    view.status == RunStatus::Done
}

#[tokio::test(flavor = "multi_thread")]
async fn a_run_that_cannot_be_read_says_so_and_the_next_goes_on() {
    let (_folder, store, jobs) = queue().await;
    let spoiled = jobs.queue(&new_run(1), &info()).await.unwrap().id;
    let change = "UPDATE runs SET order_json = '{\"grid\":1,\"colour\":2}'";
    store.tamper(change).await;
    let good = jobs.queue(&new_run(1), &info()).await.unwrap().id;
    let workers = workers(&jobs, load(|| engine(|_, _, _| answer("x"))));
    let thread = workers.spawn(WorkerSlot::Local).unwrap();
    until(&jobs, good, done).await;
    let view = until(&jobs, spoiled, |view| view.status == RunStatus::Failed).await;
    let error = view.error.unwrap();
    assert!(
        error.contains("the spec of run 1 in the database cannot be read"),
        "{error}"
    );
    assert_eq!(jobs.list(None, 9).await.unwrap().len(), 2);
    jobs.detail(spoiled).await.unwrap();
    end(&jobs, thread).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn runs_that_nobody_answers_hold_up_no_other() {
    let (_folder, _store, jobs) = queue().await;
    let mut other = new_run(1);
    other.run_spec.model = "nobody's".to_owned();
    other.priority = 9;
    let mut last = 0;
    for _ in 0..250 {
        last = jobs.queue(&other, &info()).await.unwrap().id;
    }
    let good = jobs.queue(&new_run(1), &info()).await.unwrap().id;
    let workers = workers(&jobs, load(|| engine(|_, _, _| answer("x"))));
    let thread = workers.spawn(WorkerSlot::Local).unwrap();
    until(&jobs, good, done).await;
    let view = jobs.view(last).await.unwrap();
    assert_eq!(view.status, RunStatus::Queued);
    let error = view.error.unwrap();
    assert!(
        error.contains("waits for a worker with the model `nobody's`"),
        "{error}"
    );
    end(&jobs, thread).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_model_that_breaks_the_worker_fails_its_run_alone() {
    let (_folder, _store, jobs) = queue().await;
    let broken = jobs.queue(&new_run(1), &info()).await.unwrap().id;
    let good = jobs.queue(&new_run(1), &info()).await.unwrap().id;
    let mut loaded = 0;
    let make = move || {
        loaded += 1;
        assert!(loaded > 1, "\u{1b}[31mthe header lies");
        engine(|_, _, _| answer("x"))
    };
    let make = Mutex::new(make);
    // A panic under the lock poisons it.
    let load: EngineLoader = Box::new(move |_| {
        let mut make = make
            .lock()
            .unwrap_or_else(std::sync::PoisonError::into_inner);
        Ok(make())
    });
    let workers = workers(&jobs, load);
    let thread = workers.spawn(WorkerSlot::Local).unwrap();
    until(&jobs, good, done).await;
    let view = jobs.view(broken).await.unwrap();
    assert_eq!(view.status, RunStatus::Failed);
    let error = view.error.unwrap();
    assert_eq!(error, "the worker crashed on this run: the header lies");
    assert_eq!(jobs.load(), (0, 0));
    end(&jobs, thread).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_thread_that_dies_is_told_and_replaced() {
    let (_folder, _store, jobs) = queue().await;
    let id = jobs.queue(&new_run(1), &info()).await.unwrap().id;
    let broken = Arc::new(AtomicBool::new(true));
    let listing = Arc::clone(&broken);
    let has = move |id: &str| {
        assert!(!listing.load(Ordering::Relaxed), "the folder bites");
        id == "tiny"
    };
    let workers = WorkerPool::new(
        jobs.clone(),
        EngineHost::new(load(|| engine(|_, _, _| answer("x")))),
        LeaseHolder::new("test", Duration::from_secs(60)),
        has,
        Handle::current(),
    );
    let thread = workers.spawn(WorkerSlot::Local).unwrap();
    let began = Instant::now();
    let why = loop {
        match jobs.ready().await {
            Err(why) => break why.to_string(),
            Ok(_) => assert!(began.elapsed() < Duration::from_secs(60)),
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
    };
    assert!(
        why.contains("the engines of this process crashed (the folder bites)"),
        "{why}"
    );
    broken.store(false, Ordering::Relaxed);
    until(&jobs, id, done).await;
    let notes = jobs.ready().await.unwrap();
    assert!(
        notes[0].contains("another has taken its place"),
        "{notes:?}"
    );
    assert!(jobs.replaced() > 0);
    end(&jobs, thread).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_run_that_comes_to_nothing_says_why() {
    let (_folder, _store, jobs) = queue().await;
    let id = jobs.queue(&new_run(3), &info()).await.unwrap().id;
    let mut asked = 0;
    let mut make = Some(engine(move |_, _, _| {
        asked += 1;
        let why = ["no \u{1b}[1mkey\0", "no key", "late"][asked % 3];
        EngineAnswer::failed(None, FailureKind::Refused, why)
    }));
    let done = run(&jobs, id, load(move || make.take().unwrap())).await;
    assert_eq!((done.status, done.counts.failed), (RunStatus::Done, 3));
    assert_eq!(
        done.error.as_deref(),
        Some("all 3 samples failed, 2 of them alike: no key")
    );
    assert_eq!(failure(&rows(&jobs, id).await[2]).message, "no key");
    assert_eq!(jobs.detail(id).await.unwrap().run.error, done.error);
    assert!(
        jobs.notes(&done).await.unwrap().is_empty(),
        "its error says it"
    );
    // After the fault is fixed, there is no message.
    jobs.retry(id).await.unwrap();
    let done = run(&jobs, id, load(|| engine(|_, _, _| answer("x")))).await;
    assert_eq!(done.error, None);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_run_that_comes_to_less_than_it_seems_says_so() {
    let (_folder, _store, jobs) = queue().await;
    let id = jobs.queue(&new_run(4), &info()).await.unwrap().id;
    let mut asked = 0;
    let mut make = Some(engine(move |_, _, _| {
        asked += 1;
        match asked {
            1 => EngineAnswer::failed(None, FailureKind::Refused, "no \u{1b}[1mkey"),
            2 => answer("x"),
            _ => {
                let mut thought = answer("");
                if let Outcome::Completed(completion) = &mut thought.outcome {
                    completion.thinking = Some("x, or is it?".to_owned());
                }
                thought
            }
        }
    }));
    let done = run(&jobs, id, load(move || make.take().unwrap())).await;
    assert_eq!((done.counts.answered, done.counts.failed), (3, 1));
    assert_eq!(done.error, None, "it came to something");
    let notes = jobs.notes(&done).await.unwrap();
    assert_eq!(notes[0], "1 of 4 samples failed: no key");
    assert!(
        notes[1].starts_with("2 of 3 answers are reasoning"),
        "{notes:?}"
    );
    assert_eq!(notes.len(), 2);
}

/// The engine of this process is busy with another run for a long time.
#[tokio::test(flavor = "multi_thread")]
async fn a_run_that_waits_for_its_turn_hears_that_it_is_cancelled() {
    let (_folder, _store, jobs) = queue().await;
    let id = jobs.queue(&new_run(1), &info()).await.unwrap().id;
    let host = EngineHost::new(load(|| engine(|_, _, _| answer("x"))));
    let (end, ended) = mpsc::channel::<()>();
    let (begin, begun) = mpsc::channel();
    let (held, key) = (host.clone(), EngineKey::from(&new_run(1).run_spec));
    let other = std::thread::spawn(move || {
        let work = |_: &mut Engine| {
            begin.send(()).unwrap();
            ended.recv().unwrap();
        };
        held.with(&key, &mut || true, work).unwrap().unwrap();
    });
    begun.recv().unwrap();
    let workers = WorkerPool::new(
        jobs.clone(),
        host.clone(),
        LeaseHolder::new("test", Duration::from_secs(60)),
        |id: &str| id == "tiny",
        Handle::current(),
    );
    let thread = workers.spawn(WorkerSlot::Only(id)).unwrap();
    while host.asked() < 2 {
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    jobs.cancel(id).await.unwrap();
    let over = tokio::task::spawn_blocking(move || thread.join());
    let over = tokio::time::timeout(Duration::from_secs(20), over).await;
    over.expect("the wait is heard").unwrap().unwrap();
    assert_eq!(host.asked(), 1, "the other has it still");
    end.send(()).unwrap();
    other.join().unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn nobody_is_asked_while_the_store_takes_nothing() {
    let (_folder, store, jobs) = queue().await;
    let id = jobs.queue(&new_run(2), &info()).await.unwrap().id;
    store.tamper("ALTER TABLE pulse RENAME TO away").await;
    let asked = Arc::new(AtomicU32::new(0));
    let counting = Arc::clone(&asked);
    let make = move || {
        let asked = Arc::clone(&counting);
        engine(move |_, _, _| {
            asked.fetch_add(1, Ordering::Relaxed);
            answer("x")
        })
    };
    let thread = workers(&jobs, load(make)).spawn(WorkerSlot::Local).unwrap();
    let view = until(&jobs, id, |view| view.error.is_some()).await;
    assert_eq!(view.status, RunStatus::Queued);
    assert!(view.error.unwrap().contains("no such table"));
    let why = jobs.ready().await.unwrap_err().to_string();
    assert!(
        why.contains("nothing can be stored") && why.contains("no such table"),
        "{why}"
    );
    tokio::time::sleep(Duration::from_secs(2)).await;
    assert_eq!(asked.load(Ordering::Relaxed), 0);
    store.tamper("ALTER TABLE away RENAME TO pulse").await;
    let view = until(&jobs, id, done).await;
    assert_eq!((view.error, asked.load(Ordering::Relaxed)), (None, 2));
    jobs.ready().await.unwrap();
    end(&jobs, thread).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_answer_that_waits_is_asked_for_once_and_keeps_the_others_waiting() {
    let (_folder, store, jobs) = queue().await;
    let id = jobs.queue(&new_run(6), &info()).await.unwrap().id;
    store.tamper("ALTER TABLE transcripts RENAME TO away").await;
    let asked = Arc::new(AtomicU32::new(0));
    let counting = Arc::clone(&asked);
    let workers = workers(
        &jobs,
        load(move || {
            let asked = Arc::clone(&counting);
            engine(move |_, _, _| {
                asked.fetch_add(1, Ordering::Relaxed);
                answer("x")
            })
        }),
    );
    let threads = [0; 3].map(|_| workers.spawn(WorkerSlot::Only(id)).unwrap());
    until(&jobs, id, |view| view.error.is_some()).await;
    tokio::time::sleep(Duration::from_secs(3)).await;
    let waiting = asked.load(Ordering::Relaxed);
    assert!(
        (1..=3).contains(&waiting),
        "{waiting} asked by three threads"
    );
    assert!(jobs.ready().await.is_err());
    store.tamper("ALTER TABLE away RENAME TO transcripts").await;
    until(&jobs, id, done).await;
    assert_eq!(asked.load(Ordering::Relaxed), 6);
    // The last waiting thread reports it a moment after its answer is stored.
    for _ in 0..100 {
        if jobs.ready().await.is_ok() {
            break;
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    jobs.ready().await.unwrap();
    for thread in threads {
        end(&jobs, thread).await;
    }
    let rows = store.rows(id, None, 9).await.unwrap();
    assert!(rows.iter().all(|row| row.attempts == 1), "{rows:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_answer_that_the_store_refuses_is_a_failure() {
    let (_folder, store, jobs) = queue().await;
    let id = jobs.queue(&new_run(2), &info()).await.unwrap().id;
    let refuse = "CREATE TRIGGER picky BEFORE INSERT ON transcripts
        WHEN NEW.transcript_json LIKE '%indigestible%'
        BEGIN SELECT RAISE(ABORT, 'too odd'); END";
    store.tamper(refuse).await;
    let mut asked = 0;
    let mut make = Some(engine(move |_, _, _| {
        asked += 1;
        answer(["fine", "indigestible"][asked % 2])
    }));
    let done = run(&jobs, id, load(move || make.take().unwrap())).await;
    assert_eq!((done.counts.answered, done.counts.failed), (1, 1));
    let rows = rows(&jobs, id).await;
    let message = &failure(&rows[0]).message;
    assert!(
        message.contains("an answer came, but the database refuses to keep"),
        "{message}"
    );
    assert!(message.contains("too odd"), "{message}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_cancel_by_another_process_reaches_who_answers() {
    let (_folder, store, jobs) = queue().await;
    let id = jobs.queue(&new_run(1), &info()).await.unwrap().id;
    let (asking, asked) = mpsc::channel();
    let mut make = Some(engine(move |_, cancel, _| {
        asking.send(()).unwrap();
        let began = Instant::now();
        while !cancel.load(Ordering::Relaxed) && began.elapsed() < Duration::from_secs(30) {
            std::thread::sleep(Duration::from_millis(5));
        }
        EngineAnswer::failed(None, FailureKind::Cancelled, "cancelled")
    }));
    let load = load(move || make.take().unwrap());
    let thread = workers(&jobs, load).spawn(WorkerSlot::Only(id)).unwrap();
    tokio::task::spawn_blocking(move || asked.recv().unwrap())
        .await
        .unwrap();
    let began = Instant::now();
    Jobs::new(store, Config::default())
        .cancel(id)
        .await
        .unwrap();
    let ended = tokio::task::spawn_blocking(move || thread.join());
    ended.await.unwrap().unwrap();
    assert!(
        began.elapsed() < Duration::from_secs(3),
        "{:?}",
        began.elapsed()
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_sample_from_which_nobody_comes_back_is_given_up() {
    let (_folder, store, jobs) = queue().await;
    let id = jobs.queue(&new_run(2), &info()).await.unwrap().id;
    // Workers that were killed at this sample, one more than the limit allows.
    let dead = LeaseHolder::new("dead", Duration::ZERO);
    for _ in 0..25 {
        store.claim(id, &dead).await.unwrap().unwrap();
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    let done = run(&jobs, id, load(|| engine(|_, _, _| answer("x")))).await;
    assert_eq!((done.counts.answered, done.counts.failed), (1, 1));
    let rows = rows(&jobs, id).await;
    assert!(
        failure(&rows[0])
            .message
            .starts_with("25 workers started this sample")
    );
}
