//! A sample put to the model: what the shared loop asks, by the session of this worker.

use std::cell::RefCell;
use std::rc::Rc;

use fathom_kernels::cancel::CancelFlag;
use fathom_kernels::model::logprobs::log_softmax;
use fathom_kernels::model::sampler::Sampler;
use fathom_kernels::session::{GenerationEnd, GenerationEvent, Session, SessionError};
use fathom_shared::corpora::Corpora;
use fathom_shared::longbench::alone;
use fathom_shared::run::{
    AnsweredSample, EngineAnswer, RunCell, RunEngine, SampleRequest, ScoredTranscript,
};
use fathom_shared::task::GeneratorContext;
use fathom_shared::thinking::part;
use fathom_shared::tokens::Tokens;
use fathom_shared::transcript::{
    Completion, EngineInfo, Failure, FailureKind, FinishReason, Outcome, Timings,
};

use super::page_runs::{guarded, wake};
use super::{EngineWork, EngineWorker, say, sleep};
use crate::protocol::{BuiltSample, FromEngine};

/// How often one who waits for the model looks again.
const LOOK_MS: i32 = 20;

/// Answers one sample that the page has built.
pub(super) async fn ask(bench: Rc<RefCell<EngineWorker>>, ticket: u32, built: BuiltSample) {
    let number = built.order.sample;
    let row = match taken(&bench).await {
        Ok((mut session, cancel)) => {
            let info = bench.borrow().engine_info();
            let row = answered(&bench, &mut session, cancel, (ticket, built), &info).await;
            let lost = matches!(&row.transcript.outcome,
                Outcome::Failed(failure) if failure.kind == FailureKind::DeviceLost);
            bench.borrow_mut().put_back(session, lost);
            row
        }
        Err(Failure { kind, message }) => {
            let info = bench.borrow().engine_info();
            ScoredTranscript::unasked(number, &info, kind, message)
        }
    };
    let row = Box::new(row);
    say(&FromEngine::Done { ticket, row });
    wake(&bench);
}

/// The sample's text did not come along.
pub(super) fn refuse(ticket: u32, sample: u32) {
    let (info, kind) = (EngineInfo::default(), FailureKind::Engine);
    let message = "the sample came without its text".to_owned();
    let row = Box::new(ScoredTranscript::unasked(sample, &info, kind, message));
    say(&FromEngine::Done { ticket, row });
}

/// The session, for as long as one sample takes; a run makes way after the one that it is at.
async fn taken(bench: &RefCell<EngineWorker>) -> Result<(Session, CancelFlag), Failure> {
    let stops = {
        let mut bench = bench.borrow_mut();
        bench.waiting += 1;
        bench.stops
    };
    let taken = loop {
        {
            let mut bench = bench.borrow_mut();
            if bench.stops != stops {
                let message = "the answer was cancelled".to_owned();
                break Err((FailureKind::Cancelled, message));
            }
            match &bench.work {
                Some(EngineWork::Run(_)) => {}
                Some(_) => break Err((FailureKind::Engine, "The model is busy.".to_owned())),
                None => {
                    let none = "No model is loaded in this browser.".to_owned();
                    let session = bench.session.take();
                    break session.ok_or((FailureKind::Engine, none));
                }
            }
        }
        sleep(LOOK_MS).await;
    };
    let mut bench = bench.borrow_mut();
    bench.waiting -= 1;
    let session = taken.map_err(|(kind, message)| Failure { kind, message })?;
    let cancel = CancelFlag::default();
    bench.work = Some(EngineWork::Ask(cancel.clone()));
    Ok((session, cancel))
}

async fn answered(
    bench: &RefCell<EngineWorker>,
    session: &mut Session,
    cancel: CancelFlag,
    (ticket, built): (u32, BuiltSample),
    info: &EngineInfo,
) -> ScoredTranscript {
    let BuiltSample {
        order,
        sample,
        prompt,
        question,
        ..
    } = built;
    let number = order.sample;
    let unasked =
        |message: String| ScoredTranscript::unasked(number, info, FailureKind::Engine, message);
    let made_with = bench.borrow_mut().runs.made_with(session, info);
    let made_with = match made_with {
        Ok(made_with) => made_with,
        Err(message) => return unasked(message),
    };
    let corpora = question.map_or(Rc::clone(&made_with.corpora), |asked| {
        // A question of one's own: what follows its first call is made of it.
        let mut corpora = Corpora::bundled();
        corpora.ask_from(alone(asked.source, number, asked.question));
        Rc::new(corpora)
    });
    let kit = GeneratorContext {
        counter: &made_with.tokenizer.counter,
        corpora: &corpora,
    };
    let dialogue = made_with.tokenizer.dialogue.clone();
    let cell = RunCell::new(order.spec, order.mode, dialogue, info.clone(), kit);
    let cell = match cell {
        Ok(cell) => cell,
        Err(error) => return unasked(error.to_string()),
    };
    let mut engine = SampleAsk {
        session,
        cancel,
        ticket,
    };
    let request = SampleRequest::first(sample, prompt);
    match cell.ask(request, &mut engine).await {
        Ok(AnsweredSample::Scored(row) | AnsweredSample::Broken(row)) => *row,
        Ok(AnsweredSample::Cancelled) => {
            let message = "the answer was cancelled".to_owned();
            cell.failed(number, FailureKind::Cancelled, message)
        }
        Err(why) => unasked(why),
    }
}

