//! A `fathom serve` with endpoints that do as they are told, and what can be asked of it.

use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use fathom_backend::catalog::Catalog;
use fathom_backend::config::Config;
use fathom_backend::data::models::ModelStore;
use fathom_backend::jobs::Jobs;
use fathom_backend::store::{DatabaseUrl, Store};
use fathom_shared::api::paths::{self, with_id};
use fathom_shared::api::{ErrorBody, ModelList, NewRun, RunDetail, RunView};
use fathom_shared::engine::EngineKind;

use crate::endpoint::Endpoint;
use crate::testing;
use crate::worker::new_run;

/// How long anything may take here.
pub(crate) const PATIENCE: Duration = Duration::from_secs(120);

/// A sample has fewer bytes than this: a token of the tiny model is a byte, and it reads 4,096.
pub(crate) const LONGEST: usize = 4096;

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
        let tables = endpoints.iter();
        let tables = tables.map(|endpoint| endpoint.table("tiny", "max_in_flight = 2"));
        std::fs::write(&file, tables.collect::<String>()).unwrap();
        let database = folder.join("fathom.db");
        let store = Store::open(&DatabaseUrl::Sqlite(database.clone())).await;
        let store = store.unwrap();
        let config = Config::load(Some(&file), &file).unwrap();
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

    /// Queues a run of some samples of an endpoint; as another process would, so that the server itself
    /// need not be able to write.
    pub(crate) async fn queue(&self, endpoint: &Endpoint, count: u32) -> i64 {
        let mut new = new_run(1);
        new.run_spec.grid.lengths.truncate(1);
        new.run_spec.grid.count = count;
        new.run_spec.engine = EngineKind::Openai {
            endpoint: endpoint.id.to_owned(),
        };
        new.run_spec.model = endpoint.id.to_owned();
        let engine = self.catalog.check(&mut new.run_spec).unwrap().engine;
        self.jobs.queue(&new, &engine).await.unwrap().id
    }

    /// Starts a run through the server itself.
    pub(crate) async fn send(&self, new: &NewRun) -> Result<i64, ErrorBody> {
        let client = client();
        let request = client.post(format!("{}{}", self.url, paths::RUNS));
        let got = request.json(new).send().await.unwrap();
        match got.status().is_success() {
            true => Ok(got.json::<RunView>().await.unwrap().id),
            false => Err(got.json().await.unwrap()),
        }
    }

    /// The models that it lists, and those that it refuses.
    pub(crate) async fn models(&self) -> ModelList {
        let got = client()
            .get(format!("{}{}", self.url, paths::MODELS))
            .send()
            .await;
        got.unwrap().json().await.unwrap()
    }

    /// A run as the server tells of it.
    pub(crate) async fn run(&self, id: i64) -> RunView {
        let url = format!("{}{}", self.url, with_id(paths::RUN, id));
        let got = client().get(url).send().await.unwrap();
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
        let got = client()
            .get(format!("{}{}", self.url, paths::READY))
            .send()
            .await;
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

fn client() -> reqwest::Client {
    fathom_backend::http_client::builder().build().unwrap()
}
