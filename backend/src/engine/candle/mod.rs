//! Hugging Face's candle on the processor: weights dequantised to f32 once, chunked prefill, a
//! cache written in place.

mod attention;
mod kv_cache;
mod llama;
mod load;

use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Instant;

use fathom_kernels::model::sampler::Sampler;
use fathom_kernels::model::tokenizer::Tokenizer;
use fathom_shared::prompt::ChatTemplate;
use fathom_shared::tokens::{Counter, Tokens};
use fathom_shared::transcript::{
    Completion, EngineInfo, Failure, FailureKind, Finish, Outcome, Timings,
};

use super::{Answer, Progress};
use crate::tokenizer::Counting;
use kv_cache::KvCache;
use llama::Llama;
pub use load::LoadError;

/// Tokens read at a time: enough for a fast product, few enough that the scores stay small.
const CHUNK: usize = 128;

/// A model on the processor.
#[derive(Debug)]
pub struct Candle {
    info: EngineInfo,
    tokenizer: Arc<Tokenizer>,
    template: Option<ChatTemplate>,
    llama: Llama,
    context: usize,
    cache: Option<KvCache>,
}

/// Why an answer was not finished.
enum Stop {
    Cancelled,
    Failed(candle_core::Error),
}

impl From<candle_core::Error> for Stop {
    fn from(error: candle_core::Error) -> Self {
        Self::Failed(error)
    }
}

impl Candle {
    /// Loads the GGUF file at `path`; `info` says which model it is.
    ///
    /// # Errors
    /// [`LoadError`], naming the file and what does not fit.
    pub fn open(path: &Path, info: EngineInfo) -> Result<Self, LoadError> {
        load::open(path, info)
    }

    /// Who answers.
    pub fn info(&self) -> &EngineInfo {
        &self.info
    }

    /// The model's own chat template, where it has one.
    pub fn template(&self) -> Option<&ChatTemplate> {
        self.template.as_ref()
    }

    /// Counts with the model's own tokenizer.
    pub fn counter(&self) -> Counter<'static> {
        Counting::of_model(&self.info.model, Arc::clone(&self.tokenizer)).counter()
    }

    /// As [`super::Engine::complete`].
    pub fn complete(
        &mut self,
        prompt: &str,
        max_tokens: Tokens,
        cancel: &AtomicBool,
        report: &mut dyn FnMut(Progress<'_>),
    ) -> Answer {
        let ids = self.tokenizer.encode(prompt);
        let prompt_tokens = Some(count(ids.len()));
        let outcome = match self.refusal(ids.len(), max_tokens) {
            Some(failure) => Outcome::Failed(failure),
            None => match self.answer(&ids, max_tokens, cancel, report) {
                Ok(completion) => Outcome::Completed(completion),
                Err(Stop::Cancelled) => Outcome::Failed(Failure {
                    kind: FailureKind::Cancelled,
                    message: "the answer was cancelled".to_owned(),
                }),
                Err(Stop::Failed(error)) => Outcome::Failed(Failure {
                    kind: FailureKind::Engine,
                    message: format!("candle failed: {error}"),
                }),
            },
        };
        Answer {
            prompt_tokens,
            outcome,
        }
    }

    fn refusal(&self, prompt: usize, answer: Tokens) -> Option<Failure> {
        let message = if prompt == 0 {
            "the prompt has no tokens, expected at least 1".to_owned()
        } else if prompt.saturating_add(answer.0 as usize) > self.context {
            format!(
                "the prompt has {prompt} tokens and the answer may take {answer}, the model reads {}",
                self.context
            )
        } else {
            return None;
        };
        let kind = FailureKind::Context;
        Some(Failure { kind, message })
    }

    fn answer(
        &mut self,
        ids: &[u32],
        max_tokens: Tokens,
        cancel: &AtomicBool,
        report: &mut dyn FnMut(Progress<'_>),
    ) -> Result<Completion, Stop> {
        let started = Instant::now();
        let mut logits = self.prefill(ids, max_tokens, cancel, report)?;
        let prefill_ms = ms(started);

        let started = Instant::now();
        let tokenizer = Arc::clone(&self.tokenizer);
        let mut decoder = tokenizer.decoder();
        let (mut text, mut tokens, mut finish) = (String::new(), 0, Finish::Length);
        while tokens < max_tokens.0 {
            let id = Sampler::greedy().sample(&logits);
            if tokenizer.is_end(id) {
                finish = Finish::Stop;
                break;
            }
            tokens += 1;
            if let Some(new) = decoder.push(id) {
                report(Progress::Text(&new));
                text.push_str(&new);
            }
            if tokens < max_tokens.0 {
                logits = self.step(&[id], cancel)?;
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
            tokens: Tokens(tokens),
            finish,
            timings,
        })
    }

    /// Reads `ids` into an empty cache with room for `answer` more; the logits of the next token.
    fn prefill(
        &mut self,
        ids: &[u32],
        answer: Tokens,
        cancel: &AtomicBool,
        report: &mut dyn FnMut(Progress<'_>),
    ) -> Result<Vec<f32>, Stop> {
        let room = ids.len() + answer.0 as usize;
        match &mut self.cache {
            Some(cache) if cache.room() >= room => cache.clear(),
            _ => self.cache = Some(self.llama.cache(room)?),
        }
        let total = count(ids.len());
        let mut done = 0;
        let mut logits = Vec::new();
        report(Progress::Prefill {
            done: Tokens(0),
            total,
        });
        for chunk in ids.chunks(CHUNK) {
            logits = self.step(chunk, cancel)?;
            done += chunk.len();
            report(Progress::Prefill {
                done: count(done),
                total,
            });
        }
        Ok(logits)
    }

    fn step(&mut self, ids: &[u32], cancel: &AtomicBool) -> Result<Vec<f32>, Stop> {
        if cancel.load(Ordering::Relaxed) {
            return Err(Stop::Cancelled);
        }
        let cache = self.cache.as_mut().ok_or(Stop::Cancelled)?;
        self.llama
            .forward(ids, cache, cancel)?
            .ok_or(Stop::Cancelled)
    }
}

fn ms(since: Instant) -> f64 {
    since.elapsed().as_secs_f64() * 1000.0
}

fn count(n: usize) -> Tokens {
    Tokens(u32::try_from(n).unwrap_or(u32::MAX))
}

#[cfg(test)]
mod golden;
