//! Connections: how many there may be, and how long each may take to say what it wants.

use std::io;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use axum::Router;
use axum::body::{Body, HttpBody};
use axum::extract::Request;
use axum::http::{HeaderValue, Version, header};
use axum::middleware::{self, Next};
use axum::response::Response;
use futures_util::StreamExt;
use hyper::server::conn::http1;
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::server::graceful::GracefulShutdown;
use hyper_util::service::TowerToHyperService;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::Semaphore;
use tokio::time::Instant;

use super::bad_head::BadHeads;
use super::{ApiError, guard};
use crate::errors::chain;

/// The reply to connections beyond the limit.
const FULL: &[u8] = b"HTTP/1.1 503 Service Unavailable\r\ncontent-type: application/json\r\n\
    content-length: 74\r\nretry-after: 1\r\nconnection: close\r\n\r\n\
    {\"code\":\"full\",\"message\":\"the server has as many connections as it takes\"}";

/// How long to wait when the system provides no further connection.
const AGAIN: Duration = Duration::from_millis(100);

/// What connections may take.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct ConnectionLimits {
    /// How many there may be at once; further clients are asked to try again.
    pub connections: usize,
    /// The longest time for the head of a request, and for saying nothing between two of them.
    pub head: Duration,
}

impl ConnectionLimits {
    /// As many as this process may have open, less what models and the database need.
    pub fn of_this_process() -> Self {
        Self {
            connections: open_files().saturating_sub(RESERVED).clamp(16, 4096),
            head: Duration::from_secs(20),
        }
    }
}

/// Files for models, the database, endpoints and logs.
const RESERVED: usize = 160;

#[cfg(unix)]
fn open_files() -> usize {
    use rustix::process::{Resource, getrlimit};
    let most = getrlimit(Resource::Nofile).current;
    most.map_or(usize::MAX, |most| {
        usize::try_from(most).unwrap_or(usize::MAX)
    })
}

#[cfg(not(unix))]
fn open_files() -> usize {
    usize::MAX
}

/// Answers connections until `ended`, and then those that are open until they end.
///
/// # Errors
/// None at present; a connection's own faults are its own.
pub async fn serve(
    listener: TcpListener,
    router: Router,
    limits: ConnectionLimits,
    ended: impl Future<Output = ()>,
) -> io::Result<()> {
    let router = router.layer(middleware::from_fn(one_host));
    let room = Arc::new(Semaphore::new(limits.connections));
    let open = GracefulShutdown::new();
    let mut ended = std::pin::pin!(ended);
    let mut protocol = http1::Builder::new();
    protocol
        .timer(TokioTimer::new())
        .header_read_timeout(limits.head);
    loop {
        let stream = tokio::select! {
            accepted = listener.accept() => match accepted {
                Ok((stream, _)) => stream,
                Err(error) => {
                    if !is_the_clients(&error) {
                        tracing::warn!(error = chain(&error), "no connection taken");
                        tokio::time::sleep(AGAIN).await;
                    }
                    continue;
                }
            },
            () = &mut ended => break,
        };
        let Ok(place) = Arc::clone(&room).try_acquire_owned() else {
            turn_away(&stream);
            continue;
        };
        // An event is to leave at once. An error only says that it is gone already.
        let _at_once = stream.set_nodelay(true);
        let service = TowerToHyperService::new(router.clone());
        let connection = protocol.serve_connection(TokioIo::new(BadHeads::new(stream)), service);
        let connection = open.watch(connection);
        tokio::spawn(async move {
            if let Err(error) = connection.await {
                tracing::debug!(error = chain(&error), "connection broken off");
            }
            drop(place);
        });
    }
    open.shutdown().await;
    Ok(())
}

/// Refuses a connection without waiting: a reply that cannot be sent at once is dropped.
fn turn_away(stream: &TcpStream) {
    tracing::warn!("a connection was turned away: there is no room for more");
    let _unsaid = stream.try_write(FULL);
}

fn is_the_clients(error: &io::Error) -> bool {
    use io::ErrorKind::{ConnectionAborted, ConnectionRefused, ConnectionReset};
    matches!(
        error.kind(),
        ConnectionAborted | ConnectionRefused | ConnectionReset
    )
}

