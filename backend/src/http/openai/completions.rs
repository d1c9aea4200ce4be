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

use super::api_request::{self, ApiRequest, PromptInput, StreamMode};
use super::envelope::{CompletionChoice, CompletionForm};
use super::error::OpenAiError;
use super::parameters::RequestParameters;
use super::queue_position::deliver;
use super::token_text::{self, TokenText};
use super::{AppState, EngineTurn};

/// OpenAI's own default.
const MAX_TOKENS: Tokens = Tokens(16);

pub(super) async fn create(
    State(state): State<AppState>,
    Extension(turn): Extension<EngineTurn>,
    headers: HeaderMap,
    body: Result<Bytes, BytesRejection>,
) -> Result<Response, OpenAiError> {
    let mut from = RequestParameters::read(&headers, body)?;
    let (model, key) = api_request::model(&mut from)?;
    let delivery = StreamMode::take(&mut from)?;
    let prompt = from.take("prompt")?.unwrap_or(Value::Null);
    let echo = from.take("echo")?.unwrap_or(false);
    let mut settings = api_request::settings(&mut from)?;
    settings.logprobs = api_request::top("logprobs", &mut from)?;
    settings.prompt_logprobs = echo && settings.logprobs.is_some();
    let request = ApiRequest {
        model,
        key,
        prompts: PromptInput::of_completion(prompt)?,
        echo,
        max_tokens: Some(from.take("max_tokens")?.map_or(MAX_TOKENS, Tokens)),
        settings,
    };
    from.finish()?;
    let logprobs = request.settings.logprobs.is_some();
    deliver(TextForm { logprobs }, state, turn, request, delivery).await
}

struct TextForm {
    logprobs: bool,
}

impl CompletionForm for TextForm {
    const ID: &'static str = "cmpl";
    const OBJECT: [&'static str; 2] = ["text_completion", "text_completion"];

    fn whole(&self, choice: &CompletionChoice) -> Value {
        self.piece(&choice.text, &choice.tokens)
    }

    fn first(&self) -> Option<Value> {
        None
    }

    fn piece(&self, text: &str, tokens: &[TokenText]) -> Value {
        let logprobs = self.logprobs.then(|| token_text::of_completion(tokens));
        json!({"text": text, "logprobs": logprobs})
    }

    fn last(&self) -> Value {
        json!({"text": "", "logprobs": null})
    }
}
