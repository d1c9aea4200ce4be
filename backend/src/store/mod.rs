//! What is kept: runs, their samples and what was answered. The only place with SQL.

mod database; // the two databases behind one pool
mod decode; // rows of the tables and what they mean
mod failures; // why samples of a run failed or came to nothing, counted
mod leases; // one sample for one worker
mod open; // opening a database
mod pages; // a run's samples, read in bulk and one by one
mod queue; // what workers look for
mod runs; // runs

use fathom_shared::api::RunSpec;
use fathom_shared::run::SampleKey;
use fathom_shared::transcript::EngineInfo;

pub use database::{DatabaseUrl, DatabaseUrlError, Store};
pub use failures::{AnswersWithoutText, CommonFailure};
pub use leases::{Lease, LeaseHolder};
pub use pages::{RecentPace, StoredScore};
pub use queue::{QueueFilter, QueuedRuns};
pub use runs::{RunStanding, RunTotals};

/// A run as a worker takes it up.
#[derive(Clone, PartialEq, Debug)]
pub struct QueuedRun {
    /// Its id.
    pub id: i64,
    /// What was ordered.
    pub order: RunSpec,
    /// Which goes first.
    pub priority: i32,
    /// Who answered so far; the device is empty until a worker has had it.
    pub engine: EngineInfo,
}

/// Why something was not kept or not found.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// No file where one was to be read.
    #[error("there is no database `{database}`")]
    Missing {
        /// Where it was looked for.
        database: Box<DatabaseUrl>,
    },
    /// The database cannot be opened or made.
    #[error("cannot open the database `{database}`")]
    Open {
        /// Which.
        database: Box<DatabaseUrl>,
        /// What the system or the database says.
        source: Box<dyn std::error::Error + Send + Sync>,
    },
    /// It belongs to another program or another version.
    #[error(
        "`{database}` is a database, but not one that this version of fathom can use; name another with --database"
    )]
    Foreign {
        /// Which.
        database: Box<DatabaseUrl>,
        /// What does not fit.
        source: Box<dyn std::error::Error + Send + Sync>,
    },
    /// No room on the disk.
    #[error(
        "the disk with the database `{database}` is full; free some space, answered samples are kept"
    )]
    Full {
        /// Which.
        database: Box<DatabaseUrl>,
        /// What the database says.
        source: sqlx::Error,
    },
    /// No run of this number.
    #[error("there is no run {id}")]
    NoSuchRun {
        /// The number asked for.
        id: i64,
    },
    /// No such sample in a run.
    #[error("run {run} has no sample {} in cell {}", place.sample, place.cell)]
    NoSuchRow {
        /// The run.
        run: i64,
        /// The sample asked for.
        place: SampleKey,
    },
    /// The sample was taken from the worker: the run was stopped, or the lease ran out.
    #[error("sample {} of cell {} of run {run} is not leased to this worker any more", place.sample, place.cell)]
    Lost {
        /// The run.
        run: i64,
        /// The sample.
        place: SampleKey,
    },
    /// What is stored cannot be read.
    #[error("{what} in the database cannot be read")]
    Unreadable {
        /// The run or row.
        what: String,
        /// What is wrong with it.
        source: serde_json::Error,
    },
    /// The database takes everything but this.
    #[error("the database refuses to {doing}")]
    Rejected {
        /// What was asked of it.
        doing: &'static str,
        /// What it says.
        source: sqlx::Error,
    },
    /// The database failed.
    #[error("the database failed while it was to {doing}")]
    Query {
        /// What was asked of it.
        doing: &'static str,
        /// What it says.
        source: sqlx::Error,
    },
}

#[cfg(test)]
mod tests;
