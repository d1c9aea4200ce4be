//! The API and the page, on one port of this machine.

mod error;
mod events;
mod guard;
mod health;
mod models;
mod openai;
mod page;
mod runs;

use std::path::PathBuf;
use std::sync::Arc;

use axum::Router;
use axum::extract::DefaultBodyLimit;
use axum::middleware;
use axum::routing::{get, post};
use fathom_shared::api::paths;
use tower_http::compression::CompressionLayer;

use crate::data::models::Models;
use crate::engine::Host;
use crate::jobs::Jobs;
pub use error::ApiError;

/// The largest body taken: an order is a few hundred bytes.
const BODY_LIMIT: usize = 1 << 20;

/// What every handler may use.
#[derive(Clone)]
pub struct AppState {
    /// The runs.
    pub jobs: Jobs,
    /// The models of this machine.
    pub models: Arc<Models>,
    /// The engines.
    pub host: Host,
    /// The folder with the built page.
    pub page: Option<PathBuf>,
}

/// The whole server, callable from tests without a socket.
pub fn router(state: AppState) -> Router {
    // These two flow: a model is not worth compressing, and an event must not wait for a block.
    let flowing = Router::new()
        .route(paths::MODEL_FILE, get(models::file))
        .route(paths::RUN_EVENTS, get(events::stream));
    let small = Router::new()
        .route(paths::HEALTH, get(health::show))
        .route(paths::MODELS, get(models::list))
        .route(paths::RUNS, post(runs::create).get(runs::list))
        .route(paths::RUN, get(runs::show))
        .route(paths::RUN_CANCEL, post(runs::cancel))
        .fallback(page::show)
        .layer(CompressionLayer::new());
    small
        .merge(flowing)
        .merge(openai::router())
        .method_not_allowed_fallback(page::no_such_method)
        .layer(DefaultBodyLimit::max(BODY_LIMIT))
        .layer(middleware::from_fn(guard::own_machine))
        .layer(middleware::map_response(guard::headers))
        .with_state(state)
}

#[cfg(test)]
mod tests;
