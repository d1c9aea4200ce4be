//! `POST /v1/completions`: text goes on. Special tokens within a prompt are taken for what they
//! are, as vLLM does. Answers come one for each prompt (`n` is 1).

use axum::Extension;
use axum::body::Bytes;
use axum::extract::State;
use axum::extract::rejection::BytesRejection;
use axum::http::HeaderMap;
use axum::response::Response;
use fathom_shared::tokens::Tokens;
use serde_json::{Value, json};

use super::envelope::{Choice, Form};
use super::error::OpenAiError;
use super::order::{self, Delivery, Order, Prompts};
use super::parameters::Parameters;
use super::spelled::{self, Spelled};
use super::waiting::deliver;
use super::{AppState, Turn};

/// OpenAI's own default.
const MAX_TOKENS: Tokens = Tokens(16);

pub(super) async fn create(
    State(state): State<AppState>,
    Extension(turn): Extension<Turn>,
    headers: HeaderMap,
    body: Result<Bytes, BytesRejection>,
) -> Result<Response, OpenAiError> {
    let mut from = Parameters::read(&headers, body)?;
    let (model, key) = order::model(&mut from)?;
    let delivery = Delivery::take(&mut from)?;
    let prompt = from.take("prompt")?.unwrap_or(Value::Null);
    let echo = from.take("echo")?.unwrap_or(false);
    let mut settings = order::settings(&mut from)?;
    settings.logprobs = order::top("logprobs", &mut from)?;
    settings.prompt_logprobs = echo && settings.logprobs.is_some();
    let order = Order {
        model,
        key,
        prompts: Prompts::of_completion(prompt)?,
        echo,
        max_tokens: Some(from.take("max_tokens")?.map_or(MAX_TOKENS, Tokens)),
        settings,
    };
    from.finish()?;
    let logprobs = order.settings.logprobs.is_some();
    deliver(Text { logprobs }, state, turn, order, delivery).await
}

struct Text {
    logprobs: bool,
}

impl Form for Text {
    const ID: &'static str = "cmpl";
    const OBJECT: [&'static str; 2] = ["text_completion", "text_completion"];

    fn whole(&self, choice: &Choice) -> Value {
        self.piece(&choice.text, &choice.tokens)
    }

    fn first(&self) -> Option<Value> {
        None
    }

    fn piece(&self, text: &str, tokens: &[Spelled]) -> Value {
        let logprobs = self.logprobs.then(|| spelled::of_completion(tokens));
        json!({"text": text, "logprobs": logprobs})
    }

    fn last(&self) -> Value {
        json!({"text": "", "logprobs": null})
    }
}
