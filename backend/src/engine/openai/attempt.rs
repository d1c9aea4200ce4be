//! One request: sent, read to its end, held to its time limits.

use std::time::{Duration, SystemTime};

use fathom_shared::transcript::{FailureKind, Timings};
use reqwest::header::{self, HeaderMap};
use reqwest::{RequestBuilder, Response};
use serde_json::Value as Json;
use tokio::time::Instant;

use super::fault::{Again, Fault, short};
use super::reply::{Growing, Whole};
use super::request;
use super::server::Server;
use super::sse::Events;
use super::wait::{Cut, Watch};
use crate::config::Timeouts;

/// A whole reply is no longer than this.
const REPLY: usize = 32 << 20;
/// Of an error no more than this is read.
const ERROR: usize = 64 << 10;
/// A server that wants a longer pause than this has stopped serving us.
const LONGEST_PAUSE: Duration = Duration::from_secs(900);

/// The time limits of one request that was sent at `sent`.
struct Limits {
    timeouts: Timeouts,
    sent: Instant,
    /// When the first and the last token came.
    tokens: Option<(Instant, Instant)>,
}

impl Limits {
    fn new(timeouts: Timeouts) -> Self {
        Self {
            timeouts,
            sent: Instant::now(),
            tokens: None,
        }
    }

    /// What ends first.
    fn next(&self) -> Instant {
        let Timeouts {
            first_token_s,
            between_tokens_s,
            ..
        } = self.timeouts;
        let next = match self.tokens {
            None => self.sent + first_token_s.duration(),
            Some((_, last)) => last + between_tokens_s.duration(),
        };
        next.min(self.sent + self.timeouts.whole_s.duration())
    }

    fn late(&self) -> Fault {
        let limits = &self.timeouts;
        let message = if self.sent.elapsed() >= limits.whole_s.duration() {
            format!("did not end its answer within {}", limits.whole_s)
        } else if self.tokens.is_none() {
            format!("sent no token within {}", limits.first_token_s)
        } else {
            format!("sent nothing more for {}", limits.between_tokens_s)
        };
        Fault::new(FailureKind::Timeout, message)
    }

    fn cut(&self, cut: Cut) -> Fault {
        match cut {
            Cut::Cancelled => Fault::cancelled(),
            Cut::Late => self.late(),
        }
    }

    fn token(&mut self) {
        let now = Instant::now();
        self.tokens = Some((self.tokens.map_or(now, |(first, _)| first), now));
    }

    /// Up to the first token the prompt is read, then the answer is written.
    fn timings(&self) -> Timings {
        let (first, _) = self.tokens.unwrap_or((Instant::now(), self.sent));
        Timings {
            prefill_ms: (first - self.sent).as_secs_f64() * 1000.0,
            decode_ms: first.elapsed().as_secs_f64() * 1000.0,
        }
    }
}

/// Asks once for the completion that `body` describes. `opened` where the prompt opens the
/// thinking.
pub(super) async fn ask(
    server: &Server,
    body: &Json,
    opened: bool,
    watch: &mut Watch<'_>,
) -> Result<(Whole, Timings), Fault> {
    let url = server
        .endpoint
        .base_url
        .join(request::path(&server.endpoint));
    let request = server.client.post(url).json(body);
    let mut limits = Limits::new(server.endpoint.timeouts);
    let mut response = send(request, watch, &limits).await?;
    let mut growing = Growing::new(opened);
    let kind = response.headers().get(header::CONTENT_TYPE);
    let kind = kind.and_then(|kind| kind.to_str().ok()).unwrap_or("");
    // A server that knows no streams answers in one piece.
    if kind.starts_with("text/event-stream") {
        stream(&mut response, &mut growing, watch, &mut limits).await?;
    } else if kind.starts_with("application/json") {
        let whole = read(&mut response, REPLY, watch, &limits).await?;
        growing.add(&whole)?;
        growing.over = true;
        limits.token();
        watch.show(growing.split.answer());
    } else {
        let message = format!("answered with `{}`, expected a stream or JSON", short(kind));
        return Err(Fault::refused(message));
    }
    let timings = limits.timings();
    Ok((growing.finish()?, timings))
}

