//! One suite for both databases.

use std::collections::BTreeSet;
use std::time::Duration;

use fathom_shared::api::{RowState, RunStatus};
use fathom_shared::run::{AnswerPace, SampleKey};
use fathom_shared::transcript::{EngineInfo, FailureKind, Outcome, TextlessAnswer};

use super::super::{LeaseHolder, QueueFilter, StoreError};
use super::{Fresh, a_run_spec, add, answered, failed, take, worker};

on_both!(
    what_is_stored_comes_back,
    a_run_has_a_row_for_every_sample,
    many_workers_never_have_the_same_sample,
    a_lease_runs_out_and_its_answer_comes_too_late,
    a_lease_is_renewed_and_given_back,
    a_held_run_gives_nothing_out,
    nothing_is_added_to_a_cancelled_run,
    failures_are_opened_again,
    the_highest_priority_goes_first,
    what_was_stored_since_is_told_in_order,
    an_identical_run_that_is_not_done_is_found,
    pages_go_on_where_the_last_one_ended,
    totals_and_history_add_up,
);

async fn what_is_stored_comes_back(fresh: Fresh) {
    let store = fresh.open().await;
    let (id, ann) = (add(&store, 1).await, worker("ann"));
    let mut rows = [failed(2), answered(3, "ünïcode\0"), answered(4, "")];
    if let Outcome::Completed(done) = &mut rows[1].transcript.outcome {
        done.thinking_end_alone = true;
    }
    for row in &rows {
        let lease = take(&store, id, &ann).await;
        assert_eq!(
            lease.place,
            SampleKey {
                cell: 0,
                sample: row.transcript.sample
            }
        );
        store.answer(&lease, row).await.unwrap();
    }
    store.close().await;

    // As another process would open it.
    let store = fresh.open().await;
    let run = store.run(id).await.unwrap();
    assert_eq!(
        (run.run_spec, run.status),
        (a_run_spec(1), RunStatus::Queued)
    );
    let counts = run.counts;
    assert_eq!(
        (counts.asked, counts.answered, counts.failed, counts.open()),
        (6, 2, 1, 3)
    );
    assert_eq!((run.prompt_tokens, run.answer_tokens), (1800, 8));
    assert_eq!(store.transcripts(id, 0).await.unwrap(), rows);
    assert_eq!(store.transcripts(id, 1).await.unwrap(), []);
    let place = SampleKey { cell: 0, sample: 2 };
    let (view, kept) = store.row(id, place).await.unwrap();
    assert_eq!(
        (view.state, view.failure),
        (RowState::Failed, Some(FailureKind::DeviceLost))
    );
    assert_eq!(kept.as_ref(), Some(&rows[0]));
    let views = store.rows(id, None, 9).await.unwrap();
    let told = |at: usize| (views[at].textless, views[at].source.as_deref());
    let source = Some("0123456789ab");
    let textless = Some(TextlessAnswer::Empty);
    assert_eq!(
        [told(0), told(1), told(2)],
        [(None, None), (None, source), (textless, source)]
    );
    let ends_alone: Vec<bool> = views.iter().map(|view| view.end_alone).collect();
    assert_eq!(ends_alone[..3], [false, true, false]);
    let scores = store.scores(id).await.unwrap();
    assert_eq!(
        scores[..2],
        [
            (place, (None, None)),
            (
                SampleKey { cell: 0, sample: 3 },
                (Some(1.0 / 3.0), Some("0123456789ab".to_owned()))
            )
        ]
    );
    let error = store
        .row(id, SampleKey { cell: 0, sample: 9 })
        .await
        .unwrap_err();
    assert_eq!(
        error.to_string(),
        format!("run {id} has no sample 9 in cell 0")
    );
}

async fn a_run_has_a_row_for_every_sample(fresh: Fresh) {
    let store = fresh.open().await;
    let id = add(&store, 1).await;
    let rows = store.rows(id, None, 100).await.unwrap();
    let places: Vec<SampleKey> = rows.iter().map(|row| row.place).collect();
    assert_eq!(places, a_run_spec(1).grid.places().collect::<Vec<_>>());
    assert!(
        rows.iter()
            .all(|row| row.state == RowState::Open && row.attempts == 0)
    );
    assert_eq!(store.open_by_cell(id).await.unwrap().len(), 2);
    let error = store.run(99).await.unwrap_err();
    assert_eq!(error.to_string(), "there is no run 99");
}

async fn many_workers_never_have_the_same_sample(fresh: Fresh) {
    let store = fresh.open().await;
    let mut big = a_run_spec(1);
    big.grid.count = 40;
    let id = store
        .add_run(&big, 0, &EngineInfo::default())
        .await
        .unwrap();
    let hands = (0..6).map(|hand| {
        let store = store.clone();
        tokio::spawn(async move {
            let (me, mut mine) = (worker(&format!("w{hand}")), Vec::new());
            while let Some(lease) = store.claim(id, &me).await.unwrap() {
                let text = format!("by {hand}");
                store
                    .answer(&lease, &answered(lease.place.sample, &text))
                    .await
                    .unwrap();
                mine.push(lease.place);
            }
            mine
        })
    });
    let mut all = Vec::new();
    for hand in hands.collect::<Vec<_>>() {
        all.extend(hand.await.unwrap());
    }
    let different: BTreeSet<SampleKey> = all.iter().copied().collect();
    assert_eq!((all.len(), different.len()), (80, 80));
    let run = store.run(id).await.unwrap();
    assert_eq!((run.counts.answered, run.status), (80, RunStatus::Done));
    assert_eq!(run.seq, 80);
}

