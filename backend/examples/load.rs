//! Server load test: 200 watchers of a run in progress, and 2,000 requests a second for it,
//! beside a store of 100,000 rows. `cargo xtask bench server` builds and runs this; the load goes
//! to a server of its own on this machine.

use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use anyhow::{Context, Result, ensure};
use fathom_backend::http_client;
use fathom_backend::store::{DatabaseUrl, LeaseHolder, Store};
use fathom_shared::api::{NewRun, RunSpec, RunView, paths};
use fathom_shared::engine::EngineKind;
use fathom_shared::prompt::PromptMode;
use fathom_shared::run::{RunGrid, ScoredTranscript, TaskChoice};
use fathom_shared::score::Score;
use fathom_shared::task::ruler;
use fathom_shared::tokens::Tokens;
use fathom_shared::transcript::{
    Completion, EngineInfo, FinishReason, Outcome, Timings, Transcript,
};
use futures_util::StreamExt;
use reqwest::Client;
use tokio::io::{AsyncBufReadExt, BufReader};

const WATCHERS: usize = 200;
const PER_SECOND: u64 = 2_000;
const SECONDS: u64 = 20;
const ROWS: u32 = 100_000;

#[tokio::main]
async fn main() -> Result<()> {
    let mut arguments = std::env::args().skip(1);
    let usage = "usage: load FATHOM-BINARY MODELS-FOLDER MODEL";
    let binary = arguments.next().context(usage)?;
    let (models, model) = (
        arguments.next().context(usage)?,
        arguments.next().context(usage)?,
    );
    let folder = tempfile::tempdir()?;
    let database = folder.path().join("fathom.db");
    let began = Instant::now();
    let full = fill(&DatabaseUrl::Sqlite(database.clone())).await?;
    say(&format!("{ROWS} rows stored in {:.0?}", began.elapsed()));

    let (_server, url) = serve(&binary, &database, &models).await?;
    let client = http_client::builder().build()?;
    for path in [
        paths::RUNS.to_owned(),
        paths::with_id(paths::RUN, full),
        paths::with_id(paths::RUN_ROWS, full),
        paths::with_id(paths::RUN_RESULTS, full),
    ] {
        for time in ["first", "again"] {
            let began = Instant::now();
            let body = client
                .get(format!("{url}{path}"))
                .send()
                .await?
                .bytes()
                .await?;
            let ms = began.elapsed().as_secs_f64() * 1000.0;
            say(&format!(
                "GET {path}, {time}: {ms:.1} ms, {} bytes",
                body.len()
            ));
        }
    }

    let running: RunView = client
        .post(format!("{url}{}", paths::RUNS))
        .json(&new_run(&model, 400, 1_000))
        .send()
        .await?
        .error_for_status()?
        .json()
        .await?;
    let heard = Arc::new(AtomicU64::new(0));
    for _ in 0..WATCHERS {
        watch(
            client.clone(),
            format!("{url}{}", paths::with_id(paths::RUN_EVENTS, running.id)),
            &heard,
        );
    }
    tokio::time::sleep(Duration::from_secs(2)).await;
    let before = heard.load(Ordering::Relaxed);
    let mut took = load(&format!("{url}{}", paths::with_id(paths::RUN, running.id))).await?;
    took.sort_unstable();
    let at = |share: f64| {
        let index = (took.len() as f64 * share) as usize;
        took[index.min(took.len() - 1)].as_secs_f64() * 1000.0
    };
    say(&format!(
        "{} requests at {PER_SECOND}/s beside {WATCHERS} watchers of a run that goes on: p50 {:.1} ms, p99 {:.1} ms, longest {:.1} ms; {} bytes of events",
        took.len(),
        at(0.5),
        at(0.99),
        at(1.0),
        heard.load(Ordering::Relaxed) - before
    ));
    ensure!(
        heard.load(Ordering::Relaxed) > before,
        "the watchers heard nothing"
    );
    Ok(())
}

#[expect(clippy::print_stdout, reason = "this program talks to a terminal")]
fn say(line: &str) {
    println!("{line}");
}

