//! What is not answered, and how that is said.

use axum::response::IntoResponse;
use futures_util::FutureExt;
use proptest::prelude::*;

use super::super::EngineTurn;
use super::*;

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
            "expected a whole number",
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
    let error = get(&server, "/v1/nothing", StatusCode::NOT_FOUND).await;
    assert_eq!(error["error"]["code"], "not_found");
    let error = get(&server, TEXT, StatusCode::METHOD_NOT_ALLOWED).await;
    assert_eq!(
        error["error"]["message"],
        "/v1/completions does not take GET"
    );
    let plain = Request::post(TEXT).body(Body::from("{}")).unwrap();
    assert_eq!(
        send(&server, plain).await.status(),
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

/// What is said before any handler is asked.
#[tokio::test]
async fn the_guard_speaks_openai_too() {
    let token = "0123456789abcdef";
    let server = guarded(AccessGuard::new(false, Some(token.to_owned())).unwrap()).await;
    let paths = [
        "/v1/models",
        TEXT,
        "/v1/none",
        "/tokenizer_info",
        "/tokenize",
    ];
    for path in paths {
        let request = Request::get(path).header(header::AUTHORIZATION, "Bearer sk-other");
        let response = send(&server, request.body(Body::empty()).unwrap()).await;
        assert_eq!(response.status(), StatusCode::UNAUTHORIZED, "{path}");
        let error = &json_of(response).await["error"];
        assert_eq!(error["code"], "invalid_api_key", "{path}");
        assert_eq!(error["type"], "invalid_request_error", "{path}");
        assert_eq!(error["param"], Value::Null, "{path}");
        let message = error["message"].as_str().unwrap();
        assert!(
            message.contains("the token is missing or wrong"),
            "{message}"
        );
    }
    let foreign = Request::get("/v1/models")
        .header(header::HOST, "box.example")
        .header(header::ORIGIN, "https://evil.example");
    let response = send(&server, foreign.body(Body::empty()).unwrap()).await;
    assert_eq!(response.status(), StatusCode::FORBIDDEN);
    assert_eq!(json_of(response).await["error"]["code"], "foreign");

    // Elsewhere it is ours.
    let ours = Request::get("/api/runs").body(Body::empty()).unwrap();
    let ours = json_of(send(&server, ours).await).await;
    assert_eq!(ours["code"], "no_token");
}

#[tokio::test]
async fn turns_come_one_by_one_and_are_not_endless() {
    let turn = EngineTurn::new(2);
    let first = turn.clone().wait().await.unwrap();
    let mut second = Box::pin(turn.clone().wait());
    assert!((&mut second).now_or_never().is_none(), "it waits");
    let third = turn.clone().wait().await.unwrap_err();
    assert_eq!(third.body()["error"]["code"], "rate_limit_exceeded");
    assert_eq!(
        third.into_response().status(),
        StatusCode::TOO_MANY_REQUESTS
    );
    drop(first);
    drop(second.await.unwrap());
    drop(turn.wait().await.unwrap());
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
    // What is not JSON at all.
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
        let response = runtime.block_on(send(&server, request));
        assert_eq!(response.status(), StatusCode::BAD_REQUEST);
        let error = runtime.block_on(json_of(response));
        assert_eq!(error["error"]["code"], "invalid_json");
    }
}
