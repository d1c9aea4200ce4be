//! The generation loop: read the prompt, write token by token, stop; or choose among options. A
//! prefix that the cache already holds is not read again, so samples over the same haystack read it
//! only once.

use std::collections::VecDeque;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;

use web_time::Instant;

use super::cached_tokens::CachedTokens;
use super::draft::TextDraft;
use super::{
    Generation, GenerationEnd, GenerationError, GenerationEvent, LanguageModel, ModelStop,
    OptionLogprobs, SamplingParams,
};
use crate::model::logprobs::log_softmax;
use crate::model::sampler::{GreedyToken, Sampler};
use crate::model::tokenizer::Tokenizer;

/// A model in memory with its tokenizer; it answers one prompt after another.
#[derive(Debug)]
pub struct TextGenerator<M: ?Sized> {
    pub(super) tokenizer: Arc<Tokenizer>,
    pub(super) held: CachedTokens,
    pub(super) model: Box<M>,
}

impl<M: LanguageModel + ?Sized> TextGenerator<M> {
    /// A generator whose cache is empty.
    pub fn new(model: Box<M>, tokenizer: Arc<Tokenizer>) -> Self {
        let held = CachedTokens::default();
        Self {
            tokenizer,
            held,
            model,
        }
    }

    /// The model's own tokenizer.
    pub fn tokenizer(&self) -> &Arc<Tokenizer> {
        &self.tokenizer
    }

    /// The model that computes the logits.
    pub fn model(&self) -> &M {
        &self.model
    }

    /// How many tokens are left for the answer after `prompt` tokens.
    pub fn room(&self, prompt: usize) -> u32 {
        count(self.model.context().saturating_sub(prompt))
    }

    /// Checks that the prompt is not empty and fits the context window together with the answer.
    ///
    /// # Errors
    /// [`GenerationError::Empty`] and [`GenerationError::Context`], with the numbers.
    pub fn fits(&self, prompt: usize, answer: u32) -> Result<(), GenerationError> {
        let context = self.model.context();
        match prompt.saturating_add(answer as usize) {
            _ if prompt == 0 => Err(GenerationError::Empty),
            both if both > context => Err(GenerationError::Context {
                prompt,
                answer,
                context,
            }),
            _ => Ok(()),
        }
    }

