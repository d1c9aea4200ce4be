//! `/v1` of the real server, with a real model.

use std::cmp::Ordering;
use std::path::Path;
use std::time::{Duration, Instant};

use futures_util::StreamExt;
use serde_json::{Value, json};

use crate::server::{MODEL, Server, client};

const ANSWER: &str = "The capital of France is Paris.";

async fn post(server: &Server, path: &str, body: &Value) -> reqwest::Response {
    let request = client().post(server.path(path)).json(body);
    request.send().await.unwrap()
}

async fn answer(server: &Server, path: &str, body: &Value) -> Value {
    let response = post(server, path, body).await;
    let status = response.status();
    let answer: Value = response.json().await.unwrap();
    assert!(status.is_success(), "{answer}");
    answer
}

fn capital(model: &str) -> Value {
    json!({
        "model": model, "temperature": 0, "max_tokens": 12,
        "messages": [{"role": "user", "content": "What is the capital of France?"}],
    })
}

#[tokio::test]
async fn both_engines_answer_a_dialogue() {
    let folder = tempfile::tempdir().unwrap();
    let server = Server::start(folder.path(), false);
    for (model, engine) in [
        (MODEL.to_owned(), "candle-cpu"),
        (format!("{MODEL}@wgpu"), "wgpu"),
    ] {
        if engine == "wgpu" && std::env::var_os("FATHOM_ALLOW_NO_GPU").is_some() {
            continue;
        }
        let got = answer(&server, "/v1/chat/completions", &capital(&model)).await;
        assert_eq!(got["choices"][0]["message"]["content"], ANSWER, "{engine}");
        assert_eq!(got["choices"][0]["finish_reason"], "stop");
        assert_eq!(got["usage"]["completion_tokens"], 7);
        assert_eq!(got["model"], model);
        let fingerprint = got["system_fingerprint"].as_str().unwrap();
        assert!(fingerprint.starts_with(engine), "{fingerprint}");
    }
}

#[tokio::test]
async fn streams_stop_strings_and_who_leaves() {
    let folder = tempfile::tempdir().unwrap();
    let server = Server::start(folder.path(), false);
    let mut body = capital(MODEL);
    body["stream"] = true.into();
    body["stop"] = json!("is Par");
    let stream = post(&server, "/v1/chat/completions", &body).await;
    assert_eq!(stream.headers()["content-type"], "text/event-stream");
    let text = stream.text().await.unwrap();
    let data: Vec<&str> = text
        .lines()
        .filter_map(|line| line.strip_prefix("data: "))
        .collect();
    let (done, pieces) = data.split_last().unwrap();
    assert_eq!(*done, "[DONE]");
    let pieces: Vec<Value> = pieces
        .iter()
        .map(|piece| serde_json::from_str(piece).unwrap())
        .collect();
    let text: String = pieces
        .iter()
        .filter_map(|piece| piece["choices"][0]["delta"]["content"].as_str())
        .collect();
    assert_eq!(text, "The capital of France ");
    assert_eq!(
        pieces.last().unwrap()["choices"][0]["finish_reason"],
        "stop"
    );

    // Counting would go on for minutes if it were not stopped.
    let prompt = "1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12,";
    let long = json!({"model": MODEL, "prompt": prompt, "max_tokens": 6000, "temperature": 0, "stream": true});
    let response = post(&server, "/v1/completions", &long).await;
    let mut pieces = response.bytes_stream();
    pieces.next().await.unwrap().unwrap();
    drop(pieces);
    let started = Instant::now();
    let next = json!({"model": MODEL, "prompt": prompt, "max_tokens": 2, "temperature": 0});
    let next = answer(&server, "/v1/completions", &next).await;
    assert_eq!(next["choices"][0]["text"], " 1");
    assert!(
        started.elapsed() < Duration::from_secs(30),
        "it waited for the one who left"
    );
}

/// Logits computed by transformers with the same weights: `tests/golden/logits/PROVENANCE.md`.
#[tokio::test]
async fn log_probabilities_are_those_of_transformers() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("golden/logits/smollm2.json");
    let golden: Value = serde_json::from_slice(&std::fs::read(path).unwrap()).unwrap();
    let case = &golden["prompts"][0];
    let folder = tempfile::tempdir().unwrap();
    let server = Server::start(folder.path(), false);
    // As ids and as text, which give the same tokens.
    for prompt in [&case["ids"], &case["prompt"]] {
        let body = json!({
            "model": MODEL, "prompt": prompt, "max_tokens": 1, "logprobs": 20, "echo": true,
            "temperature": 0,
        });
        let got = answer(&server, "/v1/completions", &body).await;
        let told = &got["choices"][0]["logprobs"];
        let ids = case["ids"].as_array().unwrap();
        assert_eq!(told["tokens"].as_array().unwrap().len(), ids.len() + 1);
        let top = told["top_logprobs"][ids.len()].as_object().unwrap();
        let mut top: Vec<f64> = top.values().map(|value| value.as_f64().unwrap()).collect();
        top.sort_unstable_by(|a, b| b.total_cmp(a));
        assert_eq!(top.len(), 20);
        let norm = case["logsumexp"].as_f64().unwrap();
        for (got, want) in top.iter().zip(case["top20"].as_array().unwrap()) {
            let want = want[1].as_f64().unwrap() - norm;
            assert!((got - want).abs() < 0.03, "{got}, expected {want}");
        }
        let own = told["token_logprobs"][ids.len()].as_f64().unwrap();
        assert_eq!(own.total_cmp(&top[0]), Ordering::Equal, "greedy");
    }
}
