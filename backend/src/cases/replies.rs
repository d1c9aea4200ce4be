//! A server's complete reply to one prompt whose reference is 1234567.

use std::path::Path;

use axum::body::Body;
use axum::response::Response;
use fathom_shared::prompt::Prompt;
use fathom_shared::score::score;
use fathom_shared::task::Metric;
use fathom_shared::transcript::{Completion, FailureKind, FinishReason, Outcome, TextlessAnswer};

use super::{HostileCase, text};
use crate::engine::EngineAnswer;
use crate::engine::openai::tests::fake_server::{Call, Fake};

pub(super) const ALL: &[HostileCase] = &[
    ("choices-null.sse", answered),
    ("finish-upper.sse", answered),
    ("finish-empty-after.sse", answered),
    ("usage-zero-cached.sse", answered),
    ("content-list.json", thought_first),
    ("reasoning-only.json", only_thought),
    ("logprob-null.json", chosen),
    ("overflow-sglang-allowed.400.json", too_long),
    ("overflow-sglang-context.400.json", too_long),
];

/// A server that sends the file with the content type that its name implies.
fn sending(path: &Path) -> Fake {
    let (body, name) = (text(path), path.to_string_lossy().into_owned());
    let status = if name.ends_with(".400.json") {
        400
    } else {
        200
    };
    let kind = match name.ends_with(".sse") {
        true => "text/event-stream",
        false => "application/json",
    };
    let send = move |_: usize, _: &Call| {
        let reply = Response::builder()
            .status(status)
            .header("content-type", kind);
        reply.body(Body::from(body.clone())).unwrap()
    };
    Fake::new(send, "api = \"chat\"\nretries = 0")
}

fn completed(answer: EngineAnswer) -> Completion {
    match answer.outcome {
        Outcome::Completed(completion) => completion,
        Outcome::Failed(failure) => panic!("{failure:?}"),
    }
}

fn is_right(completion: &Completion) -> bool {
    let references = ["1234567".to_owned()];
    score(Metric::StringMatchAll, &completion.text, &references).value == 1.0
}

fn answered(path: &Path) {
    let got = completed(sending(path).ask(&Prompt::plain("hello")).0);
    assert!(is_right(&got), "{got:?}");
    assert_eq!((got.thinking, got.finish), (None, FinishReason::Stop));
}

fn thought_first(path: &Path) {
    let got = completed(sending(path).ask(&Prompt::plain("hello")).0);
    assert!(is_right(&got), "{got:?}");
    assert_eq!(got.thinking.as_deref(), Some("it is in the text"));
}

fn only_thought(path: &Path) {
    let got = completed(sending(path).ask(&Prompt::plain("hello")).0);
    assert_eq!(got.textless(), Some(TextlessAnswer::Thinking), "{got:?}");
    assert!(!is_right(&got), "{got:?}");
}

fn chosen(path: &Path) {
    let options = ["A", "B", "C", "D"].map(str::to_owned);
    let got = completed(sending(path).choose(&Prompt::plain("hello"), &options));
    assert_eq!(got.text, "B");
    assert_eq!(got.options[2], None, "{:?}", got.options);
}

fn too_long(path: &Path) {
    let answer = sending(path).ask(&Prompt::plain("hello")).0;
    match answer.outcome {
        Outcome::Failed(failure) => assert_eq!(failure.kind, FailureKind::Context, "{failure:?}"),
        Outcome::Completed(completion) => panic!("{completion:?}"),
    }
}
