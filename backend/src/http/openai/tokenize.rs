//! `GET /tokenizer_info`, `POST /tokenize` and `POST /detokenize`, as vLLM has them: with these
//! lm-eval counts by the tokenizer of the model under test and needs none of its own.

use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError};

use axum::body::Bytes;
use axum::extract::rejection::BytesRejection;
use axum::extract::{Query, State};
use axum::http::HeaderMap;
use axum::{Extension, Json};
use fathom_kernels::model::tokenizer::Tokenizer;
use fathom_shared::prompt::chat::{ChatMessage, DialogueEnding};
use serde::Deserialize;
use serde_json::{Value, json};
use tokio::task::spawn_blocking;

use super::api_request::known;
use super::error::OpenAiError;
use super::parameters::RequestParameters;
use super::{AppState, chat};
use crate::data::inspect;
use crate::data::models::{LocalModel, ModelError, ModelStore};
use crate::errors::chain;

/// The tokenizer asked last, as building one takes longer than using it.
#[derive(Clone, Debug, Default)]
pub(super) struct TokenizerCache(Arc<Mutex<Option<Arc<ModelTokenizer>>>>);

/// What of a model's file concerns text.
#[derive(Debug)]
struct ModelTokenizer {
    sha256: String,
    context: u32,
    tokenizer: Tokenizer,
    template: Option<String>,
    path: PathBuf,
}

impl ModelTokenizer {
    /// A dialogue in the words of the model's chat template. Blocks.
    fn render(
        &self,
        messages: &[ChatMessage],
        ending: DialogueEnding,
    ) -> Result<String, OpenAiError> {
        let wrong = |why: &str| OpenAiError::parameter("messages", why);
        let template = inspect::chat_template(&self.path)?;
        let template = template.ok_or_else(|| wrong("the model has no chat template"))?;
        let rendered = template.dialogue(messages, ending);
        rendered.map_err(|error| wrong(&chain(&error)))
    }
}

impl TokenizerCache {
    /// The model named, or the only one there is: lm-eval names none here. Blocks.
    fn of(
        &self,
        models: &ModelStore,
        named: Option<String>,
    ) -> Result<Arc<ModelTokenizer>, OpenAiError> {
        let model = match named {
            Some(named) => {
                let id = named.split('@').next().unwrap_or_default();
                models.find(id)?
            }
            None => only(models)?,
        };
        let mut held = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(reader) = &*held
            && reader.sha256 == model.info.sha256
        {
            return Ok(Arc::clone(reader));
        }
        let reader = Arc::new(read(&model)?);
        *held = Some(Arc::clone(&reader));
        Ok(reader)
    }
}

fn only(models: &ModelStore) -> Result<LocalModel, OpenAiError> {
    let mut usable: Vec<LocalModel> = models.list()?.into_iter().flatten().collect();
    match (usable.pop(), usable.is_empty()) {
        (Some(model), true) => Ok(model),
        _ => Err(OpenAiError::parameter(
            "model",
            "it is missing, and there is not just one model here",
        )),
    }
}

/// A GGUF file's, or those of a Hugging Face folder.
fn read(model: &LocalModel) -> Result<ModelTokenizer, ModelError> {
    Ok(ModelTokenizer {
        sha256: model.info.sha256.clone(),
        context: model.info.context.0,
        tokenizer: inspect::tokenizer(&model.path)?,
        template: inspect::template_source(&model.path)?,
        path: model.path.clone(),
    })
}

pub(super) async fn info(
    State(state): State<AppState>,
    Extension(words): Extension<TokenizerCache>,
    Query(query): Query<ModelQuery>,
) -> Result<Json<Value>, OpenAiError> {
    let reader = spawn_blocking(move || words.of(state.catalog.models(), query.model)).await??;
    let spelled = |token: &str| Some(token.to_owned()).filter(|token| !token.is_empty());
    let tokenizer = &reader.tokenizer;
    Ok(Json(json!({
        "tokenizer_class": "fathom", "model_max_length": reader.context,
        "bos_token": spelled(tokenizer.bos()), "eos_token": spelled(tokenizer.eos()),
        "chat_template": reader.template,
    })))
}

/// A model by its id, where there are several.
#[derive(Debug, Deserialize)]
pub(super) struct ModelQuery {
    model: Option<String>,
}

pub(super) async fn encode(
    State(state): State<AppState>,
    Extension(words): Extension<TokenizerCache>,
    headers: HeaderMap,
    body: Result<Bytes, BytesRejection>,
) -> Result<Json<Value>, OpenAiError> {
    let mut from = RequestParameters::read(&headers, body)?;
    let named = from.take("model")?;
    let prompt: Option<String> = from.take("prompt")?;
    // As vLLM's form for chats.
    let dialogue = match prompt.is_none() && from.has("messages") {
        true => {
            let messages = chat::messages(&mut from)?;
            let ending = chat::ending(&mut from, &messages)?;
            Some((messages, ending))
        }
        false => None,
    };
    let special = from.take("add_special_tokens")?.unwrap_or(true);
    let done = spawn_blocking(move || {
        let reader = words.of(state.catalog.models(), named)?;
        let tokenizer = &reader.tokenizer;
        let prompt = match (prompt, dialogue) {
            (Some(prompt), _) => prompt,
            (None, Some((messages, ending))) => reader.render(&messages, ending)?,
            (None, None) => {
                let message = "it is missing, and so is `messages`";
                return Err(OpenAiError::parameter("prompt", message));
            }
        };
        let mut ids = tokenizer.encode(&prompt);
        let bos = tokenizer.bos();
        // The first token, where it is not the prompt's own.
        if !special
            && !bos.is_empty()
            && !prompt.starts_with(bos)
            && ids
                .first()
                .is_some_and(|first| tokenizer.decode(&[*first]) == bos)
        {
            ids.remove(0);
        }
        Ok::<_, OpenAiError>(json!({
            "count": ids.len(), "max_model_len": reader.context, "tokens": ids,
        }))
    });
    Ok(Json(done.await??))
}

pub(super) async fn decode(
    State(state): State<AppState>,
    Extension(words): Extension<TokenizerCache>,
    headers: HeaderMap,
    body: Result<Bytes, BytesRejection>,
) -> Result<Json<Value>, OpenAiError> {
    let mut from = RequestParameters::read(&headers, body)?;
    let named = from.take("model")?;
    let tokens: Option<Vec<u32>> = from.take("tokens")?;
    let tokens = tokens.ok_or_else(|| OpenAiError::parameter("tokens", "it is missing"))?;
    let done = spawn_blocking(move || {
        let reader = words.of(state.catalog.models(), named)?;
        known("tokens", &tokens, &reader.tokenizer)?;
        Ok::<_, OpenAiError>(json!({"prompt": reader.tokenizer.decode(&tokens)}))
    });
    Ok(Json(done.await??))
}
