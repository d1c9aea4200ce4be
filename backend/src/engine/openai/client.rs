//! An endpoint made ready: its connections, its key, what is known of its model. Shared by all who
//! ask it.

use std::sync::atomic::{AtomicBool, AtomicI64, Ordering};

use fathom_shared::tokens::Tokens;
use fathom_shared::transcript::{FinishReason, TokenUsage};
use reqwest::Client;
use reqwest::header::{AUTHORIZATION, HeaderMap, HeaderValue};
use reqwest::redirect::Policy;

use super::tokenizer::{EndpointTokenizer, EndpointTokenizerError};
use super::whole_answer::WholeAnswer;
use crate::config::{ApiKey, ApiKeyError, Endpoint};
use crate::data::models::ModelStore;
use crate::http_client;

/// Why an endpoint cannot be asked.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    /// The configuration names no such endpoint.
    #[error("there is no endpoint `{id}` in the configuration; there is {here}")]
    Unknown {
        /// The id asked for.
        id: String,
        /// The ids that are there.
        here: String,
    },
    /// Its key.
    #[error("the endpoint `{id}` cannot be asked")]
    Key {
        /// The endpoint.
        id: String,
        /// What is wrong with the key.
        source: ApiKeyError,
    },
    /// Its tokenizer or template.
    #[error("the endpoint `{id}` cannot be asked")]
    Words {
        /// The endpoint.
        id: String,
        /// What is wrong.
        source: Box<EndpointTokenizerError>,
    },
    /// Another model than the one that is to be asked.
    #[error("the endpoint `{id}` serves the model `{here}`, asked for was `{got}`")]
    Model {
        /// The endpoint.
        id: String,
        /// The model asked for.
        got: String,
        /// The model of the configuration.
        here: String,
    },
    /// Other positions than those the server was started with.
    #[error(
        "the endpoint `{id}` was started with {here}, asked for was {got}: positions are chosen when a server starts (`fathom endpoint launch`)"
    )]
    Positions {
        /// The endpoint.
        id: String,
        /// The positions asked for.
        got: String,
        /// The positions of the configuration.
        here: String,
    },
    /// TLS cannot be set up.
    #[error("the endpoint `{id}` cannot be asked")]
    Client {
        /// The endpoint.
        id: String,
        /// What is wrong.
        source: reqwest::Error,
    },
}

/// An endpoint made ready.
#[derive(Debug)]
pub(super) struct EndpointClient {
    pub(super) endpoint: Endpoint,
    pub(super) client: Client,
    pub(super) words: EndpointTokenizer,
    key: Option<ApiKey>,
    pub(super) counts: CountCheck,
    /// Whether the log has it that an answer was all thinking.
    thought: AtomicBool,
}

impl EndpointClient {
    pub(super) fn open(
        endpoint: &Endpoint,
        models: &ModelStore,
        variable: impl Fn(&str) -> Option<String>,
    ) -> Result<Self, OpenError> {
        let id = || endpoint.id.to_string();
        let key = endpoint.key(variable);
        let key = key.map_err(|source| OpenError::Key { id: id(), source })?;
        let words = EndpointTokenizer::load(endpoint, models);
        let words = words.map_err(|source| OpenError::Words {
            id: id(),
            source: Box::new(source),
        })?;
        let mut headers = HeaderMap::new();
        // A key is printable ASCII, so it makes a header.
        let bearer = key.as_ref().map(ApiKey::bearer);
        if let Some(mut value) = bearer.and_then(|bearer| HeaderValue::try_from(bearer).ok()) {
            value.set_sensitive(true);
            headers.insert(AUTHORIZATION, value);
        }
        let client = http_client::builder()
            .default_headers(headers)
            // The key goes to the address of the configuration and nowhere else.
            .redirect(Policy::none())
            .connect_timeout(endpoint.timeouts.connect_s.duration())
            .build()
            .map_err(|source| OpenError::Client { id: id(), source })?;
        Ok(Self {
            endpoint: endpoint.clone(),
            client,
            words,
            key,
            counts: CountCheck::default(),
            thought: AtomicBool::new(false),
        })
    }

    /// What the log should say, once, of an answer that came wholly as thinking and is scored as an
    /// empty one.
    pub(super) fn only_thinking(&self, whole: &WholeAnswer) -> Option<String> {
        let all =
            whole.thinking.is_some() && whole.text.trim().is_empty() && whole.likely.is_empty();
        let why = match whole.finish {
            FinishReason::Length => {
                "its room was full before an answer began: see `thinking_tokens`"
            }
            FinishReason::Stop => {
                "its reasoning parser may take answers for thinking: see docs/endpoints.md"
            }
        };
        let first = all && !self.thought.swap(true, Ordering::Relaxed);
        first.then(|| format!("an answer came wholly as thinking, which is not scored; {why}"))
    }

    /// `text` without the key.
    pub(super) fn scrub(&self, text: &str) -> String {
        self.key
            .as_ref()
            .map_or_else(|| text.to_owned(), |key| key.scrub(text))
    }
}

/// Holds the server's counts against ours.
#[derive(Debug)]
pub(super) struct CountCheck {
    /// Tokens that the server's template adds to a prompt; `i64::MIN` before the first answer.
    template: AtomicI64,
    warned: AtomicBool,
}

impl Default for CountCheck {
    fn default() -> Self {
        Self {
            template: AtomicI64::new(i64::MIN),
            warned: AtomicBool::new(false),
        }
    }
}

/// The fewest tokens that any server reads.
const LEAST: u64 = 256;

impl CountCheck {
    /// Notes how many tokens the template adds.
    pub(super) fn learn(&self, template: i64) {
        self.template.store(template, Ordering::Relaxed);
    }

    /// Compares the server's count with `ours`; the first answer tells what the template adds.
    /// The sentence for the log comes once.
    pub(super) fn compare(&self, ours: Tokens, usage: TokenUsage) -> Option<String> {
        let added = i64::from(usage.prompt.0) - i64::from(ours.0);
        let known =
            self.template
                .compare_exchange(i64::MIN, added, Ordering::Relaxed, Ordering::Relaxed);
        let template = known.map_or_else(|known| known, |_| added);
        // Where text and template meet, a token or two may merge.
        let off = (added - template).abs() > 8 + i64::from(ours.0) / 1000;
        let first = off && !self.warned.swap(true, Ordering::Relaxed);
        first.then(|| {
            format!(
                "it counts {} tokens in a prompt where we count {ours} and its template adds {template}: the tokenizer of the configuration is not the model's, or the prompt was cut",
                usage.prompt
            )
        })
    }

    /// Whether a count is of no prompt that was sent: no two tokenizers differ like that.
    pub(super) fn is_beyond(ours: Tokens, usage: TokenUsage) -> bool {
        let (ours, theirs) = (u64::from(ours.0), u64::from(usage.prompt.0));
        // No server reads as few as these: it is the rest of a prompt that it knew, or made up.
        let rest = theirs < LEAST && theirs * 2 < ours;
        rest || theirs > ours * 8 + 4096
    }

    /// Whether so much is missing that the prompt must have been cut: no two tokenizers for the
    /// same language differ by half.
    pub(super) fn is_cut(ours: Tokens, usage: TokenUsage) -> bool {
        ours.0 >= 256 && u64::from(usage.prompt.0) * 2 < u64::from(ours.0)
    }
}
