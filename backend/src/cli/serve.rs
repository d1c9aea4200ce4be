//! `fathom serve`.

use std::net::SocketAddr;
use std::num::NonZeroUsize;
use std::path::PathBuf;
use std::thread::JoinHandle;
use std::time::Duration;

use anyhow::Context;
use clap::Args;
use tokio::net::TcpListener;

use super::terminal::{say, warn};
use super::{DatabaseArg, EnginesArgs, WorkerArgs};
use crate::catalog::Catalog;
use crate::http::{self, AccessGuard, AppState, ConnectionLimits, router, static_page};
use crate::jobs::{Jobs, WorkerPool, WorkerSlot};

/// Serve the page and answer runs on this machine.
///
/// Runs are stored in the database: a run that was interrupted, even by a crash, continues at the
/// first unanswered sample when the server starts again. Closing its output does not stop the
/// server.
#[derive(Debug, Args)]
pub(super) struct ServeArgs {
    /// Address to listen on. If other machines can reach it, a token is required: it is taken from
    /// FATHOM_TOKEN, or generated and printed once
    #[arg(long, value_name = "ADDRESS:PORT", default_value = "127.0.0.1:8080")]
    addr: SocketAddr,
    /// Folder with the built page; without it only the API is served
    #[arg(long = "static", value_name = "DIR")]
    page: Option<PathBuf>,
    /// Serve only the page, with no API, database or worker
    #[arg(long, requires = "page")]
    page_only: bool,
    /// Do not answer runs in this process; leave that to `fathom worker`
    #[arg(long)]
    no_worker: bool,
    /// Maximum simultaneous connections; more are refused [default: as many as this process
    /// may have open, 4096 at most]
    #[arg(long, value_name = "N", value_parser = some)]
    connections: Option<NonZeroUsize>,
    #[command(flatten)]
    askable: EnginesArgs,
    #[command(flatten)]
    database: DatabaseArg,
    #[command(flatten)]
    answering: WorkerArgs,
}

fn some(text: &str) -> Result<NonZeroUsize, String> {
    let count = text.parse();
    count.map_err(|_| "expected a whole number above 0".to_owned())
}

/// How long open connections and workers get to finish.
const GRACE: Duration = Duration::from_millis(1500);

impl ServeArgs {
    fn limits(&self) -> ConnectionLimits {
        let here = ConnectionLimits::of_this_process();
        let connections = self.connections.map_or(here.connections, NonZeroUsize::get);
        ConnectionLimits {
            connections,
            ..here
        }
    }

    pub(super) async fn run(self) -> anyhow::Result<()> {
        let (addr, limits) = (self.addr, self.limits());
        if let Some(page) = &self.page
            && !page.join("index.html").is_file()
        {
            anyhow::bail!(
                "--static {} has no index.html; build the page first",
                page.display()
            );
        }
        if let (true, Some(page)) = (self.page_only, &self.page) {
            let page = static_page(page.clone(), self.askable.config.load()?);
            let listener = listen(addr).await?;
            tell(&format!(
                "fathom listens on http://{}",
                listener.local_addr()?
            ));
            let stopped = async {
                // If signals are not available, the process is ended like any other.
                let _stopped = stop_signal().await;
            };
            return Ok(http::serve(listener, page, limits, stopped).await?);
        }
        let guard = AccessGuard::new(addr.ip().is_loopback(), std::env::var("FATHOM_TOKEN").ok())?;
        let store = self.database.open().await?;
        let listener = listen(addr).await?;
        let catalog = self.askable.catalog()?;
        let jobs = Jobs::new(store.clone(), catalog.config().clone());
        let workers = self.answering.workers(&jobs, &catalog);
        let threads = match self.no_worker {
            true => WorkerThreads::default(),
            false => {
                WorkerThreads::start(&workers, &catalog).context("cannot start the workers")?
            }
        };
        let listens_on = listener.local_addr().unwrap_or(addr);
        tell(&format!("fathom listens on http://{listens_on}"));
        if let Some(token) = guard.fresh() {
            tell(&format!(
                "open http://{listens_on}/login?token={token} once; the token is not shown again"
            ));
        }
        let state = AppState {
            jobs: jobs.clone(),
            catalog,
            page: self.page,
            guard,
        };
        let ended = ended(jobs.clone());
        let server = tokio::spawn(http::serve(listener, router(state), limits, ended));
        stop_signal().await?;
        tracing::info!("stopping");
        jobs.stop();
        // Slower ones are cut off: stored answers are kept, everything else is asked again.
        if tokio::time::timeout(GRACE, server).await.is_err() {
            tracing::warn!("stopped without waiting for every connection to end");
        }
        threads.end().await;
        store.close().await;
        Ok(())
    }
}

/// Prints a line for whoever started this process. A failed write does not stop the process,
/// because it serves others.
pub(super) fn tell(line: &str) {
    if say(line).is_err() {
        // If even this cannot be written, there is nobody to report it to.
        let _closed = warn(line);
    }
}

async fn listen(addr: SocketAddr) -> anyhow::Result<TcpListener> {
    let listener = TcpListener::bind(addr).await;
    listener.with_context(|| format!("cannot listen on {addr}"))
}

/// The threads of this process that answer runs.
#[derive(Default)]
pub(super) struct WorkerThreads(Vec<JoinHandle<()>>);

impl WorkerThreads {
    /// Starts one thread for the engines in this process, and for each endpoint as many as it may
    /// have concurrent requests.
    pub(super) fn start(workers: &WorkerPool, catalog: &Catalog) -> std::io::Result<Self> {
        let slots = catalog.slots().into_iter();
        let started: Result<_, _> = slots.map(|slot| workers.spawn(slot)).collect();
        started.map(Self)
    }

    /// Adds one thread.
    pub(super) fn add(&mut self, workers: &WorkerPool, slot: WorkerSlot) -> std::io::Result<()> {
        self.0.push(workers.spawn(slot)?);
        Ok(())
    }

    /// Waits briefly for all threads to end; one in the middle of a layer is left behind.
    pub(super) async fn end(self) {
        let joined = tokio::task::spawn_blocking(move || {
            for thread in self.0 {
                // A panic was reported when it happened.
                let _ended = thread.join();
            }
        });
        if tokio::time::timeout(GRACE, joined).await.is_err() {
            tracing::warn!("stopped without waiting for the workers to end");
        }
    }
}

async fn ended(jobs: Jobs) {
    // An error means that the sender is gone, which also means stop.
    let mut stopping = jobs.stopping();
    let _stop = stopping.wait_for(|stop| *stop).await;
}

/// Ctrl-C, or the signal by which service managers end a process.
pub(super) async fn stop_signal() -> anyhow::Result<()> {
    #[cfg(unix)]
    {
        use tokio::signal::unix::{SignalKind, signal};
        let mut terminate = signal(SignalKind::terminate()).context("cannot listen for signals")?;
        tokio::select! {
            pressed = tokio::signal::ctrl_c() => pressed.context("cannot listen for Ctrl-C"),
            _received = terminate.recv() => Ok(()),
        }
    }
    #[cfg(not(unix))]
    tokio::signal::ctrl_c()
        .await
        .context("cannot listen for Ctrl-C")
}
