//! `/v1`: OpenAI's completions over the engines of this machine, so that other harnesses can drive
//! them. What is like OpenAI's own and what like vLLM's stands with each handler.

mod api_request; // parameters shared by both kinds of completion
mod chat; // `POST /v1/chat/completions`
mod completion_stream; // runs a completion and streams its text
mod completions; // `POST /v1/completions`
mod envelope; // the JSON objects around the choices, whole or streamed
mod error; // errors in OpenAI's format
mod models; // `GET /v1/models` and `GET /v1/models/{id}`
mod parameters; // parses request bodies, parameter by parameter
mod queue_position; // tells waiting clients their place in the queue
mod token_text; // tokens as OpenAI spells them
mod tokenize; // `GET /tokenizer_info`, `POST /tokenize` and `POST /detokenize`, as vLLM has them

use std::sync::Arc;

use axum::extract::DefaultBodyLimit;
use axum::http::{Method, Uri};
use axum::response::{IntoResponse, Response};
use axum::routing::{any, get, post};
use axum::{Extension, Router};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use super::{ApiError, AppState};
use crate::engine::EngineHost;
use error::OpenAiError;

/// A prompt of 131,072 tokens, spelled out as ids or with every character escaped.
const BODY_LIMIT: usize = 16 << 20;

/// Requests that wait or are answered at once; each may hold a body.
const PLACES: usize = 256;

/// The queue for the engine: requests wait in the order of their arrival. A model in memory answers
/// one at a time anyway, and a client that leaves while waiting here costs nothing.
#[derive(Clone)]
struct EngineTurn {
    places: Arc<Semaphore>,
    engine: Arc<Semaphore>,
}

impl EngineTurn {
    fn new(places: usize) -> Self {
        Self {
            places: Arc::new(Semaphore::new(places)),
            engine: Arc::new(Semaphore::new(1)),
        }
    }

    /// How many are answered before a request that arrives now: other requests, and samples of runs.
    fn ahead(&self, host: &EngineHost) -> u64 {
        let here = PLACES.saturating_sub(self.places.available_permits()) as u64;
        // One of those here may be at the engine already.
        here + host.asked().saturating_sub(here.min(1))
    }

    /// Waits for this request's turn, which lasts as long as the returned permits.
    async fn wait(self) -> Result<[OwnedSemaphorePermit; 2], OpenAiError> {
        let place = self.places.try_acquire_owned();
        let place = place.map_err(|_full| OpenAiError::Busy { most: PLACES })?;
        let engine = self.engine.acquire_owned().await;
        let engine = engine.map_err(|closed| OpenAiError::Internal(closed.into()))?;
        Ok([place, engine])
    }
}

pub(super) fn router() -> Router<AppState> {
    Router::new()
        .route("/v1/models", get(models::list))
        .route("/v1/models/{id}", get(models::show))
        .route("/v1/completions", post(completions::create))
        .route("/v1/chat/completions", post(chat::create))
        // Where people look for them who know the rest of `/v1`.
        .route("/v1/tokenize", post(tokenize::encode))
        .route("/v1/detokenize", post(tokenize::decode))
        .route("/v1/{*rest}", any(no_such_path))
        .route("/tokenizer_info", get(tokenize::info))
        .route("/tokenize", post(tokenize::encode))
        .route("/detokenize", post(tokenize::decode))
        .method_not_allowed_fallback(no_such_method)
        .layer(DefaultBodyLimit::max(BODY_LIMIT))
        .layer(Extension(EngineTurn::new(PLACES)))
        .layer(Extension(tokenize::TokenizerCache::default()))
}

/// Whether a path is one of those that [`router`] answers.
pub(super) fn is_path(path: &str) -> bool {
    let others = ["/tokenizer_info", "/tokenize", "/detokenize"];
    others.contains(&path) || path.starts_with("/v1/")
}

/// What the guard says, in OpenAI's form.
pub(super) fn refused(error: ApiError) -> Response {
    OpenAiError::Refused(error).into_response()
}

async fn no_such_path(uri: Uri) -> OpenAiError {
    OpenAiError::Path(uri.path().to_owned())
}

async fn no_such_method(method: Method, uri: Uri) -> OpenAiError {
    OpenAiError::Method {
        path: uri.path().to_owned(),
        method: method.to_string(),
    }
}

#[cfg(test)]
mod tests;
