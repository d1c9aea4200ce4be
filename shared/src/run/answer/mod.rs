//! The loop that answers a run: sample, prompt, completion or failure, a second call if the task
//! needs one, and the scored row. The server's threads and the page's worker both run this loop;
//! two traits hide which engine answers and where the rows are stored.

use super::{AcceptedOutcome, RunCell, RunGrid, SampleKey, SampleRequest, SampleStep};
use super::{ScoredTranscript, is_cancelled};
use crate::prompt::{ChatError, DialogueRenderer, PromptMode};
use crate::task::GeneratorContext;
use crate::tokens::Tokens;
use crate::transcript::{EngineInfo, Failure, FailureKind, Outcome};

/// The result of one prompt.
#[derive(Clone, PartialEq, Debug)]
pub struct EngineAnswer {
    /// The prompt's length under the model's own tokenizer, if it was counted.
    pub prompt_tokens: Option<Tokens>,
    /// The completion or the failure.
    pub outcome: Outcome,
}

impl EngineAnswer {
    /// A result without a completion.
    pub fn failed(
        prompt_tokens: Option<Tokens>,
        kind: FailureKind,
        message: impl Into<String>,
    ) -> Self {
        let message = message.into();
        Self {
            prompt_tokens,
            outcome: Outcome::Failed(Failure { kind, message }),
        }
    }
}

/// An engine that completes prompts. How it reports progress and learns of a cancellation is its
/// own affair: a cancelled answer is a failure of kind [`FailureKind::Cancelled`]. The futures need
/// not be `Send`: an engine that blocks answers within the first poll, one in the page waits for
/// its adapter.
pub trait RunEngine {
    /// Completes a prompt.
    ///
    /// # Errors
    /// A sentence that says why the run cannot continue. Problems with this prompt alone are
    /// failures instead.
    fn complete(
        &mut self,
        request: &SampleRequest,
    ) -> impl Future<Output = Result<EngineAnswer, String>>;

    /// Whether to abandon the sample that is being answered.
    fn is_cancelled(&self) -> bool;

    /// Runs `work`, which makes or judges a sample. Implementations with a clock limit its time;
    /// those that can, survive a panic in it.
    ///
    /// # Errors
    /// The panic's message.
    fn guarded<T>(&mut self, work: impl FnOnce() -> T) -> Result<T, String> {
        Ok(work())
    }
}

/// The storage of a run's rows: hands out open rows and takes finished ones.
pub trait RunRows: RunEngine {
    /// The sample to answer now; `None` if there is none, or the run is held.
    ///
    /// # Errors
    /// A sentence that says why the run cannot continue.
    fn next(&mut self) -> impl Future<Output = Result<Option<SampleKey>, String>>;

    /// Stores a row; returns `false` if it is no longer wanted.
    ///
    /// # Errors
    /// A sentence that says why the run cannot continue.
    fn store(
        &mut self,
        key: SampleKey,
        row: ScoredTranscript,
    ) -> impl Future<Output = Result<bool, String>>;

    /// Gives a sample back, as open as before.
    fn give_back(&mut self, key: SampleKey) -> impl Future<Output = ()>;
}

/// The result of one sample.
#[derive(Clone, PartialEq, Debug)]
pub enum AnsweredSample {
    /// It has an answer or a failure.
    Scored(Box<ScoredTranscript>),
    /// Making or judging it panicked, which is its failure; the cell must not be used again.
    Broken(Box<ScoredTranscript>),
    /// It was cancelled without an answer.
    Cancelled,
}

/// What is common to all rows of a run.
pub struct RunSetup<'a> {
    /// The run's tasks, lengths and seeds.
    pub grid: &'a RunGrid,
    /// How samples are presented to the model.
    pub mode: PromptMode,
    /// Formats a dialogue with the model's chat template.
    pub dialogue: DialogueRenderer,
    /// The engine and model that answer.
    pub engine: EngineInfo,
    /// Who counts, and the texts.
    pub generator_context: GeneratorContext<'a>,
}

