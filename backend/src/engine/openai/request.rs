//! What is sent.

use fathom_shared::prompt::Prompt;
use fathom_shared::thinking::{AnswerStart, OpenThinking};
use fathom_shared::tokens::Tokens;
use serde_json::{Map, Value as Json, json};

use super::tokenizer::EndpointTokenizer;
use crate::config::{Endpoint, EndpointApi, PrefixStyle};
use crate::engine::{CompletionRequest, SamplingParams};

/// So many of the likeliest tokens are asked for, where an option is to be chosen: as many as
/// OpenAI and vLLM tell at most.
pub(super) const LIKELIEST: u32 = 20;

/// The path below the base address.
pub(super) fn path(endpoint: &Endpoint) -> &'static str {
    match endpoint.api {
        EndpointApi::Completions => "completions",
        EndpointApi::Chat => "chat/completions",
    }
}

/// Room for all that the model writes.
pub(super) fn room(endpoint: &Endpoint, answer: Tokens) -> Tokens {
    Tokens(answer.0.saturating_add(endpoint.thinking_tokens))
}

/// One request.
#[derive(Clone, Debug)]
pub(super) struct ChatRequest {
    /// What is sent.
    pub(super) body: Json,
    /// Where the answer begins.
    pub(super) opened: AnswerStart,
    /// Room for all that is written.
    pub(super) room: Tokens,
}

impl ChatRequest {
    /// The request for `ask`.
    pub(super) fn new(
        endpoint: &Endpoint,
        words: &EndpointTokenizer,
        ask: &CompletionRequest<'_>,
    ) -> Self {
        let asked = match ask.options {
            [] => room(endpoint, ask.max_tokens),
            _ => Tokens(1),
        };
        Self {
            body: body(endpoint, words, ask),
            opened: opened(endpoint, ask.prompt),
            room: asked,
        }
    }

    /// The same for an answer in one piece.
    pub(super) fn unstreamed(mut self) -> Self {
        if let Json::Object(fields) = &mut self.body {
            fields.insert("stream".to_owned(), json!(false));
            fields.remove("stream_options");
        }
        self
    }
}

/// Whether the answer begins in a block of thinking, which the template has opened behind the
/// sample, ours or the server's. An answer that is begun is past the thinking. What the server's
/// template does is not known where the configuration does not say it.
fn opened(endpoint: &Endpoint, prompt: &Prompt) -> AnswerStart {
    let begun = !prompt.prefix.is_empty()
        && (endpoint.api == EndpointApi::Completions || endpoint.prefix == PrefixStyle::Continue);
    match (prompt.opened(), endpoint.opens_thinking) {
        (within @ AnswerStart::Within(_), _) => within,
        (_, Some(true)) if !begun => AnswerStart::Within(OpenThinking::ANY),
        (ours, _) if endpoint.api == EndpointApi::Completions => ours,
        (_, Some(false)) => AnswerStart::Closed,
        _ => AnswerStart::Unknown,
    }
}

/// The body of the request for `ask`.
fn body(endpoint: &Endpoint, words: &EndpointTokenizer, ask: &CompletionRequest<'_>) -> Json {
    let SamplingParams {
        temperature,
        top_p,
        seed,
        stop,
        // Only what runs here is asked for these.
        logprobs: _,
        prompt_logprobs: _,
    } = ask.settings;
    let mut body = match endpoint.api {
        EndpointApi::Completions => completion(words, ask.prompt),
        EndpointApi::Chat => chat(endpoint.prefix, ask.prompt),
    };
    let mut add = |name: &str, value: Json| body.insert(name.to_owned(), value);
    add("model", json!(endpoint.model));
    add(
        endpoint.room.name(),
        json!(room(endpoint, ask.max_tokens).0),
    );
    if !ask.options.is_empty() {
        // The first token tells; how likely it and others were stands beside it.
        add(endpoint.room.name(), json!(1));
        match endpoint.api {
            EndpointApi::Completions => add("logprobs", json!(LIKELIEST)),
            EndpointApi::Chat => {
                add("logprobs", json!(true));
                add("top_logprobs", json!(LIKELIEST))
            }
        };
    }
    add("temperature", json!(temperature));
    add("top_p", json!(top_p));
    // OpenAI's seeds are signed.
    add("seed", json!(seed & u64::from(u32::MAX)));
    add("stream", json!(endpoint.stream));
    if endpoint.stream {
        add("stream_options", json!({ "include_usage": true }));
    }
    if !stop.is_empty() {
        add("stop", json!(stop));
    }
    body.extend(endpoint.body.clone());
    body.retain(|name, _| !endpoint.omit.contains(name));
    Json::Object(body)
}

fn completion(words: &EndpointTokenizer, prompt: &Prompt) -> Map<String, Json> {
    let mut body = Map::new();
    body.insert("prompt".to_owned(), json!(prompt.text));
    // The template has written the first token itself; servers would add it once more.
    if words.begins(&prompt.text) {
        body.insert("add_special_tokens".to_owned(), json!(false));
    }
    body
}

fn chat(style: PrefixStyle, prompt: &Prompt) -> Map<String, Json> {
    let input = &prompt.text[prompt.input.clone()];
    let prefix = &prompt.text[prompt.prefix.clone()];
    let user = |content: &str| json!({ "role": "user", "content": content });
    let mut body = Map::new();
    let messages = match style {
        _ if prefix.is_empty() => json!([user(input)]),
        PrefixStyle::Continue => {
            body.insert("continue_final_message".to_owned(), json!(true));
            body.insert("add_generation_prompt".to_owned(), json!(false));
            json!([user(input), { "role": "assistant", "content": prefix }])
        }
        PrefixStyle::User => {
            let apart =
                input.ends_with(char::is_whitespace) || prefix.starts_with(char::is_whitespace);
            let space = if apart { "" } else { " " };
            json!([user(&format!("{input}{space}{prefix}"))])
        }
    };
    body.insert("messages".to_owned(), messages);
    body
}
