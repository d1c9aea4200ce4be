//! The same request, whatever was asked before.

use super::*;

/// What is answered, word for word and number for number.
async fn answer(server: &Server, prompt: &str, temperature: f64) -> Value {
    let body = json!({
        "model": "tiny", "prompt": prompt, "max_tokens": 24, "temperature": temperature,
        "seed": 7, "logprobs": 3,
    });
    let mut got = json_of(post(server, TEXT, &body).await).await;
    assert!(got["error"].is_null(), "{got}");
    got["choices"].take()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_beginning_that_is_known_changes_nothing() {
    let beginning: String = (0..1300_u32)
        .map(|i| char::from(b'a' + (i * i % 26) as u8))
        .collect();
    let asked = |text: &str| format!("{beginning}{text}");
    // Shorter than a chunk, at its edge, behind it, and far behind it.
    let prompts = [
        beginning[..100].to_owned(),
        beginning[..512].to_owned(),
        beginning[..513].to_owned(),
        asked("one question"),
        asked("another one"),
    ];
    for temperature in [0.0, 1.0] {
        let warm = server().await;
        for _ in 0..2 {
            for prompt in prompts.iter().rev() {
                answer(&warm, prompt, temperature).await;
            }
            for prompt in &prompts {
                let cold = answer(&server().await, prompt, temperature).await;
                let told = answer(&warm, prompt, temperature).await;
                let length = prompt.len();
                assert_eq!(told, cold, "a prompt of {length} tokens at {temperature}");
            }
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn who_waits_is_told_so() {
    let server = server().await;
    let body = json!({"model": "tiny", "prompt": "ab", "max_tokens": 3});
    let alone = post(&server, TEXT, &body).await;
    assert_eq!(alone.headers()["x-fathom-ahead"], "0");
    // Long enough that those who come meanwhile wait.
    let prompt = "ab".repeat(1800);
    let long = json!({"model": "tiny", "prompt": prompt, "max_tokens": 8, "stream": true});
    let first = post(&server, TEXT, &long).await;
    let mut second = body.clone();
    second["stream"] = true.into();
    let second = post(&server, TEXT, &second).await;
    assert_eq!(second.headers()["x-fathom-ahead"], "1");
    let read = |response: Response| async {
        let body = response.into_body().collect().await.unwrap().to_bytes();
        String::from_utf8(body.to_vec()).unwrap()
    };
    let (first, second) = tokio::join!(read(first), read(second));
    assert!(first.ends_with("data: [DONE]\n\n"), "{first}");
    assert!(second.ends_with("data: [DONE]\n\n"), "{second}");
    // It is said in words where the wait is long.
    let told = second.starts_with(": waits behind 1 others\n");
    assert!(told || second.starts_with("data: "), "{second}");
}
