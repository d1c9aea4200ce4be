//! Servers that fail, each in its own way.

use std::time::{Duration, Instant};

use axum::body::Body;
use axum::response::Response;
use fathom_shared::prompt::Prompt;
use fathom_shared::transcript::FailureKind;
use serde_json::{Value as Json, json};

use super::fake_server::{
    Call, End, Fake, KEY, delta, end, hang, json_reply, stream_of, text, usage,
};
use super::{completed, failed, prompt};

/// The failure of an answer must be of this kind, say this, and come after so many calls.
#[track_caller]
fn check(fake: &Fake, kind: FailureKind, says: &str, calls: usize) {
    let failure = failed(fake.ask(&prompt()).0);
    assert_eq!(failure.kind, kind, "{failure:?}");
    assert!(failure.message.contains(says), "{failure:?}");
    assert!(failure.message.contains("`fake`"), "{failure:?}");
    assert_eq!(fake.calls().len(), calls, "{failure:?}");
}

fn error(status: u16, message: &str) -> Response {
    json_reply(status, &json!({ "error": { "message": message } }))
}

fn good() -> Response {
    stream_of(&[text("42"), end("stop")], End::Done)
}

#[test]
fn a_server_that_hangs_is_left() {
    let limits = "timeouts = { first_token_s = 0.3, between_tokens_s = 0.2, whole_s = 1.0 }";
    let fake = Fake::new(|_, _| hang(), limits);
    check(&fake, FailureKind::Timeout, "sent no token within 0.3 s", 1);
    let fake = Fake::new(|_, _| stream_of(&[text("4")], End::Hang), limits);
    check(
        &fake,
        FailureKind::Timeout,
        "sent nothing more for 0.2 s",
        1,
    );
    let fake = Fake::new(|_, _| stream_of(&[text("4")], End::Pings), limits);
    check(
        &fake,
        FailureKind::Timeout,
        "sent nothing more for 0.2 s",
        1,
    );
    let endless = |_: usize, _: &Call| stream_of(&vec![text("4"); 1000], End::Done);
    let fake = Fake::new(endless, limits);
    check(
        &fake,
        FailureKind::Timeout,
        "did not end its answer within 1 s",
        1,
    );
}

#[test]
fn a_server_that_sends_no_headers_is_left() {
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let listener = runtime
        .block_on(tokio::net::TcpListener::bind("127.0.0.1:0"))
        .unwrap();
    let url = format!(
        "base_url = \"http://{}/v1\"",
        listener.local_addr().unwrap()
    );
    let config = format!(
        "[[endpoint]]\nid = \"fake\"\n{url}\nmodel = \"tiny\"\ntokenizer = \"cl100k_base\"\ncontext = 100\ntimeouts = {{ first_token_s = 0.3 }}"
    );
    let config =
        crate::config::Config::parse(&config, std::path::Path::new("fathom.toml")).unwrap();
    let models = crate::data::models::ModelStore::new("none");
    let endpoints = super::super::EndpointClients::new(config, models, runtime.handle().clone());
    let client = endpoints.open("fake").unwrap();
    let ask = super::super::CompletionRequest {
        prompt: &prompt(),
        max_tokens: fathom_shared::tokens::Tokens(16),
        options: &[],
        settings: &crate::engine::SamplingParams::default(),
    };
    let answer = client.complete(ask, &false.into(), &mut |_| ());
    let failure = failed(answer);
    assert_eq!(failure.kind, FailureKind::Timeout, "{failure:?}");
}

#[test]
fn a_busy_server_is_asked_again() {
    let answer = |number: usize, _: &Call| match number {
        0 => error(429, "slow down"),
        1 => error(503, "loading"),
        _ => good(),
    };
    let fake = Fake::new(answer, "");
    assert_eq!(completed(fake.ask(&prompt()).0).text, "42");
    assert_eq!(fake.calls().len(), 3);
}

