//! What can go wrong with one request, and whether the same may go right if it is sent again.

use std::time::Duration;

use fathom_shared::transcript::FailureKind;
use serde_json::{Map, Value as Json};

use super::error_messages::{ServerErrorBody, is_said};
pub(super) use super::one_line::short;
use super::{json, too_long};

/// A request that brought no answer.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) struct RequestError {
    pub(super) kind: FailureKind,
    /// What the endpoint did: `answered 503: overloaded`.
    pub(super) message: String,
    pub(super) again: RetryAdvice,
    /// The status, where it was one.
    pub(super) status: Option<u16>,
}

/// Whether sending it again may help.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum RetryAdvice {
    Never,
    Soon,
    /// The server says when.
    After(Duration),
}

impl RequestError {
    pub(super) fn new(kind: FailureKind, message: impl Into<String>) -> Self {
        Self {
            kind,
            message: message.into(),
            again: RetryAdvice::Never,
            status: None,
        }
    }

    /// The connection could not be made, or broke.
    pub(super) fn network(message: impl Into<String>) -> Self {
        Self {
            again: RetryAdvice::Soon,
            ..Self::new(FailureKind::Network, message)
        }
    }

    /// What came is the beginning of an answer.
    pub(super) fn cut_off() -> Self {
        Self::network("broke the connection in the middle of the answer")
    }

    /// Something that is no answer.
    pub(super) fn refused(message: impl Into<String>) -> Self {
        Self::new(FailureKind::Refused, message)
    }

    /// Something that is no answer, and that a server sends once in a while: the same request may
    /// go right.
    pub(super) fn odd(message: impl Into<String>) -> Self {
        Self {
            again: RetryAdvice::Soon,
            ..Self::refused(message)
        }
    }

    /// The model does not want to.
    pub(super) fn refusal(why: &str) -> Self {
        Self::refused(format!("refused the prompt: {}", short(why)))
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
        Self::network(format!("{what}: {}", short(&cause.to_string())))
    }

    /// An answer with a status other than 200. `after` is its `Retry-After`.
    pub(super) fn of_status(status: u16, body: &[u8], after: Option<Duration>) -> Self {
        let said = ServerErrorBody::of(body);
        let mut message = format!("answered {status}");
        if !said.message.is_empty() {
            message = format!("{message}: {}", said.message);
        }
        Self {
            message,
            status: Some(status),
            ..Self::of_words(status, &said.words, after)
        }
    }

    /// By a status and the words that came with it.
    fn of_words(status: u16, words: &str, after: Option<Duration>) -> Self {
        if too_long::is(status, words) {
            return Self::new(FailureKind::Context, "");
        }
        let again = match (status, after) {
            // 424 is TGI's word for a request that failed on the way, 498 Groq's for one for which
            // there is no room now.
            (408 | 424 | 425 | 429 | 498 | 500..=599, Some(wait)) => RetryAdvice::After(wait),
            (408 | 424 | 425 | 429 | 498 | 500..=599, None) => RetryAdvice::Soon,
            _ => RetryAdvice::Never,
        };
        let kind = match status {
            408 | 504 => FailureKind::Timeout,
            424 | 500..=599 => FailureKind::Engine,
            _ => FailureKind::Refused,
        };
        Self {
            again,
            ..Self::new(kind, "")
        }
    }

    /// The error in a reply, or in a stream; `named` where the event is called one, `begun` where a
    /// part of an answer came before it.
    pub(super) fn in_reply(reply: &Map<String, Json>, named: bool, begun: bool) -> Option<Self> {
        let error = error_in(reply, named)?;
        let said = ServerErrorBody::of_value(&error);
        let fields = error.as_object();
        let number = |name: &str| {
            let number = json::count(fields?.get(name)?)?;
            u16::try_from(number)
                .ok()
                .filter(|code| (400..=599).contains(code))
        };
        let names = ["status", "status_code", "code", "http_code"];
        let status = names.into_iter().find_map(number);
        let fault = match status {
            Some(status) => Self::of_words(status, &said.words, None),
            None => Self::without_status(&said.words),
        };
        let message = format!("{}: {}", ended(begun), said.message);
        Some(Self {
            message,
            status,
            ..fault
        })
    }

    /// The error in the details of a finish reason, if the request itself is at fault; `begins` is
    /// put before the server's words.
    pub(super) fn in_ending(details: &Json, begins: &str) -> Option<Self> {
        let said = ServerErrorBody::of_value(details);
        let status = details.get("status_code").and_then(json::count);
        let status = status.and_then(|status| u16::try_from(status).ok());
        let fault = Self::of_words(status.unwrap_or(400), &said.words, None);
        let ours = fault.kind == FailureKind::Context
            || (status.is_some() && fault.again == RetryAdvice::Never);
        ours.then(|| Self {
            message: format!("{begins}: {}", said.message),
            ..fault
        })
    }

