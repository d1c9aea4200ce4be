//! What every request and every response passes.

use std::fmt;
use std::net::IpAddr;
use std::sync::Arc;

use axum::extract::rejection::QueryRejection;
use axum::extract::{Query, Request, State};
use axum::http::{HeaderMap, HeaderValue, Uri, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Redirect, Response};
use fathom_shared::api::paths;
use serde::Deserialize;
use subtle::ConstantTimeEq;

use super::{ApiError, AppState, openai};

/// Whom the server answers.
#[derive(Clone, Debug)]
pub struct AccessGuard {
    token: Option<AccessToken>,
    /// Whether the token was made at this start, so that it has to be shown.
    fresh: bool,
}

#[derive(Clone)]
struct AccessToken(Arc<str>);

impl fmt::Debug for AccessToken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Token")
    }
}

/// Why there is no token.
#[derive(Debug, thiserror::Error)]
pub enum AccessTokenError {
    /// A token that protects nothing.
    #[error(
        "FATHOM_TOKEN has {got} characters, expected at least {LEAST} out of letters, digits and `-_.`"
    )]
    Weak {
        /// Its length.
        got: usize,
    },
    /// The system gives no chance to make one of.
    #[error("no token could be made")]
    Chance(#[from] getrandom::Error),
}

/// The fewest characters of a token.
const LEAST: usize = 16;
const COOKIE: &str = "fathom-token";

impl AccessGuard {
    /// An address of this machine alone is protected by that; any other by `token`, or one made
    /// by chance. A token that is given counts on every address.
    ///
    /// # Errors
    /// [`AccessTokenError`].
    pub fn new(loopback: bool, token: Option<String>) -> Result<Self, AccessTokenError> {
        let given = token.filter(|token| !token.is_empty());
        if let Some(token) = &given {
            let plain = |c: char| c.is_ascii_alphanumeric() || "-_.".contains(c);
            if token.len() < LEAST || !token.chars().all(plain) {
                return Err(AccessTokenError::Weak { got: token.len() });
            }
        }
        let fresh = given.is_none() && !loopback;
        let token = match given {
            None if fresh => {
                let mut bytes = [0; 32];
                getrandom::fill(&mut bytes)?;
                Some(hex::encode(bytes))
            }
            given => given,
        };
        Ok(Self {
            token: token.map(|token| AccessToken(token.into())),
            fresh,
        })
    }

    /// The token, where it was made for this start.
    pub fn fresh(&self) -> Option<&str> {
        self.token
            .as_ref()
            .filter(|_| self.fresh)
            .map(|token| &*token.0)
    }

    /// Compares in a time that does not tell how much of `got` is right.
    fn knows(&self, got: &str) -> bool {
        let same = |token: &AccessToken| bool::from(token.0.as_bytes().ct_eq(got.as_bytes()));
        self.token.as_ref().is_some_and(same)
    }
}

/// Lets through what comes from this machine, or with the token. The page and the health check
/// are for everyone: they hold nothing of a run.
pub(super) async fn admit(State(state): State<AppState>, request: Request, next: Next) -> Response {
    match admitted(&state.guard, &request) {
        Ok(()) => next.run(request).await,
        Err(error) => refused(request.uri().path(), error),
    }
}

/// A refusal before any handler has seen the request, in the form of the path's API.
pub(super) fn refused(path: &str, error: ApiError) -> Response {
    match openai::is_path(path) {
        true => openai::refused(error),
        false => error.into_response(),
    }
}

fn admitted(guard: &AccessGuard, request: &Request) -> Result<(), ApiError> {
    let path = request.uri().path();
    let mut ours = ["/api/", "/metrics"].iter();
    let open = !openai::is_path(path) && !ours.any(|part| path.starts_with(part));
    let headers = request.headers();
    match &guard.token {
        // Without a token, the server only listens on this machine. Requests from pages of other
        // sites, also by DNS rebinding, are recognised by their headers.
        None => own_machine(headers)?,
        Some(_) => {
            same_origin(headers)?;
            let known = credentials(headers).any(|token| guard.knows(&token));
            if !known && !open && path != paths::HEALTH {
                return Err(ApiError::NoToken);
            }
        }
    }
    Ok(())
}

/// `GET /login?token=…`: keeps the token as a cookie, which event streams need, and goes on to the
/// page.
pub(super) async fn login(
    State(state): State<AppState>,
    query: Result<Query<LoginQuery>, QueryRejection>,
) -> Result<Response, ApiError> {
    let Query(LoginQuery { token }) = query?;
    if !state.guard.knows(&token) {
        return Err(ApiError::NoToken);
    }
    let cookie = format!("{COOKIE}={token}; HttpOnly; SameSite=Strict; Path=/");
    Ok(([(header::SET_COOKIE, cookie)], Redirect::to("/")).into_response())
}

/// The query parameters of the login.
#[derive(Deserialize)]
pub(super) struct LoginQuery {
    token: String,
}

fn credentials(headers: &HeaderMap) -> impl Iterator<Item = String> + '_ {
    let values = |name: header::HeaderName| {
        let all = headers.get_all(name).iter();
        all.filter_map(|value| value.to_str().ok())
    };
    let bearer = values(header::AUTHORIZATION).filter_map(|value| value.strip_prefix("Bearer "));
    let cookies = values(header::COOKIE).flat_map(|value| value.split(';'));
    let cookie = cookies.filter_map(|pair| pair.trim().strip_prefix(COOKIE)?.strip_prefix('='));
    bearer.chain(cookie).map(|token| token.trim().to_owned())
}

/// A cookie is sent along by whatever page asks, so a page of another site must not get through.
fn same_origin(headers: &HeaderMap) -> Result<(), ApiError> {
    let text = |name: header::HeaderName| {
        let value = headers.get(name)?;
        Some(String::from_utf8_lossy(value.as_bytes()).into_owned())
    };
    let (Some(origin), host) = (text(header::ORIGIN), text(header::HOST)) else {
        return Ok(());
    };
    let authority = origin.parse::<Uri>().ok();
    let authority = authority.and_then(|uri| Some(uri.authority()?.to_string()));
    match authority.is_some() && authority == host {
        true => Ok(()),
        false => Err(ApiError::Foreign {
            what: "the origin",
            got: origin,
        }),
    }
}

fn own_machine(headers: &HeaderMap) -> Result<(), ApiError> {
    for (what, name) in [("the host", header::HOST), ("the origin", header::ORIGIN)] {
        if let Some(got) = headers.get(&name) {
            let got = String::from_utf8_lossy(got.as_bytes());
            if !is_loopback(&got) {
                let got = got.into_owned();
                return Err(ApiError::Foreign { what, got });
            }
        }
    }
    Ok(())
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
