//! `GET /api/health`: the process is there. `GET /api/ready`: it can be given work.

use std::time::Duration;

use axum::Json;
use axum::extract::State;
use fathom_shared::api::Health;

use super::{ApiError, AppState};
use crate::jobs::NotReady;

/// How long a readiness check may take.
const PATIENCE: Duration = Duration::from_secs(5);

pub(super) async fn show() -> Json<Health> {
    Json(health(Vec::new()))
}

pub(super) async fn ready(State(state): State<AppState>) -> Result<Json<Health>, ApiError> {
    let ready = tokio::time::timeout(PATIENCE, state.jobs.ready()).await;
    let late = |_| NotReady("the database does not answer in time".to_owned());
    let notes = ready.map_err(late).flatten();
    Ok(Json(health(notes.map_err(ApiError::unready)?)))
}

fn health(notes: Vec<String>) -> Health {
    Health {
        name: "fathom".to_owned(),
        version: env!("CARGO_PKG_VERSION").to_owned(),
        notes,
    }
}
