//! Paths of the server, in axum's form; the client fills `{id}` with [`with_id`].

/// Whether the server is there.
pub const HEALTH: &str = "/api/health";
/// The models it holds.
pub const MODELS: &str = "/api/models";
/// A model's GGUF file, with range requests.
pub const MODEL_FILE: &str = "/api/models/{id}/file";
/// Order a run; list runs, newest first.
pub const RUNS: &str = "/api/runs";
/// One run with its rows.
pub const RUN: &str = "/api/runs/{id}";
/// What happens to a run, as server-sent events.
pub const RUN_EVENTS: &str = "/api/runs/{id}/events";
/// Stop a run; what is answered stays.
pub const RUN_CANCEL: &str = "/api/runs/{id}/cancel";

/// `path` with its `{id}` filled.
///
/// # Example
/// ```
/// use fathom_shared::api::paths::{RUN, with_id};
/// assert_eq!(with_id(RUN, 7), "/api/runs/7");
/// ```
pub fn with_id(path: &str, id: impl std::fmt::Display) -> String {
    path.replace("{id}", &id.to_string())
}