#[test]
fn retry_after_is_waited_for() {
    let answer = |number: usize, _: &Call| match number {
        0 => Response::builder()
            .status(429)
            .header("retry-after", "1")
            .body(Body::empty())
            .unwrap(),
        _ => good(),
    };
    let fake = Fake::new(answer, "");
    let started = Instant::now();
    completed(fake.ask(&prompt()).0);
    assert!(started.elapsed() >= Duration::from_secs(1));
    // In fractions, and by OpenAI's own name.
    for (name, value) in [("retry-after", "0.5"), ("retry-after-ms", "500")] {
        let answer = move |number: usize, _: &Call| match number {
            0 => {
                let refused = Response::builder().status(429).header(name, value);
                refused.body(Body::empty()).unwrap()
            }
            _ => good(),
        };
        let fake = Fake::new(answer, "");
        let started = Instant::now();
        completed(fake.ask(&prompt()).0);
        assert!(started.elapsed() >= Duration::from_millis(500), "{name}");
    }
    let tomorrow = |_: usize, _: &Call| {
        Response::builder()
            .status(429)
            .header("retry-after", "86400")
            .body(Body::empty())
            .unwrap()
    };
    let fake = Fake::new(tomorrow, "");
    check(
        &fake,
        FailureKind::Refused,
        "it wants a pause of 86400 s",
        1,
    );
}

#[test]
fn a_server_that_stays_down_is_given_up() {
    let fake = Fake::new(|_, _| error(503, "no workers"), "retries = 3");
    check(
        &fake,
        FailureKind::Engine,
        "answered 503: no workers (4 attempts)",
        4,
    );
    let fake = Fake::new(|_, _| error(504, "upstream"), "retries = 0");
    check(&fake, FailureKind::Timeout, "answered 504: upstream", 1);
}

#[test]
fn half_a_stream_is_thrown_away() {
    let answer = |number: usize, _: &Call| match number {
        0 => stream_of(&[text("4"), text("wrong")], End::Cut),
        _ => stream_of(&[text("4"), text("2"), end("stop")], End::Done),
    };
    let fake = Fake::new(answer, "");
    assert_eq!(completed(fake.ask(&prompt()).0).text, "42");
    assert_eq!(fake.calls().len(), 2);
    let fake = Fake::new(|_, _| stream_of(&[text("4")], End::Cut), "retries = 1");
    check(&fake, FailureKind::Network, "broke the connection", 2);
}

#[test]
fn a_stream_that_ends_without_its_end_is_half_a_stream() {
    let answer = |_: usize, _: &Call| {
        let event = format!("data: {}\n\n", text("4"));
        let response = Response::builder().header("content-type", "text/event-stream");
        response.body(Body::from(event)).unwrap()
    };
    let fake = Fake::new(answer, "retries = 0");
    check(
        &fake,
        FailureKind::Network,
        "in the middle of the answer",
        1,
    );
}

#[test]
fn what_is_no_answer_is_refused() {
    let wrong = |body: Json| Fake::new(move |_, _| json_reply(200, &body), "retries = 0");
    let fake = wrong(json!({ "choices": "none" }));
    check(&fake, FailureKind::Refused, "is no completion", 1);
    let fake = wrong(json!({ "choices": [] }));
    check(&fake, FailureKind::Refused, "without saying why", 1);
    let fake = Fake::new(
        |_, _| stream_of(&[json!(["what"])], End::Done),
        "retries = 0",
    );
    check(&fake, FailureKind::Refused, "is no completion", 1);
    let page = |_: usize, _: &Call| {
        let response = Response::builder().header("content-type", "text/html");
        response.body(Body::from("<html>")).unwrap()
    };
    let fake = Fake::new(page, "retries = 0");
    check(&fake, FailureKind::Refused, "answered with `text/html`", 1);
    let fake = Fake::new(
        |_, _| stream_of(&[text("4"), end("content_filter")], End::Done),
        "",
    );
    check(&fake, FailureKind::Refused, "`content_filter`", 1);
    let refusal = || delta(&json!({ "refusal": "I will not" }));
    let fake = Fake::new(
        move |_, _| stream_of(&[refusal()], End::Done),
        "api = \"chat\"",
    );
    check(&fake, FailureKind::Refused, "I will not", 1);
}

