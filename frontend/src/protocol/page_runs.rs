//! What the page asks the worker that answers about the runs that this browser keeps.

use fathom_shared::api::{NewRun, RowDetail, RunEstimate, RunEvent, RunView};
use fathom_shared::run::SampleKey;
use serde::{Deserialize, Serialize};

/// LongBench v2's predictions among the formats of an export.
pub(crate) const LONGBENCH: &str = "longbench";

/// What can be done to a run, wherever it is kept.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum RunAction {
    /// Stop it.
    Cancel,
    /// Take up no further sample.
    Pause,
    /// Go on.
    Resume,
    /// Ask its failures again.
    Retry,
    /// Change which goes first.
    Priority(i32),
}

/// What is wanted.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "want")]
pub(crate) enum PageRunCall {
    /// Start a run.
    Order {
        /// What is ordered.
        new: Box<NewRun>,
    },
    /// Say what a run would take.
    Estimate {
        /// What would be ordered.
        new: Box<NewRun>,
    },
    /// Tell everything about a run; what happens to it from now on comes by itself.
    Watch {
        /// Which.
        id: i64,
    },
    /// Do something to a run.
    Act {
        /// Which.
        id: i64,
        /// What.
        action: RunAction,
    },
    /// One sample of a run with its texts.
    Row {
        /// Of which run.
        id: i64,
        /// Which sample.
        place: SampleKey,
    },
    /// What a run came to, sample by sample.
    Results {
        /// Which.
        id: i64,
    },
    /// A run's answers as another program's files.
    Export {
        /// Which.
        id: i64,
        /// Whose files, by [`ExportProgram::name`](fathom_shared::results::exported::ExportProgram),
        /// or [`LONGBENCH`].
        program: String,
    },
    /// Delete a run.
    Delete {
        /// Which.
        id: i64,
    },
}

/// What is given.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "is", content = "it")]
pub(crate) enum PageRunReply {
    /// The run as it is now.
    Run(Box<RunView>),
    /// What it would take.
    Estimate(Box<RunEstimate>),
    /// What happened so far.
    Events(Vec<RunEvent>),
    /// The sample.
    Row(Box<RowDetail>),
    /// A result set, as JSON.
    Results(String),
    /// The files, as one archive that comes along, and what they do not hold.
    Exported(Vec<String>),
    /// It is gone.
    Deleted,
}
