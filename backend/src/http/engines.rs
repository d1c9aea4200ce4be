//! `GET /api/engines`.

use axum::Json;
use axum::extract::State;
use fathom_shared::api::EngineView;

use super::{ApiError, AppState, blocking};

pub(super) async fn list(State(state): State<AppState>) -> Result<Json<Vec<EngineView>>, ApiError> {
    let engines = blocking::look(move || state.catalog.engines()).await??;
    Ok(Json(engines))
}
