//! The store: runs, their samples and the answers. The only module with SQL.

mod database; // SQLite and PostgreSQL behind one pool
mod decode; // decodes database rows
mod failures; // counts of failure reasons
mod leases; // leases: one sample for one worker
mod open; // opening a database
mod pages; // reads a run's samples, in pages or one by one
mod queue; // finds work for workers
mod runs; // creates, reads and changes runs

use fathom_shared::api::RunSpec;
use fathom_shared::run::SampleKey;
use fathom_shared::transcript::EngineInfo;

pub use database::{DatabaseUrl, DatabaseUrlError, Store};
pub use failures::{AnswersWithoutText, CommonFailure};
pub use leases::{Lease, LeaseHolder};
pub use pages::{RecentPace, StoredScore};
pub use queue::{QueueFilter, QueuedRuns};
pub use runs::{RunStanding, RunTotals};

/// A run as a worker receives it.
#[derive(Clone, PartialEq, Debug)]
pub struct QueuedRun {
    /// Its id.
    pub id: i64,
    /// Its run spec.
    pub run_spec: RunSpec,
    /// Its priority; the highest goes first.
    pub priority: i32,
    /// The engine that answered so far; the device is empty until a worker has started the run.
    pub engine: EngineInfo,
}

/// Why something could not be stored or found.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// The database to read does not exist.
    #[error("there is no database `{database}`")]
    Missing {
        /// Its address.
        database: Box<DatabaseUrl>,
    },
    /// The database cannot be opened or created.
    #[error("cannot open the database `{database}`")]
    Open {
        /// Its address.
        database: Box<DatabaseUrl>,
        /// The system's or the database's error.
        source: Box<dyn std::error::Error + Send + Sync>,
    },
    /// The database belongs to another program or another version.
    #[error(
        "`{database}` is a database, but not one that this version of fathom can use; name another with --database"
    )]
    Foreign {
        /// Its address.
        database: Box<DatabaseUrl>,
        /// What does not match.
        source: Box<dyn std::error::Error + Send + Sync>,
    },
    /// Another process has locked the file for too long.
    #[error("cannot {doing}: another process has locked the database `{database}` for too long")]
    Busy {
        /// The attempted operation.
        doing: &'static str,
        /// The database's address.
        database: Box<DatabaseUrl>,
    },
    /// The disk is full.
    #[error(
        "the disk with the database `{database}` is full; free some space, answered samples are kept"
    )]
    Full {
        /// The database's address.
        database: Box<DatabaseUrl>,
        /// The database's error.
        source: sqlx::Error,
    },
    /// There is no run with this number.
    #[error("there is no run {id}")]
    NoSuchRun {
        /// The requested number.
        id: i64,
    },
    /// The run has no such sample.
    #[error("run {run} has no sample {} in cell {}", place.sample, place.cell)]
    NoSuchRow {
        /// The run.
        run: i64,
        /// The requested sample.
        place: SampleKey,
    },
    /// The sample was taken from the worker: the run was stopped, or the lease expired.
    #[error("sample {} of cell {} of run {run} is not leased to this worker any more", place.sample, place.cell)]
    Lost {
        /// The run.
        run: i64,
        /// The sample.
        place: SampleKey,
    },
    /// Stored data cannot be read.
    #[error("{what} in the database cannot be read")]
    Unreadable {
        /// The run or row.
        what: String,
        /// What is wrong with it.
        source: serde_json::Error,
    },
    /// The database refuses this one operation.
    #[error("the database refuses to {doing}")]
    Rejected {
        /// The refused operation.
        doing: &'static str,
        /// The database's error.
        source: sqlx::Error,
    },
    /// The database failed.
    #[error("the database failed while it was to {doing}")]
    Query {
        /// The attempted operation.
        doing: &'static str,
        /// The database's error.
        source: sqlx::Error,
    },
}

#[cfg(test)]
mod tests;
