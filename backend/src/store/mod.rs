//! What is kept: runs and their rows. The only place with SQL.

mod lock;
mod rows;
mod sqlite;

use std::path::PathBuf;

use fathom_shared::api::NewRun;
use fathom_shared::transcript::EngineInfo;

pub use lock::WorkerLock;
pub use sqlite::Store;

/// A run as the worker takes it up.
#[derive(Clone, PartialEq, Debug)]
pub struct Claimed {
    /// Its id.
    pub id: i64,
    /// What was ordered.
    pub order: NewRun,
    /// Who answered so far; the device is empty until a worker has had it.
    pub engine: EngineInfo,
}

/// Why something was not kept or not found.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// The file cannot be opened or made.
    #[error("cannot open the database `{}`", path.display())]
    Open {
        /// The file.
        path: PathBuf,
        /// What the system or SQLite says.
        source: Box<dyn std::error::Error + Send + Sync>,
    },
    /// The file belongs to another program or a later version.
    #[error(
        "`{}` is a database, but not one that this version of fathom can use; name another with --database",
        path.display()
    )]
    Foreign {
        /// The file.
        path: PathBuf,
        /// What does not fit.
        source: sqlx::migrate::MigrateError,
    },
    /// Another process answers the runs of this database.
    #[error(
        "the database `{}` is in use by another fathom (process {holder}); stop it, or name another database with --database",
        path.display()
    )]
    InUse {
        /// The database.
        path: PathBuf,
        /// The other's process id, where it is known.
        holder: String,
    },
    /// No room on the disk.
    #[error("the disk with the database `{}` is full; free some space and order the run again, answered samples are kept", path.display())]
    Full {
        /// The database.
        path: PathBuf,
        /// What SQLite says.
        source: sqlx::Error,
    },
    /// No run of this number.
    #[error("there is no run {id}")]
    NoSuchRun {
        /// The number asked for.
        id: i64,
    },
    /// The run was stopped, so nothing may be added to it.
    #[error("run {id} is not running, so nothing can be added to it")]
    NotRunning {
        /// The run.
        id: i64,
    },
    /// The sample has its row.
    #[error("sample {sample} of run {run} is already answered")]
    Answered {
        /// The run.
        run: i64,
        /// The sample.
        sample: u32,
    },
    /// What is stored cannot be read.
    #[error("{what} in the database cannot be read")]
    Unreadable {
        /// The run or row.
        what: String,
        /// What is wrong with it.
        source: serde_json::Error,
    },
    /// SQLite failed.
    #[error("the database failed while it was to {doing}")]
    Query {
        /// What was asked of it.
        doing: &'static str,
        /// What SQLite says.
        source: sqlx::Error,
    },
}

#[cfg(test)]
mod tests;
