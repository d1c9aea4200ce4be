//! Why an answer ended, in every server's words.

use fathom_shared::transcript::FinishReason;
use serde_json::Value as Json;

use super::error::{RequestError, short};

/// What a reason means.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) enum FinishMeaning {
    Ended(FinishReason),
    /// Another one, as the server wrote it.
    Other(String),
}

/// The model ended its answer.
const STOP: [&str; 20] = [
    "stop",
    "eos",
    "eostoken",
    "eostokenid",
    "eot",
    "stopsequence",
    "stoptoken",
    "stopstr",
    "stopstring",
    "stopword",
    "endturn",
    "endoftext",
    "endofsequence",
    "imend",
    "end",
    "done",
    "complete",
    "completed",
    "finished",
    "success",
];
/// The room was full.
const LENGTH: [&str; 14] = [
    "length",
    "maxtokens",
    "maxlength",
    "maxnewtokens",
    "maxoutputtokens",
    "maxcompletiontokens",
    "lengthlimit",
    "tokenlimit",
    "outputlimit",
    "contextlength",
    "modellength",
    "modelcontextwindowexceeded",
    "limit",
    "truncated",
];
/// Says nothing.
const UNSAID: [&str; 6] = ["", "null", "none", "unspecified", "unknown", "nil"];
/// The server broke the answer off; another try may go well.
const PASSING: [&str; 8] = [
    "abort",
    "aborted",
    "cancelled",
    "canceled",
    "error",
    "timeout",
    "networkerror",
    "insufficientsystemresource",
];

/// Parts of words that say that the answer ended, and of others that make them mean something else.
const ENDED: [&str; 5] = ["stop", "done", "complet", "finish", "match"];
const NOT_ENDED: [&str; 18] = [
    "incomplet",
    "unfinish",
    "mismatch",
    "unmatch",
    "nomatch",
    "abandon",
    "error",
    "fail",
    "filter",
    "safety",
    "block",
    "abort",
    "cancel",
    "timeout",
    "length",
    "limit",
    "max",
    "tool",
];

/// The reason in `value`, where it says one: a text in any spelling, or an object with its `type`.
pub(super) fn of(value: &Json) -> Option<FinishMeaning> {
    let said = match value {
        Json::String(said) => said,
        Json::Object(fields) => return fields.get("type").and_then(of),
        _ => return None,
    };
    let plain = plain(said);
    let known = |words: &[&str]| words.contains(&plain.as_str());
    if known(&UNSAID) {
        None
    } else if known(&STOP) {
        Some(FinishMeaning::Ended(FinishReason::Stop))
    } else if known(&LENGTH) {
        Some(FinishMeaning::Ended(FinishReason::Length))
    } else if is_like_stop(&plain) {
        Some(FinishMeaning::Ended(FinishReason::Stop))
    } else {
        Some(FinishMeaning::Other(said.clone()))
    }
}

/// Whether a word that is not known says that the answer ended: `STOPPED`, `matched`, `end_of_answer`.
fn is_like_stop(plain: &str) -> bool {
    let has = |parts: &[&str]| parts.iter().any(|part| plain.contains(part));
    let ended = has(&ENDED) || (plain.starts_with("end") && !plain.starts_with("endpoint"));
    ended && !has(&NOT_ENDED)
}

/// `FINISH_REASON_MAX_TOKENS`, `FinishReason.MaxTokens` and `max-tokens` as `maxtokens`.
fn plain(said: &str) -> String {
    let letters = said.chars().filter(char::is_ascii_alphanumeric);
    let plain: String = letters.map(|c| c.to_ascii_lowercase()).collect();
    match plain.strip_prefix("finishreason") {
        Some(rest) => rest.to_owned(),
        None => plain,
    }
}

/// An answer that ended for `said`.
pub(super) fn fault(said: &str) -> RequestError {
    let message = format!(
        "ended the answer with `{}`, expected stop or length",
        short(said)
    );
    match PASSING.contains(&plain(said).as_str()) {
        true => RequestError::odd(message),
        false => RequestError::refused(message),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn every_servers_words() {
        let (stop, length) = (
            FinishMeaning::Ended(FinishReason::Stop),
            FinishMeaning::Ended(FinishReason::Length),
        );
        for said in [
            "stop",
            "STOP",
            "Stop",
            "eos_token",
            "end_turn",
            "<|im_end|>",
            "FINISH_REASON_STOP",
            "FinishReason.STOP",
            "COMPLETE",
            "matched",
            "STOPPED",
            "stop_criteria_met",
            "completion_done",
            "end_of_answer",
        ] {
            assert_eq!(of(&json!(said)), Some(stop.clone()), "{said}");
        }
        for said in [
            "length",
            "MAX_TOKENS",
            "max-tokens",
            "maxTokens",
            "model_length",
            "FinishReason.MAX_TOKENS",
        ] {
            assert_eq!(of(&json!(said)), Some(length.clone()), "{said}");
        }
        for said in [
            json!(""),
            json!(null),
            json!("null"),
            json!("FINISH_REASON_UNSPECIFIED"),
            json!(1),
            json!({}),
        ] {
            assert_eq!(of(&said), None, "{said}");
        }
        assert_eq!(of(&json!({"type": "stop", "matched": 2})), Some(stop));
        for said in [
            "SAFETY",
            "incomplete",
            "content_filter_stop",
            "stopped_by_error",
            "endpoint_down",
            "pending",
            "tool_calls",
        ] {
            let other = FinishMeaning::Other(said.to_owned());
            assert_eq!(of(&json!(said)), Some(other), "{said}");
        }
    }
}
