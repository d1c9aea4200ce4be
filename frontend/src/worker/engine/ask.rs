//! A sample put to the model: what the shared loop asks, by the model of this worker.

use std::cell::RefCell;
use std::rc::Rc;

use fathom_kernels::cancel::CancelFlag;
use fathom_kernels::generation::{GenerationEvent, TextGenerator};
use fathom_shared::corpora::Corpora;
use fathom_shared::longbench::alone;
use fathom_shared::run::{
    AnsweredSample, EngineAnswer, RunCell, RunEngine, SampleRequest, ScoredTranscript,
};
use fathom_shared::task::GeneratorContext;
use fathom_shared::tokens::Tokens;
use fathom_shared::transcript::{EngineInfo, Failure, FailureKind, Outcome};

use super::complete::complete;
use super::page_model::PageModel;
use super::page_runs::{HandAsk, guarded, keep, wake};
use super::{EngineWork, EngineWorker, say, sleep};
use crate::protocol::{BuiltSample, FromEngine};

/// How often one who waits for the model looks again.
const LOOK_MS: i32 = 20;

/// Answers one sample that the page has built.
pub(super) async fn ask(bench: Rc<RefCell<EngineWorker>>, ticket: u32, built: BuiltSample) {
    let number = built.request.sample;
    let asked = HandAsk::of(&built);
    let row = match taken(&bench).await {
        Ok((mut generator, cancel)) => {
            let info = bench.borrow().engine_info();
            let row = answered(&bench, &mut generator, cancel, (ticket, built), &info).await;
            let lost = matches!(&row.transcript.outcome,
                Outcome::Failed(failure) if failure.kind == FailureKind::DeviceLost);
            // If nothing uses the model, no run is being answered either.
            keep(&bench, asked, &row).await;
            bench.borrow_mut().put_back(generator, lost);
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

/// The error that the sample's text was not attached.
pub(super) fn refuse(ticket: u32, sample: u32) {
    let (info, kind) = (EngineInfo::default(), FailureKind::Engine);
    let message = "the sample arrived without its text".to_owned();
    let row = Box::new(ScoredTranscript::unasked(sample, &info, kind, message));
    say(&FromEngine::Done { ticket, row });
}

/// The model, for as long as one sample takes; a run gives way after its current sample.
async fn taken(
    bench: &RefCell<EngineWorker>,
) -> Result<(TextGenerator<PageModel>, CancelFlag), Failure> {
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
                    let generator = bench.generator.take();
                    break generator.ok_or((FailureKind::Engine, none));
                }
            }
        }
        sleep(LOOK_MS).await;
    };
    let mut bench = bench.borrow_mut();
    bench.waiting -= 1;
    let generator = taken.map_err(|(kind, message)| Failure { kind, message })?;
    let cancel = CancelFlag::default();
    bench.work = Some(EngineWork::Ask(cancel.clone()));
    Ok((generator, cancel))
}

async fn answered(
    bench: &RefCell<EngineWorker>,
    generator: &mut TextGenerator<PageModel>,
    cancel: CancelFlag,
    (ticket, built): (u32, BuiltSample),
    info: &EngineInfo,
) -> ScoredTranscript {
    let BuiltSample {
        request,
        sample,
        prompt,
        question,
        ..
    } = built;
    let number = request.sample;
    let unasked =
        |message: String| ScoredTranscript::unasked(number, info, FailureKind::Engine, message);
    let made_with = bench.borrow_mut().runs.made_with(generator.model(), info);
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
    let generator_context = GeneratorContext {
        counter: &made_with.tokenizer.counter,
        corpora: &corpora,
    };
    let dialogue = made_with.tokenizer.dialogue.clone();
    let cell = RunCell::new(
        request.spec,
        request.mode,
        dialogue,
        info.clone(),
        generator_context,
    );
    let cell = match cell {
        Ok(cell) => cell,
        Err(error) => return unasked(error.to_string()),
    };
    let mut engine = SampleAsk {
        generator,
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
    generator: &'a mut TextGenerator<PageModel>,
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
            GenerationEvent::Text { text, .. } => say(&FromEngine::Token {
                ticket,
                text: (*text).to_owned(),
            }),
            GenerationEvent::Prompt(_) => (),
        };
        Ok(complete(self.generator, request, &self.cancel, &mut tell).await)
    }

    fn is_cancelled(&self) -> bool {
        self.cancel.is_raised()
    }

    fn guarded<T>(&mut self, work: impl FnOnce() -> T) -> Result<T, String> {
        Ok(guarded(work))
    }
}
