//! A message's content: a text, or parts of several kinds.

use serde_json::{Map, Value as Json};

use super::json;

/// What parts hold, each kind in one text.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub(super) struct ContentParts {
    pub(super) text: String,
    pub(super) thinking: String,
    pub(super) refusal: Option<String>,
    /// Whether there was a text, if only an empty one.
    pub(super) has_text: bool,
}

/// Lists in lists in lists are nothing that a server means.
const DEEPEST: usize = 8;

/// The parts of a message's `content`.
pub(super) fn of(content: &Json) -> ContentParts {
    let mut parts = ContentParts::default();
    match content {
        // Its digits.
        Json::Number(number) => {
            parts.text = number.to_string();
            parts.has_text = true;
        }
        Json::Array(all) if all.is_empty() => parts.has_text = true,
        content => add(content, false, DEEPEST, &mut parts),
    }
    parts
}

/// The thinking that servers send next to the content, some under several names at once: vLLM
/// before 0.12, SGLang, llama-server and DeepSeek; vLLM and OpenRouter; others.
pub(super) fn thinking(message: &Map<String, Json>) -> String {
    const NAMES: [&str; 6] = [
        "reasoning_content",
        "reasoning",
        "thinking",
        "reasoning_text",
        "thought",
        "reasoning_details",
    ];
    let texts = NAMES.into_iter().filter_map(|name| message.get(name));
    texts
        .map(|value| {
            let mut parts = ContentParts::default();
            add(value, true, DEEPEST, &mut parts);
            parts.thinking
        })
        .find(|text| !text.is_empty())
        .unwrap_or_default()
}

/// Adds the text in `value`, as thinking if `thought` is set.
fn add(value: &Json, thought: bool, deepest: usize, parts: &mut ContentParts) {
    match value {
        Json::String(text) if thought => parts.thinking.push_str(text),
        Json::String(text) => {
            parts.text.push_str(text);
            parts.has_text = true;
        }
        Json::Array(values) if deepest > 0 => values
            .iter()
            .for_each(|value| add(value, thought, deepest - 1, parts)),
        Json::Object(part) if deepest > 0 => of_part(part, thought, deepest - 1, parts),
        _ => {}
    }
}

fn of_part(part: &Map<String, Json>, thought: bool, deepest: usize, parts: &mut ContentParts) {
    let kind = part.get("type").and_then(Json::as_str).unwrap_or("text");
    if let Some(why) = part.get("refusal").and_then(json::text) {
        parts.refusal = Some(why.to_owned());
        return;
    }
    let thought = thought
        || ["think", "reason", "summary"]
            .iter()
            .any(|word| kind.contains(word));
    // Gemini marks its thoughts by a flag.
    let thought = thought || part.get("thought") == Some(&Json::Bool(true));
    let names = [
        "text",
        "parts",
        "thinking",
        "reasoning",
        "summary",
        "content",
        "value",
    ];
    let known = thought || kind.contains("text");
    let mut values = names.into_iter().filter_map(|name| part.get(name));
    let value = values.find(|value| !value.is_null());
    if let Some(value) = value.filter(|_| known) {
        add(value, thought, deepest, parts);
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn parts_of_every_kind() {
        let cases = [
            (json!(" 42"), " 42", ""),
            (json!(null), "", ""),
            (json!(8536477), "8536477", ""),
            (json!(0.5), "0.5", ""),
            (json!(true), "", ""),
            (
                json!([{"type": "text", "text": "4"}, {"type": "text", "text": "2"}]),
                "42",
                "",
            ),
            (json!(["4", "2"]), "42", ""),
            (json!({"type": "output_text", "text": "42"}), "42", ""),
            (json!({"text": {"value": "42"}}), "42", ""),
            (json!({"parts": [{"text": "42"}]}), "42", ""),
            (
                json!([{"type": "thinking", "thinking": [{"type": "text", "text": "why?"}]}, {"type": "text", "text": "42"}]),
                "42",
                "why?",
            ),
            (
                json!([{"type": "reasoning", "summary": [{"type": "summary_text", "text": "why?"}]}, "42"]),
                "42",
                "why?",
            ),
            (
                json!([{"text": "why?", "thought": true}, {"text": "42"}]),
                "42",
                "why?",
            ),
            (
                json!([{"type": "image_url", "image_url": {"url": "x"}}, 7, null, {"type": "text", "text": "42"}]),
                "42",
                "",
            ),
        ];
        for (content, text, thinking) in cases {
            let got = of(&content);
            assert_eq!(
                (got.text.as_str(), got.thinking.as_str()),
                (text, thinking),
                "{content}"
            );
        }
        for (content, has_text) in [
            (json!(""), true),
            (json!([]), true),
            (json!([{"type": "text", "text": ""}]), true),
            (json!(null), false),
            (json!(true), false),
            (json!({}), false),
            (
                json!([{"type": "image_url", "image_url": {"url": "x"}}]),
                false,
            ),
        ] {
            assert_eq!(of(&content).has_text, has_text, "{content}");
        }
        let refused = of(&json!([{"type": "refusal", "refusal": "no"}]));
        assert_eq!(refused.refusal.as_deref(), Some("no"));
    }

    #[test]
    fn thinking_under_every_name_and_once() {
        let both = json!({"reasoning_content": "why?", "reasoning": "why?"});
        let details = json!({"reasoning_details": [{"type": "reasoning.text", "text": "why?"}], "reasoning": null});
        for message in [
            both,
            details,
            json!({"thinking": "why?", "reasoning_content": ""}),
        ] {
            assert_eq!(thinking(message.as_object().unwrap()), "why?", "{message}");
        }
        assert_eq!(thinking(&Map::new()), "");
    }
}
