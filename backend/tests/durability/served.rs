//! A `fathom serve` with endpoints that do as they are told, and what can be asked of it.

use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use fathom_backend::catalog::Catalog;
use fathom_backend::config::Config;
use fathom_backend::data::models::ModelStore;
use fathom_backend::jobs::Jobs;
use fathom_backend::store::{DatabaseUrl, Store};
use fathom_shared::api::paths::{self, with_id};
use fathom_shared::api::{ErrorBody, ModelInfo, NewRun, RunDetail, RunView};
use fathom_shared::engine::EngineKind;
use serde_json::{Value as Json, json};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;

use crate::testing;
use crate::worker::order;

/// How long anything may take here.
pub(crate) const PATIENCE: Duration = Duration::from_secs(120);

/// What stands in every haystack's prompt and in none of the checks before a run.
const HAYSTACK: &str = "hidden within the following text";

/// An endpoint.
pub(crate) struct Endpoint {
    pub(crate) id: &'static str,
    url: String,
    /// Connections that asked anything.
    pub(crate) requests: Arc<AtomicUsize>,
    /// Samples it was asked.
    pub(crate) samples: Arc<AtomicUsize>,
    /// Connections that were closed before they had an answer.
    pub(crate) left: Arc<AtomicUsize>,
    open: watch::Sender<bool>,
}

/// What an endpoint keeps from its askers until it is told to let them have it.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Holds {
    /// Nothing.
    Nothing,
    /// What becomes of samples.
    Samples,
    /// Everything.
    All,
}

impl Endpoint {
    /// Starts it.
    pub(crate) async fn start(id: &'static str, holds: Holds) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}/v1", listener.local_addr().unwrap());
        let (open, opened) = watch::channel(false);
        let counts = [0; 3].map(|_| Arc::<AtomicUsize>::default());
        let [requests, samples, left] = counts.clone();
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                let (counts, opened) = (counts.clone(), opened.clone());
                tokio::spawn(reply(stream, holds, opened, counts));
            }
        });
        Self {
            id,
            url,
            requests,
            samples,
            left,
            open,
        }
    }

    /// Lets everyone have what was kept from them.
    pub(crate) fn open(&self) {
        self.open.send_replace(true);
    }

    fn table(&self) -> String {
        let Self { id, url, .. } = self;
        format!(
            "[[endpoint]]\nid = \"{id}\"\nbase_url = \"{url}\"\nmodel = \"{id}\"\ntokenizer = \"tiny\"\n\
             context = 4096\nmax_in_flight = 2\nretries = 0\n"
        )
    }
}

async fn reply(
    mut stream: TcpStream,
    holds: Holds,
    mut opened: watch::Receiver<bool>,
    [requests, samples, left]: [Arc<AtomicUsize>; 3],
) {
    let Some((path, body)) = read(&mut stream).await else {
        return;
    };
    requests.fetch_add(1, Ordering::SeqCst);
    let prompt = body["prompt"].as_str().unwrap_or_default();
    let sample = prompt.contains(HAYSTACK);
    if sample {
        samples.fetch_add(1, Ordering::SeqCst);
    }
    if holds == Holds::All || (holds == Holds::Samples && sample) {
        let mut nothing = [0];
        tokio::select! {
            _open = opened.wait_for(|open| *open) => {}
            _gone = stream.read(&mut nothing) => {
                left.fetch_add(1, Ordering::SeqCst);
                return;
            }
        }
    }
    let said = json!({ "choices": [{ "index": 0, "text": "42", "finish_reason": "stop" }] });
    let (status, body) = match path.as_str() {
        "/v1/models" => (
            200,
            json!({ "data": [{ "id": "good" }, { "id": "hangs" }] }),
        ),
        // A sample has less than 4,096 tokens of one byte.
        "/v1/completions" if prompt.len() > 4096 => {
            let why = "This model's maximum context length is 4096 tokens";
            (400, json!({ "error": { "message": why } }))
        }
        "/v1/completions" => (200, said),
        _ => (404, json!({})),
    };
    let body = body.to_string();
    let head = format!(
        "HTTP/1.1 {status} Told\r\ncontent-type: application/json\r\ncontent-length: {}\r\nconnection: close\r\n\r\n",
        body.len()
    );
    // Who hangs up does not want it.
    let _sent = stream.write_all(&[head, body].concat().into_bytes()).await;
}

/// The path of a request, and its body.
async fn read(stream: &mut TcpStream) -> Option<(String, Json)> {
    let mut read = Vec::new();
    let end = loop {
        if let Some(end) = read.windows(4).position(|bytes| bytes == b"\r\n\r\n") {
            break end + 4;
        }
        if stream.read_buf(&mut read).await.ok()? == 0 {
            return None;
        }
    };
    let head = String::from_utf8_lossy(&read[..end]).to_lowercase();
    let path = head.split_whitespace().nth(1)?.to_owned();
    let length = head
        .lines()
        .find_map(|line| line.strip_prefix("content-length:"));
    let length: usize = length.map_or(0, |length| length.trim().parse().unwrap());
    while read.len() < end + length {
        if stream.read_buf(&mut read).await.ok()? == 0 {
            return None;
        }
    }
    Some((
        path,
        serde_json::from_slice(&read[end..]).unwrap_or_default(),
    ))
}

