//! A model on this machine that answers: the decode loop of `kernels`, with the types of runs. The
//! thinking is separated from the answer.

use std::sync::Arc;
use std::sync::atomic::AtomicBool;

use fathom_kernels::generation::{
    Generation, GenerationEnd, GenerationError, GenerationEvent, LanguageModel, SamplingParams,
    TextGenerator,
};
use fathom_kernels::model::tokenizer::Tokenizer;
use fathom_shared::prompt::ChatTemplate;
use fathom_shared::thinking::{AnswerStart, SplitText, ThinkingSplitter, part};
use fathom_shared::tokens::{TokenCounter, Tokens};
use fathom_shared::transcript::{
    Completion, EngineInfo, Failure, FailureKind, FinishReason, Outcome, Timings,
};
use pollster::block_on;

use super::{CompletionRequest, EngineAnswer, EngineProgress};
use crate::tokenizer::CountingTokenizer;

/// A model with its tokenizer.
#[derive(Debug)]
pub struct LocalEngine {
    pub(super) info: EngineInfo,
    pub(super) template: Option<ChatTemplate>,
    pub(super) generator: TextGenerator<dyn LanguageModel + Send>,
}

impl LocalEngine {
    pub(super) fn new(
        info: EngineInfo,
        template: Option<ChatTemplate>,
        model: Box<dyn LanguageModel + Send>,
        tokenizer: Arc<Tokenizer>,
    ) -> Self {
        Self {
            info,
            template,
            generator: TextGenerator::new(model, tokenizer),
        }
    }

    /// Counts with the model's own tokenizer.
    pub(super) fn counter(&self) -> TokenCounter<'static> {
        CountingTokenizer::of_model(&self.info.model, Arc::clone(self.tokenizer())).counter()
    }

    /// Who it is.
    pub fn info(&self) -> &EngineInfo {
        &self.info
    }

    /// The model's own tokenizer.
    pub fn tokenizer(&self) -> &Arc<Tokenizer> {
        self.generator.tokenizer()
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
        let ids = self.tokenizer().encode(&ask.prompt.text);
        let opened = ask.prompt.opened();
        let (mut split, mut shown) = (ThinkingSplitter::new(opened), 0);
        let mut hear = |heard: GenerationEvent<'_>| match heard {
            GenerationEvent::Prefill { done, total } => {
                let (done, total) = (Tokens(done), Tokens(total));
                report(EngineProgress::Prefill { done, total });
            }
            GenerationEvent::Text { text, .. } => {
                split.push(text);
                let new = split.answer().get(shown..).unwrap_or_default();
                if !new.is_empty() {
                    report(EngineProgress::Text(new));
                    shown = split.answer().len();
                }
            }
            GenerationEvent::Prompt(_) => (),
        };
        let completion = match ask.options.is_empty() {
            false => self.choose(&ids, ask, cancel, &mut hear),
            true => self
                .write(&ids, ask.max_tokens, ask.settings, cancel, &mut hear)
                .map(|written| parted(written, opened)),
        };
        let prompt_tokens = u32::try_from(ids.len()).ok().map(Tokens);
        match completion {
            Ok(completion) => EngineAnswer {
                prompt_tokens,
                outcome: Outcome::Completed(completion),
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
        hear: &mut dyn FnMut(GenerationEvent<'_>),
    ) -> Result<Generation, Failure> {
        let written = self
            .generator
            .generate(ids, max_tokens.0, settings, cancel, hear);
        block_on(written).map_err(|error| failure(&error))
    }

    /// Which of the options is the likeliest to come next; blocks.
    fn choose(
        &mut self,
        ids: &[u32],
        ask: CompletionRequest<'_>,
        cancel: &AtomicBool,
        hear: &mut dyn FnMut(GenerationEvent<'_>),
    ) -> Result<Completion, Failure> {
        let prefix = &ask.prompt.text[ask.prompt.prefix.clone()];
        let told = self
            .generator
            .choose(ids, prefix, ask.options, cancel, hear);
        let told = block_on(told).map_err(|error| failure(&error))?;
        let timings = Timings {
            prefill_ms: told.prefill_ms,
            decode_ms: 0.0,
        };
        let logprobs = told.logprobs.into_iter().map(Some).collect();
        Ok(Completion::chosen(ask.options, logprobs, timings))
    }

    /// How many tokens are left for an answer to `prompt` tokens.
    pub fn room(&self, prompt: usize) -> Tokens {
        Tokens(self.generator.room(prompt))
    }

    /// Whether there is a prompt, and it fits the model's context together with the answer.
    ///
    /// # Errors
    /// [`Failure`] of kind `Context`, with the numbers.
    pub fn fits(&self, prompt: usize, answer: Tokens) -> Result<(), Failure> {
        let fits = self.generator.fits(prompt, answer.0);
        fits.map_err(|error| failure(&error))
    }
}

/// How runs call why an answer ended.
pub fn finish_reason(end: GenerationEnd) -> FinishReason {
    match end {
        GenerationEnd::Stop => FinishReason::Stop,
        GenerationEnd::Length => FinishReason::Length,
    }
}

/// How runs call what went wrong.
fn failure(error: &GenerationError) -> Failure {
    let kind = match error {
        GenerationError::Empty | GenerationError::Context { .. } => FailureKind::Context,
        GenerationError::Options(_) => FailureKind::Prompt,
        GenerationError::Cancelled => FailureKind::Cancelled,
        GenerationError::DeviceLost(_) => FailureKind::DeviceLost,
        GenerationError::Failed(_) => FailureKind::Engine,
    };
    let message = error.to_string();
    Failure { kind, message }
}

/// What was written, its thinking apart.
fn parted(written: Generation, opened: AnswerStart) -> Completion {
    let SplitText {
        answer,
        thinking,
        end_alone,
    } = part(&written.text, opened);
    Completion {
        text: answer,
        thinking,
        thinking_end_alone: end_alone,
        options: Vec::new(),
        tokens: Tokens(written.tokens),
        finish: finish_reason(written.finish),
        usage: None,
        timings: Timings {
            prefill_ms: written.prefill_ms,
            decode_ms: written.decode_ms,
        },
    }
}

/// The day that a template is told, for the record.
pub(super) fn told_date(template: Option<&ChatTemplate>) -> Option<String> {
    template?.told_date().map(|date| date.to_string())
}
