//! A model on this machine that answers: encode, read, write, stop. What the cache holds of an
//! equal beginning is not read again, so samples over one haystack read it once.

use std::sync::Arc;
use std::sync::atomic::AtomicBool;
use std::time::Instant;

use fathom_kernels::model::logprobs::log_softmax;
use fathom_kernels::model::sampler::Sampler;
use fathom_kernels::model::tokenizer::Tokenizer;
use fathom_kernels::session::EachLogits;
use fathom_shared::prompt::ChatTemplate;
use fathom_shared::thinking::{OpenThinking, SplitText, ThinkingSplitter, part};
use fathom_shared::tokens::{TokenCounter, Tokens};
use fathom_shared::transcript::{
    Completion, EngineInfo, Failure, FailureKind, FinishReason, Outcome, Timings,
};

use super::draft::TextDraft;
use super::model::{LanguageModel, ModelStop};
use super::{
    CompletionRequest, EngineAnswer, EngineProgress, GeneratedCompletion, GenerationProgress,
    SamplingParams, TokenLogprob,
};
use crate::tokenizer::CountingTokenizer;

/// A model with its tokenizer.
#[derive(Debug)]
pub struct LocalEngine {
    pub(super) info: EngineInfo,
    pub(super) tokenizer: Arc<Tokenizer>,
    pub(super) template: Option<ChatTemplate>,
    pub(super) model: Box<dyn LanguageModel>,
    pub(super) held: CachedTokens,
}

/// The tokens whose keys and values the cache holds.
#[derive(Debug, Default)]
pub(super) struct CachedTokens {
    ids: Vec<u32>,
    /// How many of them, from the first, were read in whole chunks.
    whole: usize,
}

impl CachedTokens {
    /// Keeps of what is held as much as a text of `ids` may begin with, and says how much that is:
    /// whole chunks alone, so that the answer is the one that would come if nothing were held.
    fn keep(&mut self, ids: &[u32], chunk: usize) -> usize {
        let same = self.ids.iter().zip(ids).take_while(|(a, b)| a == b);
        // The last token is always read: its logits are asked for.
        let same = same.count().min(ids.len().saturating_sub(1));
        self.whole = same.min(self.whole) / chunk * chunk;
        self.ids.truncate(self.whole);
        self.whole
    }

    /// Adds a prompt's tokens after those that were kept.
    fn prompt(&mut self, ids: &[u32], chunk: usize) {
        self.ids.extend_from_slice(ids);
        self.whole = self.ids.len() / chunk * chunk;
    }

    fn clear(&mut self) {
        *self = Self::default();
    }
}

