//! Unreadable data must not hide anything else; the same tests for both databases.

use fathom_shared::api::RunStatus;
use fathom_shared::transcript::{EngineInfo, Outcome};

use super::super::{QueueFilter, StoreError};
use super::{Fresh, a_run_spec, add, answered, failed, take, worker};

on_both!(
    a_run_that_cannot_be_read_hides_no_other,
    work_is_found_behind_any_number_of_runs,
    sentences_are_stored_without_what_cannot_be_seen,
    the_commonest_failure_is_told,
    something_can_be_written,
);

async fn a_run_that_cannot_be_read_hides_no_other(fresh: Fresh) {
    let store = fresh.open().await;
    let (spoiled, good) = (add(&store, 1).await, add(&store, 2).await);
    let later = r#"{"grid":{"tasks":[{"task":"vt"}],"lengths":[1024],"depth":"any"},"model":"tiny","engine":"abacus"}"#;
    let change = "UPDATE runs SET order_json = $1 WHERE id = $2";
    let changed = sqlx::query(change).bind(later).bind(spoiled);
    changed.execute(&store.pool).await.unwrap();

    let found = store.waiting(QueueFilter::default(), 9).await.unwrap();
    assert_eq!(
        found.jobs.iter().map(|job| job.id).collect::<Vec<_>>(),
        [good]
    );
    let [(id, why)] = &found.unreadable[..] else {
        panic!("{found:?}")
    };
    assert!(
        *id == spoiled && why.contains(&format!("spec of run {spoiled}")),
        "{why}"
    );
    // It is listed, says why, and shows what can be recovered of its spec.
    let listed = store.runs(None, 9).await.unwrap();
    assert_eq!(listed.len(), 2);
    let view = store.view(spoiled).await.unwrap();
    assert_eq!(view, listed[1]);
    assert_eq!(
        (view.status, view.error.as_ref()),
        (RunStatus::Failed, Some(why))
    );
    assert_eq!(
        (view.run_spec.model.as_str(), view.counts.asked),
        ("tiny", 6)
    );
    assert_eq!(view.run_spec.grid.tasks[0].task, "vt");
    let error = store.run(spoiled).await.unwrap_err();
    assert!(matches!(error, StoreError::Unreadable { .. }), "{error}");
    store.cancel(spoiled).await.unwrap();
    assert_eq!(
        store.view(spoiled).await.unwrap().status,
        RunStatus::Cancelled
    );
}

async fn work_is_found_behind_any_number_of_runs(fresh: Fresh) {
    let store = fresh.open().await;
    let engine = EngineInfo::default();
    let mut other = a_run_spec(1);
    other.model = "nobody's".to_owned();
    for _ in 0..30 {
        store.add_run(&other, 9, &engine).await.unwrap();
    }
    let mine = add(&store, 2).await;
    let wanted = QueueFilter {
        engine: Some("candle-cpu"),
        model: Some("tiny"),
        ..QueueFilter::default()
    };
    assert_eq!(store.waiting(wanted, 1).await.unwrap().jobs[0].id, mine);
    let alone = QueueFilter {
        run: Some(mine),
        ..QueueFilter::default()
    };
    assert_eq!(store.waiting(alone, 9).await.unwrap().jobs.len(), 1);
    let mut kinds = store.waited_for().await.unwrap();
    kinds.sort();
    let kind = |model: &str| ("candle-cpu".to_owned(), model.to_owned());
    assert_eq!(kinds, [kind("nobody's"), kind("tiny")]);
}

async fn sentences_are_stored_without_what_cannot_be_seen(fresh: Fresh) {
    let store = fresh.open().await;
    let id = add(&store, 1).await;
    let said = "the server said\0:\n\u{1b}[31mno\u{1b}[0m\u{202e}\n   0: std::rt::panic\n";
    store.fail(id, said).await.unwrap();
    let error = store.run(id).await.unwrap().error;
    assert_eq!(error.as_deref(), Some("the server said: no"));
    // Names as a configuration may contain them.
    let mut odd = a_run_spec(2);
    odd.model = "ti\0ny".to_owned();
    let engine = EngineInfo {
        model: "ti\0ny".to_owned(),
        ..EngineInfo::default()
    };
    let id = store.add_run(&odd, 0, &engine).await.unwrap();
    assert_eq!(store.run(id).await.unwrap().run_spec, odd);
    assert_eq!(
        store.history("candle-cpu", "ti\0ny").await.unwrap().answers,
        0
    );
    assert_eq!(store.unfinished(&odd).await.unwrap(), Some(id));
}

async fn the_commonest_failure_is_told(fresh: Fresh) {
    let store = fresh.open().await;
    let (id, ann) = (add(&store, 1).await, worker("ann"));
    assert_eq!(store.failures(id).await.unwrap(), None);
    let said = [
        "no key",
        "429 after 1 s",
        "429 after 2 s",
        "no key",
        "429 after 30 s",
    ];
    for said in said {
        let lease = take(&store, id, &ann).await;
        let mut row = failed(lease.place.sample);
        if let Outcome::Failed(failure) = &mut row.transcript.outcome {
            failure.message = said.to_owned();
        }
        store.answer(&lease, &row).await.unwrap();
    }
    let lease = take(&store, id, &ann).await;
    store.answer(&lease, &answered(4, "x")).await.unwrap();
    let found = store.failures(id).await.unwrap().unwrap();
    assert_eq!((found.of, found.alike), (5, 3));
    assert_eq!(found.example.message, "429 after 30 s");
}

async fn something_can_be_written(fresh: Fresh) {
    let store = fresh.open().await;
    store.probe().await.unwrap();
    store.probe().await.unwrap();
    store.close().await;
    store.probe().await.unwrap_err();
}
