//! `/api/questions`: what LongBench v2 asks, and its texts in windows.

use std::ops::RangeInclusive;

use axum::Json;
use axum::extract::rejection::{PathRejection, QueryRejection};
use axum::extract::{Path, Query, State};
use axum::http::{HeaderMap, header};
use axum::response::{IntoResponse, Response};
use fathom_shared::api::{QuestionSet, QuestionView, WindowQuery};
use fathom_shared::engine::EngineKind;
use fathom_shared::longbench::LongBenchSetting;
use fathom_shared::longbench::viewer::{
    OutlinePart, SearchMatches, TextWindow, VisibleContext, WrappedQuestion,
};
use fathom_shared::tokens::Tokens;
use serde::Deserialize;

use super::etag::with_etag;
use super::{ApiError, AppState, blocking};
use crate::catalog::CatalogError;
use crate::data::models::ModelError;
use crate::errors::chain;

/// Characters that a line may have.
const COLUMNS: RangeInclusive<u32> = 8..=400;
/// Characters that are looked for at most.
const LOOKED_FOR: usize = 200;

/// What is looked for.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct SearchQuery {
    q: String,
}

/// Who would be asked, and how.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct VisibleContextQuery {
    setting: LongBenchSetting,
    /// Prompt and answer together, as in a run.
    length: u32,
    model: String,
    #[serde(default)]
    engine: EngineKind,
}

type NumberPath = Result<Path<u32>, PathRejection>;

pub(super) async fn list(
    State(state): State<AppState>,
    headers: HeaderMap,
) -> Result<Response, ApiError> {
    let corpora = state.catalog.corpora().clone();
    // The first time those that come with Fathom are written out.
    let set = blocking::make(move || {
        let questions = corpora.questions();
        QuestionSet {
            source: questions.source().clone(),
            cards: questions.cards().to_vec(),
        }
    });
    with_etag(&headers, &set.await?)
}

pub(super) async fn show(
    State(state): State<AppState>,
    number: NumberPath,
) -> Result<Json<QuestionView>, ApiError> {
    let Path(number) = number?;
    let catalog = state.catalog.clone();
    read(state, number, move |reading| {
        let small = |n: usize| u32::try_from(n).unwrap_or(u32::MAX);
        let evidence = reading.question().evidence.iter();
        QuestionView {
            card: catalog.corpora().questions().cards()[number as usize].clone(),
            evidence: evidence
                .map(|span| small(span.start)..small(span.end))
                .collect(),
        }
    })
    .await
}

pub(super) async fn row(
    State(state): State<AppState>,
    number: NumberPath,
) -> Result<Response, ApiError> {
    let Json(row) = read(state, number?.0, |reading| {
        serde_json::to_vec(&reading.question().row())
    })
    .await?;
    let row = row.map_err(|error| ApiError::Internal(error.into()))?;
    Ok(([(header::CONTENT_TYPE, "application/json")], row).into_response())
}

pub(super) async fn window(
    State(state): State<AppState>,
    number: NumberPath,
    ask: Result<Query<WindowQuery>, QueryRejection>,
) -> Result<Json<TextWindow>, ApiError> {
    let (Path(number), Query(ask)) = (number?, ask?);
    if !COLUMNS.contains(&ask.columns) {
        return Err(ApiError::Query(format!(
            "columns is {}, expected {} to {}",
            ask.columns,
            COLUMNS.start(),
            COLUMNS.end()
        )));
    }
    read(state, number, move |reading| {
        reading.window(ask.columns, ask.begin(), ask.lines)
    })
    .await
}

pub(super) async fn find(
    State(state): State<AppState>,
    number: NumberPath,
    look: Result<Query<SearchQuery>, QueryRejection>,
) -> Result<Json<SearchMatches>, ApiError> {
    let (Path(number), Query(SearchQuery { q })) = (number?, look?);
    let long = q.chars().count();
    if !(1..=LOOKED_FOR).contains(&long) {
        return Err(ApiError::Query(format!(
            "q has {long} characters, expected 1 to {LOOKED_FOR}"
        )));
    }
    read(state, number, move |reading| reading.find(&q)).await
}

pub(super) async fn outline(
    State(state): State<AppState>,
    number: NumberPath,
) -> Result<Json<Vec<OutlinePart>>, ApiError> {
    read(state, number?.0, |reading| reading.outline()).await
}

pub(super) async fn seen(
    State(state): State<AppState>,
    number: NumberPath,
    ask: Result<Query<VisibleContextQuery>, QueryRejection>,
) -> Result<Json<VisibleContext>, ApiError> {
    let (Path(number), Query(ask)) = (number?, ask?);
    let VisibleContextQuery {
        setting,
        length,
        model,
        engine,
    } = ask;
    let room = setting.rooms()[0];
    let most = length.checked_sub(room.0).filter(|most| *most > 0);
    let most = most.map(Tokens).ok_or_else(|| {
        ApiError::Query(format!(
            "length is {length} tokens, expected more than the {room} of the answer"
        ))
    })?;
    let catalog = state.catalog.clone();
    let seen = read(state, number, move |reading| {
        let (counter, _) = catalog
            .reader(&engine, &model)
            .map_err(|error| match error {
                CatalogError::Model(ModelError::Read { .. }) => ApiError::Internal(error.into()),
                _ => ApiError::Query(chain(&error)),
            })?;
        let embed = catalog.corpora().embedder();
        reading
            .seen(setting, most, &counter, embed)
            .map_err(|error| ApiError::Query(error.to_string()))
    });
    let Json(seen) = seen.await?;
    Ok(Json(seen?))
}

/// Reads in a question on a thread for waiting: a text may have millions of words.
async fn read<T: Send + 'static>(
    state: AppState,
    number: u32,
    work: impl FnOnce(&mut WrappedQuestion) -> T + Send + 'static,
) -> Result<Json<T>, ApiError> {
    let read = blocking::make(move || {
        let questions = state.catalog.corpora().questions();
        let has = questions.len();
        if number as usize >= has {
            return Err(ApiError::NotFound(format!(
                "there is no question {number}: {} has {has} of them, from 0",
                questions.source().name
            )));
        }
        let readings = state.catalog.readings();
        let read = readings.with(questions, number, work);
        read.map_err(|sentence| ApiError::Internal(sentence.into()))
    });
    Ok(Json(read.await??))
}