impl LocalEngine {
    /// Counts with the model's own tokenizer.
    pub(super) fn counter(&self) -> TokenCounter<'static> {
        CountingTokenizer::of_model(&self.info.model, Arc::clone(&self.tokenizer)).counter()
    }

    /// Who it is.
    pub fn info(&self) -> &EngineInfo {
        &self.info
    }

    /// The model's own tokenizer.
    pub fn tokenizer(&self) -> &Arc<Tokenizer> {
        &self.tokenizer
    }

    /// The model's own chat template, where it has one.
    pub fn template(&self) -> Option<&ChatTemplate> {
        self.template.as_ref()
    }

    /// As [`super::Engine::complete`].
    pub(super) fn complete(
        &mut self,
        ask: CompletionRequest<'_>,
        cancel: &AtomicBool,
        report: &mut dyn FnMut(EngineProgress<'_>),
    ) -> EngineAnswer {
        let ids = self.tokenizer.encode(&ask.prompt.text);
        let opened = ask.prompt.opened();
        let (mut split, mut shown) = (ThinkingSplitter::new(opened), 0);
        let mut hear = |heard: GenerationProgress<'_>| match heard {
            GenerationProgress::Prefill { done, total } => {
                report(EngineProgress::Prefill { done, total })
            }
            GenerationProgress::Text { text, .. } => {
                split.push(text);
                let new = split.answer().get(shown..).unwrap_or_default();
                if !new.is_empty() {
                    report(EngineProgress::Text(new));
                    shown = split.answer().len();
                }
            }
            GenerationProgress::Prompt(_) => (),
        };
        let prompt_tokens = Some(count(ids.len()));
        if !ask.options.is_empty() {
            let mut done = |done, total| report(EngineProgress::Prefill { done, total });
            return match self.choose(&ids, ask, cancel, &mut done) {
                Ok(completion) => EngineAnswer {
                    prompt_tokens,
                    outcome: Outcome::Completed(completion),
                },
                Err(Failure { kind, message }) => {
                    EngineAnswer::failed(prompt_tokens, kind, message)
                }
            };
        }
        match self.write(&ids, ask.max_tokens, ask.settings, cancel, &mut hear) {
            Ok(written) => EngineAnswer {
                prompt_tokens,
                outcome: Outcome::Completed(parted(written.completion, opened)),
            },
            Err(Failure { kind, message }) => EngineAnswer::failed(prompt_tokens, kind, message),
        }
    }

    /// Writes at most `max_tokens` after the tokens `ids`; blocks. Ends early when `cancel` rises.
    ///
    /// # Errors
    /// [`Failure`]: of kind `Context` where prompt and answer do not fit, see
    /// [`fits`](Self::fits).
    pub fn write(
        &mut self,
        ids: &[u32],
        max_tokens: Tokens,
        settings: &SamplingParams,
        cancel: &AtomicBool,
        hear: &mut dyn FnMut(GenerationProgress<'_>),
    ) -> Result<GeneratedCompletion, Failure> {
        self.fits(ids.len(), max_tokens)?;
        let written = self.answer(ids, max_tokens, settings, cancel, hear);
        written.map_err(|stop| self.stopped(stop))
    }

    /// Which of the options is the likeliest to come next; blocks.
    fn choose(
        &mut self,
        ids: &[u32],
        ask: CompletionRequest<'_>,
        cancel: &AtomicBool,
        done: &mut dyn FnMut(Tokens, Tokens),
    ) -> Result<Completion, Failure> {
        let prefix = &ask.prompt.text[ask.prompt.prefix.clone()];
        let firsts = self.tokenizer.first_tokens(prefix, ask.options);
        let firsts = firsts.map_err(|message| Failure {
            kind: FailureKind::Prompt,
            message,
        })?;
        self.fits(ids.len(), Tokens(1))?;
        let started = Instant::now();
        let logits = self.prefill_each(ids, Tokens(1), cancel, done, None);
        let logits = logits.map_err(|stop| self.stopped(stop))?;
        let told = firsts.iter();
        let told = told.map(|id| Some(log_softmax(&logits, *id, 0).0));
        let timings = Timings {
            prefill_ms: ms(started),
            decode_ms: 0.0,
        };
        Ok(Completion::chosen(ask.options, told.collect(), timings))
    }

    /// What broke an answer off; nothing that was read is trusted any more.
    fn stopped(&mut self, stop: ModelStop) -> Failure {
        self.forget();
        let (kind, message) = match stop {
            ModelStop::Cancelled => (
                FailureKind::Cancelled,
                "the answer was cancelled".to_owned(),
            ),
            ModelStop::Lost(message) => (FailureKind::DeviceLost, message),
            ModelStop::Failed(message) => (FailureKind::Engine, message),
        };
        Failure { kind, message }
    }

    /// How many tokens are left for an answer to `prompt` tokens.
    pub fn room(&self, prompt: usize) -> Tokens {
        count(self.model.context().saturating_sub(prompt))
    }

    /// Whether there is a prompt, and it fits the model's context together with the answer.
    ///
    /// # Errors
    /// [`Failure`] of kind `Context`, with the numbers.
    pub fn fits(&self, prompt: usize, answer: Tokens) -> Result<(), Failure> {
        let context = self.model.context();
        let message = if prompt == 0 {
            "the prompt has no tokens, expected at least 1".to_owned()
        } else if prompt.saturating_add(answer.0 as usize) > context {
            format!(
                "the prompt has {prompt} tokens and the answer may take {answer}, the model reads {context}"
            )
        } else {
            return Ok(());
        };
        let kind = FailureKind::Context;
        Err(Failure { kind, message })
    }

    fn answer(
        &mut self,
        ids: &[u32],
        max_tokens: Tokens,
        settings: &SamplingParams,
        cancel: &AtomicBool,
        hear: &mut dyn FnMut(GenerationProgress<'_>),
    ) -> Result<GeneratedCompletion, ModelStop> {
        let started = Instant::now();
        let mut prefilled = |done, total| hear(GenerationProgress::Prefill { done, total });
        let (mut logits, prompt) = if settings.prompt_logprobs {
            self.prefill_told(ids, max_tokens, settings, cancel, &mut prefilled)?
        } else {
            let logits = self.prefill_each(ids, max_tokens, cancel, &mut prefilled, None)?;
            (logits, Vec::new())
        };
        if settings.prompt_logprobs {
            hear(GenerationProgress::Prompt(&prompt));
        }
        let prefill_ms = ms(started);

        let started = Instant::now();
        let tokenizer = Arc::clone(&self.tokenizer);
        let mut draft = TextDraft::new(&tokenizer, &settings.stop);
        let mut sampler = Sampler::top_p(settings.temperature, settings.top_p, settings.seed);
        let (mut tokens, mut finish) = (0, FinishReason::Length);
        while tokens < max_tokens.0 {
            let id = sampler.sample(&logits);
            if tokenizer.is_end(id) {
                finish = FinishReason::Stop;
                break;
            }
            tokens += 1;
            let known = settings.logprobs.map(|top| log_softmax(&logits, id, top));
            if draft.push(id, known, hear) {
                finish = FinishReason::Stop;
                break;
            }
            if tokens < max_tokens.0 {
                logits = self.read(&[id], cancel, &mut |_| ())?;
            }
        }
        let (text, logprobs) = draft.finish(hear);
        let timings = Timings {
            prefill_ms,
            decode_ms: ms(started),
        };
        let completion = Completion {
            text,
            thinking: None,
            options: Vec::new(),
            tokens: Tokens(tokens),
            finish,
            usage: None,
            timings,
        };
        Ok(GeneratedCompletion {
            completion,
            prompt,
            tokens: logprobs,
        })
    }

    /// Reads all of `ids` and tells how likely each was.
    fn prefill_told(
        &mut self,
        ids: &[u32],
        answer: Tokens,
        settings: &SamplingParams,
        cancel: &AtomicBool,
        done: &mut dyn FnMut(Tokens, Tokens),
    ) -> Result<(Vec<f32>, Vec<TokenLogprob>), ModelStop> {
        // What the cache holds has no logits any more.
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
            // Bytes that begin a character.
            let bytes = tokenizer.bytes(id);
            offset += bytes.iter().filter(|byte| **byte & 0xc0 != 0x80).count();
        };
        let mut left = ids.iter();
        if let Some(first) = left.next() {
            tell(*first, (None, Vec::new()));
        }
        let top = settings.logprobs.unwrap_or_default();
        let mut each = |logits: &[f32]| {
            // Nothing of the prompt follows its last token.
            if let Some(id) = left.next() {
                let (logprob, top) = log_softmax(logits, *id, top);
                tell(*id, (Some(logprob), top));
            }
        };
        let logits = self.prefill_each(ids, answer, cancel, done, Some(&mut each))?;
        Ok((logits, told))
    }

    /// Reads `ids`, with room for `answer` more; the logits of the next token.
    #[cfg(test)]
    pub(super) fn prefill(
        &mut self,
        ids: &[u32],
        answer: Tokens,
        cancel: &AtomicBool,
        report: &mut dyn FnMut(EngineProgress<'_>),
    ) -> Result<Vec<f32>, ModelStop> {
        let mut done = |done, total| report(EngineProgress::Prefill { done, total });
        self.prefill_each(ids, answer, cancel, &mut done, None)
    }

    /// Reads `ids`, with room for `answer` more; the logits of the next token. `each` hears those
    /// after every token that is read, which are all where nothing was held.
    fn prefill_each(
        &mut self,
        ids: &[u32],
        answer: Tokens,
        cancel: &AtomicBool,
        done: &mut dyn FnMut(Tokens, Tokens),
        each: Option<EachLogits<'_>>,
    ) -> Result<Vec<f32>, ModelStop> {
        if self.model.reserve(ids.len() + answer.0 as usize)? {
            self.held.clear();
        }
        let chunk = self.model.chunk();
        let same = self.held.keep(ids, chunk);
        self.model.rewind(same);
        let total = count(ids.len());
        done(count(same), total);
        let mut read = |read| done(count(same + read), total);
        let logits = self.model.read(&ids[same..], cancel, &mut read, each)?;
        self.held.prompt(&ids[same..], chunk);
        Ok(logits)
    }

    pub(super) fn read(
        &mut self,
        ids: &[u32],
        cancel: &AtomicBool,
        done: &mut dyn FnMut(usize),
    ) -> Result<Vec<f32>, ModelStop> {
        let logits = self.model.read(ids, cancel, done, None)?;
        self.held.ids.extend_from_slice(ids);
        Ok(logits)
    }

    fn forget(&mut self) {
        self.held.clear();
        self.model.rewind(0);
    }
}

/// `completion` with its thinking apart.
fn parted(completion: Completion, opened: Option<OpenThinking>) -> Completion {
    let SplitText { answer, thinking } = part(&completion.text, opened);
    Completion {
        text: answer,
        thinking,
        ..completion
    }
}

/// The day that a template is told, for the record.
pub(super) fn told_date(template: Option<&ChatTemplate>) -> Option<String> {
    template?.told_date().map(|date| date.to_string())
}

fn ms(since: Instant) -> f64 {
    since.elapsed().as_secs_f64() * 1000.0
}

fn count(n: usize) -> Tokens {
    Tokens(u32::try_from(n).unwrap_or(u32::MAX))
}
