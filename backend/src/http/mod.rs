//! The API and the page, on one port of this machine.

mod bad_head; // answers requests whose head cannot be read
mod blocking; // runs blocking work on a limited set of threads
mod engines; // `GET /api/engines`
mod error; // the API's errors; the only place with status codes
mod etag; // `ETag` and 304 responses
mod events; // `GET /api/runs/{id}/events`
mod guard; // checks on every request and response
mod health; // `GET /api/health`
mod listen; // accepts and limits connections
mod metrics; // `GET /metrics`
mod models; // `GET /api/models` and `GET /api/models/{id}/file`
mod openai; // `/v1`
mod openapi; // `GET /api/openapi.json`
mod page; // serves the built page, or says why there is none
mod questions; // `/api/questions`
mod rows; // `/api/runs/{id}/rows`
mod runs; // `/api/runs`

use std::path::PathBuf;
use std::time::Duration;

use axum::Router;
use axum::extract::{DefaultBodyLimit, Request};
use axum::middleware::{self, Next};
use axum::response::Response;
use axum::routing::{get, post};
use fathom_shared::api::paths;
use tower_http::compression::CompressionLayer;

use crate::catalog::Catalog;
use crate::jobs::Jobs;
pub use error::ApiError;
pub use guard::{AccessGuard, AccessTokenError};
pub use listen::{ConnectionLimits, serve};
pub use page::static_page;

/// The largest body accepted: a run spec is a few hundred bytes.
const BODY_LIMIT: usize = 1 << 20;

/// The longest time for an answer that does not flow: making the last sample of a long stream
/// again takes most of it.
const TIME_LIMIT: Duration = Duration::from_secs(60);

/// What every handler may use.
#[derive(Clone)]
pub struct AppState {
    /// The runs.
    pub jobs: Jobs,
    /// The models and engines that can be asked.
    pub catalog: Catalog,
    /// The folder with the built page.
    pub page: Option<PathBuf>,
    /// Whom the server answers.
    pub guard: AccessGuard,
}

/// The whole server, callable from tests without a socket.
pub fn router(state: AppState) -> Router {
    // These two flow: a model is not worth compressing, and an event must not wait for a block.
    let streaming = Router::new()
        .route(paths::MODEL_FILE, get(models::file))
        .route(paths::RUN_EVENTS, get(events::stream));
    let small = Router::new()
        .route(paths::HEALTH, get(health::show))
        .route(paths::READY, get(health::ready))
        .route(paths::METRICS, get(metrics::show))
        .route(paths::OPENAPI, get(openapi::show))
        .route(paths::ENGINES, get(engines::list))
        .route(paths::LOGIN, get(guard::login))
        .route(paths::MODELS, get(models::list))
        .route(paths::QUESTIONS, get(questions::list))
        .route(paths::QUESTION, get(questions::show))
        .route(paths::QUESTION_ROW, get(questions::row))
        .route(paths::QUESTION_WINDOW, get(questions::window))
        .route(paths::QUESTION_FIND, get(questions::find))
        .route(paths::QUESTION_OUTLINE, get(questions::outline))
        .route(paths::QUESTION_SEEN, get(questions::seen))
        .route(paths::RUNS, post(runs::create).get(runs::list))
        .route(paths::RUN_ESTIMATE, post(runs::estimate))
        .route(paths::RUN, get(runs::show))
        .route(paths::RUN_RESULTS, get(runs::results))
        .route(paths::RUN_ROWS, get(rows::list))
        .route(paths::RUN_ROW, get(rows::show))
        .route(paths::RUN_CANCEL, post(runs::cancel))
        .route(paths::RUN_PAUSE, post(runs::pause))
        .route(paths::RUN_RESUME, post(runs::resume))
        .route(paths::RUN_RETRY, post(runs::retry))
        .route(paths::RUN_PRIORITY, post(runs::priority))
        .fallback(page::show)
        .layer(middleware::from_fn(in_time))
        .layer(CompressionLayer::new());
    small
        .merge(streaming)
        .merge(openai::router())
        .method_not_allowed_fallback(page::no_such_method)
        .layer(DefaultBodyLimit::max(BODY_LIMIT))
        .layer(middleware::from_fn(|request, next| {
            listen::body_in_time(listen::BODY_TIME, request, next)
        }))
        .layer(middleware::from_fn_with_state(state.clone(), guard::admit))
        .layer(middleware::map_response(guard::headers))
        .with_state(state)
}

async fn in_time(request: Request, next: Next) -> Result<Response, ApiError> {
    let answered = tokio::time::timeout(TIME_LIMIT, next.run(request)).await;
    answered.map_err(|_elapsed| ApiError::Slow(TIME_LIMIT))
}

#[cfg(test)]
mod tests;
