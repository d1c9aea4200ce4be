//! Access to stored runs that excludes other tabs and other requests.

use std::cell::RefCell;

use super::super::super::tab_lock::TabLock;
use super::super::{EngineWorker, sleep};
use super::files::RowsFile;
use super::kept_run::{PageRun, RunHead};

/// The lock for numbering a new run.
const NUMBERS: &str = "fathom.run-numbers";

/// Stores a new run under the next number, which is returned.
///
/// # Errors
/// A sentence: the storage is full.
pub(super) async fn add_run(bench: &RefCell<EngineWorker>, head: RunHead) -> Result<i64, String> {
    // No other tab takes the same number meanwhile.
    let _alone = TabLock::wait(NUMBERS).await;
    let files = bench.borrow().runs.files()?;
    let stored = files.ids().await.into_iter().max();
    let known = bench.borrow().runs.runs.keys().next_back().copied();
    let id = stored.max(known).unwrap_or_default() + 1;
    let head = RunHead { id, ..head };
    files.add(&head).await?;
    let run = PageRun::new(head, Vec::new());
    bench.borrow_mut().runs.runs.insert(id, run);
    Ok(id)
}

/// Does `work` on a run while no other request of the page changes it and no worker begins to
/// answer it.
pub(super) async fn alone(
    bench: &RefCell<EngineWorker>,
    id: i64,
    work: impl Future<Output = Result<(), String>>,
) -> Result<(), String> {
    let taken = || {
        let mut bench = bench.borrow_mut();
        bench.runs.get(id)?;
        let run = bench.runs.get_mut(id).filter(|run| !run.changing);
        Ok::<_, String>(run.map(|run| run.changing = true).is_some())
    };
    while !taken()? {
        sleep(10).await;
    }
    let done = work.await;
    if let Some(run) = bench.borrow_mut().runs.get_mut(id) {
        run.changing = false;
    }
    done
}

/// Opens the rows of a run, so that no other tab answers it, and reads what others did to it.
///
/// # Errors
/// A sentence: another tab answers the run, or has deleted it.
pub(super) async fn rows_file(bench: &RefCell<EngineWorker>, id: i64) -> Result<RowsFile, String> {
    let (files, known) = {
        let bench = bench.borrow();
        (bench.runs.files()?, bench.runs.get(id)?.head.clone())
    };
    let (file, rows) = files.open_rows(id).await?;
    let head = files.head(id).await?;
    if let Some(run) = bench.borrow_mut().runs.get_mut(id) {
        run.read(rows);
        // What the page wanted meanwhile is newer than what is stored.
        if run.head == known {
            run.head = head;
        }
    }
    Ok(file)
}
