//! `GET /v1/models` and `GET /v1/models/{id}`. `max_model_len` is vLLM's name for the context.

use std::time::UNIX_EPOCH;

use axum::Json;
use axum::extract::rejection::PathRejection;
use axum::extract::{Path, State};
use serde_json::{Value, json};
use tokio::task::spawn_blocking;

use super::AppState;
use super::error::OpenAiError;
use crate::data::models::LocalModel;
use crate::errors::chain;

pub(super) async fn list(State(state): State<AppState>) -> Result<Json<Value>, OpenAiError> {
    // Reads headers, and hashes files that are new.
    let listed = spawn_blocking(move || state.catalog.models().list()).await??;
    let usable = listed.into_iter().filter_map(|model| match model {
        Ok(model) => Some(wire(&model)),
        Err(error) => {
            tracing::warn!(error = chain(&error), "model not listed");
            None
        }
    });
    let data: Vec<Value> = usable.collect();
    Ok(Json(json!({"object": "list", "data": data})))
}

pub(super) async fn show(
    State(state): State<AppState>,
    id: Result<Path<String>, PathRejection>,
) -> Result<Json<Value>, OpenAiError> {
    let Path(id) = id.map_err(|rejection| OpenAiError::Path(rejection.body_text()))?;
    // As a run spec may name it: `ID@ENGINE`.
    let found = spawn_blocking(move || {
        let plain = id.split('@').next().unwrap_or_default();
        state.catalog.models().find(plain)
    });
    let model = found.await??;
    Ok(Json(wire(&model)))
}

fn wire(model: &LocalModel) -> Value {
    let changed = std::fs::metadata(&model.path).and_then(|data| data.modified());
    let changed = changed
        .ok()
        .and_then(|at| at.duration_since(UNIX_EPOCH).ok());
    json!({
        "id": model.info.id, "object": "model", "owned_by": "fathom",
        "created": changed.unwrap_or_default().as_secs(),
        "max_model_len": model.info.context.0,
    })
}
