//! What is asked of which engine: the parameters that both kinds of completion share.

use std::hash::{BuildHasher, Hasher, RandomState};

use fathom_kernels::model::tokenizer::Tokenizer;
use fathom_shared::engine::EngineKind;
use fathom_shared::prompt::chat::{ChatMessage, DialogueEnding};
use fathom_shared::tokens::Tokens;
use serde::Deserialize;
use serde_json::Value;

use super::error::OpenAiError;
use super::parameters::RequestParameters;
use crate::engine::{EngineKey, LocalEngine, SamplingParams};

/// One request to an engine.
#[derive(Debug)]
pub(super) struct ApiRequest {
    /// The model as it was named.
    pub(super) model: String,
    pub(super) key: EngineKey,
    pub(super) prompts: PromptInput,
    /// The prompt stands before the answer.
    pub(super) echo: bool,
    /// Room for each answer; what is left of the context where absent, up to [`ANSWER`].
    pub(super) max_tokens: Option<Tokens>,
    pub(super) settings: SamplingParams,
}

/// The default limit of an answer: its KV cache is allocated before the first token.
const ANSWER: Tokens = Tokens(4096);

/// The longest stop string and the most of them: every piece of text is compared with each.
const STOPS: (usize, usize) = (64, 1024);

/// How many of the likeliest tokens are returned at most.
pub(super) const TOP: usize = 20;

/// What is to be completed.
#[derive(Clone, PartialEq, Debug)]
pub(super) enum PromptInput {
    Texts(Vec<String>),
    Ids(Vec<Vec<u32>>),
    Dialogue(Vec<ChatMessage>, DialogueEnding),
}

/// How the answer is sent.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) struct StreamMode {
    pub(super) stream: bool,
    pub(super) usage: bool,
}

#[derive(Deserialize)]
#[serde(untagged)]
enum StopParameter {
    One(String),
    Many(Vec<String>),
}

#[derive(Deserialize)]
struct StreamOptions {
    include_usage: Option<bool>,
}

impl StreamMode {
    pub(super) fn take(from: &mut RequestParameters) -> Result<Self, OpenAiError> {
        let stream = from.take("stream")?.unwrap_or(false);
        let options: Option<StreamOptions> = from.take("stream_options")?;
        if options.is_some() && !stream {
            let message = "it is for `stream: true` only";
            return Err(OpenAiError::parameter("stream_options", message));
        }
        let usage = options.is_some_and(|options| options.include_usage == Some(true));
        Ok(Self { stream, usage })
    }
}

/// `ID`, or `ID@ENGINE` for another engine of this machine than the processor.
pub(super) fn model(from: &mut RequestParameters) -> Result<(String, EngineKey), OpenAiError> {
    let named: String = from
        .take("model")?
        .ok_or_else(|| OpenAiError::parameter("model", "it is missing"))?;
    let (id, kind) = match named.rsplit_once('@') {
        Some((id, engine)) => {
            let kind = engine.parse::<EngineKind>();
            let kind = kind.map_err(|error| OpenAiError::Model(error.to_string()))?;
            (id, kind)
        }
        None => (named.as_str(), EngineKind::default()),
    };
    if !kind.is_local() {
        return Err(OpenAiError::Model(format!(
            "`{named}` is not on this machine; only its own engines answer here"
        )));
    }
    let key = EngineKey {
        kind,
        model: id.to_owned(),
        rope: None,
        kv: None,
    };
    Ok((named, key))
}

/// Temperature, nucleus, seed and stop strings. As with OpenAI, the temperature is 1 where none
/// is given, and without a seed no two answers are alike.
pub(super) fn settings(from: &mut RequestParameters) -> Result<SamplingParams, OpenAiError> {
    let ranged = |name, value: Option<f64>, least: f64, most: f64| match value {
        Some(value) if !(least..=most).contains(&value) => {
            let message = format!("it is {value}, expected {least} to {most}");
            Err(OpenAiError::parameter(name, message))
        }
        value => Ok(value.unwrap_or(1.0) as f32),
    };
    let temperature = ranged("temperature", from.take("temperature")?, 0.0, 2.0)?;
    let top_p = ranged("top_p", from.take("top_p")?, 0.0, 1.0)?;
    let seed: Option<i64> = from.take("seed")?;
    let stop = match from.take("stop")? {
        None => Vec::new(),
        Some(StopParameter::One(stop)) => vec![stop],
        Some(StopParameter::Many(stops)) => stops,
    };
    let (many, long) = STOPS;
    if stop.len() > many || stop.iter().any(|stop| !(1..=long).contains(&stop.len())) {
        let message = format!("expected at most {many} texts of 1 to {long} bytes");
        return Err(OpenAiError::parameter("stop", message));
    }
    Ok(SamplingParams {
        temperature,
        top_p,
        // The hasher's keys are drawn by the system, and another for each.
        seed: seed.map_or_else(
            || RandomState::new().build_hasher().finish(),
            i64::cast_unsigned,
        ),
        stop,
        ..SamplingParams::default()
    })
}

