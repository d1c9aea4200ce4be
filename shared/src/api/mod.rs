//! What crosses the wire between the page and the server, and where to. Nothing else uses these
//! types except the two ends.

pub mod paths;

use serde::{Deserialize, Serialize};

use crate::prompt::PromptMode;
use crate::run::Scored;
use crate::stats::Summary;
use crate::task::TaskSpec;
use crate::tokens::Tokens;
use crate::transcript::EngineInfo;

/// `GET /api/health`: whether the server is there, and what it is.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Health {
    /// Always `fathom`, so that the page can tell our server from another.
    pub name: String,
    /// The server's version.
    pub version: String,
}

/// A model that the server holds: `GET /api/models`.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct ModelInfo {
    /// The id used in requests and URLs: the file's name without `.gguf`.
    pub id: String,
    /// The name in the file's metadata.
    pub name: String,
    /// `llama` and the like.
    pub architecture: String,
    /// How its weights are stored, e.g. `Q4_1`.
    pub quantisation: String,
    /// Size of the file in bytes.
    pub size_bytes: u64,
    /// SHA-256 of the file, in hex.
    pub sha256: String,
    /// The context it was trained for.
    pub context: Tokens,
}

/// `POST /api/runs`: what to run.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct NewRun {
    /// The task.
    pub spec: TaskSpec,
    /// The first sample.
    pub first: u32,
    /// How many samples.
    pub count: u32,
    /// The model's id.
    pub model: String,
    /// How the sample is put to the model.
    #[serde(default)]
    pub mode: PromptMode,
}

/// Where a run stands.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RunStatus {
    /// Waits for the worker.
    Queued,
    /// The worker has it.
    Running,
    /// Every sample has its answer or failure.
    Done,
    /// Someone stopped it; what was answered is kept.
    Cancelled,
    /// It could not go on: see [`RunView::error`].
    Failed,
}

impl RunStatus {
    /// Whether nothing more will happen to the run.
    pub fn is_final(self) -> bool {
        matches!(self, Self::Done | Self::Cancelled | Self::Failed)
    }

    /// The word, as on the wire and in the store.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Queued => "queued",
            Self::Running => "running",
            Self::Done => "done",
            Self::Cancelled => "cancelled",
            Self::Failed => "failed",
        }
    }
}

/// A run as the server knows it, without its rows: `GET /api/runs`.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub struct RunView {
    /// Its id.
    pub id: i64,
    /// What was ordered.
    pub order: NewRun,
    /// Where it stands.
    pub status: RunStatus,
    /// Why it failed.
    pub error: Option<String>,
    /// Who answers.
    pub engine: EngineInfo,
    /// When it was ordered, in milliseconds since 1970 (UTC).
    pub created_ms: i64,
    /// What its answers come to so far.
    pub summary: Summary,
}

/// A run with its answers so far: `GET /api/runs/{id}`.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub struct RunDetail {
    /// The run.
    #[serde(flatten)]
    pub run: RunView,
    /// Its rows, by sample number.
    pub rows: Vec<Scored>,
}

/// `GET /api/runs/{id}/events`: server-sent events, each with an id. The first is always
/// [`RunEvent::Snapshot`], so that a page which comes late or again misses nothing.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "is")]
pub enum RunEvent {
    /// Everything so far; replaces what the page knew.
    Snapshot {
        /// The run with its rows.
        detail: Box<RunDetail>,
        /// The sample being answered and the text so far.
        current: Option<Current>,
    },
    /// The worker took up a sample.
    Started {
        /// Its number.
        sample: u32,
    },
    /// The engine reads the prompt.
    Prefill {
        /// The sample's number.
        sample: u32,
        /// Tokens read.
        done: Tokens,
        /// Tokens in all.
        total: Tokens,
    },
    /// The engine wrote something.
    Token {
        /// The sample's number.
        sample: u32,
        /// The new text.
        text: String,
    },
    /// A sample has its answer or failure, and it is stored.
    Row {
        /// The row.
        row: Box<Scored>,
        /// What the run comes to with it.
        summary: Summary,
    },
    /// The run's status changed.
    Status {
        /// The new one.
        status: RunStatus,
        /// Why, where it failed.
        error: Option<String>,
    },
}

/// The sample being answered.
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
pub struct Current {
    /// Its number.
    pub sample: u32,
    /// Prompt tokens read.
    pub done: Tokens,
    /// Prompt tokens in all; 0 while not known.
    pub total: Tokens,
    /// The text so far.
    pub text: String,
}

/// Every error of the server has this one form.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct ErrorBody {
    /// A word for programs, e.g. `not_found`.
    pub code: String,
    /// A sentence for people: the thing, what was got, what was expected.
    pub message: String,
}
