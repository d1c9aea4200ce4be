//! `/v1` through the router, on a model of random weights with a token for every byte.

use std::time::Instant;

use axum::body::Body;
use axum::http::{Request, StatusCode, header};
use axum::response::Response;
use futures_util::StreamExt;
use http_body_util::BodyExt;
use proptest::prelude::*;
use serde_json::{Value, json};
use tower::ServiceExt;

use super::super::tests::{Server, server};

const TEXT: &str = "/v1/completions";
const CHAT: &str = "/v1/chat/completions";

async fn post(server: &Server, path: &str, body: &Value) -> Response {
    let request = Request::post(path).header(header::CONTENT_TYPE, "application/json");
    let request = request.body(Body::from(body.to_string())).unwrap();
    server.router.clone().oneshot(request).await.unwrap()
}

async fn json_of(response: Response) -> Value {
    let body = response.into_body().collect().await.unwrap().to_bytes();
    let text = String::from_utf8_lossy(&body);
    serde_json::from_slice(&body).unwrap_or_else(|error| panic!("{error}: {text}"))
}

/// The answer to `body` with a greedy model named, unless it says otherwise.
async fn ask(server: &Server, path: &str, mut body: Value) -> Value {
    body["model"] = "tiny".into();
    body["temperature"] = 0.into();
    let response = post(server, path, &body).await;
    let status = response.status();
    let got = json_of(response).await;
    assert_eq!(status, StatusCode::OK, "{got}");
    got
}

