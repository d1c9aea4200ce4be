//! `GET /api/engines`.

use axum::Json;
use axum::extract::State;
use fathom_shared::api::EngineView;
use tokio::task::spawn_blocking;

use super::{ApiError, AppState};

pub(super) async fn list(State(state): State<AppState>) -> Result<Json<Vec<EngineView>>, ApiError> {
    let engines = spawn_blocking(move || state.catalog.engines()).await??;
    Ok(Json(engines))
}
