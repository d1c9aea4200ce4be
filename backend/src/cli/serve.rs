//! `fathom serve`.

use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use anyhow::Context;
use clap::Args;
use tokio::net::TcpListener;
use tokio::runtime::Handle;

use super::terminal::say;
use super::{DatabaseFile, ModelsFolder};
use crate::engine::Host;
use crate::http::{AppState, router};
use crate::jobs::{Jobs, Worker};
use crate::store::Store;

/// Serve the page and answer runs on this machine.
///
/// Runs are kept in the database: a run that was interrupted, even by a crash, goes on at the
/// first unanswered sample when the server starts again.
#[derive(Debug, Args)]
pub(super) struct Serve {
    /// Address to listen on; only this machine's own (127.0.0.1, [::1])
    #[arg(long, value_name = "ADDRESS:PORT", default_value = "127.0.0.1:8080")]
    addr: SocketAddr,
    /// Folder with the built page; without it only the API is served
    #[arg(long = "static", value_name = "DIR")]
    page: Option<PathBuf>,
    #[command(flatten)]
    models: ModelsFolder,
    #[command(flatten)]
    database: DatabaseFile,
}

/// How long open connections and the worker get to end.
const GRACE: Duration = Duration::from_millis(1500);

impl Serve {
    pub(super) async fn run(self) -> anyhow::Result<()> {
        let addr = self.addr;
        if !addr.ip().is_loopback() {
            anyhow::bail!(
                "--addr {addr} can be reached from other machines, which needs a token, and that is not built yet; use 127.0.0.1:{} or [::1]:{}",
                addr.port(),
                addr.port()
            );
        }
        if let Some(page) = &self.page
            && !page.join("index.html").is_file()
        {
            anyhow::bail!(
                "--static {} has no index.html; build the page first",
                page.display()
            );
        }
        let store = Store::open(&self.database.path()).await?;
        let _lock = store.lock_worker().await?;
        let listener = TcpListener::bind(addr)
            .await
            .with_context(|| format!("cannot listen on {addr}"))?;
        let models = self.models.open();
        let jobs = Jobs::new(store.clone());
        let worker = Worker::new(
            jobs.clone(),
            super::on_processor(models.clone()),
            Handle::current(),
        );
        let worker = worker.spawn().context("cannot start the worker")?;
        let state = AppState {
            jobs: jobs.clone(),
            host: Host::new(super::loader(models.clone())),
            models: Arc::new(models),
            page: self.page,
        };
        let ended = ended(jobs.clone());
        let listens_on = listener.local_addr().unwrap_or(addr);
        say(format!("fathom listens on http://{listens_on}"))?;
        let server = axum::serve(listener, router(state));
        let server = tokio::spawn(server.with_graceful_shutdown(ended).into_future());
        stop_signal().await?;
        tracing::info!("stopping");
        jobs.stop();
        let worker = tokio::task::spawn_blocking(move || worker.join());
        // Whoever takes longer is cut off: what is answered is stored, the rest is asked again.
        let ended = tokio::time::timeout(GRACE, async { tokio::join!(server, worker) }).await;
        if ended.is_err() {
            tracing::warn!("stopped without waiting for everything to end");
        }
        store.close().await;
        Ok(())
    }
}

async fn ended(jobs: Jobs) {
    // An error means that the sender is gone, which is an end too.
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
