//! What must not stop the answers for others, nor cost much.

use std::time::Instant;

use fathom_shared::api::{ListPage, RunDetail, RunStatus};

use super::*;

#[tokio::test(flavor = "multi_thread")]
async fn a_run_that_cannot_be_read_is_listed_among_the_others() {
    let server = server().await;
    let (spoiled, good) = (server.queue_run().await.id, server.queue_run().await.id);
    let change =
        "UPDATE runs SET order_json = '{\"grid\":{\"tasks\":7},\"model\":\"tiny\"}' WHERE id = 1";
    server.jobs.store().tamper(change).await;
    let list: ListPage<RunView> = server.get(paths::RUNS).await.json(StatusCode::OK);
    let told: Vec<_> = list.items.iter().map(|run| (run.id, run.status)).collect();
    assert_eq!(
        told,
        [(good, RunStatus::Queued), (spoiled, RunStatus::Failed)]
    );
    let got = server.get(&with_id(paths::RUN, spoiled)).await;
    let detail: RunDetail = got.json(StatusCode::OK);
    assert!(detail.run.error.unwrap().contains("the spec of run 1"));
    // Everything derived from the spec gives the reason.
    let place = with_id(paths::RUN_ROW, spoiled);
    let place = place.replace("{cell}", "0").replace("{sample}", "0");
    for path in [with_id(paths::RUN_RESULTS, spoiled), place] {
        let got = server.get(&path).await;
        got.refused(
            StatusCode::INTERNAL_SERVER_ERROR,
            "unreadable",
            "the spec of run 1",
        );
    }
    server.work(good).await;
    let done: RunDetail = server
        .get(&with_id(paths::RUN, good))
        .await
        .json(StatusCode::OK);
    assert_eq!(done.run.status, RunStatus::Done);
}

#[tokio::test(flavor = "multi_thread")]
async fn small_requests_for_large_work_are_refused_at_once() {
    let server = server().await;
    let with = |name: &str, values: Value| {
        let mut new = new_run();
        new["order"]["grid"][name] = values;
        new
    };
    let began = Instant::now();
    let numbers: Vec<u32> = (1..100_000).collect();
    let tasks = vec![json!({ "task": "vt" }); 501];
    for (new, message) in [
        (with("lengths", json!(numbers)), "a run has at most 10000"),
        (with("seeds", json!(numbers)), "a run has at most 10000"),
        (
            with("tasks", json!(tasks)),
            "the run has 501 tasks; a run has at most 500",
        ),
    ] {
        for path in [paths::RUNS, paths::RUN_ESTIMATE] {
            let got = server.post(path, &new).await;
            got.refused(StatusCode::UNPROCESSABLE_ENTITY, "bad_order", message);
        }
    }
    assert!(
        began.elapsed() < Duration::from_secs(10),
        "{:?}",
        began.elapsed()
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn what_runs_wait_for_is_no_secret() {
    let server = server().await;
    server
        .jobs
        .store()
        .tamper("ALTER TABLE pulse RENAME TO away")
        .await;
    let got = server.get(paths::READY).await;
    got.refused(
        StatusCode::SERVICE_UNAVAILABLE,
        "unready",
        "nothing can be stored",
    );
    let health: Health = server.get(paths::HEALTH).await.json(StatusCode::OK);
    assert_eq!(health.notes, [""; 0]);
    server
        .jobs
        .store()
        .tamper("ALTER TABLE away RENAME TO pulse")
        .await;
    let _ready: Health = server.get(paths::READY).await.json(StatusCode::OK);
    let metrics = server.get(paths::METRICS).await;
    let text = String::from_utf8(metrics.body).unwrap();
    assert!(
        text.contains("\nfathom_workers_replaced_total 0\n"),
        "{text}"
    );
}
