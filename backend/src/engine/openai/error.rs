//! What can go wrong with one request, and whether the same may go right if it is sent again.

use std::time::Duration;

use fathom_shared::transcript::FailureKind;
use serde_json::{Map, Value as Json};

pub(super) use super::one_line::short;
use super::{json, too_long};

/// A request that brought no answer.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) struct RequestError {
    pub(super) kind: FailureKind,
    /// What is said of the endpoint: `answered 503: overloaded`.
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
            // 424 is TGI's word for a request that failed on the way.
            (408 | 424 | 425 | 429 | 500..=599, Some(wait)) => RetryAdvice::After(wait),
            (408 | 424 | 425 | 429 | 500..=599, None) => RetryAdvice::Soon,
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

    /// The error in a reply, or in a stream that began well; `named` where the event is called one.
    pub(super) fn in_reply(reply: &Map<String, Json>, named: bool) -> Option<Self> {
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
        let message = format!("stopped in the middle of the answer: {}", said.message);
        Some(Self {
            message,
            status,
            ..fault
        })
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

/// What a reply says of an error, where it is one.
fn error_in(reply: &Map<String, Json>, named: bool) -> Option<Json> {
    let whole = || Json::Object(reply.clone());
    match reply.get("error") {
        Some(Json::String(error)) if !error.is_empty() => return Some(whole()),
        Some(Json::Object(error)) if error.values().any(is_said) => {
            return Some(Json::Object(error.clone()));
        }
        Some(Json::Array(errors)) if !errors.is_empty() => return Some(whole()),
        Some(Json::Bool(true)) => return Some(whole()),
        _ => {}
    }
    let is_object = reply.get("object").and_then(Json::as_str) == Some("error");
    // FastAPI's, under a status that says that all is well.
    let alone = !reply.contains_key("choices") && !reply.contains_key("usage");
    let status = ["status", "status_code", "code"]
        .into_iter()
        .filter_map(|name| json::count(reply.get(name)?))
        .any(|code| (400..=599).contains(&code));
    let detailed = reply.get("detail").is_some_and(is_said);
    (is_object || named || (alone && (status || detailed))).then(whole)
}

/// Whether a value holds anything.
fn is_said(value: &Json) -> bool {
    match value {
        Json::Null => false,
        Json::String(text) => !text.is_empty(),
        Json::Array(values) => !values.is_empty(),
        Json::Object(fields) => fields.values().any(is_said),
        Json::Bool(value) => *value,
        Json::Number(number) => number.as_f64() != Some(0.0),
    }
}

/// What a server says is wrong.
struct ServerErrorBody {
    /// Its message, shortened.
    message: String,
    /// All it says, its codes too.
    words: String,
}

/// How much is looked through for words.
const WORDS: usize = 4000;

impl ServerErrorBody {
    /// The forms of OpenAI (`error.message`), FastAPI (`detail`), and others, or plain text.
    fn of(body: &[u8]) -> Self {
        match json::read(body) {
            Ok(value @ (Json::Object(_) | Json::Array(_))) => Self::of_value(&value),
            _ => {
                let text = String::from_utf8_lossy(&body[..body.len().min(WORDS)]);
                let (message, words) = (short(&text), text.into_owned());
                Self { message, words }
            }
        }
    }

    fn of_value(value: &Json) -> Self {
        let mut words = String::new();
        gather(value, 6, &mut words);
        let message = message(value, 6).unwrap_or_else(|| value.to_string());
        let message = short(&message);
        Self { message, words }
    }
}

/// The message that stands nearest.
fn message(value: &Json, deepest: usize) -> Option<String> {
    const NAMES: [&str; 9] = [
        "message",
        "error",
        "detail",
        "msg",
        "errors",
        "error_message",
        "error_msg",
        "reason",
        "title",
    ];
    match value {
        Json::String(text) => Some(text.clone()).filter(|text| !text.is_empty()),
        Json::Array(values) if deepest > 0 => {
            values.iter().find_map(|value| message(value, deepest - 1))
        }
        Json::Object(fields) if deepest > 0 => NAMES
            .into_iter()
            .filter_map(|name| fields.get(name))
            .find_map(|value| message(value, deepest - 1)),
        _ => None,
    }
}

/// All words of an error but the request's own, which some servers repeat in it.
fn gather(value: &Json, deepest: usize, words: &mut String) {
    const ECHOES: [&str; 5] = ["input", "body", "prompt", "messages", "loc"];
    if deepest == 0 || words.len() > WORDS {
        return;
    }
    match value {
        Json::String(text) => {
            words.extend(text.chars().take(WORDS));
            words.push(' ');
        }
        Json::Number(number) => words.push_str(&format!("{number} ")),
        Json::Array(values) => values
            .iter()
            .for_each(|value| gather(value, deepest - 1, words)),
        Json::Object(fields) => fields
            .iter()
            .filter(|(name, _)| !ECHOES.contains(&name.as_str()))
            .for_each(|(_, value)| gather(value, deepest - 1, words)),
        Json::Null | Json::Bool(_) => {}
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
            (r#"{"detail":[{"msg":"field required"}]}"#, "field required"),
            (
                r#"[{"error":{"message":"no such model"}}]"#,
                "no such model",
            ),
            (
                r#"{"error":{"message":"\u001b[31mno such\u0007 model"}}"#,
                "no such model",
            ),
            ("<html>\n  <b>Bad</b>", "<html> <b>Bad</b>"),
            ("", ""),
        ];
        for (body, want) in cases {
            assert_eq!(ServerErrorBody::of(body.as_bytes()).message, want, "{body}");
        }
    }

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
