//! Finish reasons, as different servers spell them.

use fathom_shared::transcript::FinishReason;
use serde_json::Value as Json;

use super::error::{RequestError, short};
use super::json;

/// What a reason means.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) enum FinishMeaning {
    Ended(FinishReason),
    /// The context was full, which before the first token is no answer.
    ContextFull,
    /// Another reason, as the server wrote it, with any details.
    Other {
        said: String,
        details: Option<Json>,
    },
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
const LENGTH: [&str; 11] = [
    "length",
    "maxtokens",
    "maxlength",
    "maxnewtokens",
    "maxoutputtokens",
    "maxcompletiontokens",
    "lengthlimit",
    "tokenlimit",
    "outputlimit",
    "limit",
    "truncated",
];
/// Prompt and answer together fill what the model reads.
const CONTEXT: [&str; 7] = [
    "contextlength",
    "contextlimit",
    "contextwindow",
    "contextlengthexceeded",
    "contextwindowexceeded",
    "modellength",
    "modelcontextwindowexceeded",
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
const NOT_ENDED: [&str; 24] = [
    "notfinish",
    "notcomplet",
    "notstop",
    "emergency",
    "prematur",
    "interrupt",
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
        Json::Object(fields) => return with(of(fields.get("type")?)?, value),
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
    } else if known(&CONTEXT) {
        Some(FinishMeaning::ContextFull)
    } else if is_like_stop(&plain) {
        Some(FinishMeaning::Ended(FinishReason::Stop))
    } else {
        let (said, details) = (said.clone(), None);
        Some(FinishMeaning::Other { said, details })
    }
}

/// Keeps the details that an object gives along with its type.
fn with(meaning: FinishMeaning, details: &Json) -> Option<FinishMeaning> {
    Some(match meaning {
        FinishMeaning::Other { said, .. } => FinishMeaning::Other {
            said,
            details: Some(details.clone()),
        },
        meaning => meaning,
    })
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

/// The error of an answer that ended for the reason `said`; `details` may say more.
pub(super) fn fault(said: &str, details: Option<&Json>) -> RequestError {
    let mut message = format!(
        "ended the answer with `{}`, expected stop or length",
        short(said)
    );
    if let Some(fault) = details.and_then(|details| RequestError::in_ending(details, &message)) {
        return fault;
    }
    if let Some(why) = details.and_then(|details| json::text(details.get("message")?)) {
        message = format!("{message}: {}", short(why));
    }
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
            "FinishReason.MAX_TOKENS",
        ] {
            assert_eq!(of(&json!(said)), Some(length.clone()), "{said}");
        }
        for said in [
            "model_length",
            "model_context_window_exceeded",
            "CONTEXT_LENGTH",
        ] {
            assert_eq!(of(&json!(said)), Some(FinishMeaning::ContextFull), "{said}");
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
            "not_finished",
            "unfinished",
            "emergency_stop",
            "endpoint_down",
            "pending",
            "tool_calls",
        ] {
            let other = FinishMeaning::Other {
                said: said.to_owned(),
                details: None,
            };
            assert_eq!(of(&json!(said)), Some(other), "{said}");
        }
    }
}
