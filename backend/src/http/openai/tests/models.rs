//! Models of other kinds than one good file.

use std::fs;
use std::path::Path;

use super::*;
use crate::testing::{tiny, without_template};

async fn serves(make: impl FnOnce(&Path)) -> Server {
    let folder = tempfile::tempdir().unwrap();
    write_model(folder.path(), "tiny");
    make(folder.path());
    serving(folder, AccessGuard::new(true, None).unwrap()).await
}

/// The error of a completion asked of `model`, and one of the good model beside it.
async fn error_of(server: &Server, model: &str) -> Value {
    let body = json!({"model": model, "prompt": "ab", "max_tokens": 3});
    let response = post(server, TEXT, &body).await;
    assert_eq!(response.status(), StatusCode::INTERNAL_SERVER_ERROR);
    let good = ask(server, TEXT, json!({"prompt": "ab", "max_tokens": 3})).await;
    assert_eq!(good["object"], "text_completion");
    json_of(response).await["error"].take()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_folder_has_tokens_too() {
    let vocab: serde_json::Map<_, _> = (0..256).map(|id| (format!("t{id}"), json!(id))).collect();
    let tokenizer = json!({ "version": "1.0", "truncation": null, "padding": null, "normalizer": null,
        "added_tokens": [], "pre_tokenizer": { "type": "Whitespace" }, "post_processor": null,
        "decoder": null, "model": { "type": "WordLevel", "vocab": vocab, "unk_token": "t0" } });
    let server = serves(|folder| {
        let golden = Path::new(env!("CARGO_MANIFEST_DIR")).join("../tests/golden/rope/qwen2");
        let model = folder.join("folder");
        fs::create_dir(&model).unwrap();
        for file in ["config.json", "model.safetensors"] {
            fs::copy(golden.join(file), model.join(file)).unwrap();
        }
        fs::write(model.join("tokenizer.json"), tokenizer.to_string()).unwrap();
        fs::write(
            model.join("chat_template.jinja"),
            "{{ messages[0].content }}",
        )
        .unwrap();
    })
    .await;
    let body = json!({"model": "folder", "prompt": "t7 t12 t7"});
    let words = json_of(post(&server, "/tokenize", &body).await).await;
    assert_eq!(words["tokens"], json!([7, 12, 7]), "{words}");
    let body = json!({"model": "folder", "tokens": [7]});
    let text = json_of(post(&server, "/detokenize", &body).await).await;
    assert_eq!(text["prompt"], "t7", "{text}");
    let info = get(&server, "/tokenizer_info?model=folder", StatusCode::OK).await;
    assert_eq!(info["chat_template"], "{{ messages[0].content }}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_model_without_a_chat_template_refuses_dialogues_and_completes_texts() {
    let server = serves(|folder| {
        fs::write(folder.join("plain.gguf"), without_template().bytes()).unwrap();
    })
    .await;
    for stream in [false, true] {
        let messages = json!([{"role": "user", "content": "ab"}]);
        let body =
            json!({"model": "plain", "messages": messages, "max_tokens": 3, "stream": stream});
        let response = post(&server, CHAT, &body).await;
        assert_eq!(response.status(), StatusCode::BAD_REQUEST);
        let error = json_of(response).await["error"].take();
        assert_eq!(error["type"], "invalid_request_error", "{error}");
        assert_eq!(error["param"], "messages", "{error}");
        let message = error["message"].as_str().unwrap();
        assert!(
            message.contains("the model `plain` has no chat template"),
            "{error}"
        );
    }
    let body = json!({"model": "plain", "prompt": "ab", "max_tokens": 3});
    let response = post(&server, TEXT, &body).await;
    assert_eq!(response.status(), StatusCode::OK);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_wrong_with_a_model_reaches_who_asks_it() {
    let server = serves(|folder| {
        fs::write(folder.join("broken.gguf"), "GGUF and no more").unwrap();
        let mut other = tiny();
        other.tensors.pop();
        fs::write(folder.join("headless.gguf"), other.bytes()).unwrap();
    })
    .await;
    for model in ["broken", "headless"] {
        let error = error_of(&server, model).await;
        assert_eq!(error["code"], "model_not_usable", "{error}");
        let message = error["message"].as_str().unwrap();
        assert!(message.contains(model), "{error}");
        assert!(!message.contains("its log says why"), "{error}");
    }
    let body = json!({"model": "broken", "prompt": "ab"});
    let error = json_of(post(&server, "/tokenize", &body).await).await;
    assert_eq!(error["error"]["code"], "model_not_usable", "{error}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_model_without_numbers_has_no_answer() {
    let changed = |tensor: &str, change: &dyn Fn(&mut Vec<f32>)| {
        let mut model = tiny();
        let found = model.tensors.iter_mut().find(|(name, ..)| name == tensor);
        change(&mut found.unwrap().2);
        model.bytes()
    };
    // Weights that are no numbers are refused when the model is loaded, by the tensor's name.
    let cases = [
        ("embedding", "token_embd.weight", usize::from(b'a') * 16),
        ("norm", "blk.1.attn_norm.weight", 3),
        ("values", "blk.0.attn_v.weight", 0),
        ("down", "blk.1.ffn_down.weight", 5),
        ("head", "output_norm.weight", 2),
    ];
    let server = serves(|folder| {
        for (id, tensor, at) in cases {
            let bytes = changed(tensor, &|values| values[at] = f32::NAN);
            fs::write(folder.join(format!("{id}.gguf")), bytes).unwrap();
        }
        // Numbers that overflow when they are used.
        let bytes = changed("blk.1.ffn_norm.weight", &|values| values.fill(f32::MAX));
        fs::write(folder.join("wide.gguf"), bytes).unwrap();
    })
    .await;
    let known = cases.map(|(id, tensor, _)| (id, "model_not_usable", tensor));
    for (id, code, says) in known.into_iter().chain([("wide", "engine", "layer 1")]) {
        let error = error_of(&server, id).await;
        assert_eq!(error["code"], code, "{error}");
        let message = error["message"].as_str().unwrap();
        assert!(
            message.contains(says) && message.contains("no numbers"),
            "{error}"
        );
    }
    // Nor has one whose numbers are told of the prompt alone.
    let body =
        json!({"model": "wide", "prompt": "abc", "echo": true, "logprobs": 1, "max_tokens": 0});
    let response = post(&server, TEXT, &body).await;
    assert_eq!(response.status(), StatusCode::INTERNAL_SERVER_ERROR);
}
