//! The built page, and what is said where nothing is.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use axum::Router;
use axum::extract::{Request, State};
use axum::http::{HeaderValue, Method, StatusCode, header};
use axum::middleware::map_response;
use axum::response::{Html, IntoResponse, Response};
use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use sha2::{Digest, Sha256};
use tower::ServiceExt;
use tower_http::compression::CompressionLayer;
use tower_http::services::ServeDir;

use super::{ApiError, AppState};

/// Any path that is not the API's: a file of the page, or a route that the page knows itself.
pub(super) async fn show(
    State(state): State<AppState>,
    request: Request,
) -> Result<Response, ApiError> {
    file(state.page.as_deref(), request).await
}

/// The page alone, as any server of files would have it: there is no API behind it.
pub fn static_page(folder: PathBuf) -> Router {
    let folder: Arc<Path> = folder.into();
    let page = move |request| {
        let folder = Arc::clone(&folder);
        async move { file(Some(&folder), request).await }
    };
    Router::new()
        .fallback(page)
        .layer(map_response(super::guard::headers))
        .layer(CompressionLayer::new())
}

async fn file(folder: Option<&Path>, request: Request) -> Result<Response, ApiError> {
    let path = request.uri().path().to_owned();
    if path.starts_with("/api/") {
        return Err(ApiError::NotFound(format!("there is no {path}")));
    }
    if !matches!(*request.method(), Method::GET | Method::HEAD) {
        return Err(method(&request));
    }
    let Some(folder) = folder else {
        return Err(ApiError::NotFound(format!(
            "there is no {path}: this server was started without --static, so it has no page"
        )));
    };
    let last = path.rsplit('/').next().unwrap_or_default();
    if last == "index.html" || !last.contains('.') {
        return index(folder).await;
    }
    let files = ServeDir::new(folder)
        .precompressed_br()
        .precompressed_gzip();
    let mut response = match files.oneshot(request).await {
        Ok(response) => response.into_response(),
        Err(never) => match never {},
    };
    if response.status() == StatusCode::NOT_FOUND {
        return Err(ApiError::NotFound(format!("the page has no file {path}")));
    }
    let keep = match is_hashed(last) {
        true => "public, max-age=31536000, immutable",
        false => "no-cache",
    };
    let headers = response.headers_mut();
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static(keep));
    // A worker is under the policy of its own file, not of the page that starts it.
    if let Ok(policy) = HeaderValue::from_str(&policy("")) {
        headers.insert(header::CONTENT_SECURITY_POLICY, policy);
    }
    Ok(response)
}

/// A known path with a method it does not have.
pub(super) async fn no_such_method(request: Request) -> ApiError {
    method(&request)
}

fn method(request: &Request) -> ApiError {
    ApiError::Method {
        path: request.uri().path().to_owned(),
        method: request.method().to_string(),
    }
}

async fn index(folder: &Path) -> Result<Response, ApiError> {
    let file = folder.join("index.html");
    let html = match tokio::fs::read_to_string(&file).await {
        Ok(html) => html,
        Err(error) => {
            tracing::error!(file = %file.display(), %error, "page not readable");
            let message = "the folder given by --static has no readable index.html; build the page";
            return Err(ApiError::NotFound(message.to_owned()));
        }
    };
    let policy = policy(&html);
    let headers = [
        (header::CACHE_CONTROL, "no-cache"),
        (header::CONTENT_SECURITY_POLICY, policy.as_str()),
    ];
    Ok((headers, Html(html)).into_response())
}

/// What the page may load: its own files and WebAssembly; models from anywhere over HTTPS or from
/// a server on this machine. Of scripts within the page, only those that the file holds, by hash.
fn policy(html: &str) -> String {
    let inline: String = inline_scripts(html)
        .map(|script| {
            let hash = BASE64_STANDARD.encode(Sha256::digest(script.as_bytes()));
            format!(" 'sha256-{hash}'")
        })
        .collect();
    format!(
        "default-src 'self'; script-src 'self' 'wasm-unsafe-eval'{inline}; worker-src 'self' blob:; \
         style-src 'self' 'unsafe-inline'; img-src 'self' data: blob:; \
         connect-src 'self' https: http://localhost:* http://127.0.0.1:*; \
         object-src 'none'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'"
    )
}

fn inline_scripts(html: &str) -> impl Iterator<Item = &str> {
    html.split("<script").skip(1).filter_map(|from| {
        let (_, body) = from.split_once('>')?;
        let (script, _) = body.split_once("</script")?;
        (!script.is_empty()).then_some(script)
    })
}

/// Whether the name carries a hash of its content, as the page's builder writes it: 16 or more
/// hexadecimal digits between other characters.
fn is_hashed(name: &str) -> bool {
    name.split(|c: char| !c.is_ascii_alphanumeric())
        .any(|part| part.len() >= 16 && part.bytes().all(|b| b.is_ascii_hexdigit()))
}

#[cfg(test)]
mod tests {
    use super::{is_hashed, policy};

    #[test]
    fn hashed_names() {
        assert!(is_hashed("fathom-frontend-0a1b2c3d4e5f6071_bg.wasm"));
        assert!(is_hashed("tokens-5e72a5cd87c4a1a5.css"));
        assert!(!is_hashed("worker.js"));
        assert!(!is_hashed("favicon.svg"));
    }

    #[test]
    fn inline_scripts_are_allowed_by_hash() {
        let html = r#"<script type="module">alert(1)</script><script src="a.js"></script>"#;
        let policy = policy(html);
        // printf 'alert(1)' | openssl dgst -sha256 -binary | base64
        let hash = "'sha256-bhHHL3z2vDgxUt0W3dWQOrprscmda2Y5pLsLg4GF+pI='";
        assert!(policy.contains(hash), "{policy}");
        assert_eq!(policy.matches("sha256-").count(), 1);
    }
}
