//! Every error of the API: the only place with status codes.

use std::error::Error;

use axum::Json;
use axum::extract::rejection::{JsonRejection, PathRejection};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use fathom_shared::api::ErrorBody;
use fathom_shared::task::GenerateError;

use crate::data::models::ModelError;
use crate::errors::chain;
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
    #[error("{}", .0.body_text())]
    Body(JsonRejection),
    /// The order is well-formed, but cannot be carried out.
    #[error("{0}")]
    Order(String),
    /// The request comes from a page of another site.
    #[error("{what} is `{got}`, but this server answers only its own machine")]
    Foreign {
        /// The header.
        what: &'static str,
        /// What it holds.
        got: String,
    },
    /// The disk is full.
    #[error("{0}")]
    Full(String),
    /// Something of ours failed.
    #[error("the server failed to answer; its log says why")]
    Internal(#[source] Box<dyn Error + Send + Sync>),
}

impl ApiError {
    fn wire(&self) -> (StatusCode, &'static str) {
        match self {
            Self::NotFound(_) => (StatusCode::NOT_FOUND, "not_found"),
            Self::Method { .. } => (StatusCode::METHOD_NOT_ALLOWED, "method_not_allowed"),
            // 400, 413, 415 or 422, as axum tells them apart.
            Self::Body(rejection) => (rejection.status(), "bad_body"),
            Self::Order(_) => (StatusCode::UNPROCESSABLE_ENTITY, "bad_order"),
            Self::Foreign { .. } => (StatusCode::FORBIDDEN, "foreign"),
            Self::Full(_) => (StatusCode::INSUFFICIENT_STORAGE, "storage_full"),
            Self::Internal(_) => (StatusCode::INTERNAL_SERVER_ERROR, "internal"),
        }
    }
}

impl IntoResponse for ApiError {
    fn into_response(self) -> Response {
        if let Self::Internal(source) = &self {
            tracing::error!(error = chain(source.as_ref()), "request failed");
        }
        let (status, code) = self.wire();
        let body = ErrorBody {
            code: code.to_owned(),
            message: self.to_string(),
        };
        (status, Json(body)).into_response()
    }
}

impl From<StoreError> for ApiError {
    fn from(error: StoreError) -> Self {
        match error {
            StoreError::NoSuchRun { .. } => Self::NotFound(error.to_string()),
            StoreError::Full { .. } => Self::Full(error.to_string()),
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
            ModelError::Bad { .. } => Self::Order(chain(&error)),
            ModelError::Read { .. } => Self::Internal(error.into()),
        }
    }
}

impl From<GenerateError> for ApiError {
    fn from(error: GenerateError) -> Self {
        Self::Order(error.to_string())
    }
}

impl From<JsonRejection> for ApiError {
    fn from(rejection: JsonRejection) -> Self {
        Self::Body(rejection)
    }
}

impl From<PathRejection> for ApiError {
    fn from(rejection: PathRejection) -> Self {
        Self::NotFound(format!("no such path: {}", rejection.body_text()))
    }
}

impl From<tokio::task::JoinError> for ApiError {
    fn from(error: tokio::task::JoinError) -> Self {
        Self::Internal(error.into())
    }
}
