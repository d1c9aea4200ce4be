//! What a server counts, under the names of OpenAI, Anthropic, DeepSeek and llama.cpp.

use fathom_shared::tokens::Tokens;
use fathom_shared::transcript::TokenUsage;
use serde_json::{Map, Value as Json};

use super::json;

/// Token counts as they arrive; the last ones apply.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct TokenCounts {
    prompt: Option<Tokens>,
    pub(super) written: Option<Tokens>,
    /// Of these, tokens of thinking.
    pub(super) thought: Option<Tokens>,
    /// The server says that it wrote none.
    pub(super) wrote_none: bool,
}

impl TokenCounts {
    /// Adds those of a document. A count of 0, or of less than was cached, is that of the rest of a
    /// prompt which the server knew.
    pub(super) fn add(&mut self, document: &Map<String, Json>) {
        // Groq has them in a field of its own at a stream's end.
        let usage = document.get("usage").and_then(Json::as_object);
        let groq = || document.get("x_groq")?.get("usage")?.as_object();
        let Some(usage) = usage.or_else(groq) else {
            return;
        };
        let timings = document.get("timings").and_then(Json::as_object);
        let of = |name: &str| usage.get(name).and_then(json::count);
        let within = |name: &str, its: &str| json::count(usage.get(name)?.get(its)?);
        // Anthropic counts apart what was cached.
        let apart = ["cache_read_input_tokens", "cache_creation_input_tokens"];
        let apart: u64 = apart.into_iter().filter_map(of).sum();
        let cached = within("prompt_tokens_details", "cached_tokens")
            .or_else(|| of("prompt_cache_hit_tokens"))
            .or_else(|| of("cached_tokens"))
            .or_else(|| json::count(timings?.get("cache_n")?))
            .unwrap_or(0)
            .max(apart);
        let prompt = match of("prompt_tokens") {
            Some(prompt) if cached > prompt => Some(prompt + cached),
            Some(prompt) => Some(prompt),
            None => of("input_tokens").map(|fresh| fresh + apart),
        };
        let written = of("completion_tokens").or_else(|| of("output_tokens"));
        let thought = within("completion_tokens_details", "reasoning_tokens")
            .or_else(|| within("output_tokens_details", "reasoning_tokens"))
            .or_else(|| of("reasoning_tokens"));
        // Gemini counts what it thought in the total alone.
        let unseen = of("total_tokens")
            .zip(of("prompt_tokens"))
            .and_then(|(total, prompt)| {
                let unseen = total.checked_sub(prompt).filter(|unseen| *unseen > 0);
                unseen.filter(|_| written == Some(0))
            });
        let (written, thought) = (unseen.or(written), thought.or(unseen));
        let tokens = |count: u64| u32::try_from(count).ok().filter(|count| *count > 0);
        self.thought = thought.and_then(tokens).map(Tokens).or(self.thought);
        self.prompt = prompt.and_then(tokens).map(Tokens).or(self.prompt);
        self.wrote_none = written.map_or(self.wrote_none, |written| written == 0);
        self.written = written.and_then(tokens).map(Tokens).or(self.written);
    }

    /// Both counts, where the server told them.
    pub(super) fn usage(self) -> Option<TokenUsage> {
        let (prompt, completion) = self.prompt.zip(self.written)?;
        Some(TokenUsage {
            prompt,
            completion,
            thinking: self.thought,
        })
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn what_was_cached_is_added_wherever_it_is_told() {
        for (document, prompt) in [
            (json!({ "usage": { "prompt_tokens": 400 } }), 400),
            (
                json!({ "usage": null, "x_groq": { "usage": { "queue_time": 0.1, "prompt_tokens": 400, "completion_tokens": 3 } } }),
                400,
            ),
            (
                json!({ "usage": { "prompt_tokens": 400, "prompt_tokens_details": { "cached_tokens": 390 } } }),
                400,
            ),
            (
                json!({ "usage": { "prompt_tokens": 8, "prompt_tokens_details": { "cached_tokens": 392 } } }),
                400,
            ),
            (
                json!({ "usage": { "prompt_tokens": 8, "cache_read_input_tokens": 392 } }),
                400,
            ),
            (
                json!({ "usage": { "input_tokens": 8, "cache_read_input_tokens": 300, "cache_creation_input_tokens": 92 } }),
                400,
            ),
            (
                json!({ "usage": { "prompt_tokens": 8, "prompt_cache_hit_tokens": 392, "prompt_cache_miss_tokens": 8 } }),
                400,
            ),
            (
                json!({ "usage": { "prompt_tokens": 1 }, "timings": { "cache_n": 399, "prompt_n": 1 } }),
                400,
            ),
        ] {
            let mut document = document.as_object().unwrap().clone();
            if document["usage"].is_object() {
                document["usage"]["completion_tokens"] = json!(3);
            }
            let mut counts = TokenCounts::default();
            counts.add(&document);
            let usage = counts.usage().unwrap();
            assert_eq!(usage.prompt, Tokens(prompt), "{document:?}");
            assert!(!counts.wrote_none);
        }
    }

    #[test]
    fn nothing_was_written_where_the_total_says_so_too() {
        let counted = |usage: Json| {
            let mut counts = TokenCounts::default();
            counts.add(json!({ "usage": usage }).as_object().unwrap());
            (counts.wrote_none, counts.written, counts.thought)
        };
        let none = json!({ "prompt_tokens": 12, "completion_tokens": 0, "total_tokens": 12 });
        assert_eq!(counted(none), (true, None, None));
        let hidden = json!({ "prompt_tokens": 12, "completion_tokens": 0, "total_tokens": 139 });
        let all = Some(Tokens(127));
        assert_eq!(counted(hidden), (false, all, all));
        assert_eq!(counted(json!({ "prompt_tokens": 12 })), (false, None, None));
    }
}
