//! `GET /tokenizer_info`, `POST /tokenize` and `POST /detokenize`, as vLLM has them: with these
//! lm-eval counts by the tokenizer of the model under test and needs none of its own.

use std::sync::{Arc, Mutex, PoisonError};

use axum::body::Bytes;
use axum::extract::rejection::BytesRejection;
use axum::extract::{Query, State};
use axum::http::HeaderMap;
use axum::{Extension, Json};
use fathom_kernels::model::tokenizer::Tokenizer;
use serde::Deserialize;
use serde_json::{Value, json};
use tokio::task::spawn_blocking;

use super::AppState;
use super::api_request::known;
use super::error::OpenAiError;
use super::parameters::RequestParameters;
use crate::data::inspect;
use crate::data::models::{LocalModel, ModelError, ModelStore};

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
    let prompt = prompt.ok_or_else(|| OpenAiError::parameter("prompt", "it is missing"))?;
    let special = from.take("add_special_tokens")?.unwrap_or(true);
    let done = spawn_blocking(move || {
        let reader = words.of(state.catalog.models(), named)?;
        let tokenizer = &reader.tokenizer;
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
