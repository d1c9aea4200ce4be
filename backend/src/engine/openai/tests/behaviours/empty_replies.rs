//! Replies with little or nothing in them, or in the form of another API.

use axum::body::Body;
use axum::response::Response;
use fathom_shared::prompt::Prompt;
use fathom_shared::tokens::Tokens;
use fathom_shared::transcript::FailureKind::Refused;
use fathom_shared::transcript::TextlessAnswer;
use serde_json::{Value as Json, json};

use super::Want::{Fails, Full, GivesUp, Says, Tries};
use super::{
    Behaviour, CHAT, Fake, NEEDLE, completed, content, end, events, failed, good, message, play,
    reply, sse,
};

#[test]
fn what_is_empty_is_told_from_what_is_none() {
    play(&all());
}

pub(super) fn all() -> Vec<Behaviour> {
    let chat = |name, reply, want| Behaviour {
        name,
        settings: CHAT,
        reply,
        want,
    };
    vec![
        chat(
            "an empty text",
            |_| reply(&message(json!({ "content": "" }))),
            Says(""),
        ),
        chat(
            "no text, and tokens of thinking that are not shown",
            |_| reply(&hidden(&Json::Null)),
            Full(""),
        ),
        chat(
            "null in place of the text and nothing else",
            |number| match number {
                0 => reply(&message(json!({ "content": null }))),
                1 => reply(&json!({ "choices": [{ "text": null, "finish_reason": "stop" }] })),
                _ => good(),
            },
            Tries(3),
        ),
        chat(
            "always null in place of the text",
            |_| reply(&message(json!({ "role": "assistant", "content": null }))),
            GivesUp(Refused, "null in place of the text", 3),
        ),
        chat(
            "a reply in another API's form",
            |_| reply(&json!({ "model": "tiny", "message": { "content": NEEDLE }, "done": true })),
            GivesUp(
                Refused,
                "answered with no reply of OpenAI's chat or completions API; its fields are `",
                3,
            ),
        ),
        chat(
            "an encoding that was not asked for",
            |_| {
                let reply = Response::builder().header("content-encoding", "gzip");
                let reply = reply.header("content-type", "application/json");
                reply.body(Body::from(vec![0x1f_u8, 0x8b, 8, 0])).unwrap()
            },
            Fails(Refused, "answered in the encoding `gzip`"),
        ),
        chat(
            "a character cut in two by two chunks",
            |_| {
                let piece = |text: &str| {
                    let choices = r#"{"choices": [{"delta": {"content": "TEXT"}}]}"#;
                    format!("data: {}\n\n", choices.replace("TEXT", text))
                };
                let (first, second) = (piece("1234567 \\ud83d"), piece("\\ude00"));
                let stop = events(&[end("stop")]);
                sse(format!("{first}{second}{stop}"))
            },
            Says("1234567 \u{1f600}"),
        ),
        chat(
            "`matched`, `STOPPED` and the like",
            |_| sse(events(&[content(NEEDLE), end("STOPPED")])),
            Says(NEEDLE),
        ),
    ]
}

/// A reply of a server that thinks and shows nothing of it.
fn hidden(content: &Json) -> Json {
    let choice = json!({ "message": { "content": content }, "finish_reason": "length" });
    let usage = json!({
        "prompt_tokens": 5, "completion_tokens": 128,
        "completion_tokens_details": { "reasoning_tokens": 128 },
    });
    json!({ "choices": [choice], "usage": usage })
}

#[test]
fn tokens_of_thinking_are_kept_beside_an_empty_answer() {
    for content in [Json::Null, json!("")] {
        let fake = Fake::new(move |_, _| reply(&hidden(&content)), CHAT);
        let done = completed(fake.ask(&Prompt::plain("hello")).0);
        assert_eq!(done.textless(), Some(TextlessAnswer::Empty), "{done:?}");
        let told = done.usage.and_then(|usage| usage.thinking);
        assert_eq!(told, Some(Tokens(128)));
    }
}

#[test]
fn a_letter_that_was_not_rated_is_not_chosen() {
    let told = json!({ "content": [{ "token": "B", "logprob": null, "top_logprobs": [
        { "token": "A", "logprob": null }, { "token": "C", "logprob": "NaN" },
        { "token": "D", "logprob": -9999 },
    ] }] });
    let body = json!({ "choices": [{ "message": { "content": "B" }, "finish_reason": "length", "logprobs": told }] });
    let fake = Fake::new(move |_, _| reply(&body), CHAT);
    let options = ["A)", "B)", "C)", "D)"].map(str::to_owned);
    let failure = failed(fake.choose(&Prompt::plain("hello"), &options));
    let says = "told no log-probabilities";
    assert!(failure.message.contains(says), "{failure:?}");
}

/// Each as its maker's own API sends it.
#[test]
fn replies_of_other_apis_are_named_by_their_fields() {
    let sent = [
        json!({ "type": "message", "role": "assistant", "content": [{ "type": "text", "text": "7" }], "stop_reason": "end_turn", "usage": { "input_tokens": 5, "output_tokens": 1 } }),
        json!({ "candidates": [{ "content": { "parts": [{ "text": "7" }] }, "finishReason": "STOP" }], "usageMetadata": { "promptTokenCount": 5 } }),
        json!({ "object": "response", "status": "completed", "error": null, "output": [{ "type": "message" }], "usage": { "input_tokens": 5 } }),
    ];
    for (sent, field) in sent.into_iter().zip(["content", "candidates", "output"]) {
        let fake = Fake::new(move |_, _| reply(&sent), "retries = 0");
        let failure = failed(fake.ask(&Prompt::plain("hello")).0);
        let says = format!("`{field}`");
        assert!(
            failure.message.contains("no reply of OpenAI's"),
            "{failure:?}"
        );
        assert!(failure.message.contains(&says), "{failure:?}");
    }
}