async fn a_lease_runs_out_and_its_answer_comes_too_late(fresh: Fresh) {
    let store = fresh.open().await;
    let id = add(&store, 1).await;
    let slow = LeaseHolder::new("slow", Duration::from_millis(50));
    let lost = take(&store, id, &slow).await;
    assert_eq!(store.run(id).await.unwrap().status, RunStatus::Running);
    tokio::time::sleep(Duration::from_millis(120)).await;
    assert_eq!(store.run(id).await.unwrap().status, RunStatus::Queued);
    let ann = worker("ann");
    let found = take(&store, id, &ann).await;
    assert_eq!(found.place, lost.place, "what was left behind goes first");
    for late in [
        store.renew(&lost, &slow).await,
        store.answer(&lost, &answered(2, "late")).await,
    ] {
        let error = late.unwrap_err();
        assert!(matches!(error, StoreError::Lost { .. }), "{error}");
    }
    store.answer(&found, &answered(2, "in time")).await.unwrap();
    assert_eq!(
        store.transcripts(id, 0).await.unwrap(),
        [answered(2, "in time")]
    );
    let run = store.run(id).await.unwrap();
    assert_eq!(
        (run.counts.answered, run.prompt_tokens),
        (1, 900),
        "the late one counts nothing"
    );
    let (view, _) = store.row(id, found.place).await.unwrap();
    assert_eq!(view.attempts, 2);
}

async fn a_lease_is_renewed_and_given_back(fresh: Fresh) {
    let store = fresh.open().await;
    let id = add(&store, 1).await;
    let short = LeaseHolder::new("short", Duration::from_secs(2));
    let lease = take(&store, id, &short).await;
    for _ in 0..4 {
        tokio::time::sleep(Duration::from_millis(700)).await;
        store.renew(&lease, &short).await.unwrap();
    }
    let other = take(&store, id, &worker("ann")).await;
    assert_ne!(
        other.place, lease.place,
        "2.8 s later it is still the first one's"
    );
    store.release(&lease).await.unwrap();
    let again = take(&store, id, &worker("bob")).await;
    assert_eq!(again.place, lease.place);
    let (view, _) = store.row(id, lease.place).await.unwrap();
    assert_eq!(view.attempts, 1, "what was given back was no attempt");
}

async fn a_held_run_gives_nothing_out(fresh: Fresh) {
    let store = fresh.open().await;
    let (id, ann) = (add(&store, 1).await, worker("ann"));
    let lease = take(&store, id, &ann).await;
    assert_eq!(store.run(id).await.unwrap().status, RunStatus::Running);
    store.pause(id).await.unwrap();
    // Counts as paused from this moment on, though its sample is still being answered.
    assert_eq!(store.run(id).await.unwrap().status, RunStatus::Paused);
    assert!(store.standing(id).await.unwrap().leased);
    assert_eq!(store.claim(id, &ann).await.unwrap(), None);
    let any = QueueFilter::default();
    assert_eq!(store.waiting(any, 9).await.unwrap().jobs, []);
    store
        .answer(&lease, &answered(2, "finished"))
        .await
        .unwrap();
    assert_eq!(store.run(id).await.unwrap().status, RunStatus::Paused);
    assert!(!store.standing(id).await.unwrap().leased);
    store.resume(id).await.unwrap();
    assert_eq!(store.waiting(any, 9).await.unwrap().jobs[0].id, id);
    store.fail(id, "no such file").await.unwrap();
    let run = store.run(id).await.unwrap();
    assert_eq!(
        (run.status, run.error.as_deref()),
        (RunStatus::Failed, Some("no such file"))
    );
    assert_eq!(store.claim(id, &ann).await.unwrap(), None);
    store.resume(id).await.unwrap();
    take(&store, id, &ann).await;
}

async fn nothing_is_added_to_a_cancelled_run(fresh: Fresh) {
    let store = fresh.open().await;
    let (id, ann) = (add(&store, 1).await, worker("ann"));
    let lease = take(&store, id, &ann).await;
    for _twice in 0..2 {
        store.cancel(id).await.unwrap();
        assert_eq!(store.run(id).await.unwrap().status, RunStatus::Cancelled);
    }
    let error = store
        .answer(&lease, &answered(2, "late"))
        .await
        .unwrap_err();
    assert!(matches!(error, StoreError::Lost { .. }), "{error}");
    assert_eq!(store.claim(id, &ann).await.unwrap(), None);
    let counts = store.run(id).await.unwrap().counts;
    assert_eq!((counts.answered, counts.failed, counts.open()), (0, 0, 6));
    let unknown = store.cancel(99).await.unwrap_err();
    assert_eq!(unknown.to_string(), "there is no run 99");
}

