//! `POST /api/runs`, `GET /api/runs`, `GET /api/runs/{id}`, `POST /api/runs/{id}/cancel`.

use axum::Json;
use axum::extract::rejection::{JsonRejection, PathRejection};
use axum::extract::{Path, State};
use axum::http::StatusCode;
use fathom_shared::api::{NewRun, RunDetail, RunView};
use tokio::task::spawn_blocking;

use super::{ApiError, AppState};
use crate::data::models::ModelError;
use crate::jobs::order;

pub(super) async fn create(
    State(state): State<AppState>,
    order: Result<Json<NewRun>, JsonRejection>,
) -> Result<(StatusCode, Json<RunView>), ApiError> {
    let Json(mut new) = order?;
    order::check(&new).map_err(|e| ApiError::Order(e.to_string()))?;
    let asked = new.model.clone();
    let models = state.models.clone();
    let model = match spawn_blocking(move || models.find(&asked)).await? {
        // The path is right, the order is not: no 404.
        Err(error @ (ModelError::Unknown { .. } | ModelError::Name { .. })) => {
            return Err(ApiError::Order(error.to_string()));
        }
        found => found?,
    };
    order::check_length(&new, &model.info.id, model.info.context)
        .map_err(|e| ApiError::Order(e.to_string()))?;
    new.model = model.info.id.clone();
    let run = state.jobs.order(&new, &model.engine()).await?;
    Ok((StatusCode::ACCEPTED, Json(run)))
}

pub(super) async fn list(State(state): State<AppState>) -> Result<Json<Vec<RunView>>, ApiError> {
    Ok(Json(state.jobs.list().await?))
}

pub(super) async fn show(
    State(state): State<AppState>,
    id: Result<Path<i64>, PathRejection>,
) -> Result<Json<RunDetail>, ApiError> {
    let Path(id) = id?;
    Ok(Json(state.jobs.detail(id).await?))
}

pub(super) async fn cancel(
    State(state): State<AppState>,
    id: Result<Path<i64>, PathRejection>,
) -> Result<Json<RunView>, ApiError> {
    let Path(id) = id?;
    Ok(Json(state.jobs.cancel(id).await?))
}
