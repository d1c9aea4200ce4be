//! Paths of the server, in axum's form; the client fills `{id}` with [`with_id`].

/// Whether the server is there.
pub const HEALTH: &str = "/api/health";
/// Accepts the access token of a server that is reachable from other machines.
pub const LOGIN: &str = "/login";
/// Whether it is ready for work.
pub const READY: &str = "/api/ready";
/// The API as an OpenAPI document.
pub const OPENAPI: &str = "/api/openapi.json";
/// Counts for Prometheus.
pub const METRICS: &str = "/metrics";
/// The models it holds.
pub const MODELS: &str = "/api/models";
/// A model's GGUF file, with range requests.
pub const MODEL_FILE: &str = "/api/models/{id}/file";
/// Who can answer.
pub const ENGINES: &str = "/api/engines";
/// The questions of LongBench v2, or their stand-ins, without their texts.
pub const QUESTIONS: &str = "/api/questions";
/// One question, and where its evidence lies.
pub const QUESTION: &str = "/api/questions/{id}";
/// One question as a row of the dataset, with its text.
pub const QUESTION_ROW: &str = "/api/questions/{id}/row";
/// A window of lines of its text.
pub const QUESTION_WINDOW: &str = "/api/questions/{id}/window";
/// Searches its text for words.
pub const QUESTION_FIND: &str = "/api/questions/{id}/find";
/// The parts of its text.
pub const QUESTION_OUTLINE: &str = "/api/questions/{id}/outline";
/// What a model sees of its text under a setting.
pub const QUESTION_SEEN: &str = "/api/questions/{id}/seen";
/// Order a run; list runs, newest first.
pub const RUNS: &str = "/api/runs";
/// Estimates a run without storing it.
pub const RUN_ESTIMATE: &str = "/api/runs/estimate";
/// One run with a summary of each cell.
pub const RUN: &str = "/api/runs/{id}";
/// A run's samples without their texts, in the order of cell and number.
pub const RUN_ROWS: &str = "/api/runs/{id}/rows";
/// One sample of a run with prompt and answer.
pub const RUN_ROW: &str = "/api/runs/{id}/rows/{cell}/{sample}";
/// What a run came to, sample by sample: a result set.
pub const RUN_RESULTS: &str = "/api/runs/{id}/results";
/// A run's events, as server-sent events.
pub const RUN_EVENTS: &str = "/api/runs/{id}/events";
/// Stops a run; its answers are kept.
pub const RUN_CANCEL: &str = "/api/runs/{id}/cancel";
/// Pauses a run: no further sample is started.
pub const RUN_PAUSE: &str = "/api/runs/{id}/pause";
/// Resumes a run that was paused, stopped or could not go on.
pub const RUN_RESUME: &str = "/api/runs/{id}/resume";
/// Asks the failed samples of a run again.
pub const RUN_RETRY: &str = "/api/runs/{id}/retry";
/// Changes the priority of a run.
pub const RUN_PRIORITY: &str = "/api/runs/{id}/priority";

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
