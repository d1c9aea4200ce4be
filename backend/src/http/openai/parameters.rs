//! The body of a request, parameter by parameter, so that an error can name the one it means.

use axum::body::Bytes;
use axum::extract::rejection::BytesRejection;
use axum::http::{HeaderMap, header};
use serde::de::DeserializeOwned;
use serde_json::{Map, Value};

use super::error::OpenAiError;

/// What was sent and not taken yet.
#[derive(Debug)]
pub(super) struct RequestParameters(Map<String, Value>);

impl RequestParameters {
    /// Reads a JSON object.
    pub(super) fn read(
        headers: &HeaderMap,
        body: Result<Bytes, BytesRejection>,
    ) -> Result<Self, OpenAiError> {
        let kind = headers.get(header::CONTENT_TYPE).map_or("", |value| {
            // Not text: it is not JSON either.
            value.to_str().unwrap_or_default()
        });
        let essence = kind.split(';').next().unwrap_or_default().trim();
        // A page of another site can send other types without asking; it is refused by its origin,
        // and here once more.
        if !essence.eq_ignore_ascii_case("application/json") {
            let got = kind.to_owned();
            return Err(OpenAiError::Type { got });
        }
        match serde_json::from_slice(&body?) {
            Ok(Value::Object(fields)) => Ok(Self(fields)),
            Ok(other) => Err(OpenAiError::Json(format!("it is {}", kind_of(&other)))),
            Err(error) => Err(OpenAiError::Json(error.to_string())),
        }
    }

    /// Whether a parameter is there and not null.
    pub(super) fn has(&self, name: &str) -> bool {
        self.0.get(name).is_some_and(|value| !value.is_null())
    }

    /// Takes a parameter; one that is null is not there.
    pub(super) fn take<T: DeserializeOwned>(
        &mut self,
        name: &'static str,
    ) -> Result<Option<T>, OpenAiError> {
        match self.0.remove(name) {
            None | Some(Value::Null) => Ok(None),
            Some(value) => {
                let value = whole(value);
                T::deserialize(&value)
                    .map(Some)
                    .map_err(|error| OpenAiError::parameter(name, plain(&value, &error)))
            }
        }
    }

    /// Refuses those left that would change the result. Others are taken for what concerns only
    /// OpenAI's own service (`user`, `store`, `metadata`, …) and are ignored, as vLLM does.
    pub(super) fn finish(self) -> Result<(), OpenAiError> {
        match self
            .0
            .into_iter()
            .find(|(name, value)| !neutral(name, value))
        {
            Some((param, got)) => Err(OpenAiError::Unsupported { param, got }),
            None => Ok(()),
        }
    }
}

/// A whole number that is written as a float, as other languages do, as one that is not.
fn whole(value: Value) -> Value {
    let number = value.as_f64().filter(|_| value.is_f64());
    let number = number.filter(|number| number.fract() == 0.0 && number.abs() < 9e15);
    number.map_or(value, |number| Value::from(number as i64))
}

/// What a value is.
fn kind_of(value: &Value) -> String {
    match value {
        Value::Array(_) => "a list".to_owned(),
        Value::Object(_) => "an object".to_owned(),
        Value::String(_) => "a text".to_owned(),
        other => other.to_string(),
    }
}

/// What is wrong with a value, without the names of our types.
fn plain(value: &Value, error: &serde_json::Error) -> String {
    let said = error.to_string();
    let expected = match said.rsplit_once("expected ") {
        Some((_, "u8" | "u16" | "u32" | "u64" | "usize")) => "a whole number of 0 or more",
        Some((_, "i8" | "i16" | "i32" | "i64")) => "a whole number",
        Some((_, "f32" | "f64")) => "a number",
        Some((_, "a string" | "a borrowed string")) => "a text",
        Some((_, "a boolean")) => "true or false",
        Some((_, "a sequence")) => "a list",
        Some((_, rest)) if rest.starts_with("struct ") || rest == "a map" => "an object",
        _ if said.contains("untagged enum") => "a text or a list of texts",
        _ => return said,
    };
    format!("it is {}, expected {expected}", kind_of(value))
}

