//! The server from outside: orders, events, refusals, and a SIGKILL in the middle.

use std::time::Duration;

use fathom_shared::api::{ErrorBody, Health, ModelInfo, RunEvent, RunStatus, RunView, paths};
use fathom_shared::transcript::Outcome;
use futures_util::StreamExt;

use crate::server::{MODEL, Server, order};

#[tokio::test]
async fn says_who_it_is_and_refuses_with_a_sentence() {
    let folder = tempfile::tempdir().unwrap();
    let server = Server::start(folder.path(), false);
    let health: Health = get(&server, paths::HEALTH).await;
    assert_eq!(health.name, "fathom");
    let models: Vec<ModelInfo> = get(&server, paths::MODELS).await;
    let model = models.iter().find(|model| model.id == MODEL).unwrap();
    assert_eq!(
        (model.architecture.as_str(), model.quantisation.as_str()),
        ("llama", "Q4_1")
    );
    assert_eq!(model.context.0, 8192);

    let mut wrong = order(1);
    wrong.model = "nobody".to_owned();
    let refused = server.order(&wrong).await;
    assert!(refused.status().is_client_error());
    let body: ErrorBody = refused.json().await.unwrap();
    assert!(
        body.message.contains("nobody") && body.message.contains(MODEL),
        "{}",
        body.message
    );
    let mut short = order(1);
    short.spec.max_seq_length.0 = 10;
    assert!(server.order(&short).await.status().is_client_error());
    let runs: Vec<RunView> = get(&server, paths::RUNS).await;
    assert_eq!(runs, [], "a refusal leaves no run behind");
}

#[tokio::test]
async fn a_killed_server_goes_on_at_the_first_unanswered_sample() {
    let folder = tempfile::tempdir().unwrap();
    let mut server = Server::start(folder.path(), false);
    let run: RunView = server.order(&order(8)).await.json().await.unwrap();
    wait_for_rows(&server, run.id, 2).await;
    server.kill();

    let server = Server::start(folder.path(), false);
    let before = server.detail(run.id).await;
    let kept = before.rows.len();
    assert!(
        (2..8).contains(&kept),
        "{kept} rows were stored before the end"
    );
    let mut answered = Vec::new();
    follow(&server, run.id, |event| {
        if let RunEvent::Row { row, .. } = event {
            answered.push(row.transcript.sample);
        }
    })
    .await;

    let after = server.detail(run.id).await;
    assert_eq!(after.run.status, RunStatus::Done);
    let samples: Vec<u32> = after.rows.iter().map(|row| row.transcript.sample).collect();
    assert_eq!(
        samples,
        (0..8).collect::<Vec<_>>(),
        "no row lost or repeated"
    );
    assert_eq!(
        after.rows[..kept],
        before.rows[..],
        "what was answered stays as it was"
    );
    // What was there at the snapshot is not told again as news.
    assert!(
        answered.iter().all(|sample| *sample as usize >= kept),
        "{answered:?}"
    );
    assert_eq!(after.run.summary.answered + after.run.summary.failed, 8);
    for row in &after.rows {
        let Outcome::Completed(completion) = &row.transcript.outcome else {
            panic!("sample {} failed", row.transcript.sample);
        };
        assert!(!completion.text.is_empty());
    }
}

async fn get<T: serde::de::DeserializeOwned>(server: &Server, path: &str) -> T {
    reqwest::get(server.path(path))
        .await
        .unwrap()
        .json()
        .await
        .unwrap()
}

pub(crate) async fn wait_for_rows(server: &Server, id: i64, count: usize) {
    for _ in 0..600 {
        if server.detail(id).await.rows.len() >= count {
            return;
        }
        tokio::time::sleep(Duration::from_millis(200)).await;
    }
    panic!("run {id} has no {count} rows after two minutes");
}

/// Hears every event of a run until the stream ends.
async fn follow(server: &Server, id: i64, mut hear: impl FnMut(RunEvent)) {
    let url = server.path(&paths::with_id(paths::RUN_EVENTS, id));
    let mut body = reqwest::get(url).await.unwrap().bytes_stream();
    let mut text = String::new();
    while let Some(bytes) = body.next().await {
        text.push_str(std::str::from_utf8(&bytes.unwrap()).unwrap());
        while let Some((event, rest)) = text.split_once("\n\n") {
            let data = event.lines().find_map(|line| line.strip_prefix("data:"));
            if let Some(data) = data {
                hear(serde_json::from_str(data.trim()).unwrap());
            }
            text = rest.to_owned();
        }
    }
}
