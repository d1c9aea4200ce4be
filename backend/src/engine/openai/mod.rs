//! A client for servers that speak OpenAI's API: vLLM, SGLang, llama-server, hosted ones.
//!
//! ```text
//! Endpoints --open(id)--> Openai --complete--> retry --> attempt --> sse, json, reply
//!                                --preflight-> checks before the first prompt
//! ```

mod answer_limit; // how many tokens and bytes an answer may have
mod attempt; // one request
mod client; // an endpoint that is ready for requests
mod content_parts; // message content: text, or parts of several kinds
mod embeddings; // a client for OpenAI's `/embeddings`
mod endpoints; // all configured endpoints
mod error; // errors of one request
mod error_messages; // what a server says is wrong
mod finish_reason; // finish reasons, as different servers spell them
mod json; // tolerant parsing of servers' JSON
pub mod launch; // launch commands for servers
mod logprobs; // log probabilities in replies
mod one_line; // a server's words as one line that a terminal
mod preflight; // checks before the first prompt of a run
mod reply; // parses replies
mod request; // builds request bodies
mod retry; // retries of failed requests
mod sse; // server-sent events, as far as OpenAI's streams use them
mod token_counts; // token counts in replies, under each server's names
mod tokenizer; // the tokenizer and chat template of the model behind an endpoint
mod too_long; // detects errors that say the prompt is too long
mod wait; // waits for a server within its time limits
mod whole_answer; // a complete reply

use std::sync::Arc;
use std::sync::atomic::AtomicBool;

use fathom_shared::engine::{EngineKind, Preflight, PreflightPlan};
use fathom_shared::prompt::DialogueRenderer;
use fathom_shared::tokens::{TokenCounter, Tokens};
use fathom_shared::transcript::{Completion, EngineInfo, FailureKind, Outcome};
use tokio::runtime::Handle;

use super::local::told_date;
use super::{CompletionRequest, EngineAnswer, EngineProgress};
use crate::config::{Endpoint, EndpointApi};
pub use client::OpenError;
use client::{CountCheck, EndpointClient};
pub use embeddings::EndpointEmbedder;
pub use endpoints::EndpointClients;
use error::RequestError;
use request::ChatRequest;
pub use tokenizer::EndpointTokenizerError;
use wait::RequestWatch;

/// One client of an endpoint. Those of the same endpoint share connections and tokenizer.
#[derive(Clone, Debug)]
pub struct OpenAiEngine {
    info: EngineInfo,
    server: Arc<EndpointClient>,
    handle: Handle,
}

impl OpenAiEngine {
    fn new(server: Arc<EndpointClient>, handle: Handle) -> Self {
        let endpoint = &server.endpoint;
        let engine = EngineKind::Openai {
            endpoint: endpoint.id.to_string(),
        };
        Self {
            info: EngineInfo {
                engine: engine.to_string(),
                device: endpoint.base_url.to_string(),
                model: endpoint.model.clone(),
                template_date: told_date(server.words.template.as_ref()),
                ..EngineInfo::default()
            },
            server,
            handle,
        }
    }

    /// What the configuration says.
    pub fn endpoint(&self) -> &Endpoint {
        &self.server.endpoint
    }

    /// Who answers.
    pub fn info(&self) -> &EngineInfo {
        &self.info
    }

    /// Who puts a dialogue into the model's words.
    pub fn dialogue(&self) -> DialogueRenderer {
        match self.server.endpoint.api {
            EndpointApi::Chat => DialogueRenderer::Endpoint,
            EndpointApi::Completions => self.server.words.template.clone().into(),
        }
    }

    /// Why a prompt cannot be put into the model's words, where that is ours to do and no template
    /// is known.
    pub fn template_absence(&self) -> Option<String> {
        let none = || "neither `chat_template` nor the tokenizer's files name one".to_owned();
        let absence = self.server.words.template_absence.clone();
        matches!(self.dialogue(), DialogueRenderer::Unknown).then(|| absence.unwrap_or_else(none))
    }

