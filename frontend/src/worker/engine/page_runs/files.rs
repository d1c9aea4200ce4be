//! Where runs lie in the browser's storage: of each a head (`run-3.json`) and a file of rows
//! (`run-3.jsonl`), one line for each row, appended when it is there.

use super::super::super::store::{ModelStorage, StorageFile};
use super::super::super::tab_lock::TabLock;
use super::kept_run::{KeptRow, RunHead, line, read_rows};

/// The files of all runs.
#[derive(Clone)]
pub(super) struct RunFiles {
    storage: ModelStorage,
}

/// The rows of a run, to be written. While it is open no other tab can answer the run.
pub(super) struct RowsFile(StorageFile);

fn head_name(id: i64) -> String {
    format!("run-{id}.json")
}

fn rows_name(id: i64) -> String {
    format!("run-{id}.jsonl")
}

fn read(id: i64, bytes: &[u8]) -> Result<Vec<KeptRow>, String> {
    let rows = read_rows(&String::from_utf8_lossy(bytes));
    rows.map_err(|error| format!("Run page-{id}: {error}."))
}

impl RunFiles {
    /// The storage of this browser.
    ///
    /// # Errors
    /// A sentence, where it gives the page none.
    pub(super) async fn open() -> Result<Self, String> {
        let storage = ModelStorage::open().await?;
        Ok(Self { storage })
    }

    /// The storage itself, for models.
    pub(super) fn storage(&self) -> &ModelStorage {
        &self.storage
    }

    /// The numbers of all runs.
    pub(super) async fn ids(&self) -> Vec<i64> {
        let names = self.storage.names().await;
        let ids = names.iter().filter_map(|name| {
            let id = name.strip_prefix("run-")?.strip_suffix(".json")?;
            id.parse().ok()
        });
        ids.collect()
    }

    /// What is stored of a run besides its rows.
    ///
    /// # Errors
    /// A sentence: why it cannot be read.
    pub(super) async fn head(&self, id: i64) -> Result<RunHead, String> {
        let bytes = self.storage.bytes(&head_name(id)).await?;
        serde_json::from_slice(&bytes).map_err(|error| format!("run page-{id}: {error}"))
    }

    /// The rows of a run, also while another tab answers it.
    ///
    /// # Errors
    /// A sentence: why they cannot be read.
    pub(super) async fn rows(&self, id: i64) -> Result<Vec<KeptRow>, String> {
        read(id, &self.storage.bytes(&rows_name(id)).await?)
    }

    /// Stores a new run.
    ///
    /// # Errors
    /// A sentence: the storage is full.
    pub(super) async fn add(&self, head: &RunHead) -> Result<(), String> {
        // Rows without a head are those of a run that was deleted halfway.
        let mut rows = self.storage.file(&rows_name(head.id), true).await?;
        rows.replace(&[])?;
        self.save(head).await
    }

    /// Stores what changed of a run besides its rows.
    ///
    /// # Errors
    /// A sentence: the storage is full.
    pub(super) async fn save(&self, head: &RunHead) -> Result<(), String> {
        self.storage.write_json(&head_name(head.id), head).await
    }

    /// Opens the rows of a run for this tab alone.
    async fn own(&self, id: i64, create: bool) -> Result<StorageFile, String> {
        let lock = TabLock::take(&format!("fathom.run.{id}")).await;
        let busy = || format!("Another tab of this browser is working on run page-{id}.");
        let lock = lock.ok_or_else(busy)?;
        let mut file = self.storage.file(&rows_name(id), create).await?;
        file.lock = Some(lock);
        Ok(file)
    }

    /// Opens the rows of a run, to write more after those that are there.
    ///
    /// # Errors
    /// A sentence: another tab answers the run, or has deleted it.
    pub(super) async fn open_rows(&self, id: i64) -> Result<(RowsFile, Vec<KeptRow>), String> {
        let mut file = self.own(id, false).await?;
        let rows = read(id, &file.whole_lines()?)?;
        Ok((RowsFile(file), rows))
    }

    /// Deletes a run.
    ///
    /// # Errors
    /// A sentence: another tab answers the run, or what of it is still there.
    pub(super) async fn delete(&self, id: i64) -> Result<(), String> {
        // While its rows are open no other tab answers it.
        let rows = self.own(id, true).await?;
        // The head first: rows without one are no run, and are cleared when another has their name.
        self.storage.delete(&head_name(id)).await?;
        drop(rows);
        self.storage.delete(&rows_name(id)).await
    }
}

impl RowsFile {
    /// Adds a row, which is on the disk then.
    ///
    /// # Errors
    /// A sentence: the storage is full.
    pub(super) fn add(&mut self, row: &KeptRow) -> Result<(), String> {
        self.0.append(&line(row)?)?;
        self.0.flush()
    }

    /// Puts rows in place of those that are there.
    ///
    /// # Errors
    /// A sentence: a row that cannot be stored, or the storage is full.
    pub(super) fn put<'a>(
        &mut self,
        rows: impl IntoIterator<Item = &'a KeptRow>,
    ) -> Result<(), String> {
        let mut bytes = Vec::new();
        for row in rows {
            bytes.append(&mut line(row)?);
        }
        self.0.replace(&bytes)
    }
}
