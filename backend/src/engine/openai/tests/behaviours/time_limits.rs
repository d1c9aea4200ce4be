//! Time limits hold whatever comes meanwhile.

use std::convert::Infallible;
use std::time::{Duration, Instant};

use axum::body::{Body, Bytes};
use axum::response::Response;
use fathom_shared::engine::{CheckStatus, PreflightPlan};
use fathom_shared::transcript::FailureKind;
use futures_util::{StreamExt, stream};

use super::super::super::super::EngineProgress;
use super::super::{failed, prompt};
use super::{Call, Fake, raw};

/// Those that take time, as docs/endpoints.md names them.
pub(super) const NAMES: [&str; 6] = [
    "a byte now and then",
    "a token now and then, without end",
    "bytes as fast as they go, without end",
    "keep-alives alone",
    "a body that never begins",
    "a list of models that never ends",
];

const LIMITS: &str = "timeouts = { first_token_s = 0.8, between_tokens_s = 0.8, whole_s = 1.0 }";

/// `piece` again and again, with pauses.
fn endless(piece: &'static str, pause: u64) -> Response {
    let pieces = stream::repeat(()).then(move |()| async move {
        tokio::time::sleep(Duration::from_millis(pause)).await;
        Ok::<_, Infallible>(Bytes::from_static(piece.as_bytes()))
    });
    raw(200, Some("text/event-stream"), Body::from_stream(pieces))
}

/// Bytes without a pause.
fn flood() -> Response {
    let piece = Bytes::from_static(&[b':'; 64]);
    let pieces = stream::repeat(Ok::<_, Infallible>(piece));
    let pieces = pieces.map(|piece| piece.map(|bytes| [&bytes[..], b"\n"].concat()));
    raw(200, Some("text/event-stream"), Body::from_stream(pieces))
}

#[track_caller]
fn check(name: &str, reply: fn(usize, &Call) -> Response, says: &str) {
    assert!(NAMES.contains(&name));
    let fake = Fake::new(reply, LIMITS);
    let began = Instant::now();
    let failure = failed(fake.ask(&prompt()).0);
    let took = began.elapsed();
    assert!(failure.message.contains(says), "{name}: {failure:?}");
    assert!(took < Duration::from_secs(5), "{name}: {took:?}");
}

#[test]
fn limits_hold_while_bytes_come() {
    check(
        NAMES[0],
        |_, _| endless("d", 10),
        "sent no token within 0.8 s",
    );
    let token: fn(usize, &Call) -> Response =
        |_, _| endless("data: {\"choices\": [{\"text\": \"4\"}]}\n\n", 20);
    check(NAMES[1], token, "did not end its answer within 1 s");
    check(NAMES[2], |_, _| flood(), "s");
    check(
        NAMES[3],
        |_, _| endless(": ping\n\n", 10),
        "sent no token within 0.8 s",
    );
    let never: fn(usize, &Call) -> Response = |_, _| {
        raw(
            200,
            None,
            Body::from_stream(stream::pending::<Result<Bytes, Infallible>>()),
        )
    };
    check(NAMES[4], never, "sent no token within 0.8 s");
}

#[test]
fn checks_before_a_run_end_by_the_same_limits() {
    let fake = Fake::new(|_, _| endless(" ", 10), LIMITS);
    let began = Instant::now();
    let preflight = fake.client().preflight(
        &PreflightPlan::default(),
        &false.into(),
        &mut |_: EngineProgress<'_>| (),
    );
    assert!(began.elapsed() < Duration::from_secs(5));
    assert_eq!(
        preflight.checks[0].verdict,
        CheckStatus::Fault,
        "{preflight:?}"
    );
    // Those that only some servers answer are not waited for one after the other.
    let answer = |_: usize, call: &Call| match call.path.as_str() {
        "/v1/models" => super::reply(&serde_json::json!({ "data": [{ "id": "tiny" }] })),
        _ => endless(" ", 10),
    };
    let fake = Fake::new(answer, LIMITS);
    let began = Instant::now();
    let preflight = fake.client().preflight(
        &PreflightPlan::default(),
        &false.into(),
        &mut |_: EngineProgress<'_>| (),
    );
    assert!(began.elapsed() < Duration::from_secs(4));
    assert!(preflight.refusal().is_some(), "{preflight:?}");
    // And at once when nobody wants them any more.
    let fake = Fake::new(|_, _| endless(" ", 10), "");
    let began = Instant::now();
    let checks = fake.client().preflight(
        &PreflightPlan::default(),
        &true.into(),
        &mut |_: EngineProgress<'_>| (),
    );
    assert!(began.elapsed() < Duration::from_secs(1));
    assert!(
        checks
            .refusal()
            .is_some_and(|why| why.contains("cancelled")),
        "{checks:?}"
    );
}

#[test]
fn a_cancelled_answer_is_no_timeout() {
    let fake = Fake::new(|_, _| endless(": ping\n\n", 10), "");
    let (answer, _) = fake.ask_until(&prompt(), |_| true);
    assert_eq!(failed(answer).kind, FailureKind::Cancelled);
}