/// A count of likeliest tokens.
pub(super) fn top(
    name: &'static str,
    from: &mut RequestParameters,
) -> Result<Option<usize>, OpenAiError> {
    match from.take(name)? {
        Some(got) if got > TOP => {
            let message = format!("it is {got}, expected at most {TOP}");
            Err(OpenAiError::parameter(name, message))
        }
        top => Ok(top),
    }
}

impl PromptInput {
    /// A text, several, token ids, or several lists of token ids.
    pub(super) fn of_completion(prompt: Value) -> Result<Self, OpenAiError> {
        let wrong = || {
            let message = "expected a text, a list of texts, a list of token ids, or a list of lists of token ids, none of them empty";
            OpenAiError::parameter("prompt", message)
        };
        let read = match &prompt {
            Value::String(text) => Self::Texts(vec![text.clone()]),
            Value::Array(items) => match items.first() {
                Some(Value::String(_)) => Self::Texts(texts(items).ok_or_else(wrong)?),
                Some(Value::Number(_)) => Self::Ids(vec![ids(items).ok_or_else(wrong)?]),
                Some(Value::Array(_)) => {
                    let lists = items.iter().map(|list| ids(list.as_array()?));
                    Self::Ids(lists.collect::<Option<_>>().ok_or_else(wrong)?)
                }
                _ => return Err(wrong()),
            },
            _ => return Err(wrong()),
        };
        let empty = match &read {
            Self::Texts(texts) => texts.iter().any(String::is_empty),
            Self::Ids(lists) => lists.iter().any(Vec::is_empty),
            Self::Dialogue(..) => false,
        };
        if empty { Err(wrong()) } else { Ok(read) }
    }

    /// The text and the tokens of each prompt.
    pub(super) fn tokens(
        &self,
        local: &LocalEngine,
    ) -> Result<Vec<(String, Vec<u32>)>, OpenAiError> {
        let tokenizer = local.tokenizer();
        match self {
            Self::Texts(texts) => {
                let encoded = texts
                    .iter()
                    .map(|text| (text.clone(), tokenizer.encode(text)));
                Ok(encoded.collect())
            }
            Self::Ids(lists) => {
                let decoded = lists.iter().map(|ids| {
                    known("prompt", ids, tokenizer)?;
                    Ok((tokenizer.decode(ids), ids.clone()))
                });
                decoded.collect()
            }
            Self::Dialogue(messages, ending) => {
                let template = local.template().ok_or_else(|| {
                    let model = &local.info().model;
                    let message = format!(
                        "the model `{model}` has no chat template, expected one; ask /v1/completions with a `prompt`"
                    );
                    OpenAiError::parameter("messages", message)
                })?;
                let text = template
                    .dialogue(messages, *ending)
                    .map_err(|error| OpenAiError::parameter("messages", error.to_string()))?;
                let ids = tokenizer.encode(&text);
                Ok(vec![(text, ids)])
            }
        }
    }
}

/// Refuses ids that no token has.
pub(super) fn known(
    param: &'static str,
    ids: &[u32],
    tokenizer: &Tokenizer,
) -> Result<(), OpenAiError> {
    match ids.iter().find(|id| **id as usize >= tokenizer.size()) {
        Some(id) => {
            let message = format!(
                "token id {id} is not the model's, which has {} tokens",
                tokenizer.size()
            );
            Err(OpenAiError::parameter(param, message))
        }
        None => Ok(()),
    }
}

impl ApiRequest {
    /// The room for the answer to a prompt.
    pub(super) fn room(&self, local: &LocalEngine, prompt: usize) -> Tokens {
        self.max_tokens
            .unwrap_or_else(|| local.room(prompt).min(ANSWER).max(Tokens(1)))
    }
}

fn texts(items: &[Value]) -> Option<Vec<String>> {
    items
        .iter()
        .map(|item| item.as_str().map(str::to_owned))
        .collect()
}

fn ids(items: &[Value]) -> Option<Vec<u32>> {
    items
        .iter()
        .map(|item| u32::try_from(item.as_u64()?).ok())
        .collect()
}

#[cfg(test)]
mod tests;