/// One sample of the page's.
struct SampleAsk<'a> {
    session: &'a mut Session,
    cancel: CancelFlag,
    ticket: u32,
}

impl RunEngine for SampleAsk<'_> {
    async fn complete(&mut self, request: &SampleRequest) -> Result<EngineAnswer, String> {
        let ticket = self.ticket;
        if let Some(first) = &request.earlier {
            let thoughts = Box::new(first.completion().clone());
            say(&FromEngine::Again { ticket, thoughts });
        }
        let mut tell = |event: &GenerationEvent<'_>| match event {
            GenerationEvent::Prefill { done, total } => say(&FromEngine::Prefill {
                ticket,
                done: Tokens(*done),
                total: Tokens(*total),
            }),
            GenerationEvent::Text(text) => say(&FromEngine::Token {
                ticket,
                text: (*text).to_owned(),
            }),
        };
        Ok(complete(self.session, request, &self.cancel, &mut tell).await)
    }

    fn is_cancelled(&self) -> bool {
        self.cancel.is_raised()
    }

    fn guarded<T>(&mut self, work: impl FnOnce() -> T) -> Result<T, String> {
        Ok(guarded(work))
    }
}

/// What the session makes of a prompt.
pub(super) async fn complete(
    session: &mut Session,
    request: &SampleRequest,
    cancel: &CancelFlag,
    tell: &mut dyn FnMut(&GenerationEvent<'_>),
) -> EngineAnswer {
    let mut prompt_tokens = None;
    let mut report = |event: GenerationEvent<'_>| {
        if let GenerationEvent::Prefill { total, .. } = &event {
            prompt_tokens = Some(Tokens(*total));
        }
        tell(&event);
    };
    let outcome = match answer(session, request, cancel, &mut report).await {
        // What an adapter gives after it failed is no answer.
        Ok(_) if session.is_lost() => Outcome::Failed(Failure {
            kind: FailureKind::DeviceLost,
            message: "the adapter was lost while it answered".to_owned(),
        }),
        Ok(completion) => Outcome::Completed(completion),
        Err(failure) => Outcome::Failed(failure),
    };
    EngineAnswer {
        prompt_tokens,
        outcome,
    }
}

/// What the model writes, or the option that is the likeliest.
async fn answer(
    session: &mut Session,
    request: &SampleRequest,
    cancel: &CancelFlag,
    report: &mut dyn FnMut(GenerationEvent<'_>),
) -> Result<Completion, Failure> {
    let (prompt, options) = (&request.prompt, &request.sample.options);
    if !options.is_empty() {
        let prefix = &prompt.text[prompt.prefix.clone()];
        let firsts = session.tokenizer().first_tokens(prefix, options);
        let firsts = firsts.map_err(|message| Failure {
            kind: FailureKind::Prompt,
            message,
        })?;
        let started = js_sys::Date::now();
        let ids = session.tokenizer().encode(&prompt.text);
        let logits = session.prefill(&ids, 1, cancel, report).await;
        let logits = logits.map_err(|error| failure(&error))?;
        let timings = Timings {
            prefill_ms: js_sys::Date::now() - started,
            decode_ms: 0.0,
        };
        let told = firsts.iter();
        let told = told.map(|id| Some(log_softmax(&logits, *id, 0).0));
        return Ok(Completion::chosen(options, told.collect(), timings));
    }
    let (mut sampler, room) = (Sampler::greedy(), request.max_tokens.0);
    let answer = session.generate(&prompt.text, room, &mut sampler, cancel, report);
    let answer = answer.await.map_err(|error| failure(&error))?;
    let parted = part(&answer.text, prompt.opened());
    Ok(Completion {
        text: parted.answer,
        thinking: parted.thinking,
        options: Vec::new(),
        tokens: Tokens(answer.tokens),
        finish: match answer.finish {
            GenerationEnd::Stop => FinishReason::Stop,
            GenerationEnd::Length => FinishReason::Length,
        },
        usage: None,
        timings: Timings {
            prefill_ms: answer.prefill_ms,
            decode_ms: answer.decode_ms,
        },
    })
}

fn failure(error: &SessionError) -> Failure {
    let kind = match error {
        SessionError::Cancelled => FailureKind::Cancelled,
        SessionError::Context { .. } | SessionError::Empty => FailureKind::Context,
        SessionError::DeviceLost { .. } => FailureKind::DeviceLost,
        _ => FailureKind::Engine,
    };
    Failure {
        kind,
        message: error.to_string(),
    }
}
