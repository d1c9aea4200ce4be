//! A short-context canary: a few needles in haystacks so short that every model finds them. If it
//! does not, the server runs with the wrong positions or the wrong template.

use std::fmt;
use std::sync::atomic::AtomicBool;

use anyhow::Context;
use fathom_shared::corpora::Corpora;
use fathom_shared::prompt::{DialogueRenderer, Prompt, PromptMode};
use fathom_shared::score::score;
use fathom_shared::task::{GeneratorContext, TaskSpec};
use fathom_shared::tokens::Tokens;
use fathom_shared::transcript::Outcome;

use crate::engine::openai::OpenAiEngine;
use crate::engine::{CompletionRequest, SamplingParams};

/// RULER's task with one needle in one repeated sentence.
const TASK: &str = "niah_single_1";
const SEED: u32 = 42;
const SAMPLES: u32 = 5;
/// A single miss is not a sign of a fault.
const NEEDED: u32 = 4;

/// The result of the canary.
pub(super) struct CanaryReport {
    length: u32,
    found: u32,
    /// The answers that did not contain the needle.
    missed: Vec<String>,
}

impl CanaryReport {
    /// Whether enough needles were found.
    pub(super) fn lives(&self) -> bool {
        self.found >= NEEDED
    }
}

impl fmt::Display for CanaryReport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { length, found, .. } = self;
        let verdict = if self.lives() { "ok     " } else { "FAULT  " };
        write!(
            f,
            "{verdict}  canary: {found} of {SAMPLES} needles at {length} tokens"
        )?;
        for answer in &self.missed {
            write!(f, "\n         missed with `{}`", answer.escape_debug())?;
        }
        Ok(())
    }
}

/// Asks the endpoint for the needles.
pub(super) fn ask(client: &OpenAiEngine, length: u32) -> anyhow::Result<CanaryReport> {
    let spec = TaskSpec::new(TASK, Tokens(length), SEED);
    spec.validate()?;
    let (counter, corpora) = (client.counter(), Corpora::bundled());
    let generator_context = GeneratorContext {
        counter: &counter,
        corpora: &corpora,
    };
    let dialogue = client.dialogue();
    let mode = match dialogue {
        DialogueRenderer::Unknown => PromptMode::Completion,
        DialogueRenderer::Template(_) | DialogueRenderer::Endpoint => PromptMode::Chat,
    };
    let mut canary = CanaryReport {
        length,
        found: 0,
        missed: Vec::new(),
    };
    for number in 0..SAMPLES {
        let sample = spec.sample(number, generator_context)?;
        let prompt = Prompt::render(&sample, mode, &dialogue)?;
        let ask = CompletionRequest {
            prompt: &prompt,
            max_tokens: spec.tokens_to_generate()?,
            options: &[],
            settings: &SamplingParams::default(),
        };
        let answer = client.complete(ask, &AtomicBool::new(false), &mut |_| ());
        let text = match answer.outcome {
            Outcome::Completed(completion) => completion.text,
            Outcome::Failed(failure) => {
                return Err(anyhow::anyhow!(failure.message)).context("the canary got no answer");
            }
        };
        match score(spec.metric()?, &text, &sample.references).value >= 1.0 {
            true => canary.found += 1,
            false => canary.missed.push(text),
        }
    }
    Ok(canary)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::engine::openai::tests::fake_server::{
        Call, End, Fake, end, json_reply, stream_of, text,
    };

    /// The needle in a prompt: its only number of seven digits.
    fn needle(call: &Call) -> String {
        let prompt = call.body["prompt"].as_str().unwrap();
        let mut words = prompt.split(|c: char| !c.is_ascii_digit());
        words.find(|word| word.len() == 7).unwrap().to_owned()
    }

    #[test]
    fn a_model_that_finds_needles_lives() {
        // One miss is allowed.
        let answer = |number: usize, call: &Call| match number {
            2 => stream_of(&[text("no idea"), end("stop")], End::Done),
            _ => stream_of(&[text(&needle(call)), end("stop")], End::Done),
        };
        let fake = Fake::new(answer, "");
        let canary = ask(&fake.client(), 2048).unwrap();
        assert!(canary.lives(), "{canary}");
        let shown = canary.to_string();
        let want = "ok       canary: 4 of 5 needles at 2048 tokens\n         missed with `no idea`";
        assert_eq!(shown, want);
    }

    #[test]
    fn a_model_that_rambles_does_not() {
        let answer =
            |_: usize, _: &Call| stream_of(&[text("the the the"), end("length")], End::Done);
        let fake = Fake::new(answer, "");
        let canary = ask(&fake.client(), 2048).unwrap();
        assert!(!canary.lives(), "{canary}");
        assert!(
            canary.to_string().starts_with("FAULT    canary: 0 of 5"),
            "{canary}"
        );
    }

    #[test]
    fn no_answer_is_no_verdict() {
        let answer = |_: usize, _: &Call| json_reply(400, &serde_json::json!({}));
        let fake = Fake::new(answer, "");
        let error = ask(&fake.client(), 2048).err().unwrap();
        assert!(format!("{error:#}").contains("answered 400"), "{error:#}");
    }
}
