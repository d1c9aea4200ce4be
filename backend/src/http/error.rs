//! Every error of the API: the only place with status codes.

use std::error::Error;
use std::time::Duration;

use axum::Json;
use axum::extract::rejection::{JsonRejection, PathRejection, QueryRejection};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use fathom_shared::api::ErrorBody;

use crate::catalog::CatalogError;
use crate::data::models::ModelError;
use crate::errors::{chain, in_words, visible};
use crate::jobs::NotReady;
use crate::store::StoreError;

/// Why a request got no answer of its own kind.
#[derive(Debug, thiserror::Error)]
pub enum ApiError {
    /// No such thing; the sentence says which.
    #[error("{0}")]
    NotFound(String),
    /// The path exists, but not for this method.
    #[error("{path} does not take {method}")]
    Method {
        /// The path asked for.
        path: String,
        /// The method asked for.
        method: String,
    },
    /// The body is not JSON of the right form.
    #[error("{}", of_body(.0))]
    Body(JsonRejection),
    /// HTTP/1.1 asks for one `Host`.
    #[error("the request has {0} `Host` headers, expected 1")]
    Hosts(usize),
    /// A body that trickles.
    #[error("the body did not come within {} seconds", .0.as_secs())]
    Late(Duration),
    /// The query parameters are invalid.
    #[error("{0}")]
    Query(String),
    /// The run spec is well-formed, but cannot be carried out.
    #[error("{0}")]
    RunSpec(String),
    /// The request comes from a page of another site.
    #[error("{what} is `{got}`, but this server answers only its own machine")]
    Foreign {
        /// The header.
        what: &'static str,
        /// What it holds.
        got: String,
    },
    /// The server answers other machines, but not without its token.
    #[error(
        "the token is missing or wrong; open /login?token=… in a browser, or send `Authorization: Bearer …`"
    )]
    NoToken,
    /// The disk is full.
    #[error("{0}")]
    Full(String),
    /// An answer that does not flow took too long.
    #[error("no answer within {} seconds", .0.as_secs())]
    Slow(Duration),
    /// No work can be done at this time; the sentence says why.
    #[error("{0}")]
    Unready(#[from] NotReady),
    /// What is stored cannot be read by this version; the sentence says what.
    #[error("{0}")]
    Unreadable(String),
    /// Something of ours failed.
    #[error("the server failed to answer; its log says why")]
    Internal(#[source] Box<dyn Error + Send + Sync>),
}

impl ApiError {
    /// No work can be done at this time.
    pub(super) fn unready(error: NotReady) -> Self {
        tracing::warn!(error = chain(&error), "not ready");
        Self::Unready(error)
    }

    /// Its status, and the word for programs.
    pub(super) fn wire(&self) -> (StatusCode, &'static str) {
        match self {
            Self::NotFound(_) => (StatusCode::NOT_FOUND, "not_found"),
            Self::Method { .. } => (StatusCode::METHOD_NOT_ALLOWED, "method_not_allowed"),
            // 400, 413, 415 or 422, as axum tells them apart.
            Self::Body(rejection) => (rejection.status(), "bad_body"),
            Self::Hosts(_) => (StatusCode::BAD_REQUEST, "bad_host"),
            Self::Late(_) => (StatusCode::REQUEST_TIMEOUT, "late_body"),
            Self::Query(_) => (StatusCode::BAD_REQUEST, "bad_query"),
            Self::RunSpec(_) => (StatusCode::UNPROCESSABLE_ENTITY, "bad_order"),
            Self::Foreign { .. } => (StatusCode::FORBIDDEN, "foreign"),
            Self::NoToken => (StatusCode::UNAUTHORIZED, "no_token"),
            Self::Full(_) => (StatusCode::INSUFFICIENT_STORAGE, "storage_full"),
            Self::Slow(_) => (StatusCode::GATEWAY_TIMEOUT, "slow"),
            Self::Unready(_) => (StatusCode::SERVICE_UNAVAILABLE, "unready"),
            Self::Unreadable(_) => (StatusCode::INTERNAL_SERVER_ERROR, "unreadable"),
            Self::Internal(_) => (StatusCode::INTERNAL_SERVER_ERROR, "internal"),
        }
    }
}

/// The refusals that the API's document lists for an endpoint, by what the endpoint takes and does.
pub(super) mod refusals {
    use axum::http::StatusCode;

    /// Of any endpoint: [`ApiError::NoToken`](super::ApiError), `Foreign` and `Internal`.
    pub(in super::super) const ANY: &[StatusCode] = &[
        StatusCode::UNAUTHORIZED,
        StatusCode::FORBIDDEN,
        StatusCode::INTERNAL_SERVER_ERROR,
    ];
    /// Of an operation whose path names a thing.
    pub(in super::super) const NAMING: &[StatusCode] = &[StatusCode::NOT_FOUND];
    /// Of one with query parameters.
    pub(in super::super) const ASKING: &[StatusCode] = &[StatusCode::BAD_REQUEST];
    /// Of one that reads a body.
    pub(in super::super) const TAKING: &[StatusCode] = &[
        StatusCode::BAD_REQUEST,
        StatusCode::REQUEST_TIMEOUT,
        StatusCode::PAYLOAD_TOO_LARGE,
        StatusCode::UNSUPPORTED_MEDIA_TYPE,
        StatusCode::UNPROCESSABLE_ENTITY,
    ];
    /// Of one that changes what is stored.
    pub(in super::super) const STORING: &[StatusCode] = &[StatusCode::INSUFFICIENT_STORAGE];
    /// Of one that checks whether the database answers.
    pub(in super::super) const PROBING: &[StatusCode] = &[StatusCode::SERVICE_UNAVAILABLE];
    /// Of one whose answer is not a stream, and so has a time limit.
    pub(in super::super) const TIMED: &[StatusCode] = &[StatusCode::GATEWAY_TIMEOUT];
}

impl IntoResponse for ApiError {
    fn into_response(self) -> Response {
        if let Self::Internal(source) = &self {
            tracing::error!(error = chain(source.as_ref()), "request failed");
        }
        let (status, code) = self.wire();
        let body = ErrorBody {
            code: code.to_owned(),
            message: visible(&self.to_string()),
        };
        (status, Json(body)).into_response()
    }
}

impl From<StoreError> for ApiError {
    fn from(error: StoreError) -> Self {
        match error {
            StoreError::NoSuchRun { .. } | StoreError::NoSuchRow { .. } => {
                Self::NotFound(error.to_string())
            }
            StoreError::Full { .. } => Self::Full(error.to_string()),
            StoreError::Unreadable { .. } => Self::Unreadable(chain(&error)),
            _ => Self::Internal(error.into()),
        }
    }
}

impl From<ModelError> for ApiError {
    fn from(error: ModelError) -> Self {
        match error {
            ModelError::Unknown { .. } | ModelError::Name { .. } => {
                Self::NotFound(error.to_string())
            }
            ModelError::Bad { .. } => Self::RunSpec(chain(&error)),
            ModelError::Read { .. } => Self::Internal(error.into()),
        }
    }
}

impl From<CatalogError> for ApiError {
    fn from(error: CatalogError) -> Self {
        match error {
            // The path is right and the run spec is not, so no 404.
            CatalogError::Model(ModelError::Read { .. }) => Self::Internal(error.into()),
            _ => Self::RunSpec(chain(&error)),
        }
    }
}

impl From<QueryRejection> for ApiError {
    fn from(rejection: QueryRejection) -> Self {
        let text = rejection.body_text();
        let text = text.trim_start_matches("Failed to deserialize query string: ");
        Self::Query(in_words(text))
    }
}

/// What is wrong with a body, without the words of the library that read it.
fn of_body(rejection: &JsonRejection) -> String {
    if rejection.status() == StatusCode::PAYLOAD_TOO_LARGE {
        return format!("the body is longer than {} MiB", super::BODY_LIMIT >> 20);
    }
    let text = rejection.body_text();
    let starts = [
        (
            "Failed to deserialize the JSON body into the target type: ",
            "the body: ",
        ),
        (
            "Failed to parse the request body as JSON: ",
            "the body is not JSON: ",
        ),
        (
            "Failed to buffer the request body: ",
            "the body ended too early: ",
        ),
    ];
    let plain = starts
        .into_iter()
        .find_map(|(start, said)| Some(format!("{said}{}", text.strip_prefix(start)?)));
    in_words(&plain.unwrap_or(text))
}

impl From<JsonRejection> for ApiError {
    fn from(rejection: JsonRejection) -> Self {
        Self::Body(rejection)
    }
}

impl From<PathRejection> for ApiError {
    fn from(rejection: PathRejection) -> Self {
        // Its own words are of types.
        tracing::debug!(error = rejection.body_text(), "no such path");
        let why = "no such path: a part of it should be a number and is not";
        Self::NotFound(why.to_owned())
    }
}

impl From<tokio::task::JoinError> for ApiError {
    fn from(error: tokio::task::JoinError) -> Self {
        Self::Internal(error.into())
    }
}