/// A server, and a second handle to its database: another process of the same queue.
pub(crate) struct Served {
    pub(crate) process: Child,
    pub(crate) store: Store,
    pub(crate) jobs: Jobs,
    pub(crate) database: PathBuf,
    catalog: Catalog,
    url: String,
}

impl Served {
    /// Starts it in `folder`.
    pub(crate) async fn start(folder: &Path, endpoints: &[&Endpoint]) -> Self {
        testing::write_model(folder, "tiny");
        let file = folder.join("fathom.toml");
        let tables = endpoints.iter().map(|endpoint| endpoint.table());
        std::fs::write(&file, tables.collect::<String>()).unwrap();
        let database = folder.join("fathom.db");
        let store = Store::open(&DatabaseUrl::Sqlite(database.clone())).await;
        let store = store.unwrap();
        let config = Config::load(Some(&file), |_| None).unwrap();
        let catalog = Catalog::new(ModelStore::new(folder), config.clone());
        let jobs = Jobs::new(store.clone(), config);
        // One that is refused a write instead of being ended by the signal that comes with it.
        let mut process = Command::new("sh")
            .args(["-c", "trap '' XFSZ; exec \"$0\" \"$@\""])
            .arg(env!("CARGO_BIN_EXE_fathom"))
            .args(["serve", "--addr", "127.0.0.1:0", "--lease", "600"])
            .arg("--database")
            .arg(&database)
            .arg("--models")
            .arg(folder)
            .arg("--config")
            .arg(&file)
            .env("FATHOM_LOG", "error")
            .env("RUST_BACKTRACE", "1")
            .stdout(Stdio::piped())
            .spawn()
            .expect("sh starts the server");
        let mut said = String::new();
        BufReader::new(process.stdout.take().unwrap())
            .read_line(&mut said)
            .unwrap();
        let url = said.split_whitespace().last().unwrap_or_default();
        assert!(url.starts_with("http://127."), "the server said: {said:?}");
        Self {
            url: url.to_owned(),
            process,
            store,
            jobs,
            database,
            catalog,
        }
    }

    /// Orders some samples of an endpoint; as another process would, so that the server itself
    /// need not be able to write.
    pub(crate) async fn order(&self, endpoint: &Endpoint, count: u32) -> i64 {
        let mut new = order(1);
        new.order.grid.lengths.truncate(1);
        new.order.grid.count = count;
        new.order.engine = EngineKind::Openai {
            endpoint: endpoint.id.to_owned(),
        };
        new.order.model = endpoint.id.to_owned();
        let engine = self.catalog.check(&mut new.order).unwrap();
        self.jobs.order(&new, &engine).await.unwrap().id
    }

    /// Orders by the server itself.
    pub(crate) async fn send(&self, new: &NewRun) -> Result<i64, ErrorBody> {
        let client = reqwest::Client::new();
        let request = client.post(format!("{}{}", self.url, paths::RUNS));
        let got = request.json(new).send().await.unwrap();
        match got.status().is_success() {
            true => Ok(got.json::<RunView>().await.unwrap().id),
            false => Err(got.json().await.unwrap()),
        }
    }

    /// The models that it lists.
    pub(crate) async fn models(&self) -> Vec<ModelInfo> {
        let got = reqwest::get(format!("{}{}", self.url, paths::MODELS)).await;
        got.unwrap().json().await.unwrap()
    }

    /// A run as the server tells of it.
    pub(crate) async fn run(&self, id: i64) -> RunView {
        let url = format!("{}{}", self.url, with_id(paths::RUN, id));
        let got = reqwest::get(url).await.unwrap();
        got.json::<RunDetail>().await.unwrap().run
    }

    /// Waits until a run is as wanted.
    pub(crate) async fn until(&self, id: i64, wanted: impl Fn(&RunView) -> bool) -> RunView {
        let began = Instant::now();
        loop {
            let run = self.run(id).await;
            if wanted(&run) {
                return run;
            }
            assert!(began.elapsed() < PATIENCE, "{run:?}");
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
    }

    /// Why work cannot be given to it.
    pub(crate) async fn unready(&self) -> Option<String> {
        let got = reqwest::get(format!("{}{}", self.url, paths::READY)).await;
        let got = got.unwrap();
        if got.status() == 200 {
            return None;
        }
        assert_eq!(got.status(), 503);
        Some(got.json::<ErrorBody>().await.unwrap().message)
    }
}

impl Drop for Served {
    fn drop(&mut self) {
        let _gone = self.process.kill();
        let _reaped = self.process.wait();
    }
}
