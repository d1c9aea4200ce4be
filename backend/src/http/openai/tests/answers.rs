//! What is answered, whole and in pieces.

use std::time::Instant;

use futures_util::StreamExt;

use super::*;

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
async fn a_dialogue_has_as_many_tokens_as_its_answer_says() {
    let server = server().await;
    let said = json!([{ "role": "user", "content": "ab" }]);
    let body = json!({ "messages": said });
    let words = json_of(post(&server, "/v1/tokenize", &body).await).await;
    let body = json!({ "messages": said, "max_tokens": 1 });
    let got = ask(&server, "/v1/chat/completions", body).await;
    assert_eq!(words["count"], got["usage"]["prompt_tokens"], "{words}");
    let tokens = json!({ "tokens": words["tokens"] });
    let text = json_of(post(&server, "/v1/detokenize", &tokens).await).await;
    assert!(text["prompt"].as_str().unwrap().contains("ab"), "{text}");
    let none = json_of(post(&server, "/tokenize", &json!({ "model": "tiny" })).await).await;
    let message = none["error"]["message"].as_str().unwrap();
    assert!(message.contains("messages"), "{none}");
    let unknown = json!({ "model": "nobody", "messages": said });
    let unknown = json_of(post(&server, "/tokenize", &unknown).await).await;
    assert_eq!(unknown["error"]["code"], "model_not_found", "{unknown}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_message_without_content_is_the_assistants() {
    let server = server().await;
    let say = |role: &str, content: Value| {
        json!({ "max_tokens": 1, "messages": [{ "role": "user", "content": "a" },
            { "role": role, "content": content }, { "role": "user", "content": "b" }] })
    };
    let path = "/v1/chat/completions";
    ask(&server, path, say("assistant", Value::Null)).await;
    for (role, content, says) in [
        (
            "user",
            Value::Null,
            "the content of the message of `user` is null",
        ),
        (
            "user",
            json!(7),
            "is a number, expected a text or a list of parts",
        ),
        ("user", json!([7]), "a part of a message is a number"),
        (
            "user",
            json!([{ "type": "image_url" }]),
            "a part of a message is `image_url`",
        ),
    ] {
        let mut body = say(role, content);
        body["model"] = json!("tiny");
        let refused = json_of(post(&server, path, &body).await).await;
        let message = refused["error"]["message"].as_str().unwrap();
        assert!(message.contains(says), "{message}");
    }
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
    let mut body = json!({"prompt": "a", "max_tokens": 1500});
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
    // The next one's turn comes at once, not after 1,500 tokens.
    let started = Instant::now();
    ask(&server, TEXT, json!({"prompt": "a", "max_tokens": 1})).await;
    assert!(started.elapsed() < whole_takes / 4, "{whole_takes:?}");
}
