//! An engine for tests of those who use one.

use std::fmt;
use std::sync::atomic::AtomicBool;

use fathom_shared::tokens::{TokenCounter, Tokens};
use fathom_shared::transcript::{Completion, EngineInfo, FinishReason, Outcome, Timings};

use super::{Engine, EngineAnswer, EngineProgress};

type ScriptedAnswer =
    dyn FnMut(&str, &AtomicBool, &mut dyn FnMut(EngineProgress<'_>)) -> EngineAnswer + Send;

/// Answers by a closure.
pub struct ScriptedEngine {
    pub(super) info: EngineInfo,
    pub(super) say: Box<ScriptedAnswer>,
}

impl fmt::Debug for ScriptedEngine {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Scripted")
    }
}

/// An engine for the model `tiny` with the SHA-256 `abc`.
pub(crate) fn engine(
    say: impl FnMut(&str, &AtomicBool, &mut dyn FnMut(EngineProgress<'_>)) -> EngineAnswer
    + Send
    + 'static,
) -> Engine {
    let info = EngineInfo {
        engine: "scripted".to_owned(),
        device: "test".to_owned(),
        model: "tiny".to_owned(),
        model_sha256: "abc".to_owned(),
        template_date: None,
    };
    let say = Box::new(say);
    Engine::Scripted(ScriptedEngine { info, say })
}

/// A completion of `text`.
pub(crate) fn answer(text: &str) -> EngineAnswer {
    EngineAnswer {
        prompt_tokens: Some(Tokens(1)),
        outcome: Outcome::Completed(Completion {
            text: text.to_owned(),
            thinking: None,
            thinking_end_alone: false,
            options: Vec::new(),
            tokens: Tokens(1),
            finish: FinishReason::Stop,
            usage: None,
            timings: Timings::default(),
        }),
    }
}

/// Counts words.
pub(super) fn words() -> TokenCounter<'static> {
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
    TokenCounter::new("words", move |text| starts(text).len(), starts)
}
