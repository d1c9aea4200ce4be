//! Connections: how many there may be, and how long each may take to say what it wants.

use std::io;
use std::time::Duration;

use axum::Router;
use axum::body::{Body, HttpBody};
use axum::extract::Request;
use axum::middleware::Next;
use axum::response::Response;
use futures_util::StreamExt;
use hyper::server::conn::http1;
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::server::graceful::GracefulShutdown;
use hyper_util::service::TowerToHyperService;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::Semaphore;
use tokio::time::Instant;

use crate::errors::chain;

/// What is told to those for whom there is no room.
const FULL: &[u8] = b"HTTP/1.1 503 Service Unavailable\r\ncontent-type: application/json\r\n\
    content-length: 74\r\nretry-after: 1\r\nconnection: close\r\n\r\n\
    {\"code\":\"full\",\"message\":\"the server has as many connections as it takes\"}";

/// How long it is waited when the system gives no further connection.
const AGAIN: Duration = Duration::from_millis(100);

/// What connections may take.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct ConnectionLimits {
    /// How many there are at once; the next ones are told to come again.
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
    let room = std::sync::Arc::new(Semaphore::new(limits.connections));
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
        let Ok(place) = std::sync::Arc::clone(&room).try_acquire_owned() else {
            turn_away(&stream);
            continue;
        };
        // An event is to leave at once. An error only says that it is gone already.
        let _at_once = stream.set_nodelay(true);
        let service = TowerToHyperService::new(router.clone());
        let connection = protocol.serve_connection(TokioIo::new(stream), service);
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

/// Without waiting for anyone: what does not go out at once is not said.
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

/// The longest time for a body, which has [`super::BODY_LIMIT`] bytes at most.
const BODY_TIME: Duration = Duration::from_secs(30);

/// Breaks a body off that does not come in time.
pub(super) async fn body_in_time(request: Request, next: Next) -> Response {
    if request.body().is_end_stream() {
        return next.run(request).await;
    }
    let (parts, body) = request.into_parts();
    let until = Instant::now() + BODY_TIME;
    let mut parts_of_it = body.into_data_stream();
    let in_time = async_stream::stream! {
        loop {
            match tokio::time::timeout_at(until, parts_of_it.next()).await {
                Ok(Some(part)) => yield part,
                Ok(None) => break,
                Err(_late) => {
                    let seconds = BODY_TIME.as_secs();
                    let late = format!("the body did not come within {seconds} seconds");
                    yield Err(axum::Error::new(io::Error::new(io::ErrorKind::TimedOut, late)));
                    break;
                }
            }
        }
    };
    let request = Request::from_parts(parts, Body::from_stream(in_time));
    next.run(request).await
}

#[cfg(test)]
mod tests {
    use axum::routing::get;
    use tokio::io::{AsyncReadExt, AsyncWriteExt};

    use super::*;

    async fn started(connections: usize) -> std::net::SocketAddr {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let at = listener.local_addr().unwrap();
        let limits = ConnectionLimits {
            connections,
            head: Duration::from_millis(400),
        };
        let router = Router::new().route("/", get(|| async { "here" }));
        tokio::spawn(serve(listener, router, limits, std::future::pending()));
        at
    }

    async fn asked(at: std::net::SocketAddr) -> String {
        let mut stream = TcpStream::connect(at).await.unwrap();
        let request = b"GET / HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n";
        // Where there is no room it may be closed before this.
        let _closed = stream.write_all(request).await;
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
