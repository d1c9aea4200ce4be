//! A fake server that plays what real ones do, one behaviour after the other, and what comes of
//! each. Every one stands in docs/endpoints.md under its name.

mod answers; // unusual replies with one clear meaning
mod choices; // replies with several choices or documents
mod empty_replies; // empty and nearly empty replies
mod failures; // replies that are errors
mod time_limits; // time limits against slow servers
mod unusual_forms; // facts in unexpected places or forms

use axum::body::Body;
use axum::response::Response;
use fathom_shared::prompt::Prompt;
use fathom_shared::transcript::{Completion, FailureKind, FinishReason};
use serde_json::{Value as Json, json};

use super::fake_server::{Call, Fake};
use super::{completed, failed};

/// What a server does, under its name in the documentation.
struct Behaviour {
    name: &'static str,
    /// What of the endpoint's settings differs.
    settings: &'static str,
    /// The reply to each try, by its number.
    reply: fn(usize) -> Response,
    want: Want,
}

/// What must come of it.
enum Want {
    /// This answer, and nothing thought.
    Says(&'static str),
    /// This answer, cut off where its room was full.
    Full(&'static str),
    /// This answer after these thoughts.
    Thinks(&'static str, &'static str),
    /// `1234567`, and this many tries.
    Tries(usize),
    /// A failure of this kind that says this, after one try.
    Fails(FailureKind, &'static str),
    /// The same, after this many tries.
    GivesUp(FailureKind, &'static str, usize),
}

const CHAT: &str = "api = \"chat\"";
/// What every reply is to say.
const NEEDLE: &str = " 1234567";

impl Behaviour {
    #[track_caller]
    fn play(&self) {
        let Self {
            name,
            settings,
            reply,
            ..
        } = *self;
        let settings = match settings.contains("retries") {
            true => settings.to_owned(),
            false => format!("retries = 2\n{settings}"),
        };
        let fake = Fake::new(move |number, _: &Call| reply(number), &settings);
        let answer = fake.ask(&Prompt::plain("hello")).0;
        let tries = fake.calls().len();
        let says = |done: &Completion, text: &str, thinking: Option<&str>, finish| {
            assert_eq!(done.text, text, "{name}: {done:?}");
            assert_eq!(done.thinking.as_deref(), thinking, "{name}: {done:?}");
            assert_eq!(done.finish, finish, "{name}: {done:?}");
        };
        let fails = |kind, words: &str, want| {
            let failure = failed(answer.clone());
            assert_eq!(failure.kind, kind, "{name}: {failure:?}");
            assert!(failure.message.contains(words), "{name}: {failure:?}");
            let visible = |c: char| !c.is_control() && c != '\u{202e}';
            assert!(failure.message.chars().all(visible), "{name}: {failure:?}");
            assert!(failure.message.len() < 2000, "{name}: {failure:?}");
            assert_eq!(tries, want, "{name}: tries");
        };
        let done = || completed(answer.clone());
        match self.want {
            Want::Says(text) => says(&done(), text, None, FinishReason::Stop),
            Want::Full(text) => says(&done(), text, None, FinishReason::Length),
            Want::Thinks(text, thought) => says(&done(), text, Some(thought), FinishReason::Stop),
            Want::Tries(want) => {
                says(&done(), NEEDLE, None, FinishReason::Stop);
                assert_eq!(tries, want, "{name}: tries");
            }
            Want::Fails(kind, words) => fails(kind, words, 1),
            Want::GivesUp(kind, words, want) => fails(kind, words, want),
        }
    }
}

fn play(all: &[Behaviour]) {
    // Each has a server of its own: many at once.
    std::thread::scope(|scope| {
        let threads: Vec<_> = all
            .chunks(all.len().div_ceil(4))
            .map(|some| scope.spawn(|| some.iter().for_each(Behaviour::play)))
            .collect();
        for thread in threads {
            thread.join().unwrap();
        }
    });
}

/// Played by tests of their own.
const HELD: [&str; 1] = ["a whole answer on a connection that stays open"];

#[test]
fn every_behaviour_is_documented() {
    let page = include_str!("../../../../../../docs/endpoints.md");
    let all = answers::all().into_iter().chain(choices::all());
    let all = all.chain(failures::all()).chain(empty_replies::all());
    let all = all.chain(unusual_forms::all());
    let names = all
        .map(|one| one.name)
        .chain(time_limits::NAMES)
        .chain(HELD);
    let names: Vec<&str> = names.collect();
    for name in &names {
        assert!(
            page.contains(&format!("| {name} |")),
            "`{name}` is not in docs/endpoints.md"
        );
    }
    assert!(names.len() >= 60, "{} behaviours", names.len());
}

/// A reply as it goes over the wire.
fn raw(status: u16, kind: Option<&str>, body: impl Into<Body>) -> Response {
    let mut response = Response::builder().status(status);
    if let Some(kind) = kind {
        response = response.header("content-type", kind);
    }
    response.body(body.into()).unwrap()
}

/// A stream as it goes over the wire.
fn sse(body: impl Into<Body>) -> Response {
    raw(200, Some("text/event-stream"), body)
}

fn reply(body: &Json) -> Response {
    raw(200, Some("application/json"), body.to_string())
}

/// Chunks as events.
fn events(chunks: &[Json]) -> String {
    let events: Vec<String> = chunks
        .iter()
        .map(|chunk| format!("data: {chunk}\n\n"))
        .collect();
    events.concat() + "data: [DONE]\n\n"
}

/// A chunk of a chat.
fn chunk(delta: Json, finish: Json) -> Json {
    json!({ "choices": [{ "index": 0, "delta": delta, "finish_reason": finish }] })
}

fn content(content: impl Into<Json>) -> Json {
    chunk(json!({ "content": content.into() }), Json::Null)
}

fn end(reason: impl Into<Json>) -> Json {
    chunk(json!({}), reason.into())
}

/// A chat's reply in one piece.
fn message(message: Json) -> Json {
    json!({ "choices": [{ "index": 0, "message": message, "finish_reason": "stop" }] })
}

/// Good news, for tries that come after others.
fn good() -> Response {
    reply(&json!({ "choices": [{ "text": NEEDLE, "finish_reason": "stop" }] }))
}