/// Whether the value of a parameter that we do not have leaves the result as it is.
fn neutral(name: &str, value: &Value) -> bool {
    let empty = |value: &Value| match value {
        Value::Array(items) => items.is_empty(),
        Value::Object(fields) => fields.is_empty(),
        Value::String(text) => text.is_empty(),
        _ => false,
    };
    let number = value.as_f64();
    value.is_null()
        || match name {
            "n" | "best_of" | "repetition_penalty" | "length_penalty" => number == Some(1.0),
            "presence_penalty" | "frequency_penalty" | "min_p" | "min_tokens" => {
                number == Some(0.0)
            }
            "top_k" => matches!(value.as_i64(), Some(-1 | 0)),
            "skip_special_tokens" => *value == Value::Bool(true),
            "ignore_eos" | "use_beam_search" | "include_stop_str_in_output" => {
                *value == Value::Bool(false)
            }
            "logit_bias"
            | "stop_token_ids"
            | "bad_words"
            | "tools"
            | "functions"
            | "suffix"
            | "chat_template_kwargs"
            | "documents" => empty(value),
            "tool_choice" | "function_call" => matches!(value.as_str(), Some("none" | "auto")),
            "response_format" => value["type"] == "text",
            "modalities" => *value == serde_json::json!(["text"]),
            "allowed_token_ids"
            | "audio"
            | "chat_template"
            | "grammar"
            | "json_schema"
            | "prompt_embeds"
            | "structured_outputs"
            | "truncate_prompt_tokens"
            | "web_search_options" => false,
            _ => !name.starts_with("guided_"),
        }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::RequestParameters;

    fn left(body: Value) -> Result<(), String> {
        let Value::Object(fields) = body else {
            panic!("{body}")
        };
        RequestParameters(fields)
            .finish()
            .map_err(|error| error.to_string())
    }

    #[test]
    fn what_changes_nothing_passes() {
        left(json!({"n": 1, "top_k": -1, "logit_bias": {}, "user": "me", "store": true})).unwrap();
        left(json!({"response_format": {"type": "text"}, "suffix": null, "tools": []})).unwrap();
        left(json!({"frequency_penalty": 0.0, "presence_penalty": 0, "best_of": 1})).unwrap();
    }

    #[test]
    fn what_would_change_the_result_is_refused() {
        for (body, message) in [
            (
                json!({"n": 2}),
                "`n` is 2, which this server does not offer",
            ),
            (
                json!({"frequency_penalty": 0.5}),
                "`frequency_penalty` is 0.5",
            ),
            (
                json!({"response_format": {"type": "json_object"}}),
                "`response_format` is {",
            ),
            (json!({"guided_regex": "a*"}), "`guided_regex` is \"a*\""),
            (json!({"top_k": 40}), "`top_k` is 40"),
        ] {
            let error = left(body).unwrap_err();
            assert!(error.starts_with(message), "{error}");
        }
    }

    #[test]
    fn what_is_wrong_is_said_in_words() {
        let take = |value: Value| {
            let mut from = RequestParameters([("p".to_owned(), value)].into_iter().collect());
            from.take::<u32>("p").map_err(|error| error.to_string())
        };
        assert_eq!(take(json!(2.0)), Ok(Some(2)));
        assert_eq!(take(json!(null)), Ok(None));
        for (value, got) in [
            (
                json!(1.5),
                "it is 1.5, expected a whole number of 0 or more",
            ),
            (
                json!("5"),
                "it is a text, expected a whole number of 0 or more",
            ),
            (json!(-1), "it is -1, expected a whole number of 0 or more"),
            (
                json!([]),
                "it is a list, expected a whole number of 0 or more",
            ),
        ] {
            assert_eq!(take(value), Err(format!("`p`: {got}")));
        }
        let mut from = RequestParameters([("p".to_owned(), json!(5))].into_iter().collect());
        let error = from.take::<String>("p").unwrap_err().to_string();
        assert_eq!(error, "`p`: it is 5, expected a text");
    }
}
