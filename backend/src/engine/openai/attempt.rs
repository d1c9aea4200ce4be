//! One request: sent, read to its end, held to its time limits.

use std::time::{Duration, SystemTime};

use fathom_shared::transcript::{FailureKind, Timings};
use reqwest::header::{self, HeaderMap};
use reqwest::{RequestBuilder, Response};
use serde_json::Value as Json;
use tokio::time::Instant;

use super::client::EndpointClient;
use super::error::{RequestError, RetryAdvice, short};
use super::json;
use super::reply::StreamedAnswer;
use super::request::{self, ChatRequest};
use super::sse::{SseEvent, SseParser};
use super::wait::{RequestWatch, WaitEnd};
use super::whole_answer::WholeAnswer;
use crate::config::Timeouts;

/// The largest reply in one piece, in bytes.
const REPLY: usize = 32 << 20;
/// The bytes that a stream may add around each token, including the likelihoods of others.
const AROUND: usize = 8 << 10;
/// How many bytes of an error are read.
const ERROR: usize = 64 << 10;
/// How long the list of models may take.
pub(super) const DOCUMENT: Duration = Duration::from_secs(30);
/// How long a request may take that only some servers support.
pub(super) const ASIDE: Duration = Duration::from_secs(5);
/// A server that wants a longer pause than this has stopped serving us.
const LONGEST_PAUSE: Duration = Duration::from_secs(900);

/// How long a stream may take to send its counts and to end after the whole answer.
const AFTERWARDS: Duration = Duration::from_secs(5);

/// The time limits of one request that was sent at `sent`.
struct RequestDeadlines {
    timeouts: Timeouts,
    /// For all of it.
    whole: Duration,
    sent: Instant,
    /// When the first and the last token came.
    tokens: Option<(Instant, Instant)>,
    /// When the server said that the answer was whole.
    ended: Option<Instant>,
}