/// Sends a request; an answer with a status other than 200 is a fault.
async fn send(
    request: RequestBuilder,
    watch: &mut Watch<'_>,
    limits: &Limits,
) -> Result<Response, Fault> {
    let sent = watch.until(limits.next(), request.send()).await;
    let sent = sent.map_err(|cut| limits.cut(cut))?;
    let mut response = sent.map_err(|error| Fault::of_reqwest(&error))?;
    let status = response.status();
    if status.is_success() {
        return Ok(response);
    }
    if status.is_redirection() {
        let to = response.headers().get(header::LOCATION);
        let to = to.and_then(|to| to.to_str().ok()).unwrap_or("nowhere");
        let message = format!(
            "answered {} and points to `{}`, which is not followed: name the address in base_url",
            status.as_u16(),
            short(to)
        );
        let status = Some(status.as_u16());
        return Err(Fault {
            status,
            ..Fault::refused(message)
        });
    }
    let after = retry_after(response.headers());
    let body = read(&mut response, ERROR, watch, limits).await;
    let body = body.unwrap_or_default();
    let mut fault = Fault::of_status(status.as_u16(), &body, after);
    if let Again::After(pause) = fault.again
        && pause > LONGEST_PAUSE
    {
        fault.again = Again::Never;
        let wants = pause.as_secs();
        fault.message = format!("{}; it wants a pause of {wants} s", fault.message);
    }
    Err(fault)
}

/// `Retry-After`, in seconds or as a date.
fn retry_after(headers: &HeaderMap) -> Option<Duration> {
    let value = headers.get(header::RETRY_AFTER)?.to_str().ok()?.trim();
    if let Ok(seconds) = value.parse() {
        return Some(Duration::from_secs(seconds));
    }
    let date = httpdate::parse_http_date(value).ok()?;
    Some(date.duration_since(SystemTime::now()).unwrap_or_default())
}

/// The body; more than `most` bytes of it are a fault.
async fn read(
    response: &mut Response,
    most: usize,
    watch: &mut Watch<'_>,
    limits: &Limits,
) -> Result<Vec<u8>, Fault> {
    let mut body = Vec::new();
    while let Some(bytes) = chunk(response, watch, limits).await? {
        if body.len() + bytes.len() > most {
            let message = format!("answered with more than {most} bytes");
            return Err(Fault::refused(message));
        }
        body.extend_from_slice(&bytes);
    }
    Ok(body)
}

async fn chunk(
    response: &mut Response,
    watch: &mut Watch<'_>,
    limits: &Limits,
) -> Result<Option<Vec<u8>>, Fault> {
    let chunk = watch.until(limits.next(), response.chunk()).await;
    let chunk = chunk.map_err(|cut| limits.cut(cut))?;
    let chunk = chunk.map_err(|error| Fault::of_reqwest(&error))?;
    Ok(chunk.map(|bytes| bytes.to_vec()))
}

async fn stream(
    response: &mut Response,
    growing: &mut Growing,
    watch: &mut Watch<'_>,
    limits: &mut Limits,
) -> Result<(), Fault> {
    let mut events = Events::default();
    while !growing.over
        && let Some(bytes) = chunk(response, watch, limits).await?
    {
        let (mut fault, before) = (None, growing.grown);
        let each = |data: &[u8]| {
            if fault.is_none() && !growing.over {
                fault = growing.add(data).err();
            }
        };
        events
            .push(&bytes, each)
            .map_err(|_| Fault::refused("sent an event without end"))?;
        if let Some(fault) = fault {
            return Err(fault);
        }
        // Keep-alives are no tokens: a server that only sends these hangs.
        if growing.grown > before {
            limits.token();
            watch.show(growing.split.answer());
        }
    }
    Ok(())
}

/// Asks for a small JSON document, for the checks before a run. `None` body is a GET.
pub(super) async fn fetch(
    server: &Server,
    url: reqwest::Url,
    body: Option<&Json>,
    watch: &mut Watch<'_>,
) -> Result<Json, Fault> {
    let request = match body {
        Some(body) => server.client.post(url).json(body),
        None => server.client.get(url),
    };
    let limits = Limits::new(server.endpoint.timeouts);
    let mut response = send(request, watch, &limits).await?;
    let body = read(&mut response, REPLY, watch, &limits).await?;
    serde_json::from_slice(&body).map_err(|error| {
        Fault::refused(format!("answered with something that is no JSON: {error}"))
    })
}
