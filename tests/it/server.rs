//! A real server process with its own port and database; it ends when dropped.

use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::Once;

use fathom_shared::api::{
    ListPage, NewRun, RowDetail, RowState, RowView, RunDetail, RunSpec, paths,
};
use fathom_shared::engine::EngineKind;
use fathom_shared::prompt::PromptMode;
use fathom_shared::run::{RunGrid, SampleKey};
use fathom_shared::task::TaskSpec;
use fathom_shared::tokens::Tokens;

/// The model that the tests use.
pub(crate) const MODEL: &str = "smollm2-135m-instruct";

/// The server.
pub(crate) struct Server {
    process: Child,
    /// Its address, `http://127.0.0.1:PORT`.
    pub(crate) url: String,
}

/// A path from the environment, which `cargo xtask test` sets.
pub(crate) fn surroundings(name: &str) -> PathBuf {
    match std::env::var_os(name) {
        Some(value) => value.into(),
        None => panic!("{name} is not set: run the tests by `cargo xtask test`"),
    }
}

impl Server {
    /// Starts it on the database in `folder`, with or without the page.
    pub(crate) fn start(folder: &Path, page: bool) -> Self {
        Self::start_at(folder, page, "127.0.0.1:0")
    }

    /// Starts it with the page and the endpoints of a configuration.
    pub(crate) fn start_with(folder: &Path, config: &Path) -> Self {
        Self::spawn(folder, true, "127.0.0.1:0", Some(config))
    }

    /// Starts it at a given address.
    pub(crate) fn start_at(folder: &Path, page: bool, addr: &str) -> Self {
        Self::spawn(folder, page, addr, None)
    }

    fn spawn(folder: &Path, page: bool, addr: &str, config: Option<&Path>) -> Self {
        let mut command = Command::new(surroundings("FATHOM_TEST_BIN"));
        command.args(["serve", "--addr", addr, "--database"]);
        command
            .arg(folder.join("fathom.db"))
            .arg("--models")
            .arg(surroundings("FATHOM_MODELS"));
        match config {
            Some(config) => command.arg("--config").arg(config),
            // A killed server's sample is free again soon. An endpoint may be silent for longer
            // than that.
            None => command.args(["--lease", "1"]),
        };
        if page {
            command
                .arg("--static")
                .arg(surroundings("FATHOM_TEST_PAGE"));
        }
        let mut process = command.stdout(Stdio::piped()).spawn().unwrap();
        let mut said = String::new();
        BufReader::new(process.stdout.take().unwrap())
            .read_line(&mut said)
            .unwrap();
        let url = said
            .split_whitespace()
            .last()
            .unwrap_or_default()
            .to_owned();
        assert!(
            url.starts_with("http://127.0.0.1:"),
            "the server said: {said:?}"
        );
        Self { process, url }
    }

    /// Kills it with SIGKILL, as a power cut would.
    pub(crate) fn kill(&mut self) {
        self.process.kill().unwrap();
        self.process.wait().unwrap();
    }

    pub(crate) fn path(&self, path: &str) -> String {
        format!("{}{path}", self.url)
    }

    pub(crate) async fn detail(&self, id: i64) -> RunDetail {
        let url = self.path(&paths::with_id(paths::RUN, id));
        client()
            .get(url)
            .send()
            .await
            .unwrap()
            .json()
            .await
            .unwrap()
    }

    /// A run's finished samples, in order.
    pub(crate) async fn rows(&self, id: i64) -> Vec<RowView> {
        let url = self.path(&paths::with_id(paths::RUN_ROWS, id));
        let got = client().get(url).send().await.unwrap();
        let page: ListPage<RowView> = got.json().await.unwrap();
        let through = |row: &RowView| matches!(row.state, RowState::Answered | RowState::Failed);
        page.items.into_iter().filter(through).collect()
    }

    /// One sample with its texts.
    pub(crate) async fn row(&self, id: i64, place: SampleKey) -> RowDetail {
        let path = paths::with_id(paths::RUN_ROW, id);
        let path = path.replace("{cell}", &place.cell.to_string());
        let path = path.replace("{sample}", &place.sample.to_string());
        let got = client().get(self.path(&path)).send().await.unwrap();
        got.json().await.unwrap()
    }

    pub(crate) async fn queue(&self, new: &NewRun) -> reqwest::Response {
        let request = client().post(self.path(paths::RUNS)).json(new);
        request.send().await.unwrap()
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // It may have ended already.
        let _gone = self.process.kill();
        let _reaped = self.process.wait();
    }
}

/// A run over the shortest haystacks.
pub(crate) fn new_run(count: u32) -> NewRun {
    let spec = TaskSpec::new("niah_single_1", Tokens(400), 42);
    NewRun {
        run_spec: RunSpec {
            grid: RunGrid::of(spec, 0, count),
            model: MODEL.to_owned(),
            engine: EngineKind::default(),
            mode: PromptMode::Chat,
            rope: None,
            texts: None,
            kv: None,
        },
        priority: 0,
    }
}

/// A client of the server. reqwest takes TLS from what the process has installed, and refuses to make
/// a client without, also where none is used.
pub(crate) fn client() -> reqwest::Client {
    static INSTALLED: Once = Once::new();
    INSTALLED.call_once(|| {
        let provider = rustls::crypto::ring::default_provider();
        provider.install_default().unwrap();
    });
    reqwest::Client::new()
}
