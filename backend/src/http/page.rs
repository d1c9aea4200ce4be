//! Serves the built page, or says why there is none.

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
use crate::config::Config;

/// Any path that is not the API's: a file of the page, or a route that the page knows itself.
pub(super) async fn show(
    State(state): State<AppState>,
    request: Request,
) -> Result<Response, ApiError> {
    file(state.page.as_deref(), request, state.catalog.config()).await
}

/// The page alone, as any server of files would have it: there is no API behind it. Of `config` only
/// [who may embed it](Config::frame_ancestors) counts.
pub fn static_page(folder: PathBuf, config: Config) -> Router {
    let folder: Arc<Path> = folder.into();
    let page = move |request| {
        let (folder, config) = (Arc::clone(&folder), config.clone());
        async move { file(Some(&folder), request, &config).await }
    };
    Router::new()
        .fallback(page)
        .layer(map_response(super::guard::headers))
        .layer(CompressionLayer::new())
}

async fn file(
    folder: Option<&Path>,
    request: Request,
    config: &Config,
) -> Result<Response, ApiError> {
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
        let framed_by = framed_by(request.uri().query(), config);
        return index(folder, &framed_by).await;
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
    if let Ok(policy) = HeaderValue::from_str(&policy("", NOBODY)) {
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

/// The source list that allows no site.
const NOBODY: &str = "'none'";

/// The sites that may show an address in a frame. Only embedded parts, `?embed=NAME`, may be framed:
/// they have no button that another site could trick a reader into pressing.
fn framed_by(query: Option<&str>, config: &Config) -> String {
    let embedded = query.is_some_and(|query| {
        let mut names = query.split('&').map(|pair| pair.split('=').next());
        names.any(|name| name == Some("embed"))
    });
    let sites = config.frame_ancestors().iter().map(ToString::to_string);
    match sites.collect::<Vec<_>>() {
        sites if embedded && !sites.is_empty() => sites.join(" "),
        _ => NOBODY.to_owned(),
    }
}

async fn index(folder: &Path, framed_by: &str) -> Result<Response, ApiError> {
    let file = folder.join("index.html");
    let html = match tokio::fs::read_to_string(&file).await {
        Ok(html) => html,
        Err(error) => {
            tracing::error!(file = %file.display(), %error, "page not readable");
            let message = "the folder given by --static has no readable index.html; build the page";
            return Err(ApiError::NotFound(message.to_owned()));
        }
    };
    let policy = policy(&html, framed_by);
    let headers = [
        (header::CACHE_CONTROL, "no-cache"),
        (header::CONTENT_SECURITY_POLICY, policy.as_str()),
    ];
    Ok((headers, Html(html)).into_response())
}

/// What the page may load: its own files and WebAssembly; models from anywhere over HTTPS or from
/// a server on this machine. Of scripts within the page, only those that the file holds, by hash.
/// `framed_by` are the sites in whose frames it may be shown.
fn policy(html: &str, framed_by: &str) -> String {
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
         object-src 'none'; base-uri 'none'; form-action 'self'; frame-ancestors {framed_by}"
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
    use axum::body::Body;
    use axum::http::{Request, header};
    use tower::ServiceExt;

    use super::{NOBODY, is_hashed, policy, static_page};
    use crate::config::Config;

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
        let policy = policy(html, NOBODY);
        // printf 'alert(1)' | openssl dgst -sha256 -binary | base64
        let hash = "'sha256-bhHHL3z2vDgxUt0W3dWQOrprscmda2Y5pLsLg4GF+pI='";
        assert!(policy.contains(hash), "{policy}");
        assert_eq!(policy.matches("sha256-").count(), 1);
    }

    #[tokio::test]
    async fn only_parts_that_stand_alone_are_framed_and_only_by_whom_the_file_names() {
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join("index.html"), "").unwrap();
        let text = r#"page = { frame_ancestors = ["self", "https://school.example"] }"#;
        let named = Config::parse(text, folder.path()).unwrap();
        let framed_by = async |config: &Config, path: &str| {
            let page = static_page(folder.path().to_owned(), config.clone());
            let request = Request::get(path).body(Body::empty()).unwrap();
            let response = page.oneshot(request).await.unwrap();
            let policy = &response.headers()[header::CONTENT_SECURITY_POLICY];
            let policy = policy.to_str().unwrap().to_owned();
            policy.split("frame-ancestors ").nth(1).unwrap().to_owned()
        };
        let embedded = "/results?view=gap&embed=needle-hops-gap";
        assert_eq!(
            framed_by(&named, embedded).await,
            "'self' https://school.example"
        );
        for whole in ["/results?view=gap", "/", "/?embedded=1&view=embed"] {
            assert_eq!(framed_by(&named, whole).await, "'none'", "{whole}");
        }
        let none = Config::default();
        assert_eq!(framed_by(&none, embedded).await, "'none'");
    }
}
