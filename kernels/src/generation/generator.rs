//! The generation loop: read the prompt, write token by token, stop; or choose among options. A
//! prefix that the cache already holds is not read again, so samples over the same haystack read it
//! only once.

use std::sync::Arc;
use std::sync::atomic::AtomicBool;

use web_time::Instant;

use super::cached_tokens::CachedTokens;
use super::draft::TextDraft;
use super::{
    EachLogits, Generation, GenerationEnd, GenerationError, GenerationEvent, LanguageModel,
    ModelStop, OptionLogprobs, SamplingParams, TokenLogprob,
};
use crate::model::logprobs::log_softmax;
use crate::model::sampler::Sampler;
use crate::model::tokenizer::Tokenizer;

/// Receives how many tokens of a prompt have been read, and how many there are.
type PrefillProgress<'a> = &'a mut dyn FnMut(u32, u32);

/// A model in memory with its tokenizer; it answers one prompt after another.
#[derive(Debug)]
pub struct TextGenerator<M: ?Sized> {
    tokenizer: Arc<Tokenizer>,
    held: CachedTokens,
    model: Box<M>,
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
        let started = Instant::now();
        let logits = self.prefill(ids, 1, cancel, hear).await?;
        let logprobs = firsts.iter().map(|id| log_softmax(&logits, *id, 0).0);
        Ok(OptionLogprobs {
            logprobs: logprobs.collect(),
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
        let mut done = |done, total| hear(GenerationEvent::Prefill { done, total });
        let (mut logits, prompt_logprobs) = if settings.prompt_logprobs {
            let top = settings.logprobs.unwrap_or_default();
            self.read_told(ids, max_tokens, top, cancel, &mut done)
                .await?
        } else {
            let logits = self.read_prompt(ids, max_tokens, cancel, &mut done, None);
            (logits.await?, Vec::new())
        };
        if settings.prompt_logprobs {
            hear(GenerationEvent::Prompt(&prompt_logprobs));
        }
        let prefill_ms = ms(started);

        let started = Instant::now();
        let tokenizer = Arc::clone(&self.tokenizer);
        let mut draft = TextDraft::new(&tokenizer, &settings.stop);
        let mut sampler = Sampler::top_p(settings.temperature, settings.top_p, settings.seed);
        let (mut tokens, mut finish) = (0, GenerationEnd::Length);
        while tokens < max_tokens {
            let id = sampler.sample(&logits);
            if tokenizer.is_end(id) {
                finish = GenerationEnd::Stop;
                break;
            }
            tokens += 1;
            let known = settings.logprobs.map(|top| log_softmax(&logits, id, top));
            if draft.push(id, known, hear) {
                finish = GenerationEnd::Stop;
                break;
            }
            if tokens < max_tokens {
                logits = self.read_token(id, cancel).await?;
            }
        }
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

    /// Reads all of `ids` and reports how likely each token was.
    async fn read_told(
        &mut self,
        ids: &[u32],
        answer: u32,
        top: usize,
        cancel: &AtomicBool,
        done: PrefillProgress<'_>,
    ) -> Result<(Vec<f32>, Vec<TokenLogprob>), ModelStop> {
        // The logits of cached tokens are gone, so read everything again.
        self.forget();
        let tokenizer = Arc::clone(&self.tokenizer);
        let (mut told, mut offset) = (Vec::with_capacity(ids.len()), 0);
        let mut tell = |id: u32, (logprob, top)| {
            told.push(TokenLogprob {
                id,
                offset,
                logprob,
                top,
            });
            // The bytes of an incomplete character.
            let bytes = tokenizer.bytes(id);
            offset += bytes.iter().filter(|byte| **byte & 0xc0 != 0x80).count();
        };
        let mut left = ids.iter();
        if let Some(first) = left.next() {
            tell(*first, (None, Vec::new()));
        }
        let mut each = |logits: &[f32]| {
            // Nothing follows the prompt's last token.
            if let Some(id) = left.next() {
                let (logprob, top) = log_softmax(logits, *id, top);
                tell(*id, (Some(logprob), top));
            }
        };
        let logits = self.read_prompt(ids, answer, cancel, done, Some(&mut each));
        let logits = logits.await?;
        Ok((logits, told))
    }

    /// Reads `ids`, reserving space for `answer` more; returns the logits of the next token. `each`
    /// receives the logits after every token that is read: all tokens, if the cache was empty.
    async fn read_prompt(
        &mut self,
        ids: &[u32],
        answer: u32,
        cancel: &AtomicBool,
        done: PrefillProgress<'_>,
        each: Option<EachLogits<'_>>,
    ) -> Result<Vec<f32>, ModelStop> {
        if self.model.reserve(ids.len() + answer as usize)? {
            self.held.clear();
        }
        let chunk = self.model.chunk();
        let same = self.held.keep(ids, chunk);
        self.model.rewind(same);
        let (total, mut read) = (count(ids.len()), 0);
        done(count(same), total);
        let mut heard = |now| {
            read = now;
            done(count(same + now), total);
        };
        let each = each.map(|each| each as EachLogits<'_>);
        let logits = self.model.read(&ids[same..], cancel, &mut heard, each);
        let logits = logits.await;
        // After a cancellation, what was read is reused when the same prefix comes again.
        self.held.prompt(&ids[same..same + read], chunk);
        logits
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

fn ms(since: Instant) -> f64 {
    since.elapsed().as_secs_f64() * 1000.0
}

fn count(n: usize) -> u32 {
    u32::try_from(n).unwrap_or(u32::MAX)
}
