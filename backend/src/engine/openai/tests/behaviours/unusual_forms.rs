//! What servers say in another place or form than OpenAI's document has for it.

use axum::response::Response;
use fathom_shared::prompt::Prompt;
use fathom_shared::transcript::FailureKind::{Context, Engine, Refused};
use serde_json::{Value as Json, json};

use super::Want::{Fails, GivesUp, Says, Tries};
use super::{
    Behaviour, Fake, NEEDLE, chunk, completed, content, end, events, good, message, play, raw,
    reply, sse,
};

#[test]
fn what_is_said_otherwise_is_heard() {
    play(&all());
}

pub(super) fn all() -> Vec<Behaviour> {
    let chat = |name, reply, want| Behaviour {
        name,
        settings: "api = \"chat\"\nretries = 4",
        reply,
        want,
    };
    vec![
        chat(
            "a number in place of the text",
            |_| reply(&message(json!({ "content": 1_234_567 }))),
            Says("1234567"),
        ),
        chat(
            "`true` in place of the text",
            |_| reply(&message(json!({ "content": true }))),
            GivesUp(
                Refused,
                "ended the answer with true in place of the text",
                5,
            ),
        ),
        chat(
            "an image in place of the text",
            |_| {
                let part = json!([{ "type": "image_url", "image_url": { "url": "x" } }]);
                reply(&message(json!({ "content": part })))
            },
            GivesUp(Refused, "in place of the text", 5),
        ),
        chat(
            "each message with all that came before",
            |_| {
                let so_far = |text: &str, finish: Json| json!({ "choices": [{ "message": { "content": text }, "finish_reason": finish }] });
                sse(events(&[
                    so_far(" 12", Json::Null),
                    so_far(" 12345", Json::Null),
                    so_far(NEEDLE, json!("stop")),
                ]))
            },
            Says(NEEDLE),
        ),
        chat(
            "`1e999` as a count",
            |_| {
                let mut body = message(json!({ "content": NEEDLE }));
                body["usage"] = json!({ "prompt_tokens": 999, "completion_tokens": 3 });
                let body = body.to_string().replace("999", "1e999");
                raw(200, Some("application/json"), body)
            },
            Says(NEEDLE),
        ),
        // Too long, said by how the answer ended.
        chat(
            "a full context before the first token",
            |_| ended("model_context_window_exceeded", None),
            Fails(Context, "the prompt fills its context"),
        ),
        chat(
            "a full room in which nothing was written",
            |_| ended("length", Some(0)),
            Fails(Context, "the prompt fills its context"),
        ),
        chat(
            "a finish reason as an object with a message",
            |_| {
                let why =
                    json!({ "type": "abort", "message": "Input length 5000 exceeds the maximum" });
                sse(events(&[end(why)]))
            },
            Fails(Context, "Input length 5000 exceeds the maximum"),
        ),
        chat(
            "too long, in MiniMax' `base_resp` with 200",
            |_| {
                reply(
                    &json!({ "choices": null, "base_resp": { "status_code": 1039, "status_msg": "token limit exceeded" } }),
                )
            },
            Fails(Context, "token limit exceeded"),
        ),
        chat(
            "too long, in Qianfan's `error_msg` with 200",
            |_| {
                reply(
                    &json!({ "error_code": 336_103, "error_msg": "the max input characters is 20000" }),
                )
            },
            Fails(Context, "max input characters"),
        ),
        chat(
            "too long, said by the server behind SageMaker under 424",
            |_| {
                let body = json!({ "ErrorType": "ModelError", "message": "{\"error\":\"Input validation error: `inputs` must have less than 4096 tokens. Given: 5000\",\"code\":424}" });
                raw(424, Some("application/json"), body.to_string())
            },
            Fails(Context, "answered 424"),
        ),
        chat(
            "too long, in German, French, Korean, Japanese or Russian",
            |_| {
                let body = json!({ "error": { "message": "入力トークン数が上限を超えています" } });
                raw(400, Some("application/json"), body.to_string())
            },
            Fails(Context, "answered 400"),
        ),
        chat(
            "a limit of another field's text",
            |_| {
                let body = json!({ "error": { "message": "Invalid 'user': string too long. Expected a string with maximum length 64.", "type": "invalid_request_error", "code": "string_above_max_length" } });
                raw(400, Some("application/json"), body.to_string())
            },
            Fails(Refused, "answered 400"),
        ),
        // For now.
        chat(
            "`error:` as a line of a stream",
            |number| match number {
                0 => {
                    let begun = format!("data: {}\n\n", content(" 7"));
                    sse(format!(
                        "{begun}error: {{\"message\": \"out of pages\"}}\n\ndata: [DONE]\n\n"
                    ))
                }
                _ => good(),
            },
            Tries(2),
        ),
        chat(
            "an error's words in a stream that ends with `[DONE]`",
            |number| {
                let trouble = [
                    "event: error\ndata: upstream reset\n\n",
                    "event: error\n\n",
                    "Internal Server Error\n\n",
                    "<html><title>502 Bad Gateway</title>\n\n",
                ];
                match trouble.get(number) {
                    Some(trouble) => {
                        let begun = format!("data: {}\n\n", content(" 7"));
                        sse(format!("{begun}{trouble}data: [DONE]\n\n"))
                    }
                    None => good(),
                }
            },
            Tries(5),
        ),
        chat(
            "an error within a choice",
            |number| match number {
                0 => {
                    let mut body = message(json!({ "content": " 12" }));
                    body["choices"][0]["error"] =
                        json!({ "code": 502, "message": "Upstream died" });
                    reply(&body)
                }
                _ => good(),
            },
            Tries(2),
        ),
        chat(
            "an error of code 0 that says success",
            |_| {
                let mut body = message(json!({ "content": NEEDLE }));
                body["error"] = json!({ "code": 0, "message": "success" });
                reply(&body)
            },
            Says(NEEDLE),
        ),
        chat(
            "tool calls in place of the text, and `stop`",
            |_| {
                let call = json!([{ "id": "1", "type": "function", "function": { "name": "x", "arguments": "{}" } }]);
                reply(&message(json!({ "content": null, "tool_calls": call })))
            },
            Fails(Refused, "`tool_calls`"),
        ),
        chat(
            "tool calls beside an empty text, and `stop`",
            |_| {
                let call = json!([{ "index": 0, "id": "1", "type": "function", "function": { "name": "f", "arguments": "{}" } }]);
                let delta = json!({ "role": "assistant", "content": "", "tool_calls": call });
                sse(events(&[chunk(delta, json!(null)), end("stop")]))
            },
            Fails(Refused, "`tool_calls`"),
        ),
        chat(
            "a function call beside an empty text, and `stop`",
            |_| {
                let call = json!({ "name": "f", "arguments": "{}" });
                reply(&message(json!({ "content": "", "function_call": call })))
            },
            Fails(Refused, "`tool_calls`"),
        ),
        chat(
            "tool calls behind thinking, and `stop`",
            |_| {
                let call = json!([{ "function": { "name": "f", "arguments": "{}" } }]);
                let delta = json!({ "reasoning_content": "why?", "tool_calls": call });
                sse(events(&[chunk(delta, json!(null)), end("stop")]))
            },
            Fails(Refused, "`tool_calls`"),
        ),
        chat(
            "a refusal in several pieces",
            |_| {
                let piece = |text: &str| chunk(json!({ "refusal": text }), json!(null));
                let pieces = [piece("I'm sorry, "), piece("I cannot help with that.")];
                let [one, two] = pieces;
                sse(events(&[one, two, end("stop")]))
            },
            Fails(Refused, "I'm sorry, I cannot help with that."),
        ),
        chat(
            "an error with 200 and nothing before it",
            |_| reply(&json!({ "error": { "message": "Provider returned error" } })),
            GivesUp(Engine, "answered with an error: Provider returned error", 5),
        ),
        chat(
            "`detail` with 200 and nothing before it",
            |_| reply(&json!({ "detail": "model is loading" })),
            GivesUp(Engine, "answered with an error: model is loading", 5),
        ),
        chat(
            "JSON with a NUL behind it",
            |_| {
                let body = message(json!({ "content": NEEDLE })).to_string();
                raw(200, Some("application/json"), format!("{body}\0"))
            },
            Says(NEEDLE),
        ),
        chat(
            "counts that no prompt and no room have",
            |_| {
                let mut body = message(json!({ "content": NEEDLE }));
                body["usage"] = json!({ "prompt_tokens": 362_000, "completion_tokens": 400_000 });
                reply(&body)
            },
            Says(NEEDLE),
        ),
        chat(
            "`not_finished` and `emergency_stop`",
            |_| sse(events(&[content(" 7"), end("emergency_stop")])),
            Fails(Refused, "`emergency_stop`"),
        ),
    ]
}

/// Nothing, for this reason.
fn ended(reason: &str, written: Option<u32>) -> Response {
    let choice = json!({ "index": 0, "message": { "content": "" }, "finish_reason": reason });
    reply(&json!({
        "choices": [choice], "usage": { "prompt_tokens": 5000, "completion_tokens": written },
    }))
}

#[test]
fn a_whole_answer_whose_end_does_not_come_is_one() {
    use axum::body::Body;
    use futures_util::{StreamExt, stream};
    let name = "a whole answer on a connection that stays open";
    assert!(super::HELD.contains(&name));
    let whole = [content(NEEDLE), end("stop")].map(|chunk| format!("data: {chunk}\n\n"));
    let fake = Fake::new(
        move |_, _| {
            let begun = stream::once(std::future::ready(Ok::<_, std::io::Error>(whole.concat())));
            sse(Body::from_stream(begun.chain(stream::pending())))
        },
        "api = \"chat\"\nretries = 0\ntimeouts = { between_tokens_s = 1 }",
    );
    let done = completed(fake.ask(&Prompt::plain("hello")).0);
    assert_eq!(done.text, NEEDLE);
}
