//! `/api/runs/{id}/rows`: the samples of a run, without their texts in bulk, with them one by one.

use axum::Json;
use axum::extract::rejection::{PathRejection, QueryRejection};
use axum::extract::{Path, Query, State};
use axum::http::HeaderMap;
use axum::response::Response;
use fathom_shared::api::{ListPage, RowDetail, RunSpec};
use fathom_shared::prompt::Prompt;
use fathom_shared::run::{SampleKey, ScoredTranscript, made_again};
use fathom_shared::task::{GeneratorContext, Sample, TaskSpec};
use serde::Deserialize;

use super::etag::with_etag;
use super::{ApiError, AppState, blocking};
use crate::catalog::Catalog;

/// A part of a run's samples.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct RowsQuery {
    /// `cell.sample` of the last one that is there already.
    after: Option<String>,
    limit: Option<u32>,
}

pub(super) async fn list(
    State(state): State<AppState>,
    id: Result<Path<i64>, PathRejection>,
    part: Result<Query<RowsQuery>, QueryRejection>,
    headers: HeaderMap,
) -> Result<Response, ApiError> {
    let (Path(id), Query(RowsQuery { after, limit })) = (id?, part?);
    let after = after.as_deref().map(place).transpose()?;
    let limit = limit.unwrap_or(1000).clamp(1, 10_000);
    let store = state.jobs.store();
    // An unknown run is a 404 and no empty list.
    store.seq(id).await?;
    let items = store.rows(id, after, limit).await?;
    let full = items.len() == limit as usize;
    let last = items.last().filter(|_| full).map(|row| row.place);
    let next = last.map(|place| format!("{}.{}", place.cell, place.sample));
    with_etag(&headers, &ListPage { items, next })
}

pub(super) async fn show(
    State(state): State<AppState>,
    at: Result<Path<(i64, u32, u32)>, PathRejection>,
) -> Result<Json<RowDetail>, ApiError> {
    let Path((id, cell, sample)) = at?;
    let place = SampleKey { cell, sample };
    let run_spec = state.jobs.store().run(id).await?.run_spec;
    let (row, scored) = state.jobs.store().row(id, place).await?;
    let spec = run_spec.grid.cell(cell);
    let spec = spec.ok_or_else(|| ApiError::NotFound(format!("run {id} has no cell {cell}")))?;
    let catalog = state.catalog.clone();
    let (asked, of) = (spec.clone(), scored.clone());
    let made =
        blocking::make(move || make(&catalog, &run_spec, &asked, sample, of.as_ref())).await?;
    let (made, unmade) = match made {
        Ok(made) => (Some(made), None),
        Err(sentence) => (None, Some(sentence)),
    };
    Ok(Json(RowDetail {
        row,
        spec,
        scored,
        made,
        unmade,
    }))
}

/// Makes sample and prompt again; the hash in the transcript proves that they are the same.
fn make(
    catalog: &Catalog,
    run_spec: &RunSpec,
    spec: &TaskSpec,
    sample: u32,
    scored: Option<&ScoredTranscript>,
) -> Result<(Sample, Prompt), String> {
    let reader = catalog.reader(&run_spec.engine, &run_spec.model);
    let (counter, dialogue) = reader.map_err(|error| crate::errors::chain(&error))?;
    let generator_context = GeneratorContext {
        counter: &counter,
        corpora: catalog.corpora(),
    };
    let asked = scored.and_then(|scored| scored.transcript.prompt_hash.as_deref());
    crate::script_time::bounded(|| {
        made_again(
            spec,
            sample,
            run_spec.mode,
            &dialogue,
            generator_context,
            asked,
        )
    })
}

fn place(text: &str) -> Result<SampleKey, ApiError> {
    let split = text.split_once('.');
    let parsed = split.and_then(|(cell, sample)| {
        Some(SampleKey {
            cell: cell.parse().ok()?,
            sample: sample.parse().ok()?,
        })
    });
    parsed.ok_or_else(|| {
        ApiError::Query(format!(
            "after is `{text}`, expected `cell.sample`, as in `0.12`"
        ))
    })
}
