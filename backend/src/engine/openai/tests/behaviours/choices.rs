//! Replies with several choices or documents: one of them is the answer, once.

use serde_json::json;

use super::Want::Says;
use super::{Behaviour, CHAT, NEEDLE, content, end, events, message, play, raw, reply, sse};

#[test]
fn one_choice_is_read_once() {
    play(&all());
}

pub(super) fn all() -> Vec<Behaviour> {
    let answers = |name, reply| Behaviour {
        name,
        settings: CHAT,
        reply,
        want: Says(NEEDLE),
    };
    vec![
        answers("several choices", |_| {
            let other = json!({ "choices": [{ "index": 1, "delta": { "content": "7654321" }, "finish_reason": "length" }] });
            sse(events(&[content(NEEDLE), other, end("stop")]))
        }),
        answers("several choices, the second first", |_| {
            let other = |delta, finish| json!({ "choices": [{ "index": 1, "delta": delta, "finish_reason": finish }] });
            let first = other(json!({ "content": "7654321" }), json!(null));
            let over = other(json!({}), json!("length"));
            sse(events(&[first, content(NEEDLE), over, end("stop")]))
        }),
        answers("several choices in one document", |_| {
            let choice = |index, text: &str| json!({ "index": index, "message": { "content": text }, "finish_reason": "stop" });
            reply(&json!({ "choices": [choice(1, "7654321"), choice(0, NEEDLE)] }))
        }),
        answers("several choices without an index", |_| {
            let choice =
                |text: &str| json!({ "message": { "content": text }, "finish_reason": "stop" });
            reply(&json!({ "choices": [choice(NEEDLE), choice("7654321")] }))
        }),
        answers("no choice of index 0", |_| {
            let mut only = message(json!({ "content": NEEDLE }));
            only["choices"][0]["index"] = json!(1);
            reply(&only)
        }),
        answers("two documents, one a line", |_| {
            let one = message(json!({ "content": NEEDLE })).to_string();
            raw(200, Some("application/json"), format!("{one}\n{one}"))
        }),
        answers("two documents on one line", |_| {
            let one = message(json!({ "content": NEEDLE })).to_string();
            raw(200, Some("application/json"), one.repeat(2))
        }),
    ]
}