impl RequestDeadlines {
    fn new(timeouts: Timeouts) -> Self {
        Self {
            timeouts,
            whole: timeouts.whole_s.duration(),
            sent: Instant::now(),
            tokens: None,
            ended: None,
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
        let next = self
            .ended
            .map_or(next, |ended| next.min(ended + AFTERWARDS));
        next.min(self.sent + self.whole)
    }

    fn late(&self) -> RequestError {
        let limits = &self.timeouts;
        let message = if self.sent.elapsed() >= self.whole {
            let whole = self.whole.as_secs_f64();
            format!("did not end its answer within {whole} s")
        } else if self.tokens.is_none() {
            format!("sent no token within {}", limits.first_token_s)
        } else {
            format!("sent nothing more for {}", limits.between_tokens_s)
        };
        RequestError::new(FailureKind::Timeout, message)
    }

    fn cut(&self, cut: WaitEnd) -> RequestError {
        match cut {
            WaitEnd::Cancelled => RequestError::cancelled(),
            WaitEnd::Late => self.late(),
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

/// Asks once for the completion of `call`.
pub(super) async fn ask(
    server: &EndpointClient,
    call: &ChatRequest,
    watch: &mut RequestWatch<'_>,
) -> Result<(WholeAnswer, Timings), RequestError> {
    let url = server
        .endpoint
        .base_url
        .join(request::path(&server.endpoint));
    let request = server.client.post(url).json(&call.body);
    let mut limits = RequestDeadlines::new(server.endpoint.timeouts);
    let mut response = send(request, watch, &limits).await?;
    if let Some(encoding) = encoding(response.headers()) {
        let message = format!("answered in the encoding `{encoding}`, which it was not asked for");
        return Err(RequestError::refused(message));
    }
    let mut growing = StreamedAnswer::new(call.opened, call.room);
    let kind = response.headers().get(header::CONTENT_TYPE);
    let kind = kind.and_then(|kind| kind.to_str().ok()).unwrap_or("");
    let kind = short(kind);
    // What comes says what it is: servers name either by the other's type, or by none.
    let begun = begin(&mut response, watch, &limits).await?;
    match begun.trim_ascii_start().first() {
        Some(b'{' | b'[') => {
            let whole = rest(begun, &mut response, REPLY, watch, &limits).await?;
            growing.add_whole(&whole)?;
            limits.token();
            watch.show(growing.split.answer());
        }
        Some(b'<') => return Err(unexpected(&kind)),
        _ => {
            let most = REPLY.saturating_add((call.room.0 as usize).saturating_mul(AROUND));
            stream(begun, &mut response, &mut growing, most, watch, &mut limits).await?;
            if growing.read == 0 && growing.grown == 0 && !kind.starts_with("text/event-stream") {
                return Err(unexpected(&kind));
            }
        }
    }
    let timings = limits.timings();
    Ok((growing.finish()?, timings))
}

/// A body that is neither a stream nor JSON, whatever its type says.
fn unexpected(kind: &str) -> RequestError {
    RequestError::odd(
        match kind.contains("json") || kind.contains("event-stream") {
            true => format!("answered with something that it calls `{kind}` and that is none"),
            false => format!("answered with `{kind}`, expected a stream or JSON"),
        },
    )
}

/// How a body is encoded, where it is not as it stands.
fn encoding(headers: &HeaderMap) -> Option<String> {
    let said = headers.get(header::CONTENT_ENCODING)?.to_str().ok()?.trim();
    let plain = said.is_empty() || said.eq_ignore_ascii_case("identity");
    (!plain).then(|| short(said))
}

/// The body as far as it must be known to tell a stream from a document.
async fn begin(
    response: &mut Response,
    watch: &mut RequestWatch<'_>,
    limits: &RequestDeadlines,
) -> Result<Vec<u8>, RequestError> {
    const MARK: &[u8] = b"\xef\xbb\xbf";
    let mut begun = Vec::new();
    while begun.len() < ERROR
        && let Some(bytes) = chunk(response, watch, limits).await?
    {
        begun.extend_from_slice(&bytes);
        if begun.starts_with(MARK) {
            begun.drain(..MARK.len());
        }
        let waits = begun.is_empty() || MARK.starts_with(&begun);
        if !waits && !begun.trim_ascii_start().is_empty() {
            break;
        }
    }
    Ok(begun)
}

/// Sends a request; an answer with a status other than 200 is a fault.
async fn send(
    request: RequestBuilder,
    watch: &mut RequestWatch<'_>,
    limits: &RequestDeadlines,
) -> Result<Response, RequestError> {
    let sent = watch.until(limits.next(), request.send()).await;
    let sent = sent.map_err(|cut| limits.cut(cut))?;
    let mut response = sent.map_err(|error| RequestError::of_reqwest(&error))?;
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
        return Err(RequestError {
            status,
            ..RequestError::refused(message)
        });
    }
    let after = retry_after(response.headers());
    let body = match encoding(response.headers()) {
        // Nothing that can be read.
        Some(_) => Vec::new(),
        None => some(&mut response, ERROR, watch, limits).await,
    };
    let mut fault = RequestError::of_status(status.as_u16(), &body, after);
    if let RetryAdvice::After(pause) = fault.again
        && pause > LONGEST_PAUSE
    {
        fault.again = RetryAdvice::Never;
        let wants = pause.as_secs();
        fault.message = format!("{}; it wants a pause of {wants} s", fault.message);
    }
    Err(fault)
}

/// `Retry-After`, in seconds, whole or not, or as a date.
fn retry_after(headers: &HeaderMap) -> Option<Duration> {
    let said = |name: &str| headers.get(name)?.to_str().ok().map(str::trim);
    let seconds = |said: &str, part: f64| {
        let seconds = said.parse::<f64>().ok().filter(|seconds| *seconds >= 0.0)?;
        Some(Duration::try_from_secs_f64(seconds * part).unwrap_or(Duration::MAX))
    };
    // OpenAI's and Azure's own, which is the finer.
    if let Some(wait) = said("retry-after-ms").and_then(|said| seconds(said, 1e-3)) {
        return Some(wait);
    }
    let value = said(header::RETRY_AFTER.as_str())?;
    if let Some(wait) = seconds(value, 1.0) {
        return Some(wait);
    }
    let date = httpdate::parse_http_date(value).ok()?;
    Some(date.duration_since(SystemTime::now()).unwrap_or_default())
}

/// The body; more than `most` bytes of it are a fault.
async fn read(
    response: &mut Response,
    most: usize,
    watch: &mut RequestWatch<'_>,
    limits: &RequestDeadlines,
) -> Result<Vec<u8>, RequestError> {
    rest(Vec::new(), response, most, watch, limits).await
}

/// The body, of which `begun` has come.
async fn rest(
    begun: Vec<u8>,
    response: &mut Response,
    most: usize,
    watch: &mut RequestWatch<'_>,
    limits: &RequestDeadlines,
) -> Result<Vec<u8>, RequestError> {
    let mut body = begun;
    while let Some(bytes) = chunk(response, watch, limits).await? {
        if body.len() + bytes.len() > most {
            return Err(too_much(most));
        }
        body.extend_from_slice(&bytes);
    }
    Ok(body)
}

fn too_much(most: usize) -> RequestError {
    RequestError::refused(format!("answered with more than {most} bytes"))
}

/// The body's first `most` bytes, or as many as come.
async fn some(
    response: &mut Response,
    most: usize,
    watch: &mut RequestWatch<'_>,
    limits: &RequestDeadlines,
) -> Vec<u8> {
    let mut body = Vec::new();
    while body.len() < most
        && let Ok(Some(bytes)) = chunk(response, watch, limits).await
    {
        body.extend_from_slice(&bytes);
    }
    body.truncate(most);
    body
}

async fn chunk(
    response: &mut Response,
    watch: &mut RequestWatch<'_>,
    limits: &RequestDeadlines,
) -> Result<Option<Vec<u8>>, RequestError> {
    let chunk = watch.until(limits.next(), response.chunk()).await;
    let chunk = chunk.map_err(|cut| limits.cut(cut))?;
    let chunk = chunk.map_err(|error| RequestError::of_reqwest(&error))?;
    Ok(chunk.map(|bytes| bytes.to_vec()))
}

/// Reads a stream of at most `most` bytes, of which `begun` has come, to its end.
async fn stream(
    begun: Vec<u8>,
    response: &mut Response,
    growing: &mut StreamedAnswer,
    most: usize,
    watch: &mut RequestWatch<'_>,
    limits: &mut RequestDeadlines,
) -> Result<(), RequestError> {
    let (mut events, mut came) = (SseParser::default(), begun.len());
    let mut next = Some(begun);
    while let Some(bytes) = next {
        let (mut fault, before) = (None, growing.grown);
        let each = |event: SseEvent<'_>| {
            if fault.is_none() && !growing.over {
                fault = growing.add(event.data, event.error).err();
            }
        };
        events
            .push(&bytes, each)
            .map_err(|_| RequestError::refused("sent an event without end"))?;
        if let Some(fault) = fault {
            return Err(fault);
        }
        // Keep-alives are no tokens: a server that only sends these hangs.
        if growing.grown > before {
            limits.token();
            watch.show(growing.split.answer());
        }
        if growing.over {
            return Ok(());
        }
        if growing.has_ended() && limits.ended.is_none() {
            limits.ended = Some(Instant::now());
        }
        next = match chunk(response, watch, limits).await {
            // The answer is whole: only its end does not come, or not well.
            Err(fault) if growing.has_ended() && fault.kind != FailureKind::Cancelled => break,
            next => next?,
        };
        came += next.as_ref().map_or(0, Vec::len);
        if came > most {
            return Err(too_much(most));
        }
    }
    // A last event without an end counts where it is whole: what was cut off is not JSON.
    events.finish(|event| {
        if json::read(event.data).is_ok() || event.data.trim_ascii() == b"[DONE]" {
            let _cut = growing.add(event.data, event.error);
        }
    });
    Ok(())
}

/// Asks for a small JSON document, for the checks before a run, and waits no longer than `within`
/// or than for any answer. `None` body is a GET.
pub(super) async fn fetch(
    server: &EndpointClient,
    url: reqwest::Url,
    body: Option<&Json>,
    within: Duration,
    watch: &mut RequestWatch<'_>,
) -> Result<Json, RequestError> {
    let request = match body {
        Some(body) => server.client.post(url).json(body),
        None => server.client.get(url),
    };
    let mut limits = RequestDeadlines::new(server.endpoint.timeouts);
    limits.whole = limits.whole.min(within);
    let mut response = send(request, watch, &limits).await?;
    if let Some(encoding) = encoding(response.headers()) {
        let message = format!("answered in the encoding `{encoding}`, which it was not asked for");
        return Err(RequestError::refused(message));
    }
    let body = read(&mut response, REPLY, watch, &limits).await?;
    json::read(&body).map_err(|error| match !body.is_empty() && json::is_cut_off(&body) {
        true => RequestError::cut_off(),
        false => {
            RequestError::refused(format!("answered with something that is not JSON: {error}"))
        }
    })
}
