//! The reply to a request whose head cannot be read: hyper answers it without a body, before any of
//! our code sees it, so the body is added here.

use std::io::{self, IoSlice};
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use serde_json::json;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};

/// A connection that gives such an answer its body.
#[derive(Debug)]
pub(super) struct BadHeads<S> {
    stream: S,
    /// What is written in place of the answer, and how much of it is.
    instead: Option<(Vec<u8>, usize)>,
}

impl<S> BadHeads<S> {
    pub(super) fn new(stream: S) -> Self {
        Self {
            stream,
            instead: None,
        }
    }
}

/// The answer with a body that has both forms of errors, because the API that was meant is unknown;
/// `None` for everything else that is written.
fn told(piece: &[u8]) -> Option<Vec<u8>> {
    const LONGEST: usize = 200;
    let head = std::str::from_utf8(piece.get(..piece.len().min(LONGEST + 1))?).ok()?;
    let (status, rest) = head.strip_suffix("\r\n\r\n")?.split_once("\r\n")?;
    let (code, message) = match status.strip_prefix("HTTP/1.")?.get(2..)? {
        "400 Bad Request" => (
            "bad_head",
            "the head of the request cannot be read: its first line or a header is no HTTP/1.1",
        ),
        "414 URI Too Long" => ("long_address", "the address is longer than 65,534 bytes"),
        "431 Request Header Fields Too Large" => (
            "long_head",
            "the request has more than 100 headers, or more bytes of them than are read",
        ),
        _ => return None,
    };
    // All refusals of our own have a body.
    let empty = |line: &&str| line.eq_ignore_ascii_case("content-length: 0");
    rest.split("\r\n").find(empty)?;
    let body = json!({
        "code": code,
        "message": message,
        "error": { "message": message, "type": "invalid_request_error", "param": null, "code": code },
    });
    let (body, mut out) = (body.to_string(), format!("{status}\r\n"));
    for line in rest.split("\r\n").filter(|line| !empty(line)) {
        out.push_str(line);
        out.push_str("\r\n");
    }
    let length = body.len();
    out.push_str(&format!(
        "content-type: application/json\r\ncontent-length: {length}\r\n\r\n{body}"
    ));
    Some(out.into_bytes())
}

impl<S: AsyncWrite + Unpin> BadHeads<S> {
    /// Writes on what stands in place of a piece of `length` bytes.
    fn write_instead(
        &mut self,
        context: &mut Context<'_>,
        length: usize,
    ) -> Poll<io::Result<usize>> {
        if let Some((text, done)) = &mut self.instead {
            while *done < text.len() {
                let wrote = Pin::new(&mut self.stream).poll_write(context, &text[*done..]);
                match ready!(wrote)? {
                    0 => return Poll::Ready(Err(io::ErrorKind::WriteZero.into())),
                    wrote => *done += wrote,
                }
            }
        }
        self.instead = None;
        Poll::Ready(Ok(length))
    }
}

impl<S: AsyncRead + Unpin> AsyncRead for BadHeads<S> {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        into: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_read(context, into)
    }
}

impl<S: AsyncWrite + Unpin> AsyncWrite for BadHeads<S> {
    fn poll_write(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        piece: &[u8],
    ) -> Poll<io::Result<usize>> {
        if self.instead.is_none() {
            self.instead = told(piece).map(|text| (text, 0));
        }
        match self.instead {
            Some(_) => self.write_instead(context, piece.len()),
            None => Pin::new(&mut self.stream).poll_write(context, piece),
        }
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        pieces: &[IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        let mut full = pieces.iter().filter(|piece| !piece.is_empty());
        match (full.next(), full.next()) {
            (Some(piece), None) => self.poll_write(context, piece),
            _ => Pin::new(&mut self.stream).poll_write_vectored(context, pieces),
        }
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(context)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(context)
    }
}