fn new_run(model: &str, length: u32, count: u32) -> NewRun {
    let ids = ruler::tasks().map(|task| task.id());
    let ids = ids.take(if count > 5_000 { 1 } else { 2 });
    NewRun {
        run_spec: RunSpec {
            grid: RunGrid {
                tasks: ids.map(TaskChoice::new).collect(),
                lengths: vec![Tokens(length)],
                seeds: vec![1],
                first: 0,
                count,
            },
            model: model.to_owned(),
            engine: EngineKind::CandleCpu,
            mode: PromptMode::Completion,
            rope: None,
            texts: None,
            kv: None,
        },
        priority: 0,
    }
}

/// A run that is done, as big as the largest evaluation.
async fn fill(database: &DatabaseUrl) -> Result<i64> {
    let store = Store::open(database).await?;
    let big = new_run("gone", 4_096, ROWS).run_spec;
    let id = store.add_run(&big, 0, &EngineInfo::default()).await?;
    let worker = LeaseHolder::new("fill", Duration::from_secs(60));
    while let Some(lease) = store.claim(id, &worker).await? {
        let row = answered(lease.place.sample);
        store.answer(&lease, &row).await?;
    }
    store.close().await;
    Ok(id)
}

fn answered(sample: u32) -> ScoredTranscript {
    let found = vec![sample.is_multiple_of(3), true];
    ScoredTranscript {
        transcript: Transcript {
            sample,
            prompt_hash: Some("0".repeat(64)),
            prompt_tokens: Some(Tokens(4_000)),
            engine: EngineInfo::default(),
            outcome: Outcome::Completed(Completion {
                text: "The special magic numbers are 1234567 and 7654321.".to_owned(),
                thinking: None,
                thinking_end_alone: false,
                options: Vec::new(),
                tokens: Tokens(20),
                finish: FinishReason::Stop,
                usage: None,
                timings: Timings::default(),
            }),
        },
        score: Some(Score {
            value: if found[0] { 1.0 } else { 0.5 },
            found,
            blank: false,
            parts: Vec::new(),
            source: None,
            version: 1,
        }),
    }
}

/// Ends the server with its owner.
struct Server(Child);

impl Drop for Server {
    fn drop(&mut self) {
        let _gone = self.0.kill();
        let _reaped = self.0.wait();
    }
}

async fn serve(binary: &str, database: &Path, models: &str) -> Result<(Server, String)> {
    let mut child = Command::new(binary)
        .args(["serve", "--addr", "127.0.0.1:0", "--models", models])
        .arg("--database")
        .arg(database)
        .env("FATHOM_LOG", "error")
        .stdout(Stdio::piped())
        .spawn()
        .with_context(|| format!("cannot start `{binary}`"))?;
    let out = child.stdout.take().context("no output")?;
    let server = Server(child);
    let mut out = BufReader::new(tokio::process::ChildStdout::from_std(out)?);
    let mut line = String::new();
    out.read_line(&mut line).await?;
    let url = line.split_whitespace().last().unwrap_or_default();
    ensure!(url.starts_with("http://"), "the server said {line:?}");
    Ok((server, url.to_owned()))
}

/// One watcher, which reads whatever comes.
fn watch(client: Client, url: String, heard: &Arc<AtomicU64>) {
    let heard = Arc::clone(heard);
    tokio::spawn(async move {
        let Ok(response) = client.get(url).send().await else {
            return;
        };
        let mut body = response.bytes_stream();
        while let Some(Ok(bytes)) = body.next().await {
            heard.fetch_add(bytes.len() as u64, Ordering::Relaxed);
        }
    });
}

/// Requests at a steady pace, whether or not earlier ones are answered; each is timed from when it
/// was due, so that a server that falls behind cannot hide it.
async fn load(url: &str) -> Result<Vec<Duration>> {
    let client = http_client::builder().pool_max_idle_per_host(256).build()?;
    let began = Instant::now();
    let mut asked = Vec::new();
    for number in 0..PER_SECOND * SECONDS {
        let due = began + Duration::from_nanos(number * 1_000_000_000 / PER_SECOND);
        tokio::time::sleep_until(due.into()).await;
        let request = client.get(url);
        asked.push(tokio::spawn(async move {
            let body = request.send().await?.error_for_status()?.bytes().await?;
            anyhow::Ok((due.elapsed(), body.len()))
        }));
    }
    let mut took = Vec::with_capacity(asked.len());
    for asked in asked {
        let (time, bytes) = asked.await??;
        ensure!(bytes > 0, "an empty answer");
        took.push(time);
    }
    Ok(took)
}