/// The pieces of a streamed answer, without the last line, which must be there.
async fn stream(server: &Server, path: &str, mut body: Value) -> Vec<Value> {
    body["stream"] = true.into();
    body["model"] = "tiny".into();
    body["temperature"] = 0.into();
    let response = post(server, path, &body).await;
    assert_eq!(
        response.headers()[header::CONTENT_TYPE],
        "text/event-stream"
    );
    let body = response.into_body().collect().await.unwrap().to_bytes();
    let text = String::from_utf8(body.to_vec()).unwrap();
    let mut data: Vec<&str> = text
        .lines()
        .filter_map(|line| line.strip_prefix("data: "))
        .collect();
    assert_eq!(data.pop(), Some("[DONE]"), "{text}");
    data.iter()
        .map(|data| serde_json::from_str(data).unwrap())
        .collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn texts_and_ids_are_completed_alike() {
    let server = server().await;
    let got = ask(
        &server,
        TEXT,
        json!({"prompt": ["ab", "b"], "max_tokens": 3}),
    )
    .await;
    assert_eq!(got["object"], "text_completion");
    assert_eq!(got["model"], "tiny");
    assert_eq!(got["choices"].as_array().unwrap().len(), 2);
    assert_eq!(got["choices"][1]["index"], 1);
    assert_eq!(got["choices"][0]["logprobs"], Value::Null);
    let written = got["usage"]["completion_tokens"].as_u64().unwrap();
    assert_eq!(got["usage"]["prompt_tokens"], 3);
    assert_eq!(got["usage"]["total_tokens"], 3 + written);

    let words = json_of(post(&server, "/tokenize", &json!({"prompt": "ab"})).await).await;
    assert_eq!(
        (&words["count"], &words["max_model_len"]),
        (&json!(2), &json!(4096))
    );
    let ids = &words["tokens"];
    let again = ask(&server, TEXT, json!({"prompt": ids, "max_tokens": 3})).await;
    assert_eq!(again["choices"][0], got["choices"][0]);
    let text = json_of(post(&server, "/detokenize", &json!({"tokens": ids})).await).await;
    assert_eq!(text["prompt"], "ab");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_echo_tells_of_every_token() {
    let server = server().await;
    let body = json!({"prompt": "a\u{e9}", "max_tokens": 0, "echo": true, "logprobs": 2});
    let got = ask(&server, TEXT, body).await;
    let choice = &got["choices"][0];
    assert_eq!(
        (&choice["text"], &choice["finish_reason"]),
        (&json!("a\u{e9}"), &json!("length"))
    );
    assert_eq!(got["usage"]["completion_tokens"], 0);
    let told = &choice["logprobs"];
    assert_eq!(told["tokens"], json!(["a", "bytes:\\xc3", "bytes:\\xa9"]));
    assert_eq!(told["text_offset"], json!([0, 1, 2]));
    assert_eq!(told["token_logprobs"][0], Value::Null);
    assert_eq!(told["top_logprobs"][0], Value::Null);
    for place in 1..3 {
        let own = told["token_logprobs"][place].as_f64().unwrap();
        assert!(own < 0.0);
        let top = told["top_logprobs"][place].as_object().unwrap();
        // The token itself stands beside the two likeliest.
        assert!((2..=3).contains(&top.len()), "{top:?}");
        assert_eq!(top[told["tokens"][place].as_str().unwrap()], own);
    }
    // Without an echo the same token has the same number, told of the answer.
    let body = json!({"prompt": "a", "max_tokens": 1, "logprobs": 0});
    let got = ask(&server, TEXT, body).await;
    let own = got["choices"][0]["logprobs"]["token_logprobs"][0]
        .as_f64()
        .unwrap();
    let body = json!({"prompt": "a", "max_tokens": 1, "echo": true, "logprobs": 1});
    let got = ask(&server, TEXT, body).await;
    let told = &got["choices"][0]["logprobs"];
    assert_eq!(told["token_logprobs"][1], own);
    assert_eq!(told["text_offset"], json!([0, 1]));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_stream_says_what_the_whole_says() {
    let server = server().await;
    let body = json!({"prompt": "abc", "max_tokens": 12, "echo": true, "logprobs": 1});
    let whole = ask(&server, TEXT, body.clone()).await;
    let mut body = body;
    body["stream_options"] = json!({"include_usage": true});
    let mut pieces = stream(&server, TEXT, body).await;
    let last = pieces.pop().unwrap();
    assert_eq!(
        (&last["choices"], &last["usage"]),
        (&json!([]), &whole["usage"])
    );
    let choices: Vec<&Value> = pieces.iter().map(|piece| &piece["choices"][0]).collect();
    let text: String = choices
        .iter()
        .map(|choice| choice["text"].as_str().unwrap())
        .collect();
    let whole = &whole["choices"][0];
    assert_eq!(whole["text"], text);
    assert_eq!(
        choices.last().unwrap()["finish_reason"],
        whole["finish_reason"]
    );
    for part in ["tokens", "token_logprobs", "text_offset"] {
        let told = choices
            .iter()
            .filter_map(|choice| choice["logprobs"][part].as_array());
        let told: Vec<Value> = told.flatten().cloned().collect();
        assert_eq!(whole["logprobs"][part], Value::from(told), "{part}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_stop_string_ends_the_answer_before_it() {
    let server = server().await;
    let free = ask(&server, TEXT, json!({"prompt": "abc", "max_tokens": 24})).await;
    let free = free["choices"][0]["text"].as_str().unwrap().to_owned();
    let characters: Vec<char> = free.chars().collect();
    assert!(characters.len() > 6, "{free}");
    let stop: String = characters[3..5].iter().collect();
    let until = free.find(&stop).unwrap();
    let body = json!({"prompt": "abc", "max_tokens": 24, "stop": stop, "logprobs": 0});
    let got = ask(&server, TEXT, body.clone()).await;
    let choice = &got["choices"][0];
    assert_eq!(choice["text"], free[..until]);
    assert_eq!(choice["finish_reason"], "stop");
    let offsets = choice["logprobs"]["text_offset"].as_array().unwrap();
    let shown = free[..until].chars().count() as u64;
    assert!(
        offsets
            .iter()
            .all(|offset| offset.as_u64().unwrap() < shown)
    );
    let pieces = stream(&server, TEXT, body).await;
    let text: String = pieces
        .iter()
        .map(|piece| piece["choices"][0]["text"].as_str().unwrap())
        .collect();
    assert_eq!(text, free[..until]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_dialogue_goes_on() {
    let server = server().await;
    let messages = json!([{"role": "user", "content": [{"type": "text", "text": "ab"}]}]);
    let body = json!({"messages": messages, "max_tokens": 4, "logprobs": true, "top_logprobs": 2});
    let whole = ask(&server, CHAT, body.clone()).await;
    assert_eq!(whole["object"], "chat.completion");
    // "<|start|>ab<|end|>\n" by the model's own template.
    assert_eq!(whole["usage"]["prompt_tokens"], 5);
    let choice = &whole["choices"][0];
    assert_eq!(choice["message"]["role"], "assistant");
    let told = choice["logprobs"]["content"].as_array().unwrap();
    assert!(!told.is_empty());
    for token in told {
        assert_eq!(token["top_logprobs"].as_array().unwrap().len(), 2);
        // Greedy: the first of the likeliest is what was written.
        assert_eq!(token["top_logprobs"][0]["bytes"], token["bytes"]);
    }
    let pieces = stream(&server, CHAT, body).await;
    assert_eq!(pieces[0]["object"], "chat.completion.chunk");
    assert_eq!(
        pieces[0]["choices"][0]["delta"],
        json!({"role": "assistant", "content": ""})
    );
    let text: String = pieces
        .iter()
        .filter_map(|piece| piece["choices"][0]["delta"]["content"].as_str())
        .collect();
    assert_eq!(choice["message"]["content"], text);
}

#[tokio::test(flavor = "multi_thread")]
async fn chance_is_seeded() {
    let server = server().await;
    let text = async |seed: Value| {
        let body = json!({"model": "tiny", "prompt": "ab", "max_tokens": 12, "seed": seed});
        let got = json_of(post(&server, TEXT, &body).await).await;
        got["choices"][0]["text"].as_str().unwrap().to_owned()
    };
    let (one, again, other) = (
        text(json!(-7)).await,
        text(json!(-7)).await,
        text(json!(8)).await,
    );
    assert_eq!(one, again);
    assert_ne!(one, other);
    assert_ne!(text(Value::Null).await, text(Value::Null).await);
}

#[tokio::test(flavor = "multi_thread")]
async fn who_goes_away_stops_the_engine() {
    let server = server().await;
    let mut body = json!({"prompt": "a", "max_tokens": 4000});
    let started = Instant::now();
    let whole = ask(&server, TEXT, body.clone()).await;
    let whole_takes = started.elapsed();
    assert_eq!(
        whole["choices"][0]["finish_reason"], "length",
        "it is long enough to leave"
    );

    (body["model"], body["temperature"], body["stream"]) = ("tiny".into(), 0.into(), true.into());
    let response = post(&server, TEXT, &body).await;
    let mut pieces = response.into_body().into_data_stream();
    pieces.next().await.unwrap().unwrap();
    drop(pieces);
    // The next one's turn comes at once, not after 4,000 tokens.
    let started = Instant::now();
    ask(&server, TEXT, json!({"prompt": "a", "max_tokens": 1})).await;
    assert!(started.elapsed() < whole_takes / 4, "{whole_takes:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn refusals_have_openai_form() {
    let server = server().await;
    let full =
        json!({"model": "tiny", "prompt": "a", "messages": [{"role": "user", "content": "a"}]});
    for (path, change, status, code, param, message) in [
        (
            TEXT,
            json!({"model": "other"}),
            404,
            "model_not_found",
            json!("model"),
            "there is no model `other`",
        ),
        (
            TEXT,
            json!({"model": "tiny@abacus"}),
            404,
            "model_not_found",
            json!("model"),
            "`abacus` is no engine",
        ),
        (
            TEXT,
            json!({"model": "tiny@openai:x"}),
            404,
            "model_not_found",
            json!("model"),
            "is not on this machine",
        ),
        (
            TEXT,
            json!({"model": null}),
            400,
            "invalid_value",
            json!("model"),
            "`model`: it is missing",
        ),
        (
            TEXT,
            json!({"prompt": [7, 259]}),
            400,
            "invalid_value",
            json!("prompt"),
            "token id 259 is not the model's",
        ),
        (
            TEXT,
            json!({"prompt": null}),
            400,
            "invalid_value",
            json!("prompt"),
            "expected a text",
        ),
        (
            TEXT,
            json!({"max_tokens": 4096}),
            400,
            "context_length_exceeded",
            Value::Null,
            "the model reads 4096",
        ),
        (
            TEXT,
            json!({"max_tokens": -1}),
            400,
            "invalid_value",
            json!("max_tokens"),
            "invalid value",
        ),
        (
            TEXT,
            json!({"n": 2}),
            400,
            "unsupported_parameter",
            json!("n"),
            "`n` is 2",
        ),
        (
            TEXT,
            json!({"temperature": 3}),
            400,
            "invalid_value",
            json!("temperature"),
            "expected 0 to 2",
        ),
        (
            TEXT,
            json!({"logprobs": 21}),
            400,
            "invalid_value",
            json!("logprobs"),
            "expected at most 20",
        ),
        (
            TEXT,
            json!({"stop": [""]}),
            400,
            "invalid_value",
            json!("stop"),
            "expected at most 64 texts",
        ),
        (
            TEXT,
            json!({"stream_options": {}}),
            400,
            "invalid_value",
            json!("stream_options"),
            "`stream: true` only",
        ),
        (
            CHAT,
            json!({"messages": []}),
            400,
            "invalid_value",
            json!("messages"),
            "at least one message",
        ),
        (
            CHAT,
            json!({"messages": [{"role": "user", "content": [{"type": "image_url"}]}]}),
            400,
            "invalid_value",
            json!("messages"),
            "`image_url`, expected `text`",
        ),
        (
            CHAT,
            json!({"continue_final_message": true}),
            400,
            "invalid_value",
            json!("continue_final_message"),
            "the last message is the user's",
        ),
        (
            CHAT,
            json!({"top_logprobs": 1}),
            400,
            "invalid_value",
            json!("top_logprobs"),
            "`logprobs: true` only",
        ),
        (
            CHAT,
            json!({"tools": [{}]}),
            400,
            "unsupported_parameter",
            json!("tools"),
            "`tools` is [{}]",
        ),
    ] {
        let mut body = full.clone();
        for (name, value) in change.as_object().unwrap() {
            body[name] = value.clone();
        }
        let response = post(&server, path, &body).await;
        assert_eq!(response.status().as_u16(), status, "{change}");
        let error = &json_of(response).await["error"];
        assert_eq!(
            (&error["code"], &error["param"]),
            (&json!(code), &param),
            "{error}"
        );
        assert_eq!(error["type"], "invalid_request_error");
        assert!(
            error["message"].as_str().unwrap().contains(message),
            "{error}"
        );
    }
    let get = server.get("/v1/nothing").await;
    assert_eq!(
        get.json::<Value>(StatusCode::NOT_FOUND)["error"]["code"],
        "not_found"
    );
    let get = server.get(TEXT).await;
    let error = get.json::<Value>(StatusCode::METHOD_NOT_ALLOWED);
    assert_eq!(
        error["error"]["message"],
        "/v1/completions does not take GET"
    );
    let plain = Request::post(TEXT).body(Body::from("{}")).unwrap();
    assert_eq!(
        server.send(plain).await.status,
        StatusCode::UNSUPPORTED_MEDIA_TYPE
    );
    let large = json!({"model": "tiny", "prompt": "a".repeat(17 << 20)});
    let large = post(&server, TEXT, &large).await;
    assert_eq!(large.status(), StatusCode::PAYLOAD_TOO_LARGE);
    assert_eq!(
        json_of(large).await["error"]["type"],
        "invalid_request_error"
    );
}

#[tokio::test]
async fn models_are_listed_and_shown() {
    let server = server().await;
    let list: Value = server.get("/v1/models").await.json(StatusCode::OK);
    assert_eq!(list["object"], "list");
    let model = &list["data"][0];
    assert_eq!(
        (&model["id"], &model["max_model_len"]),
        (&json!("tiny"), &json!(4096))
    );
    assert!(model["created"].as_u64().unwrap() > 0);
    let shown: Value = server.get("/v1/models/tiny").await.json(StatusCode::OK);
    assert_eq!(&shown, model);
    let none: Value = server
        .get("/v1/models/none")
        .await
        .json(StatusCode::NOT_FOUND);
    assert_eq!(none["error"]["code"], "model_not_found");
    let info: Value = server.get("/tokenizer_info").await.json(StatusCode::OK);
    assert_eq!(info["eos_token"], "<|end|>");
}

/// JSON of any kind, with the parameters' own names among its keys.
fn any_value() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<f64>().prop_map(Value::from),
        "\\PC{0,8}".prop_map(Value::from),
        Just(json!("tiny")),
    ];
    leaf.prop_recursive(3, 16, 4, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..4).prop_map(Value::from),
            prop::collection::hash_map(
                "role|content|type|text|include_usage|\\PC{0,4}",
                inner,
                0..4
            )
            .prop_map(|fields| Value::Object(fields.into_iter().collect())),
        ]
    })
}

#[test]
fn any_body_is_answered_in_json() {
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let server = runtime.block_on(server());
    let names = prop::sample::select(vec![
        "prompt",
        "messages",
        "temperature",
        "top_p",
        "seed",
        "stop",
        "echo",
        "logprobs",
        "stream",
        "top_logprobs",
        "stream_options",
        "n",
        "tools",
        "response_format",
        "continue_final_message",
    ]);
    let bodies = prop::collection::vec((names, any_value()), 1..6);
    proptest!(ProptestConfig::with_cases(200), |(fields in bodies, chat in any::<bool>())| {
        let mut body = json!({"model": "tiny", "prompt": "a", "max_tokens": 1,
            "messages": [{"role": "user", "content": "a"}]});
        for (name, value) in fields {
            body[name] = value;
        }
        let path = if chat { CHAT } else { TEXT };
        let response = runtime.block_on(post(&server, path, &body));
        let status = response.status();
        // The template of this model fails on nothing; whatever is wrong is the request's fault.
        prop_assert!(status.is_success() || status.is_client_error(), "{status}: {body}");
        if !status.is_success() {
            let error = runtime.block_on(json_of(response));
            prop_assert!(error["error"]["message"].is_string());
        }
    });
    // What is no JSON at all.
    for broken in [
        "",
        "{",
        "[]",
        "null",
        "\u{0}",
        "{\"model\": \"tiny\"",
        &"[".repeat(100_000),
    ] {
        let request =
            Request::post(TEXT).header(header::CONTENT_TYPE, "application/json; charset=utf-8");
        let request = request.body(Body::from(broken.to_owned())).unwrap();
        let got = runtime.block_on(server.send(request));
        let error: Value = got.json(StatusCode::BAD_REQUEST);
        assert_eq!(error["error"]["code"], "invalid_json");
    }
}
