//! A run is a grid of cells; a cell is one spec on one engine, sample by sample. The cell decides
//! what to ask and what an answer means; [`answer_rows`] goes from sample to sample. Waiting,
//! storing and streaming are behind two traits: there is no clock and no I/O here, so the server
//! and the page share all of this code.

mod answer; // the loop that answers a run
mod estimate; // estimates what a run will take
mod grid; // the grid of tasks, lengths and seeds
mod plan; // counts a grid's prompts and tokens
mod remake; // remakes a sample and its prompt from the spec
mod stream; // makes the samples of one spec, by number

use serde::{Deserialize, Serialize};

use crate::prompt::{DialogueRenderer, Prompt, PromptMode};
use crate::score::{Score, answer_parts, score};
use crate::task::{self, GenerateError, GeneratorContext, Sample, TaskSpec};
use crate::tokens::Tokens;
use crate::transcript::{Completion, EngineInfo, Failure, FailureKind, Outcome, Transcript};
pub use answer::{AnsweredSample, EngineAnswer, RunEngine, RunRows, RunSetup, answer_rows};
pub use estimate::{AnswerPace, Money, RunEstimate, RunNeeds};
pub use grid::{GridError, LAST_SAMPLE, MOST_ROWS, RunGrid, SampleKey, TaskChoice};
pub use remake::made_again;
pub use stream::SampleStream;

/// What a run asks an engine for one sample.
#[derive(Clone, PartialEq, Debug)]
pub struct SampleRequest {
    /// The sample with its references and evidence.
    pub sample: Sample,
    /// The text to complete.
    pub prompt: Prompt,
    /// The most tokens that the answer may take.
    pub max_tokens: Tokens,
    /// The first call, if an answer takes two.
    pub earlier: Option<Box<FirstCall>>,
}

/// The first of two calls: what was asked and what was answered.
#[derive(Clone, PartialEq, Debug)]
pub struct FirstCall {
    prompt_hash: String,
    prompt_tokens: Option<Tokens>,
    completion: Completion,
}

impl SampleRequest {
    /// The first call about `sample`, with the prompt made from it.
    pub fn first(sample: Sample, prompt: Prompt) -> Self {
        Self {
            max_tokens: sample.tokens_to_generate,
            sample,
            prompt,
            earlier: None,
        }
    }
}

impl FirstCall {
    /// Its completion: thoughts, which the second call builds on.
    pub fn completion(&self) -> &Completion {
        &self.completion
    }
}

/// What follows from an engine's outcome.
#[derive(Clone, PartialEq, Debug)]
enum AcceptedOutcome {
    /// The answer needs another call: ask this too.
    Again(Box<SampleRequest>),
    /// The sample is done: store it.
    Done(Box<ScoredTranscript>),
}

/// What to do about a sample.
#[derive(Clone, PartialEq, Debug)]
enum SampleStep {
    /// Ask this, then `accept` the outcome.
    Ask(Box<SampleRequest>),
    /// The sample or its prompt cannot be made: store this failure.
    Refused(Box<ScoredTranscript>),
}

/// A transcript with its score; a failure has none.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct ScoredTranscript {
    /// The sample's transcript.
    pub transcript: Transcript,
    /// The score of the answer.
    pub score: Option<Score>,
}

/// One spec on one engine.
pub struct RunCell<'a> {
    spec: TaskSpec,
    generator_context: GeneratorContext<'a>,
    samples: SampleStream<'a>,
    metric: task::Metric,
    mode: PromptMode,
    dialogue: DialogueRenderer,
    engine: EngineInfo,
}

impl<'a> RunCell<'a> {
    /// A cell of a run.
    ///
    /// # Errors
    /// The spec is not valid.
    pub fn new(
        spec: TaskSpec,
        mode: PromptMode,
        dialogue: DialogueRenderer,
        engine: EngineInfo,
        generator_context: GeneratorContext<'a>,
    ) -> Result<Self, GenerateError> {
        spec.validate()?;
        let metric = spec.metric()?;
        Ok(Self {
            samples: SampleStream::new(spec.clone(), generator_context),
            spec,
            generator_context,
            metric,
            mode,
            dialogue,
            engine,
        })
    }

    /// What to do about sample `number`; for speed, ask in rising order, see [`SampleStream`].
    fn step(&mut self, number: u32) -> SampleStep {
        let sample = match self.samples.sample(number) {
            Ok(sample) => sample,
            Err(error) => return self.refuse(number, error.to_string()),
        };
        match Prompt::render(&sample, self.mode, &self.dialogue) {
            Ok(prompt) => SampleStep::Ask(Box::new(SampleRequest::first(sample, prompt))),
            Err(error) => self.refuse(number, error.to_string()),
        }
    }

