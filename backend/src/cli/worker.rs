//! `fathom worker`.

use anyhow::Context;
use clap::Args;

use super::serve::{WorkerThreads, stop_signal, tell};
use super::{DatabaseArg, EnginesArgs, WorkerArgs};
use crate::jobs::Jobs;

/// Answer runs from a database that another process serves; start any number, on any machines.
///
/// With PostgreSQL, workers need not share a disk. Each sample is leased to one worker; a worker that
/// dies or hangs loses it when the lease expires. Use one worker per GPU: start each with its own
/// CUDA_VISIBLE_DEVICES.
#[derive(Debug, Args)]
pub(super) struct WorkerCommandArgs {
    #[command(flatten)]
    askable: EnginesArgs,
    #[command(flatten)]
    database: DatabaseArg,
    #[command(flatten)]
    answering: WorkerArgs,
}

impl WorkerCommandArgs {
    pub(super) async fn run(self) -> anyhow::Result<()> {
        let store = self.database.open().await?;
        let catalog = self.askable.catalog()?;
        let jobs = Jobs::new(store.clone(), catalog.config().clone());
        let workers = self.answering.workers(&jobs, &catalog);
        let threads =
            WorkerThreads::start(&workers, &catalog).context("cannot start the workers")?;
        tell(&format!("fathom works on {}", self.database.url()?));
        stop_signal().await?;
        tracing::info!("stopping");
        jobs.stop();
        threads.end().await;
        store.close().await;
        Ok(())
    }
}
