//! Reads a prompt after what the cache has of it, and what is asked of the logits that follow.

use std::sync::Arc;
use std::sync::atomic::AtomicBool;

use super::generator::{NextTokens, TextGenerator, count};
use super::{EachLogits, GenerationEvent, LanguageModel, ModelStop, SamplingParams, TokenLogprob};
use crate::model::logprobs::log_softmax;

/// Receives how many tokens of a prompt have been read, and how many there are.
type PrefillProgress<'a> = &'a mut dyn FnMut(u32, u32);

impl<M: LanguageModel + ?Sized> TextGenerator<M> {
    /// Reads the prompt, and what is needed of its logits. The likeliest tokens are chosen where the
    /// logits are.
    pub(super) async fn read_first(
        &mut self,
        ids: &[u32],
        answer: u32,
        settings: &SamplingParams,
        cancel: &AtomicBool,
        hear: &mut dyn FnMut(GenerationEvent<'_>),
    ) -> Result<(NextTokens, Vec<TokenLogprob>), ModelStop> {
        let mut done = |done, total| hear(GenerationEvent::Prefill { done, total });
        if settings.prompt_logprobs {
            let top = settings.logprobs.unwrap_or_default();
            let told = self.read_told(ids, answer, top, cancel, &mut done);
            let (logits, logprobs) = told.await?;
            hear(GenerationEvent::Prompt(&logprobs));
            return Ok((NextTokens::Logits(logits), logprobs));
        }
        if settings.temperature > 0.0 {
            let logits = self.read_prompt(ids, answer, cancel, &mut done, None);
            return Ok((NextTokens::Logits(logits.await?), Vec::new()));
        }
        let mut prompt = self.begin_prompt(ids, answer, &mut done)?;
        let rest = &ids[prompt.same..];
        let mut heard = |now| prompt.hear(now);
        let order = (1, settings.likeliest());
        let next = self
            .model
            .read_greedy(rest, order, cancel, &mut heard)
            .await;
        let read = prompt.read;
        self.end_prompt(rest, read);
        Ok((NextTokens::Greedy(next?.into()), Vec::new()))
    }

    /// Reads the prompt `ids`; returns how likely each of `options` is to come next.
    pub(super) async fn read_options(
        &mut self,
        ids: &[u32],
        options: &[u32],
        cancel: &AtomicBool,
        hear: &mut dyn FnMut(GenerationEvent<'_>),
    ) -> Result<Vec<f64>, ModelStop> {
        let mut done = |done, total| hear(GenerationEvent::Prefill { done, total });
        let mut prompt = self.begin_prompt(ids, 1, &mut done)?;
        let rest = &ids[prompt.same..];
        let mut heard = |now| prompt.hear(now);
        let logprobs = self
            .model
            .read_logprobs(rest, options, cancel, &mut heard)
            .await;
        let read = prompt.read;
        self.end_prompt(rest, read);
        logprobs
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
    pub(super) async fn read_prompt(
        &mut self,
        ids: &[u32],
        answer: u32,
        cancel: &AtomicBool,
        done: PrefillProgress<'_>,
        each: Option<EachLogits<'_>>,
    ) -> Result<Vec<f32>, ModelStop> {
        let mut prompt = self.begin_prompt(ids, answer, done)?;
        let rest = &ids[prompt.same..];
        let mut heard = |now| prompt.hear(now);
        let each = each.map(|each| each as EachLogits<'_>);
        let logits = self.model.read(rest, cancel, &mut heard, each).await;
        let read = prompt.read;
        self.end_prompt(rest, read);
        logits
    }

    /// Makes room for the prompt `ids` and an answer, and keeps what the cache has of it.
    fn begin_prompt<'a>(
        &mut self,
        ids: &[u32],
        answer: u32,
        done: PrefillProgress<'a>,
    ) -> Result<PromptProgress<'a>, ModelStop> {
        if self.model.reserve(ids.len() + answer as usize)? {
            self.held.clear();
        }
        let same = self.held.keep(ids, self.model.chunk());
        self.model.rewind(same);
        let mut prompt = PromptProgress {
            same,
            total: ids.len(),
            read: 0,
            done,
        };
        prompt.hear(0);
        Ok(prompt)
    }

    /// The first `read` of the `rest` of a prompt are in the cache: after a cancellation, what was read
    /// is reused when the same prefix comes again.
    fn end_prompt(&mut self, rest: &[u32], read: usize) {
        self.held.prompt(&rest[..read], self.model.chunk());
    }
}

/// How far a prompt is read.
struct PromptProgress<'a> {
    /// Tokens that the cache had.
    same: usize,
    total: usize,
    /// Tokens read since.
    read: usize,
    done: PrefillProgress<'a>,
}

impl PromptProgress<'_> {
    fn hear(&mut self, read: usize) {
        self.read = read;
        (self.done)(count(self.same + read), count(self.total));
    }
}
