//! Answers that a client may keep: with an `ETag`, and 304 where it has the same already.

use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde::Serialize;
use sha2::{Digest, Sha256};

use super::ApiError;

/// `value` as JSON, tagged by its hash; no body where `headers` name that tag.
pub(super) fn with_etag<T: Serialize>(
    headers: &HeaderMap,
    value: &T,
) -> Result<Response, ApiError> {
    let body = serde_json::to_vec(value).map_err(|error| ApiError::Internal(error.into()))?;
    let digest = Sha256::digest(&body);
    // Weak, as compression may change the bytes on their way.
    let tag = format!("W/\"{}\"", hex::encode(&digest[..12]));
    let known = headers.get_all(header::IF_NONE_MATCH).iter();
    let mut known = known.filter_map(|value| value.to_str().ok());
    let same = known.any(|tags| tags.split(',').any(|known| known.trim() == tag));
    let tag = [(header::ETAG, tag)];
    Ok(match same {
        true => (StatusCode::NOT_MODIFIED, tag).into_response(),
        false => {
            let kind = [
                (header::CONTENT_TYPE, "application/json"),
                (header::CACHE_CONTROL, "no-cache"),
            ];
            (tag, kind, body).into_response()
        }
    })
}
