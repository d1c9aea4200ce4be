//! Rows of samples that failed, and how their failures are told.

use fathom_shared::run::ScoredTranscript;
use fathom_shared::transcript::{Failure, FailureKind, Outcome, Transcript};

use crate::errors::sentence;

/// The same sample with a failure in place of the answer that the store refuses.
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

/// A failure's sentence comes from outside; answers stay as they are.
pub(super) fn told_plainly(mut row: ScoredTranscript) -> ScoredTranscript {
    if let Outcome::Failed(failure) = &mut row.transcript.outcome {
        failure.message = sentence(&failure.message);
    }
    row
}
