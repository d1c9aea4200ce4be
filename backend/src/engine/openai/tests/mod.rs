//! The client against a server that does everything wrong that servers do.

mod answers; // servers that answer correctly
mod behaviours; // a fake server that imitates real ones
pub(crate) mod fake_server; // a fake server
mod faults; // servers that fail
mod preflight; // the checks before a run

use fathom_shared::prompt::Prompt;
use fathom_shared::transcript::{Completion, Failure, Outcome};

use super::super::EngineAnswer;

/// A prompt of 5 tokens (`tiny` has one for each byte).
fn prompt() -> Prompt {
    Prompt::plain("hello")
}

#[track_caller]
fn completed(answer: EngineAnswer) -> Completion {
    match answer.outcome {
        Outcome::Completed(completion) => completion,
        Outcome::Failed(failure) => panic!("{failure:?}"),
    }
}

#[track_caller]
fn failed(answer: EngineAnswer) -> Failure {
    match answer.outcome {
        Outcome::Failed(failure) => failure,
        Outcome::Completed(completion) => panic!("{completion:?}"),
    }
}
