//! `GET /api/health`: the process is there. `GET /api/ready`: it can be given work.

use axum::Json;
use axum::extract::State;
use fathom_shared::api::Health;

use super::{ApiError, AppState};

pub(super) async fn show() -> Json<Health> {
    Json(health())
}

pub(super) async fn ready(State(state): State<AppState>) -> Result<Json<Health>, ApiError> {
    state.jobs.store().ping().await.map_err(ApiError::unready)?;
    Ok(Json(health()))
}

fn health() -> Health {
    Health {
        name: "fathom".to_owned(),
        version: env!("CARGO_PKG_VERSION").to_owned(),
    }
}
