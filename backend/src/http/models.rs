//! `GET /api/models` and `GET /api/models/{id}/file`.

use axum::Json;
use axum::extract::rejection::PathRejection;
use axum::extract::{Path, Request, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use fathom_shared::api::{ModelList, RefusedModel};
use tower::ServiceExt;
use tower_http::services::ServeFile;

use super::{ApiError, AppState, blocking};

pub(super) async fn list(State(state): State<AppState>) -> Result<Json<ModelList>, ApiError> {
    // Reads headers, and hashes files that are new.
    let named = blocking::look(move || state.catalog.models().list_named()).await??;
    let mut list = ModelList::default();
    for (id, model) in named {
        match model {
            Ok(model) => list.items.push(model.info),
            Err(error) => list.refused.push(RefusedModel {
                id,
                reason: error.reason(),
            }),
        }
    }
    Ok(Json(list))
}

/// Range requests are answered with the range. The path on the disk comes from the list of
/// models, never from the request.
pub(super) async fn file(
    State(state): State<AppState>,
    id: Result<Path<String>, PathRejection>,
    request: Request,
) -> Result<Response, ApiError> {
    let Path(id) = id?;
    let named = id.clone();
    let model = blocking::look(move || state.catalog.models().find(&named)).await??;
    let response = match ServeFile::new(&model.path).oneshot(request).await {
        Ok(response) => response.into_response(),
        Err(never) => match never {},
    };
    match response.status() {
        // Taken away since it was looked up.
        StatusCode::NOT_FOUND => Err(ApiError::NotFound(format!("the file of `{id}` is gone"))),
        _ => Ok(response),
    }
}
