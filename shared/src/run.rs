//! The run loop as a state machine: it decides what to ask next and what an answer means; the
//! caller waits, stores and streams. No clock, no I/O, so the server and the page share it.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use crate::prompt::{Dialogue, Prompt, PromptMode};
use crate::score::{Score, score};
use crate::task::{self, GenerateError, Kit, Sample, Samples, TaskSpec};
use crate::tokens::Tokens;
use crate::transcript::{EngineInfo, Failure, FailureKind, Outcome, Transcript};

/// What a run asks an engine.
#[derive(Clone, PartialEq, Debug)]
pub struct Request {
    /// The sample with its references and evidence.
    pub sample: Sample,
    /// The text to complete.
    pub prompt: Prompt,
    /// Room for the answer.
    pub max_tokens: Tokens,
}

/// The next thing to do.
#[derive(Clone, PartialEq, Debug)]
pub enum Step {
    /// Ask this, then [`Run::accept`] what came.
    Ask(Box<Request>),
    /// The sample or its prompt cannot be made: store this failure.
    Refused(Box<Scored>),
    /// Every sample has its answer or failure.
    Done,
}

/// A transcript with its score; a failure has none.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub struct Scored {
    /// What became of the sample.
    pub transcript: Transcript,
    /// How good the answer is.
    pub score: Option<Score>,
}

/// One spec on one engine, sample by sample.
pub struct Run<'a> {
    samples: Samples<'a>,
    metric: task::Metric,
    mode: PromptMode,
    dialogue: Dialogue,
    engine: EngineInfo,
    first: u32,
    end: u32,
    next: u32,
    answered: BTreeSet<u32>,
}

impl<'a> Run<'a> {
    /// A run over the samples `first..first + count` of `spec`; those in `answered` are passed
    /// over, which is how a run resumes.
    ///
    /// # Errors
    /// As [`TaskSpec::samples`].
    #[expect(
        clippy::too_many_arguments,
        reason = "each is one independent choice of the run"
    )]
    pub fn new(
        spec: &TaskSpec,
        first: u32,
        count: u32,
        answered: BTreeSet<u32>,
        mode: PromptMode,
        dialogue: Dialogue,
        engine: EngineInfo,
        kit: Kit<'a>,
    ) -> Result<Self, GenerateError> {
        let metric = spec.metric()?;
        let samples = spec.samples(kit)?;
        let end = first.saturating_add(count);
        Ok(Self {
            samples,
            metric,
            mode,
            dialogue,
            engine,
            first,
            end,
            next: 0,
            answered,
        })
    }

    /// What to do next.
    pub fn next_step(&mut self) -> Step {
        while self.next < self.end {
            let number = self.next;
            self.next += 1;
            let sample = match self.samples.next() {
                Some(Ok(sample)) => sample,
                Some(Err(error)) => {
                    if self.wants(number) {
                        return self.refuse(number, error.to_string());
                    }
                    continue;
                }
                None => return Step::Done,
            };
            if !self.wants(number) {
                continue;
            }
            return match Prompt::render(&sample, self.mode, &self.dialogue) {
                Ok(prompt) => {
                    let max_tokens = sample.tokens_to_generate;
                    Step::Ask(Box::new(Request {
                        sample,
                        prompt,
                        max_tokens,
                    }))
                }
                Err(error) => self.refuse(number, error.to_string()),
            };
        }
        Step::Done
    }

    /// What an engine's outcome is worth. `prompt_tokens` is the prompt's length as the engine
    /// counted it, where it came that far.
    pub fn accept(
        &self,
        request: &Request,
        prompt_tokens: Option<Tokens>,
        outcome: Outcome,
    ) -> Scored {
        let score = match &outcome {
            Outcome::Completed(completion) => Some(score(
                self.metric,
                &completion.text,
                &request.sample.references,
            )),
            Outcome::Failed(_) => None,
        };
        let transcript = Transcript {
            sample: request.sample.number,
            prompt_hash: Some(request.prompt.hash()),
            prompt_tokens,
            engine: self.engine.clone(),
            outcome,
        };
        Scored { transcript, score }
    }

    fn wants(&self, number: u32) -> bool {
        number >= self.first && !self.answered.contains(&number)
    }

    fn refuse(&self, sample: u32, message: String) -> Step {
        let failure = Failure {
            kind: FailureKind::Prompt,
            message,
        };
        Step::Refused(Box::new(Scored {
            transcript: Transcript {
                sample,
                prompt_hash: None,
                prompt_tokens: None,
                engine: self.engine.clone(),
                outcome: Outcome::Failed(failure),
            },
            score: None,
        }))
    }
}
