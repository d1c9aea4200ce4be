//! The types of the HTTP API between the page and the server, and its paths. Nothing else uses these
//! types.

pub mod paths; // paths of the server's routes, in axum's form
mod questions; // request and response types for questions about long texts
mod runs; // request and response types for runs

use serde::{Deserialize, Serialize};

use crate::engine::EngineKind;
pub use crate::run::{Money, RunEstimate};
use crate::tokens::Tokens;
pub use questions::{QuestionSet, QuestionView, WindowQuery};
pub use runs::{
    CellView, CurrentSample, NewRun, PriorityChange, RowDetail, RowState, RowView, RunDetail,
    RunEvent, RunPace, RunSpec, RunStatus, RunView, SampleCounts,
};

/// `GET /api/health`: whether the server is there, and what it is.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Health {
    /// Always `fathom`, so that the page can tell our server from another.
    pub name: String,
    /// The server's version.
    pub version: String,
    /// `GET /api/ready`: what an operator should know, even though it works.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub notes: Vec<String>,
}

/// `GET /api/models`: what lies in the server's folder of models.
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct ModelList {
    /// Those that can be used.
    pub items: Vec<ModelInfo>,
    /// Those that cannot.
    pub refused: Vec<RefusedModel>,
}

/// A model's files that no engine of the server can run.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct RefusedModel {
    /// The name of the file without `.gguf`, or of the folder.
    pub id: String,
    /// What is wrong with it: a sentence.
    pub reason: String,
}

/// A model that the server holds.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
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

/// An engine that a run may choose: `GET /api/engines`.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct EngineView {
    /// Its name.
    pub engine: EngineKind,
    /// The models it can ask: those of this machine, or the endpoint's own.
    pub models: Vec<String>,
    /// The most tokens its model reads, if the engine rather than the model's file says so.
    pub context: Option<Tokens>,
}

/// A part of a list.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct ListPage<T> {
    /// The part.
    pub items: Vec<T>,
    /// What to give as `after` for the next part; absent at the end.
    pub next: Option<String>,
}

/// Every error of the server has this form.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct ErrorBody {
    /// A machine-readable code, e.g. `not_found`.
    pub code: String,
    /// A message for people: the thing, what was got, what was expected.
    pub message: String,
}
