//! Completes one prompt with the loaded model.

use fathom_kernels::cancel::CancelFlag;
use fathom_kernels::generation::{
    GenerationEnd, GenerationError, GenerationEvent, SamplingParams, TextGenerator,
};
use fathom_shared::run::{EngineAnswer, SampleRequest};
use fathom_shared::thinking::part;
use fathom_shared::tokens::Tokens;
use fathom_shared::transcript::{Completion, Failure, FailureKind, FinishReason, Outcome, Timings};

use super::page_model::PageModel;

/// What the model makes of a prompt.
pub(super) async fn complete(
    generator: &mut TextGenerator<PageModel>,
    request: &SampleRequest,
    cancel: &CancelFlag,
    tell: &mut dyn FnMut(&GenerationEvent<'_>),
) -> EngineAnswer {
    let ids = generator.tokenizer().encode(&request.prompt.text);
    let prompt_tokens = u32::try_from(ids.len()).ok().map(Tokens);
    let mut hear = |event: GenerationEvent<'_>| tell(&event);
    let outcome = match answer(generator, &ids, request, cancel, &mut hear).await {
        // What an adapter gives after it failed is no answer.
        Ok(_) if generator.model().is_lost() => Outcome::Failed(Failure {
            kind: FailureKind::DeviceLost,
            message: "the GPU was lost while answering".to_owned(),
        }),
        Ok(completion) => Outcome::Completed(completion),
        Err(error) => Outcome::Failed(failure(&error)),
    };
    EngineAnswer {
        prompt_tokens,
        outcome,
    }
}

/// What the model writes, or the option that is the likeliest.
async fn answer(
    generator: &mut TextGenerator<PageModel>,
    ids: &[u32],
    request: &SampleRequest,
    cancel: &CancelFlag,
    hear: &mut dyn FnMut(GenerationEvent<'_>),
) -> Result<Completion, GenerationError> {
    let (prompt, options) = (&request.prompt, &request.sample.options);
    if !options.is_empty() {
        let prefix = &prompt.text[prompt.prefix.clone()];
        let told = generator.choose(ids, prefix, options, cancel.flag(), hear);
        let told = told.await?;
        let timings = Timings {
            prefill_ms: told.prefill_ms,
            decode_ms: 0.0,
        };
        let logprobs = told.logprobs.into_iter().map(Some).collect();
        return Ok(Completion::chosen(options, logprobs, timings));
    }
    let (greedy, room) = (SamplingParams::default(), request.max_tokens.0);
    let written = generator.generate(ids, room, &greedy, cancel.flag(), hear);
    let written = written.await?;
    let parted = part(&written.text, prompt.opened());
    Ok(Completion {
        text: parted.answer,
        thinking: parted.thinking,
        thinking_end_alone: parted.end_alone,
        options: Vec::new(),
        tokens: Tokens(written.tokens),
        finish: match written.finish {
            GenerationEnd::Stop => FinishReason::Stop,
            GenerationEnd::Length => FinishReason::Length,
        },
        usage: None,
        timings: Timings {
            prefill_ms: written.prefill_ms,
            decode_ms: written.decode_ms,
        },
    })
}

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