    /// Scores an engine's outcome, or returns the call that must follow. `prompt_tokens` is the
    /// prompt's length as the engine counted it, if it did.
    fn accept(
        &self,
        request: &SampleRequest,
        prompt_tokens: Option<Tokens>,
        outcome: Outcome,
    ) -> AcceptedOutcome {
        let (hash, prompt_tokens, outcome) = match (&request.earlier, outcome) {
            (Some(earlier), outcome) => {
                let outcome = match outcome {
                    Outcome::Completed(answer) => {
                        Outcome::Completed(earlier.completion.then(answer))
                    }
                    failed => failed,
                };
                (earlier.prompt_hash.clone(), earlier.prompt_tokens, outcome)
            }
            (None, Outcome::Completed(completion)) => {
                match self.second(request, prompt_tokens, &completion) {
                    Some(Ok(next)) => return AcceptedOutcome::Again(Box::new(next)),
                    Some(Err(message)) => {
                        let kind = FailureKind::Prompt;
                        let failed = Outcome::Failed(Failure { kind, message });
                        (request.prompt.hash(), prompt_tokens, failed)
                    }
                    None => {
                        let outcome = Outcome::Completed(completion);
                        (request.prompt.hash(), prompt_tokens, outcome)
                    }
                }
            }
            (None, failed) => (request.prompt.hash(), prompt_tokens, failed),
        };
        let score = match &outcome {
            Outcome::Completed(completion) => {
                let text = request.sample.whole_answer(&completion.text);
                let score = score(self.metric, &text, &request.sample.references);
                Some(answer_parts::placed(
                    score,
                    &self.spec.task,
                    self.metric,
                    &request.sample,
                ))
            }
            Outcome::Failed(_) => None,
        };
        let transcript = Transcript {
            sample: request.sample.number,
            prompt_hash: Some(hash),
            prompt_tokens,
            engine: self.engine.clone(),
            outcome,
        };
        AcceptedOutcome::Done(Box::new(ScoredTranscript { transcript, score }))
    }

    /// The second call, after the thoughts; `None` if the task asks once.
    fn second(
        &self,
        request: &SampleRequest,
        prompt_tokens: Option<Tokens>,
        thoughts: &Completion,
    ) -> Option<Result<SampleRequest, String>> {
        let task = task::generator(&self.spec.task).ok()?;
        let next = task.follow_up(
            &self.spec,
            &request.sample,
            &thoughts.text,
            self.generator_context,
        )?;
        let asked = next.and_then(|second| {
            let prompt = Prompt::render(&second, self.mode, &self.dialogue);
            Ok((prompt.map_err(|error| error.to_string())?, second))
        });
        Some(asked.map(|(prompt, second)| SampleRequest {
            prompt,
            max_tokens: second.tokens_to_generate,
            // The first call's sample is shown; the second call's settings decide how it is
            // answered.
            sample: Sample {
                answer_prefix: second.answer_prefix,
                options: second.options,
                ..request.sample.clone()
            },
            earlier: Some(Box::new(FirstCall {
                prompt_hash: request.prompt.hash(),
                prompt_tokens,
                completion: thoughts.clone(),
            })),
        }))
    }

    fn refuse(&self, sample: u32, message: String) -> SampleStep {
        SampleStep::Refused(Box::new(self.failed(sample, FailureKind::Prompt, message)))
    }

    /// The row of a sample that no engine was asked about.
    pub fn failed(&self, sample: u32, kind: FailureKind, message: String) -> ScoredTranscript {
        ScoredTranscript::unasked(sample, &self.engine, kind, message)
    }
}

impl ScoredTranscript {
    /// The row of a sample that `engine` was not asked about.
    pub fn unasked(sample: u32, engine: &EngineInfo, kind: FailureKind, message: String) -> Self {
        Self {
            transcript: Transcript {
                sample,
                prompt_hash: None,
                prompt_tokens: None,
                engine: engine.clone(),
                outcome: Outcome::Failed(Failure { kind, message }),
            },
            score: None,
        }
    }
}

/// Whether a row has no answer because it was cancelled.
fn is_cancelled(row: &ScoredTranscript) -> bool {
    matches!(&row.transcript.outcome, Outcome::Failed(failure) if failure.kind == FailureKind::Cancelled)
}

#[cfg(test)]
mod tests;
