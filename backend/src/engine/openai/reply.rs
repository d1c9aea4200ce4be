//! What comes back: a whole reply, or the chunks of a stream. Both APIs in one form, as servers
//! differ less in what they send than in what they leave out.

use std::collections::BTreeMap;

use fathom_shared::tokens::Tokens;
use fathom_shared::transcript::{Finish, Usage};
use serde::Deserialize;
use serde_json::Value as Json;

use super::fault::Fault;
use super::thinking::Split;

/// A reply or a chunk of one.
#[derive(Debug, Deserialize)]
struct Reply {
    #[serde(default)]
    choices: Vec<Choice>,
    usage: Option<Counts>,
    error: Option<Json>,
}

#[derive(Debug, Deserialize)]
struct Choice {
    /// Of `/completions`.
    text: Option<String>,
    /// Of a chat's chunk.
    delta: Option<Message>,
    /// Of a whole chat reply.
    message: Option<Message>,
    finish_reason: Option<String>,
    logprobs: Option<Logprobs>,
}

/// How likely tokens were: `/completions` has a map for each, a chat a list.
#[derive(Debug, Deserialize)]
struct Logprobs {
    #[serde(default)]
    top_logprobs: Option<Vec<Option<BTreeMap<String, f64>>>>,
    #[serde(default)]
    content: Option<Vec<Told>>,
}

#[derive(Debug, Deserialize)]
struct Told {
    #[serde(default)]
    top_logprobs: Vec<Likely>,
}

#[derive(Debug, Deserialize)]
struct Likely {
    token: String,
    logprob: f64,
}

impl Logprobs {
    /// The likeliest tokens in the place of the first one.
    fn first(self) -> Vec<(String, f64)> {
        let map = self.top_logprobs.into_iter().flatten().next().flatten();
        let list = self.content.into_iter().flatten().next();
        let list = list.into_iter().flat_map(|told| told.top_logprobs);
        let list = list.map(|likely| (likely.token, likely.logprob));
        map.into_iter().flatten().chain(list).collect()
    }
}

#[derive(Debug, Deserialize)]
struct Message {
    content: Option<String>,
    /// vLLM before 0.12, SGLang, llama-server, DeepSeek.
    reasoning_content: Option<String>,
    /// vLLM, OpenRouter.
    reasoning: Option<String>,
    refusal: Option<String>,
}

#[derive(Clone, Copy, Debug, Deserialize)]
struct Counts {
    prompt_tokens: Option<u32>,
    completion_tokens: Option<u32>,
}

/// An answer as it grows.
#[derive(Debug)]
pub(super) struct Growing {
    pub(super) split: Split,
    finish: Option<String>,
    usage: Option<Usage>,
    /// How many pieces of text or thinking came.
    pub(super) grown: usize,
    /// Whether the server said that nothing more comes.
    pub(super) over: bool,
    /// The likeliest first tokens, where they were asked for.
    likely: Vec<(String, f64)>,
}

/// A whole answer.
#[derive(Debug)]
pub(super) struct Whole {
    pub(super) text: String,
    pub(super) thinking: Option<String>,
    pub(super) finish: Finish,
    pub(super) usage: Option<Usage>,
    /// The likeliest first tokens, where they were asked for.
    pub(super) likely: Vec<(String, f64)>,
}

impl Growing {
    /// `opened` where the answer begins within the thinking.
    pub(super) fn new(opened: bool) -> Self {
        Self {
            split: Split::new(opened),
            finish: None,
            usage: None,
            grown: 0,
            over: false,
            likely: Vec::new(),
        }
    }

    /// Adds an event of a stream, or a whole reply.
    ///
    /// # Errors
    /// What is no chunk, or says that something failed.
    pub(super) fn add(&mut self, data: &[u8]) -> Result<(), Fault> {
        if data.trim_ascii() == b"[DONE]" {
            self.over = true;
            return Ok(());
        }
        let reply: Reply = serde_json::from_slice(data).map_err(|error| {
            Fault::refused(format!(
                "answered with something that is no completion: {error}"
            ))
        })?;
        if let Some(error) = reply.error.filter(|error| !error.is_null()) {
            return Err(Fault::of_stream(&error));
        }
        if let Some(Counts {
            prompt_tokens: Some(prompt),
            completion_tokens: Some(completion),
        }) = reply.usage
        {
            self.usage = Some(Usage {
                prompt: Tokens(prompt),
                completion: Tokens(completion),
            });
        }
        for choice in reply.choices {
            if let Some(told) = choice.logprobs.filter(|_| self.likely.is_empty()) {
                self.likely = told.first();
            }
            self.text(choice.text);
            for message in [choice.delta, choice.message].into_iter().flatten() {
                if let Some(why) = message.refusal.filter(|why| !why.is_empty()) {
                    return Err(Fault::refused(format!("refused the prompt: {why}")));
                }
                // Some servers send the same under both names.
                let thought = message.reasoning_content.or(message.reasoning);
                if let Some(thought) = thought.filter(|thought| !thought.is_empty()) {
                    self.grown += 1;
                    self.split.think(&thought);
                }
                self.text(message.content);
            }
            self.finish = choice.finish_reason.or(self.finish.take());
        }
        Ok(())
    }

    fn text(&mut self, text: Option<String>) {
        if let Some(text) = text.filter(|text| !text.is_empty()) {
            self.grown += 1;
            self.split.push(&text);
        }
    }

    /// The whole answer.
    ///
    /// # Errors
    /// An answer that ended early, or for a reason that makes it no answer.
    pub(super) fn finish(self) -> Result<Whole, Fault> {
        let finish = match self.finish.as_deref() {
            Some("stop" | "eos" | "eos_token" | "stop_sequence" | "end_turn") => Finish::Stop,
            Some("length" | "max_tokens") => Finish::Length,
            Some(other) => {
                let message = format!("ended the answer with `{other}`, expected stop or length");
                return Err(Fault::refused(message));
            }
            None if self.over => {
                let message = "ended the answer without saying why, expected a finish_reason";
                return Err(Fault::refused(message));
            }
            None => {
                return Err(Fault::network(
                    "broke the connection in the middle of the answer",
                ));
            }
        };
        let (text, thinking) = self.split.finish();
        Ok(Whole {
            text,
            thinking,
            finish,
            usage: self.usage,
            likely: self.likely,
        })
    }
}
