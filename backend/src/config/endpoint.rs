//! One server of the file.

use std::num::NonZeroU32;
use std::path::{Path, PathBuf};

use fathom_shared::engine::RopeParameters;
use fathom_shared::tokens::Tokens;
use serde::Deserialize;
use serde_json::{Map, Value as Json};

use super::key;
use super::{ApiKey, ApiKeyError, BaseUrl, EndpointId, Seconds};

/// An OpenAI-compatible server, and what is known of it.
#[derive(Clone, PartialEq, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Endpoint {
    /// Its name here.
    pub id: EndpointId,
    /// Where its paths begin, `/v1` included.
    pub base_url: BaseUrl,
    /// The model's name there.
    pub model: String,
    /// By which path it is asked.
    #[serde(default)]
    pub api: EndpointApi,
    /// Who counts its tokens: the path of a tokenizer.json or .gguf file, the id of a model that is
    /// here, `cl100k_base` or `o200k_base`.
    pub tokenizer: String,
    /// A file with the model's chat template (Jinja), for [`EndpointApi::Completions`]; without it
    /// the one in the tokenizer's GGUF file.
    pub chat_template: Option<PathBuf>,
    /// Tokens it reads, prompt and answer together.
    pub context: NonZeroU32,
    /// How [`EndpointApi::Chat`] receives the answer prefix.
    #[serde(default)]
    pub prefix: PrefixStyle,
    /// Whether the server's template opens the thinking itself, so that answers begin within it;
    /// `None` if the configuration does not say.
    pub opens_thinking: Option<bool>,
    /// Whether the answer is asked for piece by piece.
    #[serde(default = "yes")]
    pub stream: bool,
    /// How many prompts it is sent at once.
    #[serde(default = "eight")]
    pub max_in_flight: NonZeroU32,
    /// How long is waited.
    #[serde(default)]
    pub timeouts: Timeouts,
    /// How often a request is sent again after 429, 5xx or a broken connection.
    #[serde(default = "five")]
    pub retries: u32,
    /// What it costs.
    pub price: Option<TokenPrice>,
    /// The positions it was started with, where they are not the model's own.
    pub rope: Option<RopeParameters>,
    /// Bytes that keys and values of one token take, where the tokenizer's folder does not tell.
    pub kv_bytes_per_token: Option<u64>,
    /// The first pause before a request is sent again; each further one is about twice as long.
    #[serde(default = "one_second")]
    pub backoff_s: Seconds,
    /// Fields added to each request.
    #[serde(default)]
    pub body: Map<String, Json>,
    /// Fields of ours that are not sent, as some servers refuse what they do not know.
    #[serde(default)]
    pub omit: Vec<String>,
    /// By which field the room for the answer is given.
    #[serde(default)]
    pub room: MaxTokensField,
    /// Tokens for thinking, in addition to those for the answer.
    #[serde(default)]
    pub thinking_tokens: u32,
    /// The environment variable with its key.
    key_env: Option<String>,
    /// The file with its key.
    key_file: Option<PathBuf>,
}

/// By which path a server is asked.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum EndpointApi {
    /// `/completions`, with the whole prompt as text.
    #[default]
    Completions,
    /// `/chat/completions`, where the server applies the chat template.
    Chat,
}

/// How a chat receives the answer prefix.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum PrefixStyle {
    /// As an assistant's message that the server goes on with: `continue_final_message`.
    #[default]
    Continue,
    /// At the end of the user's message, as RULER does with hosted models.
    User,
}

/// The field with the room for the answer.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum MaxTokensField {
    /// `max_tokens`.
    #[default]
    MaxTokens,
    /// `max_completion_tokens`, as OpenAI's reasoning models want it.
    MaxCompletionTokens,
}

impl MaxTokensField {
    /// The field's name.
    pub fn name(self) -> &'static str {
        match self {
            Self::MaxTokens => "max_tokens",
            Self::MaxCompletionTokens => "max_completion_tokens",
        }
    }
}