    /// Writes at most `max_tokens` tokens after the tokens `ids`. Ends early if `cancel` is set.
    ///
    /// # Errors
    /// [`GenerationError`]. Unless the device is lost, the model can be used again.
    pub async fn generate(
        &mut self,
        ids: &[u32],
        max_tokens: u32,
        settings: &SamplingParams,
        cancel: &AtomicBool,
        hear: &mut dyn FnMut(GenerationEvent<'_>),
    ) -> Result<Generation, GenerationError> {
        self.fits(ids.len(), max_tokens)?;
        let written = self.write(ids, max_tokens, settings, cancel, hear).await;
        written.map_err(|stop| self.stopped(stop))
    }

    /// How likely each option is to come next, after the tokens `ids` of a prompt whose answer
    /// begins with `prefix`.
    ///
    /// # Errors
    /// [`GenerationError`], as above.
    pub async fn choose(
        &mut self,
        ids: &[u32],
        prefix: &str,
        options: &[String],
        cancel: &AtomicBool,
        hear: &mut dyn FnMut(GenerationEvent<'_>),
    ) -> Result<OptionLogprobs, GenerationError> {
        let firsts = self.tokenizer.first_tokens(prefix, options);
        let firsts = firsts.map_err(GenerationError::Options)?;
        self.fits(ids.len(), 1)?;
        let started = Instant::now();
        let logprobs = self.read_options(ids, &firsts, cancel, hear).await;
        Ok(OptionLogprobs {
            logprobs: logprobs.map_err(|stop| self.stopped(stop))?,
            prefill_ms: ms(started),
        })
    }

    /// Reads the tokens `ids`, reserving space for `answer` more; returns the logits of the next
    /// token.
    ///
    /// # Errors
    /// [`GenerationError`], as above.
    pub async fn prefill(
        &mut self,
        ids: &[u32],
        answer: u32,
        cancel: &AtomicBool,
        hear: &mut dyn FnMut(GenerationEvent<'_>),
    ) -> Result<Vec<f32>, GenerationError> {
        self.fits(ids.len(), answer)?;
        let mut done = |done, total| hear(GenerationEvent::Prefill { done, total });
        let logits = self.read_prompt(ids, answer, cancel, &mut done, None).await;
        logits.map_err(|stop| self.stopped(stop))
    }

    /// Reads one more token, for which space is reserved, and returns the logits that follow it.
    ///
    /// # Errors
    /// [`GenerationError`], as above.
    pub async fn step(
        &mut self,
        id: u32,
        cancel: &AtomicBool,
    ) -> Result<Vec<f32>, GenerationError> {
        let logits = self.read_token(id, cancel).await;
        logits.map_err(|stop| self.stopped(stop))
    }

    /// Empties the cache.
    pub fn forget(&mut self) {
        self.held.clear();
        self.model.rewind(0);
    }

    async fn write(
        &mut self,
        ids: &[u32],
        max_tokens: u32,
        settings: &SamplingParams,
        cancel: &AtomicBool,
        hear: &mut dyn FnMut(GenerationEvent<'_>),
    ) -> Result<Generation, ModelStop> {
        let started = Instant::now();
        let (mut next, prompt_logprobs) = self
            .read_first(ids, max_tokens, settings, cancel, hear)
            .await?;
        let prefill_ms = ms(started);

        let started = Instant::now();
        let tokenizer = Arc::clone(&self.tokenizer);
        let mut draft = TextDraft::new(&tokenizer, &settings.stop);
        let mut sampler = Sampler::top_p(settings.temperature, settings.top_p, settings.seed);
        let (mut tokens, mut finish) = (0, GenerationEnd::Length);
        while tokens < max_tokens {
            let (id, known) = match &mut next {
                NextTokens::Logits(logits) => {
                    let id = sampler.sample(logits);
                    (
                        id,
                        settings.logprobs.map(|top| log_softmax(logits, id, top)),
                    )
                }
                NextTokens::Greedy(tokens) => {
                    // The model gives one at least.
                    let Some(GreedyToken { id, mut top }) = tokens.pop_front() else {
                        break;
                    };
                    let own = top.first().map(|(_, logprob)| *logprob);
                    top.truncate(settings.logprobs.unwrap_or_default());
                    (id, own.map(|own| (own, top)))
                }
            };
            if tokenizer.is_end(id) {
                finish = GenerationEnd::Stop;
                break;
            }
            tokens += 1;
            if draft.push(id, known, hear) {
                finish = GenerationEnd::Stop;
                break;
            }
            if tokens < max_tokens {
                // As many ahead as are written: what follows the end is thrown away.
                let most = tokens.min(max_tokens - tokens);
                let order = (most as usize, settings.likeliest());
                self.read_next(id, &mut next, order, cancel).await?;
            }
        }
        self.model.rewind(self.held.len());
        let (text, logprobs) = draft.finish(hear);
        Ok(Generation {
            text,
            tokens,
            finish,
            prefill_ms,
            decode_ms: ms(started),
            prompt_logprobs,
            logprobs,
        })
    }

    /// Reads the token `id`, if the model did not when it wrote it, and what follows it: as many tokens as
    /// `order` says, with the log-probabilities of as many.
    async fn read_next(
        &mut self,
        id: u32,
        next: &mut NextTokens,
        order: (usize, usize),
        cancel: &AtomicBool,
    ) -> Result<(), ModelStop> {
        match next {
            NextTokens::Logits(logits) => *logits = self.read_token(id, cancel).await?,
            NextTokens::Greedy(tokens) => {
                if tokens.is_empty() {
                    let (read, mut quiet) = ([id], |_| ());
                    let written = self.model.read_greedy(&read, order, cancel, &mut quiet);
                    *tokens = written.await?.into();
                }
                self.held.push(id);
            }
        }
        Ok(())
    }

    async fn read_token(&mut self, id: u32, cancel: &AtomicBool) -> Result<Vec<f32>, ModelStop> {
        let logits = self.model.read(&[id], cancel, &mut |_| (), None).await?;
        self.held.push(id);
        Ok(logits)
    }

    /// Turns the reason for a stop into an error; except after a cancellation, empties the cache,
    /// which can no longer be trusted.
    fn stopped(&mut self, stop: ModelStop) -> GenerationError {
        if stop != ModelStop::Cancelled {
            self.forget();
        }
        stop.into()
    }
}

/// What is known of the tokens that come next.
pub(super) enum NextTokens {
    /// The logits of the next.
    Logits(Vec<f32>),
    /// The likeliest ones.
    Greedy(VecDeque<GreedyToken>),
}

fn ms(since: Instant) -> f64 {
    since.elapsed().as_secs_f64() * 1000.0
}

pub(super) fn count(n: usize) -> u32 {
    u32::try_from(n).unwrap_or(u32::MAX)
}
