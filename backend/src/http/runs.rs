//! `/api/runs`: starting runs, listing them, reading one and changing it.

use axum::Json;
use axum::extract::rejection::{JsonRejection, PathRejection, QueryRejection};
use axum::extract::{Path, Query, State};
use axum::http::{HeaderMap, StatusCode};
use axum::response::Response;
use fathom_shared::api::{ListPage, NewRun, PriorityChange, RunEstimate, RunSpec, RunView};
use serde::Deserialize;

use super::etag::with_etag;
use super::{ApiError, AppState, blocking};
use crate::catalog::CheckedRun;

/// A part of the list of runs.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct RunsQuery {
    after: Option<i64>,
    limit: Option<u32>,
}

type RunIdPath = Result<Path<i64>, PathRejection>;
type RunViewResult = Result<Json<RunView>, ApiError>;

pub(super) async fn create(
    State(state): State<AppState>,
    new: Result<Json<NewRun>, JsonRejection>,
) -> Result<(StatusCode, Json<RunView>), ApiError> {
    let Json(mut new) = new?;
    let (run_spec, checked) = checked(&state, new.run_spec).await?;
    new.run_spec = run_spec;
    let run = state.jobs.queue(&new, &checked.engine).await?;
    Ok((StatusCode::ACCEPTED, Json(run)))
}

pub(super) async fn estimate(
    State(state): State<AppState>,
    new: Result<Json<NewRun>, JsonRejection>,
) -> Result<Json<RunEstimate>, ApiError> {
    let Json(new) = new?;
    let (run_spec, checked) = checked(&state, new.run_spec).await?;
    Ok(Json(state.jobs.estimate(&run_spec, checked.needs).await?))
}

async fn checked(
    state: &AppState,
    mut run_spec: RunSpec,
) -> Result<(RunSpec, CheckedRun), ApiError> {
    let catalog = state.catalog.clone();
    let checked = blocking::look(move || {
        let checked = catalog.check(&mut run_spec)?;
        Ok::<_, ApiError>((run_spec, checked))
    });
    checked.await?
}

pub(super) async fn list(
    State(state): State<AppState>,
    part: Result<Query<RunsQuery>, QueryRejection>,
    headers: HeaderMap,
) -> Result<Response, ApiError> {
    let Query(RunsQuery { after, limit }) = part?;
    let limit = limit.unwrap_or(50).clamp(1, 500);
    let items = state.jobs.list(after, limit).await?;
    let full = items.len() == limit as usize;
    let next = items.last().filter(|_| full).map(|run| run.id.to_string());
    with_etag(&headers, &ListPage { items, next })
}

pub(super) async fn show(
    State(state): State<AppState>,
    id: RunIdPath,
    headers: HeaderMap,
) -> Result<Response, ApiError> {
    let Path(id) = id?;
    with_etag(&headers, &*state.jobs.detail(id).await?)
}

pub(super) async fn results(
    State(state): State<AppState>,
    id: RunIdPath,
    headers: HeaderMap,
) -> Result<Response, ApiError> {
    let Path(id) = id?;
    let catalog = state.catalog.clone();
    let window = move |run_spec: &RunSpec| catalog.window(run_spec);
    let corpora = state.catalog.corpora();
    with_etag(&headers, &*state.jobs.results(id, corpora, window).await?)
}

pub(super) async fn cancel(State(state): State<AppState>, id: RunIdPath) -> RunViewResult {
    Ok(Json(state.jobs.cancel(id?.0).await?))
}

pub(super) async fn pause(State(state): State<AppState>, id: RunIdPath) -> RunViewResult {
    Ok(Json(state.jobs.pause(id?.0).await?))
}

pub(super) async fn resume(State(state): State<AppState>, id: RunIdPath) -> RunViewResult {
    Ok(Json(state.jobs.resume(id?.0).await?))
}

pub(super) async fn retry(State(state): State<AppState>, id: RunIdPath) -> RunViewResult {
    Ok(Json(state.jobs.retry(id?.0).await?))
}

pub(super) async fn priority(
    State(state): State<AppState>,
    id: RunIdPath,
    new: Result<Json<PriorityChange>, JsonRejection>,
) -> RunViewResult {
    let Json(PriorityChange { priority }) = new?;
    Ok(Json(state.jobs.set_priority(id?.0, priority).await?))
}