#[test]
fn a_bad_request_is_not_repeated() {
    let fake = Fake::new(|_, _| error(400, "no such field"), "");
    check(
        &fake,
        FailureKind::Refused,
        "answered 400: no such field",
        1,
    );
    let long = |_: usize, _: &Call| error(400, "This model's maximum context length is 8 tokens");
    let fake = Fake::new(long, "");
    check(&fake, FailureKind::Context, "maximum context length", 1);
    let late = |_: usize, _: &Call| {
        let fault = json!({ "error": { "message": "out of pages", "code": 500 } });
        stream_of(&[text("4"), fault], End::Done)
    };
    let fake = Fake::new(late, "retries = 1");
    check(&fake, FailureKind::Engine, "out of pages", 2);
}

#[test]
fn nothing_is_sent_that_does_not_fit() {
    let fake = Fake::new(|_, _| good(), "context = 20");
    check(
        &fake,
        FailureKind::Context,
        "the prompt has 5 tokens and the answer may take 16, the endpoint `fake` reads 20",
        0,
    );
}

#[test]
fn a_prompt_that_was_cut_is_no_answer() {
    let answer =
        |_: usize, _: &Call| stream_of(&[text("42"), end("stop"), usage(300, 1)], End::Done);
    let fake = Fake::new(answer, "");
    let failure = failed(fake.ask(&Prompt::plain(&"x ".repeat(500))).0);
    assert_eq!(failure.kind, FailureKind::Context);
    assert!(
        failure
            .message
            .contains("read 300 tokens of a prompt of 1000"),
        "{failure:?}"
    );
}

#[test]
fn a_cancel_is_heard_at_once() {
    let fake = Fake::new(|_, _| stream_of(&[text("4"), text("2")], End::Hang), "");
    let started = Instant::now();
    let (answer, shown) = fake.ask_until(&prompt(), |shown| shown == "42");
    assert_eq!(failed(answer).kind, FailureKind::Cancelled);
    assert_eq!(shown, "42");
    assert!(started.elapsed() < Duration::from_secs(2));
    let fake = Fake::new(|_, _| hang(), "");
    let started = Instant::now();
    // `Alive` is the first thing that is heard of a server that hangs.
    let (answer, _) = fake.ask_until(&prompt(), |_| true);
    assert_eq!(failed(answer).kind, FailureKind::Cancelled);
    assert!(started.elapsed() < Duration::from_secs(3));
}

#[test]
fn no_other_host_is_asked() {
    let other = Fake::new(|_, _| good(), "");
    let to = format!("{}/v1/completions", other.url);
    let answer = move |_: usize, _: &Call| {
        Response::builder()
            .status(307)
            .header("location", &to)
            .body(Body::empty())
            .unwrap()
    };
    let fake = Fake::new(answer, "");
    check(&fake, FailureKind::Refused, "which is not followed", 1);
    assert_eq!(other.calls().len(), 0);
}

#[test]
fn an_unreachable_server_is_a_network_fault() {
    let fake = Fake::new(|_, _| good(), "retries = 1");
    let Fake {
        runtime, endpoints, ..
    } = fake;
    let client = endpoints.open("fake").unwrap();
    drop(runtime);
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let client = super::super::OpenAiEngine {
        handle: runtime.handle().clone(),
        ..client
    };
    let ask = super::super::CompletionRequest {
        prompt: &prompt(),
        max_tokens: fathom_shared::tokens::Tokens(16),
        options: &[],
        settings: &crate::engine::SamplingParams::default(),
    };
    let failure = failed(client.complete(ask, &false.into(), &mut |_| ()));
    assert_eq!(failure.kind, FailureKind::Network);
    assert!(failure.message.contains("cannot be reached"), "{failure:?}");
    assert!(failure.message.ends_with("(2 attempts)"), "{failure:?}");
}

#[test]
fn the_key_is_in_no_message() {
    let echo = |_: usize, call: &Call| error(401, &format!("wrong key: {}", call.key));
    let fake = Fake::new(echo, "");
    let failure = failed(fake.ask(&prompt()).0);
    assert!(
        failure.message.contains("wrong key: Bearer [key]"),
        "{failure:?}"
    );
    let all = format!("{failure:?} {:?} {:?}", fake.client(), fake.endpoints);
    assert!(!all.contains(KEY), "{all}");
}
