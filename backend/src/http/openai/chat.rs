//! `POST /v1/chat/completions`: a dialogue goes on, in the words of the model's own chat template.
//! As with vLLM, `continue_final_message` goes on with the assistant's last message.

use axum::Extension;
use axum::body::Bytes;
use axum::extract::State;
use axum::extract::rejection::BytesRejection;
use axum::http::HeaderMap;
use axum::response::Response;
use fathom_shared::prompt::chat::{Ending, Message};
use fathom_shared::tokens::Tokens;
use serde::Deserialize;
use serde_json::{Value, json};

use super::envelope::{Choice, Form};
use super::error::OpenAiError;
use super::order::{self, Delivery, Order, Prompts};
use super::parameters::Parameters;
use super::spelled::{self, Spelled};
use super::waiting::deliver;
use super::{AppState, Turn};

#[derive(Deserialize)]
struct Said {
    role: String,
    content: Content,
}

#[derive(Deserialize)]
#[serde(untagged)]
enum Content {
    Text(String),
    Parts(Vec<Part>),
}

#[derive(Deserialize)]
struct Part {
    #[serde(rename = "type")]
    kind: String,
    text: Option<String>,
}

pub(super) async fn create(
    State(state): State<AppState>,
    Extension(turn): Extension<Turn>,
    headers: HeaderMap,
    body: Result<Bytes, BytesRejection>,
) -> Result<Response, OpenAiError> {
    let mut from = Parameters::read(&headers, body)?;
    let (model, key) = order::model(&mut from)?;
    let delivery = Delivery::take(&mut from)?;
    let messages = messages(&mut from)?;
    let ending = ending(&mut from, &messages)?;
    let mut settings = order::settings(&mut from)?;
    let logprobs = from.take("logprobs")?.unwrap_or(false);
    let top = order::top("top_logprobs", &mut from)?;
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
    let order = Order {
        model,
        key,
        prompts: Prompts::Dialogue(messages, ending),
        echo: false,
        max_tokens,
        settings,
    };
    from.finish()?;
    deliver(Chat { logprobs }, state, turn, order, delivery).await
}

fn messages(from: &mut Parameters) -> Result<Vec<Message>, OpenAiError> {
    let wrong = |message: String| OpenAiError::parameter("messages", message);
    let said: Vec<Said> = from.take("messages")?.unwrap_or_default();
    if said.is_empty() {
        return Err(wrong("expected at least one message".to_owned()));
    }
    let message = |said: Said| {
        let content = match said.content {
            Content::Text(text) => text,
            Content::Parts(parts) => {
                let texts = parts.into_iter().map(|part| match part.text {
                    Some(text) if part.kind == "text" => Ok(text),
                    _ => Err(wrong(format!(
                        "a part of a message is `{}`, expected `text`",
                        part.kind
                    ))),
                });
                texts.collect::<Result<Vec<_>, _>>()?.join("\n")
            }
        };
        // OpenAI's newer name of it, which no template knows.
        let role = match said.role.as_str() {
            "developer" => "system".to_owned(),
            _ => said.role,
        };
        Ok(Message { role, content })
    };
    said.into_iter().map(message).collect()
}

fn ending(from: &mut Parameters, messages: &[Message]) -> Result<Ending, OpenAiError> {
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
        (true, _) => Ok(Ending::Continue),
        (false, Some(false)) => Ok(Ending::Closed),
        (false, _) => Ok(Ending::Answer),
    }
}

struct Chat {
    logprobs: bool,
}

impl Form for Chat {
    const ID: &'static str = "chatcmpl";
    const OBJECT: [&'static str; 2] = ["chat.completion", "chat.completion.chunk"];

    fn whole(&self, choice: &Choice) -> Value {
        json!({
            "message": {"role": "assistant", "content": choice.text, "refusal": null},
            "logprobs": self.logprobs.then(|| spelled::of_chat(&choice.tokens)),
        })
    }

    fn first(&self) -> Option<Value> {
        Some(json!({"delta": {"role": "assistant", "content": ""}, "logprobs": null}))
    }

    fn piece(&self, text: &str, tokens: &[Spelled]) -> Value {
        json!({
            "delta": {"content": text},
            "logprobs": self.logprobs.then(|| spelled::of_chat(tokens)),
        })
    }

    fn last(&self) -> Value {
        json!({"delta": {}, "logprobs": null})
    }
}
