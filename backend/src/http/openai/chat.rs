//! `POST /v1/chat/completions`: a dialogue goes on, in the words of the model's own chat template.
//! As with vLLM, `continue_final_message` goes on with the assistant's last message.

use axum::Extension;
use axum::body::Bytes;
use axum::extract::State;
use axum::extract::rejection::BytesRejection;
use axum::http::HeaderMap;
use axum::response::Response;
use fathom_shared::prompt::chat::{ChatMessage, DialogueEnding};
use fathom_shared::tokens::Tokens;
use serde::Deserialize;
use serde_json::{Value, json};

use super::api_request::{self, ApiRequest, PromptInput, StreamMode};
use super::envelope::{CompletionChoice, CompletionForm};
use super::error::OpenAiError;
use super::parameters::RequestParameters;
use super::queue_position::deliver;
use super::token_text::{self, TokenText};
use super::{AppState, EngineTurn};

#[derive(Deserialize)]
struct MessageBody {
    role: String,
    #[serde(default)]
    content: Value,
}

pub(super) async fn create(
    State(state): State<AppState>,
    Extension(turn): Extension<EngineTurn>,
    headers: HeaderMap,
    body: Result<Bytes, BytesRejection>,
) -> Result<Response, OpenAiError> {
    let mut from = RequestParameters::read(&headers, body)?;
    let (model, key) = api_request::model(&mut from)?;
    let delivery = StreamMode::take(&mut from)?;
    let messages = messages(&mut from)?;
    let ending = ending(&mut from, &messages)?;
    let mut settings = api_request::settings(&mut from)?;
    let logprobs = from.take("logprobs")?.unwrap_or(false);
    let top = api_request::top("top_logprobs", &mut from)?;
    if top.is_some_and(|top| top > 0) && !logprobs {
        let message = "it is for `logprobs: true` only";
        return Err(OpenAiError::parameter("top_logprobs", message));
    }
    settings.logprobs = logprobs.then_some(top.unwrap_or_default());
    // The newer name first.
    let newer = from.take("max_completion_tokens")?;
    let older = from.take("max_tokens")?;
    let max_tokens = newer.or(older).map(Tokens);
    if max_tokens == Some(Tokens(0)) {
        return Err(OpenAiError::parameter(
            "max_tokens",
            "it is 0, expected at least 1",
        ));
    }
    if from.take("echo")?.unwrap_or(false) {
        let (param, got) = ("echo".to_owned(), Value::Bool(true));
        return Err(OpenAiError::Unsupported { param, got });
    }
    let request = ApiRequest {
        model,
        key,
        prompts: PromptInput::Dialogue(messages, ending),
        echo: false,
        max_tokens,
        settings,
    };
    from.finish()?;
    deliver(ChatForm { logprobs }, state, turn, request, delivery).await
}

pub(super) fn messages(from: &mut RequestParameters) -> Result<Vec<ChatMessage>, OpenAiError> {
    let wrong = |message: String| OpenAiError::parameter("messages", message);
    let said: Vec<MessageBody> = from.take("messages")?.unwrap_or_default();
    if said.is_empty() {
        return Err(wrong("expected at least one message".to_owned()));
    }
    let message = |said: MessageBody| {
        let content = match said.content {
            Value::String(text) => text,
            Value::Array(parts) => {
                let texts = parts.iter().map(part).collect::<Result<Vec<_>, _>>();
                texts.map_err(wrong)?.join("\n")
            }
            // An answer that was but a call of a tool.
            Value::Null if said.role == "assistant" => String::new(),
            other => {
                let (role, what) = (&said.role, kind(&other));
                return Err(wrong(format!(
                    "the content of the message of `{role}` is {what}, expected a text or a list of parts"
                )));
            }
        };
        // OpenAI's newer name of it, which no template knows.
        let role = match said.role.as_str() {
            "developer" => "system".to_owned(),
            _ => said.role,
        };
        Ok(ChatMessage { role, content })
    };
    said.into_iter().map(message).collect()
}

/// The text of a part of a message.
fn part(part: &Value) -> Result<String, String> {
    match (part["type"].as_str(), part["text"].as_str()) {
        (Some("text"), Some(text)) => Ok(text.to_owned()),
        (Some(kind), _) => Err(format!(
            "a part of a message is `{kind}`, expected `text` with a text"
        )),
        (None, _) => Err(format!(
            "a part of a message is {}, expected an object with `type` and `text`",
            kind(part)
        )),
    }
}

fn kind(value: &Value) -> &'static str {
    match value {
        Value::Null => "null",
        Value::Bool(_) => "true or false",
        Value::Number(_) => "a number",
        Value::String(_) => "a text",
        Value::Array(_) => "a list",
        Value::Object(_) => "an object",
    }
}

pub(super) fn ending(
    from: &mut RequestParameters,
    messages: &[ChatMessage],
) -> Result<DialogueEnding, OpenAiError> {
    let name = "continue_final_message";
    let goes_on = from.take(name)?.unwrap_or(false);
    let answer: Option<bool> = from.take("add_generation_prompt")?;
    let last = messages.last().map_or("", |last| last.role.as_str());
    match (goes_on, answer) {
        (true, Some(true)) => {
            let message = "it is true beside `add_generation_prompt`, expected one of them";
            Err(OpenAiError::parameter(name, message))
        }
        (true, _) if last != "assistant" => {
            let message = format!("the last message is the {last}'s, expected the assistant's");
            Err(OpenAiError::parameter(name, message))
        }
        (true, _) => Ok(DialogueEnding::Continue),
        (false, Some(false)) => Ok(DialogueEnding::Closed),
        (false, _) => Ok(DialogueEnding::Answer),
    }
}

struct ChatForm {
    logprobs: bool,
}

impl CompletionForm for ChatForm {
    const ID: &'static str = "chatcmpl";
    const OBJECT: [&'static str; 2] = ["chat.completion", "chat.completion.chunk"];

    fn whole(&self, choice: &CompletionChoice) -> Value {
        json!({
            "message": {"role": "assistant", "content": choice.text, "refusal": null},
            "logprobs": self.logprobs.then(|| token_text::of_chat(&choice.tokens)),
        })
    }

    fn first(&self) -> Option<Value> {
        Some(json!({"delta": {"role": "assistant", "content": ""}, "logprobs": null}))
    }

    fn piece(&self, text: &str, tokens: &[TokenText]) -> Value {
        json!({
            "delta": {"content": text},
            "logprobs": self.logprobs.then(|| token_text::of_chat(tokens)),
        })
    }

    fn last(&self) -> Value {
        json!({"delta": {}, "logprobs": null})
    }
}
