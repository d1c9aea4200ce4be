//! The client against a server that does everything wrong that servers do.

mod answers;
mod behaviours;
pub(crate) mod fake;
mod faults;
mod preflight;

use fathom_shared::prompt::Prompt;
use fathom_shared::transcript::{Completion, Failure, Outcome};

use super::super::Answer;

/// A prompt of 5 tokens (`tiny` has one for each byte).
fn prompt() -> Prompt {
    Prompt::plain("hello")
}

#[track_caller]
fn completed(answer: Answer) -> Completion {
    match answer.outcome {
        Outcome::Completed(completion) => completion,
        Outcome::Failed(failure) => panic!("{failure:?}"),
    }
}

#[track_caller]
fn failed(answer: Answer) -> Failure {
    match answer.outcome {
        Outcome::Failed(failure) => failure,
        Outcome::Completed(completion) => panic!("{completion:?}"),
    }
}
