//! Runs created for another model or other texts, and the notes on empty answers.

use fathom_shared::corpora::Corpora;
use fathom_shared::transcript::{FinishReason, TokenUsage};

use super::*;

#[tokio::test(flavor = "multi_thread")]
async fn another_file_under_the_same_name_is_refused() {
    let (_folder, _store, jobs) = queue().await;
    let other = EngineInfo {
        model_sha256: "def".to_owned(),
        ..info()
    };
    let id = jobs.queue(&new_run(1), &other).await.unwrap().id;
    let failed = run(&jobs, id, load(|| engine(|_, _, _| answer("x")))).await;
    let error = failed.error.unwrap();
    assert!(error.contains("SHA-256 abc, expected def"), "{error}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_run_of_other_texts_is_refused() {
    let (_folder, _store, jobs) = queue().await;
    let mut new = new_run(1);
    new.run_spec.texts = Some("other".to_owned());
    let id = jobs.queue(&new, &info()).await.unwrap().id;
    let failed = run(&jobs, id, load(|| engine(|_, _, _| answer("x")))).await;
    let (error, here) = (failed.error.unwrap(), Corpora::bundled_sha256());
    let told = format!("SHA-256 {here}, expected other");
    assert!(error.contains(&told), "{error}");
    new.run_spec.texts = Some(here.to_owned());
    let id = jobs.queue(&new, &info()).await.unwrap().id;
    let done = run(&jobs, id, load(|| engine(|_, _, _| answer("x")))).await;
    assert_eq!((done.status, done.counts.answered), (RunStatus::Done, 1));
}

#[tokio::test(flavor = "multi_thread")]
async fn empty_answers_are_told() {
    let (_folder, _store, jobs) = queue().await;
    let empty = |thinking: Option<Tokens>| {
        let mut empty = answer(" \n");
        if let Outcome::Completed(completion) = &mut empty.outcome {
            completion.finish = FinishReason::Length;
            completion.usage = Some(TokenUsage {
                prompt: Tokens(5),
                completion: Tokens(128),
                thinking,
            });
        }
        empty
    };
    let counted = "; the server says that 128 tokens were thinking: raise `thinking_tokens`";
    for (thinking, more) in [(Some(Tokens(128)), counted), (None, "")] {
        let id = jobs.queue(&new_run(3), &info()).await.unwrap().id;
        let mut make = Some(engine(move |_, _, _| empty(thinking)));
        let done = run(&jobs, id, load(move || make.take().unwrap())).await;
        assert_eq!((done.counts.answered, done.counts.failed), (3, 0));
        let notes = jobs.notes(&done).await.unwrap();
        assert_eq!(notes, [format!("all 3 answers are empty{more}")]);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_queue_that_cannot_be_read_is_told() {
    let (_folder, store, jobs) = queue().await;
    let id = jobs.queue(&new_run(1), &info()).await.unwrap().id;
    let workers = workers(&jobs, load(|| engine(|_, _, _| answer("x"))));
    // The database is gone.
    store.close().await;
    let thread = workers.spawn(WorkerSlot::Only(id)).unwrap();
    let told = jobs.refused_for(id, Duration::from_secs(2));
    let told = tokio::time::timeout(Duration::from_secs(60), told).await;
    let told = told.expect("it is told");
    assert!(told.starts_with("the queue cannot be read: "), "{told}");
    jobs.stop();
    let ended = tokio::task::spawn_blocking(move || thread.join());
    ended.await.unwrap().unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn who_waits_for_the_store_too_long_hears_why() {
    let (_folder, _store, jobs) = queue().await;
    let id = jobs.queue(&new_run(1), &info()).await.unwrap().id;
    let stall = jobs.live.stall(id, false, "the disk is full".to_owned());
    let told = jobs.refused_for(id, Duration::from_millis(10));
    let told = tokio::time::timeout(Duration::from_secs(30), told).await;
    assert_eq!(told.expect("it is told"), "the disk is full");
    let patient = jobs.refused_for(id, Duration::from_secs(600));
    let waits = tokio::time::timeout(Duration::from_secs(1), patient).await;
    assert!(waits.is_err(), "it has waited for less");
    drop(stall);
}
