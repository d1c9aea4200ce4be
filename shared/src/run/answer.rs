//! The loop that answers a run: sample, prompt, completion or failure, the second call where a task
//! asks for one, the scored row. The server's threads and the page's worker drive this one; who
//! answers and who keeps the rows stand behind two traits.

use super::{AcceptedOutcome, RunCell, RunGrid, SampleKey, SampleRequest, SampleStep};
use super::{ScoredTranscript, is_cancelled};
use crate::prompt::{DialogueRenderer, PromptMode};
use crate::task::GeneratorContext;
use crate::tokens::Tokens;
use crate::transcript::{EngineInfo, Failure, FailureKind, Outcome};

/// What came of one prompt.
#[derive(Clone, PartialEq, Debug)]
pub struct EngineAnswer {
    /// The prompt's length under the model's own tokenizer, where it came that far.
    pub prompt_tokens: Option<Tokens>,
    /// The completion or the failure.
    pub outcome: Outcome,
}

impl EngineAnswer {
    /// No text came.
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

/// Who completes prompts. It tells of its progress and hears of a cancel in its own way: an answer
/// that was cancelled is a failure of kind [`FailureKind::Cancelled`]. The futures need not be
/// `Send`: an engine that blocks answers within the first poll, one in the page waits for its
/// adapter.
pub trait RunEngine {
    /// Completes a prompt.
    ///
    /// # Errors
    /// A sentence: why the run cannot go on. What concerns this prompt alone is a failure instead.
    fn complete(
        &mut self,
        request: &SampleRequest,
    ) -> impl Future<Output = Result<EngineAnswer, String>>;

    /// Whether the sample that is being answered is to be left.
    fn is_cancelled(&self) -> bool;

    /// Does what makes or judges a sample. Whoever has a clock bounds `work` by it, and whoever can
    /// survives a panic in it.
    ///
    /// # Errors
    /// What the panic said.
    fn guarded<T>(&mut self, work: impl FnOnce() -> T) -> Result<T, String> {
        Ok(work())
    }
}

/// Who keeps the rows of a run: hands out the open ones and takes those that are done.
pub trait RunRows: RunEngine {
    /// The sample to answer now; nothing where there is none, or the run is held.
    ///
    /// # Errors
    /// A sentence: why the run cannot go on.
    fn next(&mut self) -> impl Future<Output = Result<Option<SampleKey>, String>>;

    /// Keeps a row; `false` where it is not wanted any more.
    ///
    /// # Errors
    /// A sentence: why the run cannot go on.
    fn store(
        &mut self,
        key: SampleKey,
        row: ScoredTranscript,
    ) -> impl Future<Output = Result<bool, String>>;

    /// The sample is as open as before.
    fn give_back(&mut self, key: SampleKey) -> impl Future<Output = ()>;
}

/// What became of one sample.
#[derive(Clone, PartialEq, Debug)]
pub enum AnsweredSample {
    /// It has its answer or its failure.
    Scored(Box<ScoredTranscript>),
    /// Making or judging it broke off, which is its failure; the cell is not to be used again.
    Broken(Box<ScoredTranscript>),
    /// It was left without an answer.
    Cancelled,
}

/// What all rows of a run are answered with.
pub struct RunSetup<'a> {
    /// What is asked.
    pub grid: &'a RunGrid,
    /// How a sample is put.
    pub mode: PromptMode,
    /// Who puts a dialogue into the model's words.
    pub dialogue: DialogueRenderer,
    /// Who answers.
    pub engine: EngineInfo,
    /// Who counts, and the texts.
    pub kit: GeneratorContext<'a>,
}

impl<'a> RunSetup<'a> {
    fn cell(&self, number: u32) -> Result<RunCell<'a>, String> {
        let spec = self.grid.cell(number);
        let spec = spec.ok_or_else(|| format!("the run has no cell {number}"))?;
        let (dialogue, engine) = (self.dialogue.clone(), self.engine.clone());
        RunCell::new(spec, self.mode, dialogue, engine, self.kit).map_err(|error| error.to_string())
    }
}

/// Answers the rows that `rows` hands out until it has none. Those of one cell best come together
/// and in rising order: the cell's samples are one stream.
///
/// # Errors
/// A sentence: why the run cannot go on. The sample that was at hand is given back, but for one
/// that could not be stored: its keeper knows of that.
pub async fn answer_rows(run: &RunSetup<'_>, rows: &mut impl RunRows) -> Result<(), String> {
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
    /// Answers sample `number`: best asked for in rising order, see [`SampleStream`](super::SampleStream).
    ///
    /// # Errors
    /// A sentence: why `engine` cannot go on.
    pub async fn answer(
        &mut self,
        number: u32,
        engine: &mut impl RunEngine,
    ) -> Result<AnsweredSample, String> {
        match engine.guarded(|| self.step(number)) {
            Err(why) => Ok(self.broken(number, &why)),
            // It may be refused because the making heard of the cancel.
            Ok(SampleStep::Refused(_)) if engine.is_cancelled() => Ok(AnsweredSample::Cancelled),
            Ok(SampleStep::Refused(row)) => Ok(AnsweredSample::Scored(row)),
            Ok(SampleStep::Ask(request)) => self.ask(*request, engine).await,
        }
    }

    /// Every call that the answer to a sample takes, begun with the first.
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
        let message = format!("making the sample broke off: {why}");
        AnsweredSample::Broken(Box::new(self.failed(sample, FailureKind::Prompt, message)))
    }
}

#[cfg(test)]
mod tests;
