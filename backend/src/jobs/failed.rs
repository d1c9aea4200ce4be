//! Rows of samples that failed, and how their failures are told.

use fathom_shared::run::ScoredTranscript;
use fathom_shared::transcript::{EngineInfo, Failure, FailureKind, Outcome, Transcript};

use crate::errors::sentence;
use crate::store::Lease;

/// A sample that has no answer, as nobody was asked.
pub(super) fn unmade(
    lease: &Lease,
    info: &EngineInfo,
    kind: FailureKind,
    message: String,
) -> ScoredTranscript {
    ScoredTranscript {
        transcript: Transcript {
            sample: lease.place.sample,
            prompt_hash: None,
            prompt_tokens: None,
            engine: info.clone(),
            outcome: Outcome::Failed(Failure { kind, message }),
        },
        score: None,
    }
}

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
