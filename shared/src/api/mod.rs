//! What crosses the wire between the page and the server, and where to. Nothing else uses these
//! types except the two ends.

pub mod paths; // paths of the server, in axum's form
mod questions; // multiple-choice questions about long texts, as the server has them
mod runs; // runs on the wire

use serde::{Deserialize, Serialize};

use crate::engine::EngineKind;
use crate::tokens::Tokens;
pub use questions::{QuestionSet, QuestionView, WindowQuery};
pub use runs::{
    CellView, CurrentSample, Money, NewRun, PriorityChange, RowDetail, RowState, RowView,
    RunDetail, RunEstimate, RunEvent, RunPace, RunSpec, RunStatus, RunView, SampleCounts,
};

/// `GET /api/health`: whether the server is there, and what it is.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Health {
    /// Always `fathom`, so that the page can tell our server from another.
    pub name: String,
    /// The server's version.
    pub version: String,
    /// `GET /api/ready`: what whoever operates it should know, though it works.
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

/// Files of a model that no engine of the server runs.
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
    /// Tokens its model reads, where the engine and not the model's file says it.
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

/// Every error of the server has this one form.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct ErrorBody {
    /// A word for programs, e.g. `not_found`.
    pub code: String,
    /// A sentence for people: the thing, what was got, what was expected.
    pub message: String,
}
