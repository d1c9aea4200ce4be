//! Replies that differ from the document and mean one thing.

use serde_json::json;

use super::Want::{Full, Says, Thinks};
use super::{Behaviour, CHAT, NEEDLE, chunk, content, end, events, message, play, raw, reply, sse};

#[test]
fn what_is_meant_is_read() {
    play(&all());
}

pub(super) fn all() -> Vec<Behaviour> {
    let chat = |name, reply, want| Behaviour {
        name,
        settings: CHAT,
        reply,
        want,
    };
    let apart = |name, reply| chat(name, reply, Thinks("1234567", "why?"));
    let answers = |name, reply| chat(name, reply, Says(NEEDLE));
    vec![
        // How it is sent.
        answers("a stream to `[DONE]`", |_| {
            sse(events(&[content(NEEDLE), end("stop")]))
        }),
        answers("JSON where a stream was asked for", |_| {
            reply(&message(json!({ "content": NEEDLE })))
        }),
        Behaviour {
            name: "a stream where JSON was asked for",
            settings: "api = \"chat\"\nstream = false",
            reply: |_| sse(events(&[content(NEEDLE), end("stop")])),
            want: Says(NEEDLE),
        },
        answers("a stream without a content type", |_| {
            raw(200, None, events(&[content(NEEDLE), end("stop")]))
        }),
        answers("JSON without a content type", |_| {
            raw(200, None, message(json!({ "content": NEEDLE })).to_string())
        }),
        answers("a stream as `text/plain`", |_| {
            raw(
                200,
                Some("text/plain"),
                events(&[content(NEEDLE), end("stop")]),
            )
        }),
        answers("JSON as `text/html`", |_| {
            raw(
                200,
                Some("text/html"),
                message(json!({ "content": NEEDLE })).to_string(),
            )
        }),
        answers("a stream as `application/json`", |_| {
            raw(
                200,
                Some("application/json"),
                events(&[content(NEEDLE), end("stop")]),
            )
        }),
        answers("one JSON document a line", |_| {
            let lines =
                [content(" 123"), content("4567"), end("stop")].map(|chunk| format!("{chunk}\n"));
            raw(200, Some("application/x-ndjson"), lines.concat())
        }),
        answers("a list of chunks", |_| {
            reply(&json!([content(NEEDLE), end("stop")]))
        }),
        answers("a byte order mark first", |_| {
            sse(format!(
                "\u{feff}{}",
                events(&[content(NEEDLE), end("stop")])
            ))
        }),
        answers("events without an empty line between them", |_| {
            sse(events(&[content(" 123"), content("4567"), end("stop")]).replace("\n\n", "\n"))
        }),
        answers("lines that end with carriage returns", |_| {
            sse(events(&[content(" 123"), content("4567"), end("stop")]).replace('\n', "\r"))
        }),
        answers("a last event without an end", |_| {
            sse(format!(
                "data: {}\n\ndata: {}",
                content(NEEDLE),
                end("stop")
            ))
        }),
        answers("no `[DONE]`", |_| {
            sse(format!(
                "data: {}\n\ndata: {}\n\n",
                content(NEEDLE),
                end("stop")
            ))
        }),
        answers("comments as keep-alives", |_| {
            let stream = events(&[content(NEEDLE), end("stop")]);
            sse(format!(": OPENROUTER PROCESSING\n\n{stream}"))
        }),
        answers("empty events as keep-alives", |_| {
            let stream = events(&[content(NEEDLE), end("stop")]);
            sse(format!(
                "data:\n\ndata: {{}}\n\ndata: null\n\ndata: []\n\n{stream}"
            ))
        }),
        answers("words as keep-alives", |_| {
            let stream = events(&[content(NEEDLE), end("stop")]);
            sse(format!(
                "data: ping\n\nevent: ping\ndata: {{\"type\": \"ping\"}}\n\n{stream}"
            ))
        }),
        // What is in it.
        answers("`choices` null", |_| {
            let chunks = [
                content(" 123"),
                json!({ "choices": null }),
                content("4567"),
                end("stop"),
            ];
            sse(events(&chunks))
        }),
        answers("null in place of every field", |_| {
            let null = json!({
                "id": null, "object": null, "choices": [null, {
                    "index": null, "delta": null, "text": null, "message": null,
                    "finish_reason": null, "logprobs": null,
                }], "usage": null, "error": null,
            });
            let delta = json!({ "role": null, "content": null, "refusal": null, "tool_calls": null, "reasoning_content": null });
            sse(events(&[
                null,
                chunk(delta, json!(null)),
                content(NEEDLE),
                end("stop"),
            ]))
        }),
        answers("fields that are not known", |_| {
            let mut chunk = content(NEEDLE);
            chunk["x_groq"] = json!({ "id": 7 });
            chunk["choices"][0]["delta"]["audio"] = json!([1]);
            chunk["choices"][0]["content_filter_results"] =
                json!({ "hate": { "filtered": false } });
            sse(events(&[chunk, end("stop")]))
        }),
        answers("an empty error", |_| {
            let mut chunks = [content(" 123"), content("4567"), end("stop")];
            chunks[0]["error"] = json!(false);
            chunks[1]["error"] = json!({});
            chunks[2]["error"] = json!("");
            sse(events(&chunks))
        }),
        apart("content as parts, thinking among them", |_| {
            let parts = json!([
                { "type": "thinking", "thinking": [{ "type": "text", "text": "why?" }] },
                { "type": "text", "text": "1234567" },
            ]);
            reply(&message(json!({ "content": parts })))
        }),
        answers("content as parts, piece by piece", |_| {
            let part = |text: &str| content(json!([{ "type": "text", "text": text }]));
            sse(events(&[part(" 123"), part("4567"), end("stop")]))
        }),
        answers("content as an object", |_| {
            reply(&message(
                json!({ "content": { "type": "output_text", "text": NEEDLE } }),
            ))
        }),
        answers("one choice, not in a list", |_| {
            reply(
                &json!({ "choices": { "message": { "content": NEEDLE }, "finish_reason": "stop" } }),
            )
        }),
        answers("the whole message once more at the end", |_| {
            let last = json!({ "choices": [{ "message": { "content": NEEDLE }, "finish_reason": "stop" }] });
            sse(events(&[content(" 123"), content("4567"), last]))
        }),
        Behaviour {
            name: "`text` and `delta` in one",
            settings: "",
            reply: |_| {
                let both = json!({ "choices": [{ "index": 0, "text": NEEDLE, "delta": { "content": NEEDLE }, "finish_reason": "stop" }] });
                sse(events(&[both]))
            },
            want: Says(NEEDLE),
        },
        answers("an index as a text", |_| {
            let mut chunk = content(NEEDLE);
            chunk["choices"][0]["index"] = json!("0");
            sse(events(&[chunk, end("stop")]))
        }),
        chat(
            "half a surrogate pair",
            |_| {
                let half = r#"{"choices": [{"delta": {"content": "1234567 \ud83d"}, "finish_reason": "stop"}]}"#;
                sse(format!("data: {half}\n\ndata: [DONE]\n\n"))
            },
            Says("1234567 \u{fffd}"),
        ),
        chat(
            "bytes that are no UTF-8",
            |_| {
                let mut body =
                    b"data: {\"choices\": [{\"delta\": {\"content\": \"1234567 ".to_vec();
                body.push(0xff);
                body.extend(b"\"}, \"finish_reason\": \"stop\"}]}\n\ndata: [DONE]\n\n");
                sse(body)
            },
            Says("1234567 \u{fffd}"),
        ),
        answers("`NaN` and `Infinity`", |_| {
            let odd = r#"{"choices": [{"delta": {"content": " 1234567"}, "score": NaN, "finish_reason": "stop"}], "cost": -Infinity}"#;
            sse(format!("data: {odd}\n\ndata: [DONE]\n\n"))
        }),
        chat(
            "line breaks within a text",
            |_| {
                raw(
                    200,
                    None,
                    "{\"choices\": [{\"message\": {\"content\": \"1234567\n8\"}, \"finish_reason\": \"stop\"}]}",
                )
            },
            Says("1234567\n8"),
        ),
        // Why it ended.
        answers("a finish reason in capitals", |_| {
            sse(events(&[content(NEEDLE), end("STOP")]))
        }),
        chat(
            "Gemini's finish reasons",
            |_| sse(events(&[content(NEEDLE), end("FINISH_REASON_MAX_TOKENS")])),
            Full(NEEDLE),
        ),
        answers(
            "`eos_token`, `end_turn`, `stop_sequence` and `COMPLETE`",
            |_| sse(events(&[content(NEEDLE), end("end_turn")])),
        ),
        chat(
            "`max_tokens`, `model_length` and `max_output_tokens`",
            |_| sse(events(&[content(NEEDLE), end("model_length")])),
            Full(NEEDLE),
        ),
        answers("a finish reason as an object", |_| {
            sse(events(&[
                content(NEEDLE),
                end(json!({ "type": "stop", "matched": 2 })),
            ]))
        }),
        answers("an empty finish reason before and after", |_| {
            let chunks = [
                chunk(json!({ "content": NEEDLE }), json!("")),
                end("stop"),
                end(""),
            ];
            sse(events(&chunks))
        }),
        answers("no finish reason, but `[DONE]`", |_| {
            sse(events(&[content(NEEDLE)]))
        }),
        answers("no finish reason, in one piece", |_| {
            reply(
                &json!({ "choices": [{ "message": { "content": NEEDLE }, "finish_reason": null }] }),
            )
        }),
        // What it counts.
        answers("0 tokens in a prompt that was cached", |_| {
            counted(json!({ "prompt_tokens": 0, "completion_tokens": 3 }))
        }),
        answers("counts as floats", |_| {
            counted(json!({ "prompt_tokens": 5.0, "completion_tokens": 3.0 }))
        }),
        answers("counts as texts", |_| {
            counted(json!({ "prompt_tokens": "5", "completion_tokens": "3" }))
        }),
        answers("counts that are null, negative or huge", |_| {
            counted(
                json!({ "prompt_tokens": null, "completion_tokens": -1, "total_tokens": 1e300 }),
            )
        }),
        answers("counts by Anthropic's names", |_| {
            counted(json!({ "input_tokens": 1, "cache_read_input_tokens": 4, "output_tokens": 3 }))
        }),
        answers("`usage` as a list", |_| counted(json!([]))),
        // What it thinks.
        apart("thinking as `reasoning_content`", |_| {
            thought(&json!({ "reasoning_content": "why?" }))
        }),
        apart("thinking as `reasoning`", |_| {
            thought(&json!({ "reasoning": "why?" }))
        }),
        apart("thinking under two names at once", |_| {
            thought(&json!({ "reasoning_content": "why?", "reasoning": "why?" }))
        }),
        apart("thinking as `reasoning_details`", |_| {
            thought(&json!({ "reasoning_details": [{ "type": "reasoning.text", "text": "why?" }] }))
        }),
        apart("`<think>…</think>`", |_| {
            said("<think>why?</think>\n\n1234567")
        }),
        apart("`</think>` alone, as the template opened it", |_| {
            said("why?\n</think>\n\n1234567")
        }),
        apart("`<thinking>`, `<thought>`, `<seed:think>`", |_| {
            said("<seed:think>why?</seed:think>1234567")
        }),
        apart("`[THINK]…[/THINK]`", |_| {
            said("[THINK]why?[/THINK]1234567")
        }),
        apart("`◁think▷…◁/think▷`", |_| {
            said("◁think▷why?◁/think▷1234567")
        }),
        answers("the end of a turn in the text", |_| {
            reply(&message(json!({ "content": " 1234567<|return|>" })))
        }),
        apart("gpt-oss' answer that is to be JSON", |_| {
            let text = "<|channel|>commentary<|message|>why?<|end|><|start|>assistant<|channel|>final <|constrain|>json<|message|>1234567<|return|>";
            reply(&message(json!({ "content": text })))
        }),
        apart("gpt-oss' channels", |_| {
            said(
                "<|channel|>analysis<|message|>why?<|end|><|start|>assistant<|channel|>final<|message|>1234567",
            )
        }),
        chat(
            "gpt-oss' channels without special tokens",
            |_| said("analysisWhy?assistantfinal1234567"),
            Thinks("1234567", "Why?"),
        ),
        chat(
            "all of it as thinking",
            |_| {
                reply(&message(
                    json!({ "content": null, "reasoning_content": NEEDLE }),
                ))
            },
            Thinks("", "1234567"),
        ),
    ]
}

