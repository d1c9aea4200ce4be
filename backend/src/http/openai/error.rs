//! Errors in OpenAI's own form, which its clients read.

use std::error::Error;

use axum::Json;
use axum::extract::rejection::BytesRejection;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use fathom_shared::transcript::{Failure, FailureKind};
use serde_json::{Value, json};

use crate::data::models::ModelError;
use crate::errors::chain;
use crate::http::ApiError;

/// Why `/v1` has no answer.
#[derive(Debug, thiserror::Error)]
pub(super) enum OpenAiError {
    #[error("there is no {0}")]
    Path(String),
    #[error("{path} does not take {method}")]
    Method { path: String, method: String },
    #[error("{}", of_body(.0))]
    Body(BytesRejection),
    #[error("the body's content type is `{got}`, expected `application/json`")]
    Type { got: String },
    #[error("the body is not a JSON object: {0}")]
    Json(String),
    /// A parameter that is missing or out of its range.
    #[error("`{param}`: {message}")]
    Parameter {
        param: &'static str,
        message: String,
    },
    /// A parameter that would change the result, and that we do not have.
    #[error("`{param}` is {got}, which this server does not offer; leave it out")]
    Unsupported { param: String, got: Value },
    #[error("{0}")]
    Model(String),
    #[error("{most} requests are waiting already; ask again later")]
    Busy { most: usize },
    /// Prompt and answer do not fit.
    #[error("{0}")]
    Context(String),
    /// The guard lets nobody through without the token, or from a page of another site.
    #[error("{0}")]
    Refused(ApiError),
    /// The engine failed.
    #[error("{0}")]
    Engine(String),
    /// The model is there and cannot be used: what is wrong with its files, or what it needs.
    #[error("{0}")]
    Unusable(String),
    #[error("the server failed to answer; its log says why")]
    Internal(#[source] Box<dyn Error + Send + Sync>),
}

impl OpenAiError {
    pub(super) fn parameter(param: &'static str, message: impl Into<String>) -> Self {
        let message = message.into();
        Self::Parameter { param, message }
    }

    fn wire(&self) -> (StatusCode, Option<&'static str>, Option<&str>) {
        match self {
            Self::Path(_) => (StatusCode::NOT_FOUND, Some("not_found"), None),
            Self::Method { .. } => (StatusCode::METHOD_NOT_ALLOWED, None, None),
            Self::Body(rejection) => (rejection.status(), None, None),
            Self::Type { .. } => (StatusCode::UNSUPPORTED_MEDIA_TYPE, None, None),
            Self::Json(_) => (StatusCode::BAD_REQUEST, Some("invalid_json"), None),
            Self::Parameter { param, .. } => {
                (StatusCode::BAD_REQUEST, Some("invalid_value"), Some(param))
            }
            Self::Unsupported { param, .. } => (
                StatusCode::BAD_REQUEST,
                Some("unsupported_parameter"),
                Some(param),
            ),
            Self::Model(_) => (
                StatusCode::NOT_FOUND,
                Some("model_not_found"),
                Some("model"),
            ),
            Self::Context(_) => (
                StatusCode::BAD_REQUEST,
                Some("context_length_exceeded"),
                None,
            ),
            Self::Busy { .. } => (
                StatusCode::TOO_MANY_REQUESTS,
                Some("rate_limit_exceeded"),
                None,
            ),
            Self::Refused(error) => {
                let (status, code) = error.wire();
                let code = match error {
                    ApiError::NoToken => "invalid_api_key",
                    _ => code,
                };
                (status, Some(code), None)
            }
            Self::Engine(_) => (StatusCode::INTERNAL_SERVER_ERROR, Some("engine"), None),
            Self::Unusable(_) => (
                StatusCode::INTERNAL_SERVER_ERROR,
                Some("model_not_usable"),
                Some("model"),
            ),
            Self::Internal(_) => (StatusCode::INTERNAL_SERVER_ERROR, None, None),
        }
    }

    /// The body: `{"error": {"message", "type", "param", "code"}}`.
    pub(super) fn body(&self) -> Value {
        if let Self::Internal(source) = self {
            tracing::error!(error = chain(source.as_ref()), "request to /v1 failed");
        }
        let (status, code, param) = self.wire();
        let kind = match status.is_server_error() {
            true => "server_error",
            false => "invalid_request_error",
        };
        json!({"error": {
            "message": self.to_string(), "type": kind, "param": param, "code": code,
        }})
    }
}

impl IntoResponse for OpenAiError {
    fn into_response(self) -> Response {
        (self.wire().0, Json(self.body())).into_response()
    }
}

/// What is wrong with a body, without the words of the library that read it.
fn of_body(rejection: &BytesRejection) -> String {
    match rejection.status() {
        StatusCode::PAYLOAD_TOO_LARGE => {
            format!("the body is longer than {} MiB", super::BODY_LIMIT >> 20)
        }
        _ => "the body broke off".to_owned(),
    }
}

impl From<BytesRejection> for OpenAiError {
    fn from(rejection: BytesRejection) -> Self {
        Self::Body(rejection)
    }
}

impl From<ModelError> for OpenAiError {
    fn from(error: ModelError) -> Self {
        match error {
            ModelError::Unknown { .. } | ModelError::Name { .. } => Self::Model(error.to_string()),
            ModelError::Bad { .. } | ModelError::Read { .. } => Self::Unusable(chain(&error)),
        }
    }
}

impl From<Failure> for OpenAiError {
    fn from(failure: Failure) -> Self {
        match failure.kind {
            FailureKind::Context => Self::Context(failure.message),
            _ => Self::Engine(failure.message),
        }
    }
}

impl From<tokio::task::JoinError> for OpenAiError {
    fn from(error: tokio::task::JoinError) -> Self {
        Self::Internal(error.into())
    }
}