/// How long is waited for what.
#[derive(Clone, Copy, PartialEq, Debug, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Timeouts {
    /// For the connection.
    pub connect_s: Seconds,
    /// For the first token: the queue of the server and the reading of the prompt.
    pub first_token_s: Seconds,
    /// From one token to the next.
    pub between_tokens_s: Seconds,
    /// For one request in all.
    pub whole_s: Seconds,
}

impl Default for Timeouts {
    /// Reading 128K tokens takes minutes on a small server, and others may stand before it.
    fn default() -> Self {
        Self {
            connect_s: Seconds::new(10),
            first_token_s: Seconds::new(1800),
            between_tokens_s: Seconds::new(120),
            whole_s: Seconds::new(3600),
        }
    }
}

/// What a million tokens cost.
#[derive(Clone, PartialEq, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TokenPrice {
    /// Tokens read.
    pub input: f64,
    /// Tokens written, thinking included.
    pub output: f64,
    /// The currency, as `USD`.
    pub currency: String,
}

impl TokenPrice {
    /// What so many tokens cost.
    pub fn of(&self, read: u64, written: u64) -> f64 {
        (self.input * read as f64 + self.output * written as f64) / 1e6
    }
}

fn yes() -> bool {
    true
}

fn eight() -> NonZeroU32 {
    NonZeroU32::MIN.saturating_add(7)
}

fn one_second() -> Seconds {
    Seconds::new(1)
}

fn five() -> u32 {
    5
}

impl Endpoint {
    /// Tokens it reads, prompt and answer together.
    pub fn context(&self) -> Tokens {
        Tokens(self.context.get())
    }

    /// Its key, where it wants one. `variable` reads an environment variable.
    ///
    /// # Errors
    /// [`ApiKeyError`]: it is not there, or others can read it.
    pub fn key(
        &self,
        variable: impl Fn(&str) -> Option<String>,
    ) -> Result<Option<ApiKey>, ApiKeyError> {
        ApiKey::find(self.key_env.as_deref(), self.key_file.as_deref(), variable)
    }

    /// Takes relative paths from the folder of the configuration.
    pub(super) fn resolve(&mut self, folder: &Path) {
        let paths = [&mut self.key_file, &mut self.chat_template];
        for path in paths.into_iter().flatten() {
            *path = folder.join(&*path);
        }
        // A name without an extension is no path.
        if self.tokenizer.ends_with(".json") || self.tokenizer.ends_with(".gguf") {
            let path = folder.join(&self.tokenizer);
            self.tokenizer = path.to_string_lossy().into_owned();
        }
    }

    /// What contradicts itself.
    pub(super) fn fault(&self) -> Option<String> {
        if let Some(fault) = key::fault(self.key_env.as_deref(), self.key_file.as_deref()) {
            return Some(fault);
        }
        if self.api == EndpointApi::Chat && self.chat_template.is_some() {
            let reason = "got a chat_template with api = \"chat\", where the server has its own; expected api = \"completions\"";
            return Some(reason.to_owned());
        }
        if self.model.is_empty() {
            return Some("model is empty, expected its name on the server".to_owned());
        }
        // Servers that are given a scaling without it fall back to another base, and say nothing.
        let rope = self.rope.as_ref();
        if rope.is_some_and(|rope| !rope.0.contains_key("rope_theta")) {
            return Some("got a rope without rope_theta, expected it always".to_owned());
        }
        let price = self.price.as_ref();
        let amount = |got: f64| got.is_finite() && got >= 0.0;
        if price.is_some_and(|price| !amount(price.input) || !amount(price.output)) {
            return Some("got a price that is no amount, expected 0 or more".to_owned());
        }
        const OURS: [&str; 6] = [
            "messages",
            "model",
            "prompt",
            "stream",
            "max_tokens",
            "max_completion_tokens",
        ];
        let taken = OURS.into_iter().find(|name| self.body.contains_key(*name));
        taken.map(|name| format!("body sets `{name}`, which fathom sets itself"))
    }
}
