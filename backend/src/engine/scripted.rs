//! An engine for tests of those who use one.

use std::fmt;
use std::sync::atomic::AtomicBool;

use fathom_shared::tokens::{Counter, Tokens};
use fathom_shared::transcript::{Completion, EngineInfo, Finish, Outcome, Timings};

use super::{Answer, Engine, Progress};

type Say = dyn FnMut(&str, &AtomicBool, &mut dyn FnMut(Progress<'_>)) -> Answer + Send;

/// Answers by a closure.
pub struct Scripted {
    pub(super) info: EngineInfo,
    pub(super) say: Box<Say>,
}

impl fmt::Debug for Scripted {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Scripted")
    }
}

/// An engine for the model `tiny` with the SHA-256 `abc`.
pub(crate) fn engine(
    say: impl FnMut(&str, &AtomicBool, &mut dyn FnMut(Progress<'_>)) -> Answer + Send + 'static,
) -> Engine {
    let info = EngineInfo {
        engine: "scripted".to_owned(),
        device: "test".to_owned(),
        model: "tiny".to_owned(),
        model_sha256: "abc".to_owned(),
        ..EngineInfo::default()
    };
    let say = Box::new(say);
    Engine::Scripted(Scripted { info, say })
}

/// A completion of `text`.
pub(crate) fn answer(text: &str) -> Answer {
    Answer {
        prompt_tokens: Some(Tokens(1)),
        outcome: Outcome::Completed(Completion {
            text: text.to_owned(),
            thinking: None,
            options: Vec::new(),
            tokens: Tokens(1),
            finish: Finish::Stop,
            usage: None,
            timings: Timings::default(),
        }),
    }
}

/// Counts words.
pub(super) fn words() -> Counter<'static> {
    let starts = |text: &str| {
        let pieces = text.split_inclusive(char::is_whitespace);
        let mut at = 0;
        pieces
            .map(|piece| {
                at += piece.len();
                at - piece.len()
            })
            .collect::<Vec<_>>()
    };
    Counter::new("words", move |text| starts(text).len(), starts)
}