impl<'a> RunSetup<'a> {
    /// A model without a chat template cannot be asked in chat mode: that is the fault of the run,
    /// not of each sample.
    fn check(&self) -> Result<(), String> {
        match (self.mode, &self.dialogue) {
            (PromptMode::Chat, DialogueRenderer::Unknown) => Err(ChatError::Missing.to_string()),
            _ => Ok(()),
        }
    }

    fn cell(&self, number: u32) -> Result<RunCell<'a>, String> {
        let spec = self.grid.cell(number);
        let spec = spec.ok_or_else(|| format!("the run has no cell {number}"))?;
        let (dialogue, engine) = (self.dialogue.clone(), self.engine.clone());
        RunCell::new(spec, self.mode, dialogue, engine, self.generator_context)
            .map_err(|error| error.to_string())
    }
}

/// Answers the rows that `rows` hands out, until none is left. Rows of one cell should come
/// together and in rising order, because a cell's samples are one stream.
///
/// # Errors
/// A sentence that says why the run cannot continue. The current sample is given back, unless it
/// could not be stored: the storage knows about that.
pub async fn answer_rows(run: &RunSetup<'_>, rows: &mut impl RunRows) -> Result<(), String> {
    run.check()?;
    let mut open: Option<(u32, RunCell<'_>)> = None;
    while let Some(key) = rows.next().await? {
        let cell = match open.take() {
            Some((number, cell)) if number == key.cell => Ok(cell),
            _ => run.cell(key.cell),
        };
        let answered = match cell {
            Ok(mut cell) => cell.answer(key.sample, rows).await.map(|done| (cell, done)),
            Err(why) => Err(why),
        };
        match answered {
            Ok((cell, AnsweredSample::Scored(row))) => {
                if rows.store(key, *row).await? {
                    open = Some((key.cell, cell));
                }
            }
            Ok((_, AnsweredSample::Broken(row))) => {
                rows.store(key, *row).await?;
            }
            Ok((_, AnsweredSample::Cancelled)) => rows.give_back(key).await,
            Err(why) => {
                rows.give_back(key).await;
                return Err(why);
            }
        }
    }
    Ok(())
}

impl RunCell<'_> {
    /// Answers sample `number`; for speed, ask in rising order, see
    /// [`SampleStream`](super::SampleStream).
    ///
    /// # Errors
    /// A sentence that says why `engine` cannot continue.
    pub async fn answer(
        &mut self,
        number: u32,
        engine: &mut impl RunEngine,
    ) -> Result<AnsweredSample, String> {
        match engine.guarded(|| self.step(number)) {
            Err(why) => Ok(self.broken(number, &why)),
            // The sample may be refused because a cancellation interrupted the work.
            Ok(SampleStep::Refused(_)) if engine.is_cancelled() => Ok(AnsweredSample::Cancelled),
            Ok(SampleStep::Refused(row)) => Ok(AnsweredSample::Scored(row)),
            Ok(SampleStep::Ask(request)) => self.ask(*request, engine).await,
        }
    }

    /// Makes every call that the answer to a sample needs, starting with the first.
    ///
    /// # Errors
    /// As [`answer`](Self::answer).
    pub async fn ask(
        &self,
        mut request: SampleRequest,
        engine: &mut impl RunEngine,
    ) -> Result<AnsweredSample, String> {
        loop {
            let EngineAnswer {
                prompt_tokens,
                outcome,
            } = engine.complete(&request).await?;
            let accepted = engine.guarded(|| self.accept(&request, prompt_tokens, outcome));
            match accepted {
                Err(why) => return Ok(self.broken(request.sample.number, &why)),
                Ok(AcceptedOutcome::Again(next)) => request = *next,
                Ok(AcceptedOutcome::Done(row)) if is_cancelled(&row) => {
                    return Ok(AnsweredSample::Cancelled);
                }
                Ok(AcceptedOutcome::Done(row)) => return Ok(AnsweredSample::Scored(row)),
            }
        }
    }

    fn broken(&self, sample: u32, why: &str) -> AnsweredSample {
        let message = format!("making the sample failed: {why}");
        AnsweredSample::Broken(Box::new(self.failed(sample, FailureKind::Prompt, message)))
    }
}

#[cfg(test)]
mod tests;