    /// What one choice says of an error of its own.
    pub(super) fn in_choice(choice: &Map<String, Json>, begun: bool) -> Option<Self> {
        let error = choice.get("error").filter(|error| is_said(error))?;
        let alone = Map::from_iter([("error".to_owned(), error.clone())]);
        Self::in_reply(&alone, false, begun)
    }

    /// An event of a stream that is one of an error, and holds these words.
    pub(super) fn in_event(words: &str, begun: bool) -> Self {
        let said = match words.trim() {
            "" => "an error without words",
            said => said,
        };
        Self {
            message: format!("{}: {}", ended(begun), short(said)),
            ..Self::without_status(said)
        }
    }

    /// An error that has no status: what is not the request's own fault may pass.
    fn without_status(words: &str) -> Self {
        let lower = words.to_lowercase();
        let has = |all: &[&str]| all.iter().any(|word| lower.contains(word));
        if too_long::is(400, words) {
            Self::new(FailureKind::Context, "")
        } else if has(&[
            "invalid",
            "authenticat",
            "permission",
            "not_found",
            "not found",
            "unsupported",
        ]) {
            Self::refused("")
        } else if has(&["rate_limit", "rate limit", "too many requests", "quota"]) {
            Self::odd("")
        } else {
            Self {
                kind: FailureKind::Engine,
                ..Self::odd("")
            }
        }
    }
}

/// How an answer ended for which an error arrived: before it began, or after.
fn ended(begun: bool) -> &'static str {
    match begun {
        true => "stopped in the middle of the answer",
        false => "answered with an error",
    }
}

/// The error in a reply, if there is one.
fn error_in(reply: &Map<String, Json>, named: bool) -> Option<Json> {
    let whole = || Json::Object(reply.clone());
    match reply.get("error") {
        Some(Json::String(error)) if !error.is_empty() => return Some(whole()),
        // Some servers send an empty error next to an answer.
        Some(Json::Object(error))
            if is_none(error) && reply.get("choices").is_some_and(is_said) => {}
        Some(Json::Object(error)) if error.values().any(is_said) => {
            return Some(Json::Object(error.clone()));
        }
        Some(Json::Array(errors)) if !errors.is_empty() => return Some(whole()),
        Some(Json::Bool(true)) => return Some(whole()),
        _ => {}
    }
    // MiniMax sends it next to the answer.
    if let Some(said) = reply.get("base_resp").filter(|said| {
        let code = said.get("status_code").and_then(json::count);
        code.is_some_and(|code| code != 0)
    }) {
        return Some(said.clone());
    }
    let is_object = reply.get("object").and_then(Json::as_str) == Some("error");
    // FastAPI's, under a status that says that all is well.
    let alone = !reply.contains_key("choices") && !reply.contains_key("usage");
    let status = ["status", "status_code", "code"]
        .into_iter()
        .filter_map(|name| json::count(reply.get(name)?))
        .any(|code| (400..=599).contains(&code));
    let said = |names: &[&str]| {
        let mut values = names.iter().filter_map(|name| reply.get(*name));
        values.any(|value| value.is_string() && is_said(value))
    };
    let coded = ["code", "error_code", "errcode", "ErrorType"];
    let coded = coded
        .iter()
        .filter_map(|name| reply.get(*name))
        .any(is_said);
    let worded = coded && said(&["message", "msg", "error_msg", "errmsg", "Message"]);
    let detailed = reply.get("detail").is_some_and(is_said);
    (is_object || named || (alone && (status || detailed || worded))).then(whole)
}

/// Whether an error is that there is none: `{"code": 0, "message": "success"}`.
fn is_none(error: &Map<String, Json>) -> bool {
    let code = error.get("code").and_then(json::count);
    let words = error.get("message").and_then(json::text).unwrap_or("ok");
    let fine = ["success", "ok", "succeeded", "none"];
    matches!(code, Some(0 | 200)) && fine.contains(&words.to_lowercase().as_str())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_429_and_5xx_are_sent_again() {
        let wait = Duration::from_secs(3);
        for (status, kind, again) in [
            (400, FailureKind::Refused, RetryAdvice::Never),
            (401, FailureKind::Refused, RetryAdvice::Never),
            (302, FailureKind::Refused, RetryAdvice::Never),
            (429, FailureKind::Refused, RetryAdvice::After(wait)),
            (500, FailureKind::Engine, RetryAdvice::After(wait)),
            (504, FailureKind::Timeout, RetryAdvice::After(wait)),
            (498, FailureKind::Refused, RetryAdvice::After(wait)),
            (413, FailureKind::Context, RetryAdvice::Never),
        ] {
            let fault = RequestError::of_status(status, b"", Some(wait));
            assert_eq!((fault.kind, fault.again), (kind, again), "{status}");
        }
        let body = br#"{"error":{"message":"This model's maximum context length is 4096 tokens"}}"#;
        assert_eq!(
            RequestError::of_status(400, body, None).kind,
            FailureKind::Context
        );
    }
}
