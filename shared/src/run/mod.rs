//! A run is a grid of cells; a cell is one spec on one engine, sample by sample. The cell decides
//! what to ask and what an answer means; the caller waits, stores and streams. No clock, no I/O,
//! so the server and the page share it.

mod grid;
mod stream;

use serde::{Deserialize, Serialize};

use crate::prompt::{Dialogue, Prompt, PromptMode};
use crate::score::{Score, score};
use crate::task::{self, GenerateError, Kit, Sample, TaskSpec};
use crate::tokens::Tokens;
use crate::transcript::{EngineInfo, Failure, FailureKind, Outcome, Transcript};
pub use grid::{Grid, GridError, LAST_SAMPLE, MOST_ROWS, Place, TaskChoice};
pub use stream::SampleStream;

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

/// What to do about a sample.
#[derive(Clone, PartialEq, Debug)]
pub enum Step {
    /// Ask this, then [`Cell::accept`] what came.
    Ask(Box<Request>),
    /// The sample or its prompt cannot be made: store this failure.
    Refused(Box<Scored>),
}

/// A transcript with its score; a failure has none.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Scored {
    /// What became of the sample.
    pub transcript: Transcript,
    /// How good the answer is.
    pub score: Option<Score>,
}

/// One spec on one engine.
pub struct Cell<'a> {
    samples: SampleStream<'a>,
    metric: task::Metric,
    mode: PromptMode,
    dialogue: Dialogue,
    engine: EngineInfo,
}

impl<'a> Cell<'a> {
    /// A cell of a run.
    ///
    /// # Errors
    /// A spec that is not valid.
    pub fn new(
        spec: TaskSpec,
        mode: PromptMode,
        dialogue: Dialogue,
        engine: EngineInfo,
        kit: Kit<'a>,
    ) -> Result<Self, GenerateError> {
        spec.validate()?;
        let metric = spec.metric()?;
        Ok(Self {
            samples: SampleStream::new(spec, kit),
            metric,
            mode,
            dialogue,
            engine,
        })
    }

    /// What to do about sample `number`: best asked for in rising order, see [`SampleStream`].
    pub fn step(&mut self, number: u32) -> Step {
        let sample = match self.samples.sample(number) {
            Ok(sample) => sample,
            Err(error) => return self.refuse(number, error.to_string()),
        };
        match Prompt::render(&sample, self.mode, &self.dialogue) {
            Ok(prompt) => {
                let max_tokens = sample.tokens_to_generate;
                Step::Ask(Box::new(Request {
                    sample,
                    prompt,
                    max_tokens,
                }))
            }
            Err(error) => self.refuse(number, error.to_string()),
        }
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::corpora::Corpora;
    use crate::task::Profile;
    use crate::tokens::Counter;

    #[test]
    fn any_order_of_samples_gives_the_samples_of_the_spec() {
        let counter = Counter::new(
            "bytes",
            |text| text.len() / 4,
            |text| (0..text.len()).step_by(4).collect(),
        );
        let corpora = Corpora::default();
        let kit = Kit {
            counter: &counter,
            corpora: &corpora,
        };
        for profile in Profile::ALL {
            let spec = TaskSpec {
                profile,
                ..TaskSpec::new("niah_single_1", Tokens(700), 7)
            };
            let made = |number| spec.sample(number, kit).unwrap();
            let mut cell = Cell::new(
                spec.clone(),
                PromptMode::Completion,
                Dialogue::Unknown,
                EngineInfo::default(),
                kit,
            )
            .unwrap();
            for number in [0, 1, 4, 2, 3] {
                let Step::Ask(request) = cell.step(number) else {
                    panic!("{profile}: sample {number} was refused")
                };
                assert_eq!(request.sample, made(number), "{profile}");
            }
        }
    }
}