fn counted(usage: serde_json::Value) -> axum::response::Response {
    let last = json!({ "choices": [], "usage": usage });
    sse(events(&[content(NEEDLE), end("stop"), last]))
}

fn thought(delta: &serde_json::Value) -> axum::response::Response {
    sse(events(&[
        chunk(delta.clone(), json!(null)),
        content("1234567"),
        end("stop"),
    ]))
}

fn said(text: &str) -> axum::response::Response {
    sse(events(&[content(text), end("stop")]))
}

#[test]
fn a_token_without_a_number_is_not_chosen() {
    let told = json!({ "content": [{ "token": "B", "logprob": -0.1, "bytes": [66], "top_logprobs": [
        { "token": "A", "logprob": -3.0 }, { "token": "B", "logprob": -0.1 },
        { "token": "C", "logprob": null }, { "token": "D", "logprob": -5.0 },
    ] }] });
    let body = json!({ "choices": [{ "index": 0, "message": { "content": "B" }, "finish_reason": "length", "logprobs": told }] });
    let fake = super::Fake::new(move |_, _| reply(&body), CHAT);
    let options = ["A)", "B)", "C)", "D)"].map(str::to_owned);
    let chosen = super::completed(fake.choose(&super::Prompt::plain("hello"), &options));
    assert_eq!(chosen.text, "B)");
    assert_eq!(chosen.options, [Some(-3.0), Some(-0.1), None, Some(-5.0)]);
}

#[test]
fn what_was_cached_is_no_prompt_that_was_cut() {
    let reply = |_: usize, _: &super::Call| {
        let usage = json!({ "prompt_tokens": 8, "completion_tokens": 3, "prompt_tokens_details": { "cached_tokens": 992 } });
        counted(usage)
    };
    let fake = super::Fake::new(reply, CHAT);
    let answer = fake.ask(&super::Prompt::plain(&"x ".repeat(500))).0;
    assert_eq!(answer.prompt_tokens.map(|tokens| tokens.0), Some(1000));
    assert_eq!(super::completed(answer).text, NEEDLE);
}
