//! What can go wrong with one request, and whether the same may go right if it is sent again.

use std::time::Duration;

use fathom_shared::transcript::FailureKind;
use serde::Deserialize;
use serde_json::Value as Json;

/// How much of a server's own message is kept.
const MESSAGE: usize = 300;

/// A request that brought no answer.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) struct Fault {
    pub(super) kind: FailureKind,
    /// What is said of the endpoint: `answered 503: overloaded`.
    pub(super) message: String,
    pub(super) again: Again,
    /// The status, where it was one.
    pub(super) status: Option<u16>,
}

/// Whether sending it again may help.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Again {
    Never,
    Soon,
    /// The server says when.
    After(Duration),
}

impl Fault {
    pub(super) fn new(kind: FailureKind, message: impl Into<String>) -> Self {
        Self {
            kind,
            message: message.into(),
            again: Again::Never,
            status: None,
        }
    }

    /// The connection could not be made, or broke.
    pub(super) fn network(message: impl Into<String>) -> Self {
        Self {
            again: Again::Soon,
            ..Self::new(FailureKind::Network, message)
        }
    }

    /// Something that is no answer.
    pub(super) fn refused(message: impl Into<String>) -> Self {
        Self::new(FailureKind::Refused, message)
    }

    pub(super) fn cancelled() -> Self {
        Self::new(FailureKind::Cancelled, "the answer was cancelled")
    }

    /// What `reqwest` says; its own text hides the cause at the end of the chain.
    pub(super) fn of_reqwest(error: &reqwest::Error) -> Self {
        let mut cause: &dyn std::error::Error = error;
        while let Some(deeper) = cause.source() {
            cause = deeper;
        }
        let what = match error.is_connect() {
            true => "cannot be reached",
            false => "broke the connection",
        };
        Self::network(format!("{what}: {cause}"))
    }

    /// An answer with a status other than 200. `after` is its `Retry-After`.
    pub(super) fn of_status(status: u16, body: &[u8], after: Option<Duration>) -> Self {
        let (said, code) = said(body);
        let mut message = format!("answered {status}");
        if !said.is_empty() {
            message = format!("{message}: {said}");
        }
        let again = match (status, after) {
            (429 | 500..=599, Some(wait)) => Again::After(wait),
            (429 | 500..=599, None) => Again::Soon,
            _ => Again::Never,
        };
        let kind = match status {
            504 => FailureKind::Timeout,
            500..=599 => FailureKind::Engine,
            _ if is_too_long(&said, &code) => FailureKind::Context,
            _ => FailureKind::Refused,
        };
        Self {
            kind,
            message,
            again,
            status: Some(status),
        }
    }

    /// An `error` within a stream that began well.
    pub(super) fn of_stream(error: &Json) -> Self {
        let status = error.get("code").and_then(Json::as_u64);
        let status = status.and_then(|code| u16::try_from(code).ok());
        let body = serde_json::json!({ "error": error }).to_string();
        let mut fault = Self::of_status(status.unwrap_or(400), body.as_bytes(), None);
        let (said, _) = said(body.as_bytes());
        fault.message = format!("stopped in the middle of the answer: {said}");
        fault
    }
}

/// A prompt that does not fit is no refusal of the prompt: the order is at fault.
fn is_too_long(said: &str, code: &str) -> bool {
    let said = said.to_lowercase();
    code == "context_length_exceeded"
        || code == "exceed_context_size_error"
        || said.contains("maximum context length")
        || said.contains("context size")
        || said.contains("context window")
}

/// The forms in which servers say what is wrong: OpenAI's `error.message`, FastAPI's `detail`.
#[derive(Deserialize)]
struct Said {
    error: Option<Json>,
    message: Option<String>,
    detail: Option<Json>,
}

/// The server's own message, on one line and shortened, and its code.
fn said(body: &[u8]) -> (String, String) {
    let text = String::from_utf8_lossy(body);
    let Ok(said) = serde_json::from_str::<Said>(&text) else {
        return (short(&text), String::new());
    };
    let field = |name: &str| {
        let value = said.error.as_ref()?.get(name)?;
        value.as_str().map(str::to_owned)
    };
    let plain = |value: Json| match value {
        Json::String(text) => text,
        other => other.to_string(),
    };
    let message = field("message");
    let code = field("code").or_else(|| field("type")).unwrap_or_default();
    let message = message.or(said.message);
    let message = message.or_else(|| said.error.or(said.detail).map(plain));
    (short(&message.unwrap_or_else(|| text.into_owned())), code)
}

/// `text` on one line, with no more than [`MESSAGE`] characters.
pub(super) fn short(text: &str) -> String {
    let words: Vec<&str> = text.split_whitespace().collect();
    let line = words.join(" ");
    match line.char_indices().nth(MESSAGE) {
        Some((end, _)) => format!("{}…", &line[..end]),
        None => line,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_servers_own_words_are_found() {
        let cases = [
            (
                r#"{"error":{"message":"no such model","code":"x"}}"#,
                "no such model",
            ),
            (r#"{"error":"no such model"}"#, "no such model"),
            (
                r#"{"object":"error","message":"no such model"}"#,
                "no such model",
            ),
            (
                r#"{"detail":[{"msg":"field required"}]}"#,
                r#"[{"msg":"field required"}]"#,
            ),
            ("<html>\n  <b>Bad</b>", "<html> <b>Bad</b>"),
            ("", ""),
        ];
        for (body, want) in cases {
            assert_eq!(said(body.as_bytes()).0, want, "{body}");
        }
        assert_eq!(short(&"ä".repeat(500)).chars().count(), MESSAGE + 1);
    }

    #[test]
    fn only_429_and_5xx_are_sent_again() {
        let wait = Duration::from_secs(3);
        for (status, kind, again) in [
            (400, FailureKind::Refused, Again::Never),
            (401, FailureKind::Refused, Again::Never),
            (302, FailureKind::Refused, Again::Never),
            (429, FailureKind::Refused, Again::After(wait)),
            (500, FailureKind::Engine, Again::After(wait)),
            (504, FailureKind::Timeout, Again::After(wait)),
        ] {
            let fault = Fault::of_status(status, b"", Some(wait));
            assert_eq!((fault.kind, fault.again), (kind, again), "{status}");
        }
        let body = br#"{"error":{"message":"This model's maximum context length is 4096 tokens"}}"#;
        assert_eq!(Fault::of_status(400, body, None).kind, FailureKind::Context);
    }
}
