use std::path::Path;
use std::sync::{Arc, Mutex};

use axum::http::{HeaderMap, StatusCode};
use axum::routing::post;
use axum::{Json, Router};
use serde_json::Value;
use tokio::net::TcpListener;
use tokio::runtime::Runtime;

use super::*;
use crate::config::Config;

/// What came in: the key and the texts.
type Calls = Arc<Mutex<Vec<(String, Vec<String>)>>>;

/// A server that counts letters, and gives its list back to front; it refuses the text `no`.
fn server(runtime: &Runtime, calls: &Calls) -> String {
    let calls = Arc::clone(calls);
    let answer = move |headers: HeaderMap, Json(body): Json<Value>| {
        let calls = Arc::clone(&calls);
        async move {
            let key = headers
                .get("authorization")
                .and_then(|key| key.to_str().ok());
            let texts: Vec<String> = serde_json::from_value(body["input"].clone()).unwrap();
            calls
                .lock()
                .unwrap()
                .push((key.unwrap_or_default().to_owned(), texts.clone()));
            if texts.contains(&"no".to_owned()) {
                let said = format!("not with {}", key.unwrap_or_default());
                return (StatusCode::BAD_REQUEST, Json(json!({ "error": said })));
            }
            let one = |(index, text): (usize, &String)| json!({ "index": index, "embedding": [text.len(), 1] });
            let data: Vec<Value> = texts.iter().enumerate().map(one).rev().collect();
            (StatusCode::OK, Json(json!({ "data": data })))
        }
    };
    let app = Router::new().route("/v1/embeddings", post(answer));
    let listener = runtime.block_on(TcpListener::bind("127.0.0.1:0")).unwrap();
    let url = format!("http://{}/v1", listener.local_addr().unwrap());
    runtime.spawn(async move { axum::serve(listener, app).await });
    url
}

fn embedder(runtime: &Runtime, url: &str, folder: &Path) -> EndpointEmbedder {
    let key = folder.join("key");
    std::fs::write(&key, "sk-secret").unwrap();
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        std::fs::set_permissions(&key, PermissionsExt::from_mode(0o600)).unwrap();
    }
    let text = format!(
        "[embeddings]\nbase_url = \"{url}\"\nmodel = \"e\"\nbatch = 2\nkey_file = \"key\"\n"
    );
    let config = Config::parse(&text, &folder.join("fathom.toml")).unwrap();
    let table = Arc::clone(config.embeddings().unwrap());
    EndpointEmbedder::new(table, runtime.handle().clone())
}

#[test]
fn texts_are_sent_in_parts_and_come_back_in_order() {
    let (runtime, folder) = (Runtime::new().unwrap(), tempfile::tempdir().unwrap());
    let calls = Calls::default();
    let embedder = embedder(&runtime, &server(&runtime, &calls), folder.path());
    let got = embedder.embed(&["a", "bbb", "cc"]).unwrap();
    assert_eq!(got, [[1.0, 1.0], [3.0, 1.0], [2.0, 1.0]]);
    let calls = calls.lock().unwrap();
    let sent: Vec<_> = calls.iter().map(|(_, texts)| texts.len()).collect();
    assert_eq!(sent, [2, 1]);
    assert_eq!(calls[0].0, "Bearer sk-secret");
}

#[test]
fn who_is_not_waited_for_is_not_asked_to_the_end() {
    let (runtime, folder) = (Runtime::new().unwrap(), tempfile::tempdir().unwrap());
    // Takes connections and says nothing.
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}/v1", listener.local_addr().unwrap());
    let embedder = embedder(&runtime, &url, folder.path());
    let waiting = work_cancellation::WaitFlag::default();
    let flag = waiting.flag();
    let asking =
        std::thread::spawn(move || work_cancellation::until(&flag, || embedder.embed(&["a"])));
    let _connection = listener.accept().unwrap();
    drop(waiting);
    let left = std::time::Instant::now();
    let said = asking.join().unwrap().unwrap_err();
    assert_eq!(said, "nobody waits for them any more");
    assert!(left.elapsed().as_secs() < 10, "{:?}", left.elapsed());
}

#[test]
fn what_goes_wrong_is_said_without_the_key() {
    let (runtime, folder) = (Runtime::new().unwrap(), tempfile::tempdir().unwrap());
    let calls = Calls::default();
    let embedder = embedder(&runtime, &server(&runtime, &calls), folder.path());
    let said = embedder.embed(&["no"]).unwrap_err();
    assert!(said.contains("e answered 400"), "{said}");
    assert!(
        said.contains("[key]") && !said.contains("sk-secret"),
        "{said}"
    );
    let one = |index| EmbeddingItem {
        index,
        embedding: Vec::new(),
    };
    let few = in_order(vec![one(0), one(0)], 2, "e").unwrap_err();
    assert_eq!(few, "e gave 2 embeddings, expected 2, one for each text");
}