    /// Counts with the tokenizer of the configuration.
    pub fn counter(&self) -> TokenCounter<'static> {
        self.server.words.counting.counter()
    }

    /// As [`super::Engine::complete`]; blocks, so it is not for asynchronous code.
    pub fn complete(
        &self,
        ask: CompletionRequest<'_>,
        cancel: &AtomicBool,
        report: &mut dyn FnMut(EngineProgress<'_>),
    ) -> EngineAnswer {
        let ours = self.server.words.prompt_tokens(&ask.prompt.text);
        if let Some(message) = self.refusal(ours, ask.max_tokens) {
            return EngineAnswer::failed(Some(ours), FailureKind::Context, message);
        }
        report(EngineProgress::Prefill {
            done: Tokens(0),
            total: ours,
        });
        let mut watch = RequestWatch::new(cancel, report);
        let asked = self.handle.block_on(self.ask(&ask, &mut watch));
        match asked {
            Ok(completion) => self.checked(ours, completion),
            Err(fault) => EngineAnswer::failed(Some(ours), fault.kind, self.said(&fault)),
        }
    }

    /// Looks at everything that would make a run measure something else, with a few requests;
    /// blocks. [`Preflight::refusal`] says whether a run may start.
    pub fn preflight(
        &self,
        plan: &PreflightPlan,
        cancel: &AtomicBool,
        report: &mut dyn FnMut(EngineProgress<'_>),
    ) -> Preflight {
        let checks = preflight::run(&self.server, plan, cancel, report);
        self.handle.block_on(checks)
    }

    /// The prompt and all that may be written must fit: no server's silent cut is relied upon.
    fn refusal(&self, prompt: Tokens, answer: Tokens) -> Option<String> {
        let endpoint = &self.server.endpoint;
        let room = request::room(endpoint, answer);
        let needed = prompt.0.saturating_add(room.0);
        if prompt.0 == 0 {
            Some("the prompt has no tokens, expected at least 1".to_owned())
        } else if needed > endpoint.context.get() {
            let (id, context) = (&endpoint.id, endpoint.context);
            Some(format!(
                "the prompt has {prompt} tokens and the answer may take {room}, the endpoint `{id}` reads {context}"
            ))
        } else {
            None
        }
    }

    async fn ask(
        &self,
        ask: &CompletionRequest<'_>,
        watch: &mut RequestWatch<'_>,
    ) -> Result<Completion, RequestError> {
        let EndpointClient {
            endpoint, words, ..
        } = &*self.server;
        let call = ChatRequest::new(endpoint, words, ask);
        let (whole, timings) = retry::ask(&self.server, &call, watch).await?;
        let ours = || {
            let thinking = whole.thinking.as_deref().unwrap_or("");
            Tokens(words.count(&whole.text).0 + words.count(thinking).0)
        };
        let tokens = whole.written.unwrap_or_else(ours);
        if let Some(sentence) = self.server.only_thinking(&whole) {
            tracing::warn!(endpoint = endpoint.id.as_str(), "{sentence}");
        }
        if !ask.options.is_empty() {
            let told = likelihoods(ask.options, &whole.likely)?;
            return Ok(Completion {
                usage: whole.usage,
                ..Completion::chosen(ask.options, told, timings)
            });
        }
        Ok(Completion {
            options: Vec::new(),
            tokens,
            text: whole.text,
            thinking: whole.thinking,
            thinking_end_alone: whole.end_alone,
            finish: whole.finish,
            usage: whole.usage,
            timings,
        })
    }

    /// Holds the server's count of the prompt against ours.
    fn checked(&self, ours: Tokens, completion: Completion) -> EngineAnswer {
        let mut completion = completion;
        completion.usage = completion
            .usage
            .filter(|usage| !CountCheck::is_beyond(ours, *usage));
        let Some(usage) = completion.usage else {
            return EngineAnswer {
                prompt_tokens: Some(ours),
                outcome: Outcome::Completed(completion),
            };
        };
        let id = self.server.endpoint.id.as_str();
        if CountCheck::is_cut(ours, usage) {
            let read = usage.prompt;
            let message = format!(
                "the endpoint `{id}` read {read} tokens of a prompt of {ours}: it cuts prompts"
            );
            return EngineAnswer::failed(Some(read), FailureKind::Context, message);
        }
        if let Some(sentence) = self.server.counts.compare(ours, usage) {
            tracing::warn!(endpoint = id, "{sentence}");
        }
        EngineAnswer {
            prompt_tokens: Some(usage.prompt),
            outcome: Outcome::Completed(completion),
        }
    }

    /// The sentence for a row: with the endpoint's name, without its key.
    fn said(&self, fault: &RequestError) -> String {
        match fault.kind {
            FailureKind::Cancelled => fault.message.clone(),
            _ => {
                let id = &self.server.endpoint.id;
                let said = format!("the endpoint `{id}` {}", fault.message);
                one_line::line(&self.server.scrub(&said))
            }
        }
    }
}

/// How likely each option was, by its first token; an option that the server did not list was less
/// likely than all that it did.
fn likelihoods(
    options: &[String],
    likely: &[(String, f64)],
) -> Result<Vec<Option<f64>>, RequestError> {
    if likely.is_empty() {
        let message = "told no log-probabilities, by which an option would be chosen";
        return Err(RequestError::refused(message.to_owned()));
    }
    if logprobs::by_number(likely) {
        let message = "tells tokens by number (`token_id:…`), not by letters: start it without return_tokens_as_token_ids";
        return Err(RequestError::refused(message.to_owned()));
    }
    let told = options.iter().map(|option| {
        let begins = |token: &str| {
            let token = logprobs::letters(token);
            !token.is_empty() && option.starts_with(token)
        };
        let mine = likely.iter().filter(|(token, _)| begins(token));
        mine.map(|(_, logprob)| *logprob).max_by(f64::total_cmp)
    });
    let told: Vec<Option<f64>> = told.collect();
    if told.iter().all(Option::is_none) {
        return Err(RequestError::refused(format!(
            "has none of {} among its {} likeliest tokens",
            options.join(", "),
            likely.len()
        )));
    }
    Ok(told)
}

#[cfg(test)]
pub(crate) mod tests;
