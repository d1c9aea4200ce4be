//! Tests the server through its API: runs, events, refusals, and a SIGKILL in the middle.

use std::time::Duration;

use fathom_shared::api::{
    ErrorBody, Health, ListPage, ModelList, RunEvent, RunStatus, RunView, paths,
};
use fathom_shared::run::SampleKey;
use fathom_shared::transcript::Outcome;
use futures_util::StreamExt;

use crate::server::{MODEL, Server, client, new_run};

#[tokio::test]
async fn says_who_it_is_and_refuses_with_a_sentence() {
    let folder = tempfile::tempdir().unwrap();
    let server = Server::start(folder.path(), false);
    let health: Health = get(&server, paths::HEALTH).await;
    assert_eq!(health.name, "fathom");
    let models: ModelList = get(&server, paths::MODELS).await;
    assert_eq!(models.refused, []);
    let model = models.items.iter().find(|model| model.id == MODEL).unwrap();
    assert_eq!(
        (model.architecture.as_str(), model.quantisation.as_str()),
        ("llama", "Q4_1")
    );
    assert_eq!(model.context.0, 8192);

    let mut wrong = new_run(1);
    wrong.run_spec.model = "nobody".to_owned();
    let refused = server.queue(&wrong).await;
    assert!(refused.status().is_client_error());
    let body: ErrorBody = refused.json().await.unwrap();
    assert!(
        body.message.contains("nobody") && body.message.contains(MODEL),
        "{}",
        body.message
    );
    let mut short = new_run(1);
    short.run_spec.grid.lengths[0].0 = 10;
    assert!(server.queue(&short).await.status().is_client_error());
    let runs: ListPage<RunView> = get(&server, paths::RUNS).await;
    assert_eq!(runs.items, [], "a refusal leaves no run behind");
}

#[tokio::test]
async fn a_killed_server_goes_on_at_the_first_unanswered_sample() {
    let folder = tempfile::tempdir().unwrap();
    let mut server = Server::start(folder.path(), false);
    let run: RunView = server.queue(&new_run(8)).await.json().await.unwrap();
    wait_for_rows(&server, run.id, 2).await;
    server.kill();

    let server = Server::start(folder.path(), false);
    let before = server.rows(run.id).await;
    let kept = before.len();
    assert!(
        (2..8).contains(&kept),
        "{kept} rows were stored before the end"
    );
    let mut heard = Vec::new();
    let last = follow(&server, run.id, None, |event| {
        if let RunEvent::Rows { rows } = event {
            heard.extend(rows.iter().map(|row| row.place.sample));
        }
        true
    })
    .await;
    assert!(last > 0, "what was stored has a number");
    heard.sort_unstable();
    let all: Vec<u32> = (0..8).collect();
    assert_eq!(heard, all, "no row is lost or told twice");

    let (after, run) = (server.rows(run.id).await, server.detail(run.id).await.run);
    assert_eq!(run.status, RunStatus::Done);
    let samples: Vec<u32> = after.iter().map(|row| row.place.sample).collect();
    assert_eq!(samples, all, "no row lost or repeated");
    assert_eq!(after[..kept], before[..], "what was answered stays");
    assert_eq!(run.counts.answered + run.counts.failed, 8);
    for row in &after {
        let detail = server.row(run.id, row.place).await;
        let Outcome::Completed(completion) = &detail.scored.unwrap().transcript.outcome else {
            panic!("sample {} failed", row.place.sample);
        };
        assert!(!completion.text.is_empty());
        assert_eq!(detail.unmade, None, "the prompt is the one that was asked");
    }
}

#[tokio::test]
async fn who_comes_back_hears_every_row_once() {
    let folder = tempfile::tempdir().unwrap();
    let server = Server::start(folder.path(), false);
    let run: RunView = server.queue(&new_run(6)).await.json().await.unwrap();
    let mut heard: Vec<SampleKey> = Vec::new();
    // Disconnects after each of the first rows, and reconnects with the last event's number.
    let mut last = None;
    for most in [1, 3, 6] {
        let enough = |event: RunEvent| {
            if let RunEvent::Rows { rows } = &event {
                heard.extend(rows.iter().map(|row| row.place));
            }
            heard.len() < most
        };
        last = Some(follow(&server, run.id, last, enough).await);
    }
    let all: Vec<SampleKey> = (0..6).map(|sample| SampleKey { cell: 0, sample }).collect();
    heard.sort_unstable();
    assert_eq!(heard, all, "none twice, none missing");
    // After the end of the run, only its end is sent.
    let mut rest = Vec::new();
    follow(&server, run.id, last, |event| {
        rest.push(event);
        true
    })
    .await;
    let is_row = |event: &RunEvent| matches!(event, RunEvent::Rows { .. });
    assert!(!rest.iter().any(is_row), "{rest:?}");
    let over = |event: &RunEvent| matches!(event, RunEvent::Run { run } if run.status.is_final());
    assert!(rest.iter().any(over), "{rest:?}");
}

async fn get<T: serde::de::DeserializeOwned>(server: &Server, path: &str) -> T {
    client()
        .get(server.path(path))
        .send()
        .await
        .unwrap()
        .json()
        .await
        .unwrap()
}

pub(crate) async fn wait_for_rows(server: &Server, id: i64, count: usize) {
    for _ in 0..600 {
        if server.rows(id).await.len() >= count {
            return;
        }
        tokio::time::sleep(Duration::from_millis(200)).await;
    }
    panic!("run {id} has no {count} rows after two minutes");
}

/// Follows a run's events after number `last`, until the stream ends or `hear` returns that it has
/// enough; returns the number of the last event that has one.
async fn follow(
    server: &Server,
    id: i64,
    last: Option<i64>,
    mut hear: impl FnMut(RunEvent) -> bool,
) -> i64 {
    let url = server.path(&paths::with_id(paths::RUN_EVENTS, id));
    let mut request = client().get(url);
    if let Some(last) = last {
        request = request.header("Last-Event-ID", last);
    }
    let mut body = request.send().await.unwrap().bytes_stream();
    let mut last = last.unwrap_or_default();
    let mut text = String::new();
    while let Some(bytes) = body.next().await {
        text.push_str(std::str::from_utf8(&bytes.unwrap()).unwrap());
        while let Some((event, rest)) = text.split_once("\n\n") {
            let field = |name| event.lines().find_map(|line| line.strip_prefix(name));
            if let Some(number) = field("id:") {
                last = number.trim().parse().unwrap();
            }
            if let Some(data) = field("data:")
                && !hear(serde_json::from_str(data.trim()).unwrap())
            {
                return last;
            }
            text = rest.to_owned();
        }
    }
    last
}
