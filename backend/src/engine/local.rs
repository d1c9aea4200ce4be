//! A model on this machine that answers: encode, read, write, stop. What the cache holds of an
//! equal beginning is not read again, so samples over one haystack read it once.

use std::sync::Arc;
use std::sync::atomic::AtomicBool;
use std::time::Instant;

use fathom_kernels::model::sampler::Sampler;
use fathom_kernels::model::tokenizer::Tokenizer;
use fathom_shared::prompt::ChatTemplate;
use fathom_shared::tokens::{Counter, Tokens};
use fathom_shared::transcript::{Completion, EngineInfo, FailureKind, Finish, Outcome, Timings};

use super::model::{Model, Stop};
use super::{Answer, Ask, Progress, Settings};
use crate::tokenizer::Counting;

/// A model with its tokenizer.
#[derive(Debug)]
pub struct Local {
    pub(super) info: EngineInfo,
    pub(super) tokenizer: Arc<Tokenizer>,
    pub(super) template: Option<ChatTemplate>,
    pub(super) model: Box<dyn Model>,
    /// The tokens whose keys and values the cache holds.
    pub(super) held: Vec<u32>,
}

impl Local {
    /// Counts with the model's own tokenizer.
    pub(super) fn counter(&self) -> Counter<'static> {
        Counting::of_model(&self.info.model, Arc::clone(&self.tokenizer)).counter()
    }

    /// As [`super::Engine::complete`].
    pub(super) fn complete(
        &mut self,
        ask: Ask<'_>,
        cancel: &AtomicBool,
        report: &mut dyn FnMut(Progress<'_>),
    ) -> Answer {
        let ids = self.tokenizer.encode(&ask.prompt.text);
        let prompt_tokens = Some(count(ids.len()));
        if let Some(message) = self.refusal(ids.len(), ask.max_tokens) {
            return Answer::failed(prompt_tokens, FailureKind::Context, message);
        }
        let (kind, message) = match self.answer(&ids, ask, cancel, report) {
            Ok(completion) => {
                let outcome = Outcome::Completed(completion);
                return Answer {
                    prompt_tokens,
                    outcome,
                };
            }
            Err(Stop::Cancelled) => (
                FailureKind::Cancelled,
                "the answer was cancelled".to_owned(),
            ),
            Err(Stop::Lost(message)) => (FailureKind::DeviceLost, message),
            Err(Stop::Failed(message)) => (FailureKind::Engine, message),
        };
        self.forget();
        Answer::failed(prompt_tokens, kind, message)
    }

    fn refusal(&self, prompt: usize, answer: Tokens) -> Option<String> {
        let context = self.model.context();
        if prompt == 0 {
            Some("the prompt has no tokens, expected at least 1".to_owned())
        } else if prompt.saturating_add(answer.0 as usize) > context {
            Some(format!(
                "the prompt has {prompt} tokens and the answer may take {answer}, the model reads {context}"
            ))
        } else {
            None
        }
    }

    fn answer(
        &mut self,
        ids: &[u32],
        ask: Ask<'_>,
        cancel: &AtomicBool,
        report: &mut dyn FnMut(Progress<'_>),
    ) -> Result<Completion, Stop> {
        let started = Instant::now();
        let mut logits = self.prefill(ids, ask.max_tokens, cancel, report)?;
        let prefill_ms = ms(started);

        let started = Instant::now();
        let tokenizer = Arc::clone(&self.tokenizer);
        let mut decoder = tokenizer.decoder();
        let Settings {
            temperature,
            top_p,
            seed,
            ..
        } = *ask.settings;
        let mut sampler = Sampler::top_p(temperature, top_p, seed);
        let (mut text, mut tokens, mut finish) = (String::new(), 0, Finish::Length);
        while tokens < ask.max_tokens.0 {
            let id = sampler.sample(&logits);
            if tokenizer.is_end(id) {
                finish = Finish::Stop;
                break;
            }
            tokens += 1;
            if let Some(new) = decoder.push(id) {
                report(Progress::Text(&new));
                text.push_str(&new);
            }
            if tokens < ask.max_tokens.0 {
                logits = self.read(&[id], cancel, &mut |_| ())?;
            }
        }
        if let Some(new) = decoder.finish() {
            report(Progress::Text(&new));
            text.push_str(&new);
        }
        let timings = Timings {
            prefill_ms,
            decode_ms: ms(started),
        };
        Ok(Completion {
            text,
            thinking: None,
            tokens: Tokens(tokens),
            finish,
            usage: None,
            timings,
        })
    }

    /// Reads `ids`, with room for `answer` more; the logits of the next token.
    pub(super) fn prefill(
        &mut self,
        ids: &[u32],
        answer: Tokens,
        cancel: &AtomicBool,
        report: &mut dyn FnMut(Progress<'_>),
    ) -> Result<Vec<f32>, Stop> {
        if self.model.reserve(ids.len() + answer.0 as usize)? {
            self.held.clear();
        }
        let same = self.held.iter().zip(ids).take_while(|(a, b)| a == b);
        // The last token is always read: its logits are asked for.
        let same = same.count().min(ids.len().saturating_sub(1));
        self.held.truncate(same);
        self.model.rewind(same);
        let total = count(ids.len());
        report(Progress::Prefill {
            done: count(same),
            total,
        });
        self.read(&ids[same..], cancel, &mut |read| {
            report(Progress::Prefill {
                done: count(same + read),
                total,
            });
        })
    }

    pub(super) fn read(
        &mut self,
        ids: &[u32],
        cancel: &AtomicBool,
        done: &mut dyn FnMut(usize),
    ) -> Result<Vec<f32>, Stop> {
        let logits = self.model.read(ids, cancel, done, None)?;
        self.held.extend_from_slice(ids);
        Ok(logits)
    }

    fn forget(&mut self) {
        self.held.clear();
        self.model.rewind(0);
    }
}

fn ms(since: Instant) -> f64 {
    since.elapsed().as_secs_f64() * 1000.0
}

fn count(n: usize) -> Tokens {
    Tokens(u32::try_from(n).unwrap_or(u32::MAX))
}
