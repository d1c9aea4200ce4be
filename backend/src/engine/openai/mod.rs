//! A client for servers that speak OpenAI's API: vLLM, SGLang, llama-server, hosted ones.
//!
//! ```text
//! Endpoints --open(id)--> Openai --complete--> retry --> attempt --> sse, json, reply
//!                                --preflight-> checks before the first prompt
//! ```

mod attempt;
mod embeddings;
mod endpoints;
mod fault;
mod json;
pub mod launch;
mod likely;
mod parts;
mod plain;
mod preflight;
mod reason;
mod reply;
mod request;
mod retry;
mod server;
mod sse;
mod too_long;
mod wait;
mod words;

use std::sync::Arc;
use std::sync::atomic::AtomicBool;

use fathom_shared::engine::{EngineKind, Plan, Preflight};
use fathom_shared::prompt::Dialogue;
use fathom_shared::tokens::{Counter, Tokens};
use fathom_shared::transcript::{Completion, EngineInfo, FailureKind, Outcome};
use tokio::runtime::Handle;

use super::local::told_date;
use super::{Answer, Ask, Progress};
use crate::config::{Api, Endpoint};
pub use embeddings::Embedder;
pub use endpoints::Endpoints;
use fault::Fault;
use request::Call;
pub use server::OpenError;
use server::{Counts, Server};
use wait::Watch;
pub use words::WordsError;

/// One client of an endpoint. Those of the same endpoint share connections and tokenizer.
#[derive(Clone, Debug)]
pub struct Openai {
    info: EngineInfo,
    server: Arc<Server>,
    handle: Handle,
}

impl Openai {
    fn new(server: Arc<Server>, handle: Handle) -> Self {
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
    pub fn dialogue(&self) -> Dialogue {
        match self.server.endpoint.api {
            Api::Chat => Dialogue::Endpoint,
            Api::Completions => self.server.words.template.clone().into(),
        }
    }

    /// Counts with the tokenizer of the configuration.
    pub fn counter(&self) -> Counter<'static> {
        self.server.words.counting.counter()
    }

    /// As [`super::Engine::complete`]; blocks, so it is not for asynchronous code.
    pub fn complete(
        &self,
        ask: Ask<'_>,
        cancel: &AtomicBool,
        report: &mut dyn FnMut(Progress<'_>),
    ) -> Answer {
        let ours = self.server.words.prompt_tokens(&ask.prompt.text);
        if let Some(message) = self.refusal(ours, ask.max_tokens) {
            return Answer::failed(Some(ours), FailureKind::Context, message);
        }
        report(Progress::Prefill {
            done: Tokens(0),
            total: ours,
        });
        let mut watch = Watch::new(cancel, report);
        let asked = self.handle.block_on(self.ask(&ask, &mut watch));
        match asked {
            Ok(completion) => self.checked(ours, completion),
            Err(fault) => Answer::failed(Some(ours), fault.kind, self.said(&fault)),
        }
    }

    /// Looks at everything that would make a run measure something else, with a few requests;
    /// blocks. [`Preflight::refusal`] says whether a run may start.
    pub fn preflight(
        &self,
        plan: &Plan,
        cancel: &AtomicBool,
        report: &mut dyn FnMut(Progress<'_>),
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

    async fn ask(&self, ask: &Ask<'_>, watch: &mut Watch<'_>) -> Result<Completion, Fault> {
        let Server {
            endpoint, words, ..
        } = &*self.server;
        let call = Call::new(endpoint, words, ask);
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
            finish: whole.finish,
            usage: whole.usage,
            timings,
        })
    }

    /// Holds the server's count of the prompt against ours.
    fn checked(&self, ours: Tokens, completion: Completion) -> Answer {
        let Some(usage) = completion.usage else {
            return Answer {
                prompt_tokens: Some(ours),
                outcome: Outcome::Completed(completion),
            };
        };
        let id = self.server.endpoint.id.as_str();
        if Counts::is_cut(ours, usage) {
            let read = usage.prompt;
            let message = format!(
                "the endpoint `{id}` read {read} tokens of a prompt of {ours}: it cuts prompts"
            );
            return Answer::failed(Some(read), FailureKind::Context, message);
        }
        if let Some(sentence) = self.server.counts.compare(ours, usage) {
            tracing::warn!(endpoint = id, "{sentence}");
        }
        Answer {
            prompt_tokens: Some(usage.prompt),
            outcome: Outcome::Completed(completion),
        }
    }

    /// The sentence for a row: with the endpoint's name, without its key.
    fn said(&self, fault: &Fault) -> String {
        match fault.kind {
            FailureKind::Cancelled => fault.message.clone(),
            _ => {
                let id = &self.server.endpoint.id;
                let said = format!("the endpoint `{id}` {}", fault.message);
                plain::line(&self.server.scrub(&said))
            }
        }
    }
}

/// How likely each option was by its first token; one that is not among those told was less likely
/// than all of them.
fn likelihoods(options: &[String], likely: &[(String, f64)]) -> Result<Vec<Option<f64>>, Fault> {
    if likely.is_empty() {
        let message = "told no log-probabilities, by which an option would be chosen";
        return Err(Fault::refused(message.to_owned()));
    }
    let told = options.iter().map(|option| {
        let begins = |token: &str| {
            let token = token.trim_start();
            !token.is_empty() && option.starts_with(token)
        };
        let mine = likely.iter().filter(|(token, _)| begins(token));
        mine.map(|(_, logprob)| *logprob).max_by(f64::total_cmp)
    });
    let told: Vec<Option<f64>> = told.collect();
    if told.iter().all(Option::is_none) {
        return Err(Fault::refused(format!(
            "has none of {} among its {} likeliest tokens",
            options.join(", "),
            likely.len()
        )));
    }
    Ok(told)
}

#[cfg(test)]
pub(crate) mod tests;
