//! An answer as it arrives, from any engine. Pure.

use fathom_shared::run::ScoredTranscript;
use fathom_shared::tokens::Tokens;
use fathom_shared::transcript::{Completion, EngineInfo, FailureKind, Outcome, Transcript};

/// How far an answer is.
#[derive(Clone, PartialEq, Debug, Default)]
pub(crate) enum AnswerState {
    /// Nothing was asked.
    #[default]
    Idle,
    /// Asked, and not begun yet.
    Queued,
    /// The prompt is being read.
    Prefill {
        /// Tokens read.
        done: Tokens,
        /// Tokens in all; 0 while not known.
        total: Tokens,
    },
    /// Text comes.
    Decoding {
        /// The text so far.
        text: String,
        /// Pieces so far.
        tokens: u32,
        /// When the first came, in ms.
        since_ms: f64,
        /// When the last came.
        until_ms: f64,
    },
    /// It is over; its text is on the way.
    Stored,
    /// It is over, well or not.
    Over(Box<ScoredTranscript>),
}

impl AnswerState {
    /// The word for people, tests and style sheets.
    pub(crate) fn state(&self) -> &'static str {
        match self {
            Self::Idle => "idle",
            Self::Queued => "queued",
            Self::Prefill { .. } => "prefill",
            Self::Decoding { .. } => "decoding",
            Self::Stored => "stored",
            Self::Over(scored) => match &scored.transcript.outcome {
                Outcome::Completed(_) => "done",
                Outcome::Failed(failure) if failure.kind == FailureKind::Cancelled => "cancelled",
                Outcome::Failed(_) => "failed",
            },
        }
    }

    /// Whether someone works on it.
    pub(crate) fn is_running(&self) -> bool {
        !matches!(self, Self::Idle | Self::Over(_))
    }

    /// The text so far.
    pub(crate) fn text(&self) -> &str {
        match self {
            Self::Decoding { text, .. } => text,
            Self::Over(scored) => match &scored.transcript.outcome {
                Outcome::Completed(completion) => &completion.text,
                Outcome::Failed(_) => "",
            },
            _ => "",
        }
    }

    /// The row, once it is there.
    pub(crate) fn scored(&self) -> Option<&ScoredTranscript> {
        match self {
            Self::Over(scored) => Some(scored),
            _ => None,
        }
    }

    /// Tokens per second so far, from the second piece on.
    pub(crate) fn rate(&self) -> Option<f64> {
        match self {
            Self::Decoding {
                tokens,
                since_ms,
                until_ms,
                ..
            } if *tokens > 1 && until_ms > since_ms => {
                Some(f64::from(tokens - 1) * 1000.0 / (until_ms - since_ms))
            }
            _ => None,
        }
    }

    /// What a first call came to, which has no score of its own.
    pub(crate) fn thought(thoughts: Completion) -> Self {
        Self::Over(Box::new(ScoredTranscript {
            transcript: Transcript {
                sample: 0,
                prompt_hash: None,
                prompt_tokens: None,
                engine: EngineInfo::default(),
                outcome: Outcome::Completed(thoughts),
            },
            score: None,
        }))
    }

    /// New text came at `now_ms`.
    pub(crate) fn push(&mut self, new: &str, now_ms: f64) {
        if let Self::Decoding {
            text,
            tokens,
            until_ms,
            ..
        } = self
        {
            text.push_str(new);
            *tokens += 1;
            *until_ms = now_ms;
        } else {
            *self = Self::Decoding {
                text: new.to_owned(),
                tokens: 1,
                since_ms: now_ms,
                until_ms: now_ms,
            };
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_and_rate_grow() {
        let mut answer = AnswerState::Prefill {
            done: Tokens(5),
            total: Tokens(9),
        };
        answer.push("a", 1000.0);
        assert_eq!(answer.rate(), None);
        answer.push("b", 1500.0);
        answer.push("c", 2000.0);
        assert_eq!((answer.text(), answer.rate()), ("abc", Some(2.0)));
        assert_eq!(answer.state(), "decoding");
        assert!(answer.is_running() && !AnswerState::Idle.is_running());
    }
}
