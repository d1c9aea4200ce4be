//! What a server says is wrong, in whatever form.

use serde_json::Value as Json;

use super::json;
use super::one_line::short;

/// Whether a value holds anything.
pub(super) fn is_said(value: &Json) -> bool {
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
pub(super) struct ServerErrorBody {
    /// Its message, shortened.
    pub(super) message: String,
    /// All it says, its codes too.
    pub(super) words: String,
}

/// How much is looked through for words.
const WORDS: usize = 4000;

impl ServerErrorBody {
    /// The forms of OpenAI (`error.message`), FastAPI (`detail`), and others, or plain text.
    pub(super) fn of(body: &[u8]) -> Self {
        match json::read(body) {
            Ok(value @ (Json::Object(_) | Json::Array(_))) => Self::of_value(&value),
            _ => {
                let text = String::from_utf8_lossy(&body[..body.len().min(WORDS)]);
                let (message, words) = (short(&text), text.into_owned());
                Self { message, words }
            }
        }
    }

    pub(super) fn of_value(value: &Json) -> Self {
        let mut words = String::new();
        gather(value, 6, &mut words);
        let message = message(value, 6).unwrap_or_else(|| value.to_string());
        let message = short(&message);
        Self { message, words }
    }
}

/// The message that stands nearest.
fn message(value: &Json, deepest: usize) -> Option<String> {
    const NAMES: [&str; 12] = [
        "message",
        "error",
        "detail",
        "msg",
        "errors",
        "error_message",
        "error_msg",
        "errmsg",
        "status_msg",
        "Message",
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
}
