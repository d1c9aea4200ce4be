//! What every request and every response passes.

use std::net::IpAddr;

use axum::extract::Request;
use axum::http::{HeaderMap, HeaderValue, Uri, header};
use axum::middleware::Next;
use axum::response::Response;

use super::ApiError;

/// Refuses what pages of other sites send here: by a name that was made to point to this machine
/// (the `Host` is then that name), or straight (the `Origin` is then that site).
pub(super) async fn own_machine(request: Request, next: Next) -> Result<Response, ApiError> {
    let headers = request.headers();
    for (what, name) in [("the host", header::HOST), ("the origin", header::ORIGIN)] {
        if let Some(got) = headers.get(&name) {
            let got = String::from_utf8_lossy(got.as_bytes());
            if !is_loopback(&got) {
                let got = got.into_owned();
                return Err(ApiError::Foreign { what, got });
            }
        }
    }
    Ok(next.run(request).await)
}

/// Whether `authority` (`host:port`, with or without `http://`) is this machine.
fn is_loopback(authority: &str) -> bool {
    let Ok(uri) = authority.parse::<Uri>() else {
        return false;
    };
    let host = uri.host().unwrap_or_default();
    let address = host.trim_start_matches('[').trim_end_matches(']');
    host.eq_ignore_ascii_case("localhost")
        || address.parse().is_ok_and(|ip: IpAddr| ip.is_loopback())
}

/// Security headers; a handler's own policy is kept.
pub(super) async fn headers(mut response: Response) -> Response {
    let headers = response.headers_mut();
    let set = |headers: &mut HeaderMap, name, value| {
        headers
            .entry(name)
            .or_insert(HeaderValue::from_static(value));
    };
    set(
        headers,
        header::CONTENT_SECURITY_POLICY,
        "default-src 'none'; frame-ancestors 'none'",
    );
    set(headers, header::X_CONTENT_TYPE_OPTIONS, "nosniff");
    set(headers, header::REFERRER_POLICY, "no-referrer");
    response
}

#[cfg(test)]
mod tests {
    use super::is_loopback;

    #[test]
    fn names_of_this_machine() {
        for own in [
            "localhost:8080",
            "127.0.0.1",
            "127.9.9.9:1",
            "[::1]:8080",
            "http://localhost:3000",
        ] {
            assert!(is_loopback(own), "{own}");
        }
        for foreign in [
            "evil.example:8080",
            "localhost.evil.example",
            "192.168.0.2:8080",
            "https://evil.example",
            "null",
            "",
        ] {
            assert!(!is_loopback(foreign), "{foreign}");
        }
    }
}
