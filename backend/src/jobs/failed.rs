//! Rows of failed samples, and the wording of their failures.

use fathom_shared::run::ScoredTranscript;
use fathom_shared::transcript::{Failure, FailureKind, Outcome, Transcript};

use crate::errors::sentence;

/// The same sample, with a failure instead of the answer that the store refuses.
pub(super) fn refused(row: ScoredTranscript, message: String) -> ScoredTranscript {
    let kind = FailureKind::Engine;
    ScoredTranscript {
        transcript: Transcript {
            outcome: Outcome::Failed(Failure { kind, message }),
            ..row.transcript
        },
        score: None,
    }
}

/// Cleans a failure's message, which comes from outside; answers stay as they are.
pub(super) fn told_plainly(mut row: ScoredTranscript) -> ScoredTranscript {
    if let Outcome::Failed(failure) = &mut row.transcript.outcome {
        failure.message = sentence(&failure.message);
    }
    row
}