async fn failures_are_opened_again(fresh: Fresh) {
    let store = fresh.open().await;
    let (id, ann) = (add(&store, 1).await, worker("ann"));
    for sample in [2, 3] {
        let lease = take(&store, id, &ann).await;
        store.answer(&lease, &failed(sample)).await.unwrap();
    }
    assert_eq!(store.retry(id).await.unwrap(), 2);
    let counts = store.run(id).await.unwrap().counts;
    assert_eq!((counts.failed, counts.open()), (0, 6));
    let lease = take(&store, id, &ann).await;
    store.answer(&lease, &answered(2, "now")).await.unwrap();
    let (view, kept) = store.row(id, lease.place).await.unwrap();
    assert_eq!(
        (view.state, view.failure, view.attempts),
        (RowState::Answered, None, 2)
    );
    assert_eq!(kept, Some(answered(2, "now")));
}

async fn the_highest_priority_goes_first(fresh: Fresh) {
    let store = fresh.open().await;
    let engine = EngineInfo::default();
    let first = add(&store, 1).await;
    let second = add(&store, 2).await;
    let third = store.add_run(&a_run_spec(3), 5, &engine).await.unwrap();
    let ids = || async {
        let waiting = store.waiting(QueueFilter::default(), 9).await.unwrap();
        waiting.jobs.iter().map(|job| job.id).collect::<Vec<_>>()
    };
    assert_eq!(ids().await, [third, first, second]);
    store.set_priority(second, 7).await.unwrap();
    assert_eq!(ids().await, [second, third, first]);
    let newest: Vec<i64> = store
        .runs(None, 2)
        .await
        .unwrap()
        .iter()
        .map(|r| r.id)
        .collect();
    assert_eq!(newest, [third, second]);
    assert_eq!(store.runs(Some(second), 2).await.unwrap()[0].id, first);
}

async fn what_was_stored_since_is_told_in_order(fresh: Fresh) {
    let store = fresh.open().await;
    let (id, ann) = (add(&store, 1).await, worker("ann"));
    let leases = [take(&store, id, &ann).await, take(&store, id, &ann).await];
    store.answer(&leases[1], &answered(3, "b")).await.unwrap();
    store.answer(&leases[0], &answered(2, "a")).await.unwrap();
    let (rows, last) = store.stored_after(id, 0, 10).await.unwrap();
    let samples: Vec<u32> = rows.iter().map(|row| row.place.sample).collect();
    assert_eq!((samples, last), (vec![3, 2], store.seq(id).await.unwrap()));
    let (rows, middle) = store.stored_after(id, 0, 1).await.unwrap();
    assert_eq!((rows.len(), middle), (1, last - 1));
    assert_eq!(
        store.stored_after(id, last, 10).await.unwrap(),
        (vec![], last)
    );
    let recent = store.recent(id).await.unwrap().unwrap();
    assert_eq!((recent.answers, recent.tokens), (2, 904));
}

async fn an_identical_run_that_is_not_done_is_found(fresh: Fresh) {
    let store = fresh.open().await;
    let (id, ann) = (add(&store, 1).await, worker("ann"));
    assert_eq!(store.unfinished(&a_run_spec(2)).await.unwrap(), None);
    assert_eq!(store.unfinished(&a_run_spec(1)).await.unwrap(), Some(id));
    while let Some(lease) = store.claim(id, &ann).await.unwrap() {
        let sample = lease.place.sample;
        store.answer(&lease, &answered(sample, "x")).await.unwrap();
    }
    assert_eq!(store.unfinished(&a_run_spec(1)).await.unwrap(), None);
}

async fn pages_go_on_where_the_last_one_ended(fresh: Fresh) {
    let store = fresh.open().await;
    let id = add(&store, 1).await;
    let (mut all, mut after) = (Vec::new(), None);
    loop {
        let page = store.rows(id, after, 4).await.unwrap();
        let Some(last) = page.last() else { break };
        after = Some(last.place);
        all.extend(page);
    }
    assert_eq!(all, store.rows(id, None, 100).await.unwrap());
}

async fn totals_and_history_add_up(fresh: Fresh) {
    let store = fresh.open().await;
    let (id, ann) = (add(&store, 1).await, worker("ann"));
    add(&store, 2).await;
    let lease = take(&store, id, &ann).await;
    store.answer(&lease, &answered(2, "a")).await.unwrap();
    let lease = take(&store, id, &ann).await;
    store.answer(&lease, &failed(3)).await.unwrap();
    store.pause(id).await.unwrap();
    let totals = store.totals().await.unwrap();
    assert_eq!((totals.runs, totals.unfinished, totals.asked), (2, 1, 12));
    assert_eq!((totals.answered, totals.failed, totals.busy_ms), (1, 1, 30));
    let pace = store.history("candle-cpu", "tiny").await.unwrap();
    assert_eq!((pace.answers, pace.tokens, pace.ms), (1, 904.0, 30.0));
    let none = store.history("wgpu", "tiny").await.unwrap();
    assert_eq!(none, AnswerPace::default());
}