/// Refuses a request that does not say whom it is for, or says it twice: HTTP/1.1 asks for one
/// `Host`, HTTP/1.0 for none.
async fn one_host(request: Request, next: Next) -> Response {
    let hosts = request.headers().get_all(header::HOST).iter().count();
    if hosts == 1 || (hosts == 0 && request.version() < Version::HTTP_11) {
        return next.run(request).await;
    }
    let refused = guard::refused(request.uri().path(), ApiError::Hosts(hosts));
    guard::headers(refused).await
}

/// The longest time for a body, which has [`super::BODY_LIMIT`] bytes at most.
pub(super) const BODY_TIME: Duration = Duration::from_secs(30);

/// Breaks a body off that does not come within `time`.
pub(super) async fn body_in_time(time: Duration, request: Request, next: Next) -> Response {
    if request.body().is_end_stream() {
        return next.run(request).await;
    }
    let (parts, body) = request.into_parts();
    let path = parts.uri.path().to_owned();
    let is_late = Arc::new(AtomicBool::new(false));
    let seen_late = Arc::clone(&is_late);
    let until = Instant::now() + time;
    let mut parts_of_it = body.into_data_stream();
    let in_time = async_stream::stream! {
        loop {
            match tokio::time::timeout_at(until, parts_of_it.next()).await {
                Ok(Some(part)) => yield part,
                Ok(None) => break,
                Err(_elapsed) => {
                    seen_late.store(true, Ordering::Relaxed);
                    yield Err(axum::Error::new(io::Error::from(io::ErrorKind::TimedOut)));
                    break;
                }
            }
        }
    };
    let request = Request::from_parts(parts, Body::from_stream(in_time));
    let response = next.run(request).await;
    // Whoever read it took it for one that broke off.
    if !is_late.load(Ordering::Relaxed) {
        return response;
    }
    let mut late = guard::refused(&path, ApiError::Late(time));
    let close = HeaderValue::from_static("close");
    late.headers_mut().insert(header::CONNECTION, close);
    late
}

#[cfg(test)]
mod tests {
    use axum::routing::{get, post};
    use tokio::io::{AsyncReadExt, AsyncWriteExt};

    use super::*;

    async fn started(connections: usize) -> std::net::SocketAddr {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let at = listener.local_addr().unwrap();
        let limits = ConnectionLimits {
            connections,
            head: Duration::from_millis(400),
        };
        let read = |body: String| async move { body.len().to_string() };
        let late = |request, next| body_in_time(Duration::from_millis(300), request, next);
        let router = Router::new()
            .route("/", get(|| async { "here" }))
            .route("/v1/completions", post(read))
            .route("/api/runs", post(read))
            .layer(middleware::from_fn(late));
        tokio::spawn(serve(listener, router, limits, std::future::pending()));
        at
    }

    async fn asked(at: std::net::SocketAddr) -> String {
        told(at, "GET / HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n").await
    }

    async fn told(at: std::net::SocketAddr, request: &str) -> String {
        let mut stream = TcpStream::connect(at).await.unwrap();
        // Where there is no room it may be closed before this.
        let _closed = stream.write_all(request.as_bytes()).await;
        let mut said = Vec::new();
        let _closed = stream.read_to_end(&mut said).await;
        String::from_utf8_lossy(&said).into_owned()
    }

    #[tokio::test]
    async fn who_says_nothing_makes_room_after_a_while() {
        let at = started(2).await;
        let mut slow = Vec::new();
        for _ in 0..2 {
            let mut stream = TcpStream::connect(at).await.unwrap();
            stream.write_all(b"GET / HTTP/1.1\r\nx: ").await.unwrap();
            slow.push(stream);
        }
        tokio::time::sleep(Duration::from_millis(100)).await;
        let turned_away = asked(at).await;
        assert!(turned_away.starts_with("HTTP/1.1 503 "), "{turned_away}");
        // Letter by letter is no more in time than nothing.
        for _ in 0..6 {
            tokio::time::sleep(Duration::from_millis(100)).await;
            for stream in &mut slow {
                let _closed = stream.write_all(b"a").await;
            }
        }
        let said = asked(at).await;
        assert!(
            said.starts_with("HTTP/1.1 200 ") && said.ends_with("here"),
            "{said}"
        );
    }

