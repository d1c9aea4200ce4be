//! Replies that are none: asked again where that may help, and failures of their own kind.

use axum::response::Response;
use fathom_shared::transcript::FailureKind::{Context, Engine, Network, Refused, Timeout};
use serde_json::{Value as Json, json};

use super::Want::{Fails, GivesUp, Tries};
use super::{Behaviour, content, end, events, good, play, raw, reply, sse};

#[test]
fn what_is_no_answer_is_a_failure() {
    play(&all());
}

/// An error of this status.
fn error(status: u16, body: &Json) -> Response {
    raw(status, Some("application/json"), body.to_string())
}

fn said(status: u16, message: &str) -> Response {
    error(status, &json!({ "error": { "message": message } }))
}

pub(super) fn all() -> Vec<Behaviour> {
    let plays = |name, reply, want| Behaviour {
        name,
        settings: "",
        reply,
        want,
    };
    let long = |name, reply| plays(name, reply, Fails(Context, "answered 4"));
    vec![
        // Too long.
        long("too long, by OpenAI's code", |_| {
            error(
                400,
                &json!({ "error": { "message": "Please shorten it.", "code": "context_length_exceeded" } }),
            )
        }),
        long("too long, in vLLM's words", |_| {
            error(
                400,
                &json!({ "object": "error", "message": "This model's maximum context length is 4096 tokens.", "code": 400 }),
            )
        }),
        long("too long, in SGLang's words", |_| {
            error(
                400,
                &json!({ "object": "error", "message": "Input length (9000 tokens) exceeds the maximum allowed length (8186 tokens). Use a shorter input or enable --allow-auto-truncate.", "type": "BadRequestError", "code": 400 }),
            )
        }),
        long("too long, in Gemini's words, in a list", |_| {
            error(
                400,
                &json!([{ "error": { "code": 400, "message": "The input token count (1200000) exceeds the maximum number of tokens allowed (1048576).", "status": "INVALID_ARGUMENT" } }]),
            )
        }),
        long("too long, in Anthropic's words", |_| {
            error(
                400,
                &json!({ "type": "error", "error": { "type": "invalid_request_error", "message": "prompt is too long: 210000 tokens > 200000 maximum" } }),
            )
        }),
        long("too long, in GLM's words", |_| {
            error(
                400,
                &json!({ "error": { "code": "1261", "message": "Prompt exceeds max length" } }),
            )
        }),
        long("too long, in Chinese", |_| {
            said(400, "输入长度超过模型的最大上下文长度")
        }),
        long("too long, in TGI's words", |_| {
            error(
                422,
                &json!({ "error": "Input validation error: `inputs` must have less than 4096 tokens. Given: 9000", "error_type": "validation" }),
            )
        }),
        long("too long, in Mistral's words", |_| {
            error(
                400,
                &json!({ "message": "Prompt contains 40000 tokens and 0 draft tokens, too large for model with 32768 maximum context length" }),
            )
        }),
        long("too long, by what is left of the room", |_| {
            said(400, "max_tokens must be at least 1, got -808.")
        }),
        long("HTTP 413", |_| {
            raw(
                413,
                Some("text/html"),
                "<html><title>413 Request Entity Too Large</title></html>",
            )
        }),
        long("too long, said by the server behind the server", |_| {
            error(
                400,
                &json!({ "error": { "message": "Provider returned error", "code": 400, "metadata": { "raw": "{\"error\":{\"message\":\"This endpoint's maximum context length is 8192 tokens.\"}}" } } }),
            )
        }),
        plays(
            "too long, in llama.cpp's words under 500",
            |_| {
                said(
                    500,
                    "the request exceeds the available context size. try increasing the context size or enable context shift",
                )
            },
            Fails(Context, "answered 500"),
        ),
        plays(
            "too long, in Ollama's words under 500",
            |_| said(500, "input length 9000 exceeds num_ctx 4096"),
            Fails(Context, "answered 500"),
        ),
        plays(
            "too long, within a stream",
            |_| {
                sse(events(&[
                    json!({ "error": { "message": "The input (9000 tokens) is longer than the model's context length (8192 tokens).", "code": 400 } }),
                ]))
            },
            Fails(Context, "longer than the model's context length"),
        ),
        plays(
            "another limit than the prompt's",
            |_| {
                said(
                    400,
                    "max_tokens is too large: 16384. This model supports at most 4096 completion tokens.",
                )
            },
            Fails(Refused, "answered 400"),
        ),
        plays(
            "413 for the tokens of a minute",
            |_| {
                said(
                    413,
                    "Request too large for model `m` on tokens per minute (TPM): Limit 6000, Requested 7035",
                )
            },
            Fails(Refused, "answered 413"),
        ),
        // For good.
        plays(
            "401",
            |_| said(401, "wrong key"),
            Fails(Refused, "answered 401: wrong key"),
        ),
        plays(
            "404",
            |_| said(404, "no such model"),
            Fails(Refused, "answered 404: no such model"),
        ),
        plays(
            "a redirect",
            |_| {
                Response::builder()
                    .status(307)
                    .header("location", "http://elsewhere.example/")
                    .body("".into())
                    .unwrap()
            },
            Fails(Refused, "which is not followed"),
        ),
        plays(
            "`content_filter`",
            |_| sse(events(&[content(" 1"), end("content_filter")])),
            Fails(Refused, "`content_filter`"),
        ),
        plays(
            "`tool_calls`",
            |_| sse(events(&[end("tool_calls")])),
            Fails(Refused, "`tool_calls`"),
        ),
        plays(
            "a refusal",
            |_| {
                reply(
                    &json!({ "choices": [{ "message": { "refusal": "I will not" }, "finish_reason": "stop" }] }),
                )
            },
            Fails(Refused, "refused the prompt: I will not"),
        ),
        plays(
            "a refusal among the parts",
            |_| {
                let part = json!([{ "type": "refusal", "refusal": "I will not" }]);
                reply(
                    &json!({ "choices": [{ "message": { "content": part }, "finish_reason": "stop" }] }),
                )
            },
            Fails(Refused, "refused the prompt: I will not"),
        ),
        plays(
            "an answer without end",
            |_| {
                let piece = content("the same again and again ".repeat(100));
                sse(events(&vec![piece; 200]))
            },
            Fails(Refused, "does not heed the room"),
        ),
        plays(
            "an event without end",
            |_| sse(format!("data: {}", "x".repeat(9 << 20))),
            Fails(Refused, "an event without end"),
        ),
        plays(
            "terminal commands in an error",
            |_| {
                said(
                    400,
                    "\u{1b}[2J\u{1b}]0;owned\u{7}no\u{0} such\u{202e} field\u{9b}31m",
                )
            },
            Fails(Refused, "answered 400: no such field"),
        ),
        plays(
            "a megabyte of error",
            |_| said(400, &"no ".repeat(350_000)),
            Fails(Refused, "answered 400: "),
        ),
        // For now.
        plays(
            "429",
            |number| match number {
                0 => said(429, "slow down"),
                _ => good(),
            },
            Tries(2),
        ),
        plays(
            "503 and 529",
            |number| match number {
                0 => said(503, "loading"),
                1 => said(529, "overloaded"),
                _ => good(),
            },
            Tries(3),
        ),
        plays(
            "408 and 424",
            |number| match number {
                0 => said(408, "late"),
                1 => said(424, "Request failed during generation"),
                _ => good(),
            },
            Tries(3),
        ),
        plays(
            "a chunk that is not JSON",
            |number| match number {
                0 => sse("data: {\"choices\": [{\"delta\"\n\ndata: [DONE]\n\n"),
                _ => good(),
            },
            Tries(2),
        ),
        plays(
            "a chunk of another form",
            |number| match number {
                0 => sse(events(&[content(" 123"), json!(["what"])])),
                1 => sse(events(&[json!({ "choices": "none" })])),
                _ => good(),
            },
            Tries(3),
        ),
        plays(
            "a page of a proxy with 200",
            |number| match number {
                0 => raw(200, Some("text/html"), "<html>Bad Gateway</html>"),
                _ => good(),
            },
            Tries(2),
        ),
        plays(
            "nothing at all with 200",
            |number| match number {
                0 => raw(200, None, ""),
                1 => raw(204, None, ""),
                _ => good(),
            },
            Tries(3),
        ),
        plays(
            "no text and no reason",
            |number| match number {
                0 => reply(&json!({ "choices": [] })),
                1 => sse(events(&[])),
                _ => good(),
            },
            Tries(3),
        ),
        plays(
            "JSON that was cut off",
            |number| match number {
                0 => raw(
                    200,
                    Some("application/json"),
                    "{\"choices\": [{\"text\": \" 123",
                ),
                _ => good(),
            },
            Tries(2),
        ),
        plays(
            "a stream that was cut off",
            |number| match number {
                0 => sse(format!("data: {}\n\n", content(" 7654321"))),
                1 => sse(format!("data: {}\n\ndata: {{\"choi", content(" 7654321"))),
                _ => good(),
            },
            Tries(3),
        ),
        plays(
            "an error within a stream",
            |number| match number {
                0 => sse(events(&[
                    content(" 7"),
                    json!({ "error": { "message": "out of pages" } }),
                ])),
                1 => sse("event: error\ndata: {\"message\": \"worker died\"}\n\n"),
                _ => good(),
            },
            Tries(3),
        ),
        plays(
            "an error with 200",
            |number| match number {
                0 => reply(&json!({ "object": "error", "message": "busy", "code": 503 })),
                1 => reply(&json!({ "error": "overloaded" })),
                _ => good(),
            },
            Tries(3),
        ),
        plays(
            "`abort` and `error` as finish reasons",
            |number| match number {
                0 => sse(events(&[content(" 7"), end("abort")])),
                1 => sse(events(&[end("error")])),
                _ => good(),
            },
            Tries(3),
        ),
        // For now, again and again.
        plays(
            "never anything but a page",
            |_| raw(200, Some("text/html"), "<html>Sign in</html>"),
            GivesUp(
                Refused,
                "answered with `text/html`, expected a stream or JSON (3 attempts)",
                3,
            ),
        ),
        plays(
            "always down",
            |_| said(503, "no workers"),
            GivesUp(Engine, "answered 503: no workers (3 attempts)", 3),
        ),
        plays(
            "always late at its gateway",
            |_| said(504, "upstream"),
            GivesUp(Timeout, "answered 504: upstream", 3),
        ),
        plays(
            "always cut off",
            |_| sse(format!("data: {}\n\n", content(" 7"))),
            GivesUp(Network, "in the middle of the answer", 3),
        ),
        plays(
            "JSON that is always cut off",
            |number| {
                let body = [
                    "{\"choices\": [{\"text\": \" 123",
                    "{\"a\": \"\\ud83d",
                    "[{",
                ];
                raw(200, Some("application/json"), body[number % 3])
            },
            GivesUp(Network, "in the middle of the answer", 3),
        ),
    ]
}
