//! `/v1` through the router, on a model of random weights with a token for every byte.

mod answers; // whole and streamed answers
mod models; // several kinds of models, good and bad
mod refusals; // refused requests and their errors
mod repeats; // repeated requests give the same answer

use axum::Router;
use axum::body::Body;
use axum::http::{Request, StatusCode, header};
use axum::response::Response;
use http_body_util::BodyExt;
use serde_json::{Value, json};
use tempfile::TempDir;
use tower::ServiceExt;

use super::super::{AccessGuard, AppState, router};
use crate::catalog::Catalog;
use crate::config::Config;
use crate::data::models::ModelStore;
use crate::jobs::Jobs;
use crate::store::{DatabaseUrl, Store};
use crate::testing::write_model;

struct Server {
    router: Router,
    _folder: TempDir,
}

async fn server() -> Server {
    guarded(AccessGuard::new(true, None).unwrap()).await
}

async fn guarded(guard: AccessGuard) -> Server {
    let folder = tempfile::tempdir().unwrap();
    write_model(folder.path(), "tiny");
    serving(folder, guard).await
}

/// A server of the models in `folder`.
async fn serving(folder: TempDir, guard: AccessGuard) -> Server {
    let database = DatabaseUrl::Sqlite(folder.path().join("fathom.db"));
    let state = AppState {
        jobs: Jobs::new(Store::open(&database).await.unwrap(), Config::default()),
        catalog: Catalog::new(ModelStore::new(folder.path()), Config::default()),
        page: None,
        guard,
    };
    Server {
        router: router(state),
        _folder: folder,
    }
}

async fn send(server: &Server, request: Request<Body>) -> Response {
    server.router.clone().oneshot(request).await.unwrap()
}

async fn get(server: &Server, path: &str, status: StatusCode) -> Value {
    let response = send(server, Request::get(path).body(Body::empty()).unwrap()).await;
    assert_eq!(response.status(), status, "{path}");
    json_of(response).await
}

const TEXT: &str = "/v1/completions";
const CHAT: &str = "/v1/chat/completions";

async fn post(server: &Server, path: &str, body: &Value) -> Response {
    let request = Request::post(path).header(header::CONTENT_TYPE, "application/json");
    let request = request.body(Body::from(body.to_string())).unwrap();
    send(server, request).await
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

#[tokio::test]
async fn models_are_listed_and_shown() {
    let server = server().await;
    let list: Value = get(&server, "/v1/models", StatusCode::OK).await;
    assert_eq!(list["object"], "list");
    let model = &list["data"][0];
    assert_eq!(
        (&model["id"], &model["max_model_len"]),
        (&json!("tiny"), &json!(4096))
    );
    assert!(model["created"].as_u64().unwrap() > 0);
    let shown: Value = get(&server, "/v1/models/tiny", StatusCode::OK).await;
    assert_eq!(&shown, model);
    let none: Value = get(&server, "/v1/models/none", StatusCode::NOT_FOUND).await;
    assert_eq!(none["error"]["code"], "model_not_found");
    let info: Value = get(&server, "/tokenizer_info", StatusCode::OK).await;
    assert_eq!(info["eos_token"], "<|end|>");
}