    #[tokio::test]
    async fn a_request_says_once_whom_it_is_for() {
        let at = started(4).await;
        for (head, status) in [
            ("GET / HTTP/1.0\r\n", "HTTP/1.0 200 "),
            ("GET / HTTP/1.0\r\nhost: x\r\n", "HTTP/1.0 200 "),
            ("GET / HTTP/1.1\r\nhost: x\r\n", "HTTP/1.1 200 "),
            ("GET / HTTP/1.1\r\n", "HTTP/1.1 400 "),
            ("GET http://x/ HTTP/1.1\r\n", "HTTP/1.1 400 "),
            ("GET / HTTP/1.1\r\nhost: x\r\nhost: y\r\n", "HTTP/1.1 400 "),
            ("GET / HTTP/1.0\r\nhost: x\r\nhost: y\r\n", "HTTP/1.0 400 "),
        ] {
            let said = told(at, &format!("{head}connection: close\r\n\r\n")).await;
            assert!(said.starts_with(status), "{head:?}: {said}");
            assert_eq!(
                said.contains("\"code\":\"bad_host\""),
                status.contains("400")
            );
        }
    }

    #[tokio::test]
    async fn a_head_that_cannot_be_read_is_answered_with_words() {
        let at = started(4).await;
        let long = "a".repeat(70_000);
        let many = "x: y\r\n".repeat(200);
        for (head, status, code) in [
            (
                "GET / HTTP/1.1\r\nhost : x\r\n".to_owned(),
                "400",
                "bad_head",
            ),
            ("G\u{7f}T / HTTP/1.1\r\n".to_owned(), "400", "bad_head"),
            ("GET / HTTP/7.1\r\n".to_owned(), "400", "bad_head"),
            (format!("GET /{long} HTTP/1.1\r\n"), "414", "long_address"),
            (format!("GET / HTTP/1.1\r\n{many}"), "431", "long_head"),
        ] {
            let said = told(at, &format!("{head}\r\n")).await;
            let (head, body) = said.split_once("\r\n\r\n").unwrap_or((said.as_str(), ""));
            assert!(head.starts_with(&format!("HTTP/1.1 {status} ")), "{head}");
            assert!(head.contains("application/json"), "{head}");
            assert!(
                head.contains(&format!("content-length: {}", body.len())),
                "{head}: {body}"
            );
            let ours: fathom_shared::api::ErrorBody = serde_json::from_str(body).unwrap();
            assert_eq!(ours.code, code);
            let openai: serde_json::Value = serde_json::from_str(body).unwrap();
            assert_eq!(openai["error"]["message"], ours.message.as_str());
        }
    }

    #[tokio::test]
    async fn a_body_that_trickles_is_told_so() {
        let at = started(4).await;
        for path in ["/api/runs", "/v1/completions"] {
            let head = format!("POST {path} HTTP/1.1\r\nhost: x\r\ncontent-length: 9\r\n\r\nab");
            let said = told(at, &head).await;
            assert!(said.starts_with("HTTP/1.1 408 "), "{said}");
            assert!(said.contains("connection: close"), "{said}");
            assert!(said.contains("did not come within"), "{said}");
            // OpenAI's clients read its own form.
            assert_eq!(
                said.contains("{\"error\":"),
                path.starts_with("/v1"),
                "{said}"
            );
        }
    }

    #[test]
    fn the_length_of_what_is_told_is_right() {
        let text = std::str::from_utf8(FULL).unwrap();
        let (head, body) = text.split_once("\r\n\r\n").unwrap();
        assert!(
            head.contains(&format!("content-length: {}\r\n", body.len())),
            "{}",
            body.len()
        );
        let body: fathom_shared::api::ErrorBody = serde_json::from_str(body).unwrap();
        assert_eq!(body.code, "full");
    }
}
