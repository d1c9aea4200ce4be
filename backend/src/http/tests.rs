//! Every endpoint by the router itself, without a socket.

use std::sync::Arc;

use axum::Router;
use axum::body::Body;
use axum::http::{HeaderMap, Method, Request, StatusCode, header};
use fathom_shared::api::paths::{self, with_id};
use fathom_shared::api::{ErrorBody, Health, ModelInfo, RunDetail, RunEvent, RunStatus, RunView};
use http_body_util::BodyExt;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};
use tempfile::TempDir;
use tokio::runtime::Handle;
use tower::ServiceExt;

use super::{AppState, router};
use crate::data::models::Models;
use crate::jobs::{Jobs, Worker};
use crate::store::Store;
use crate::testing::{CONTEXT, write_model};

struct Server {
    folder: TempDir,
    router: Router,
    jobs: Jobs,
    models: Models,
}

struct Got {
    status: StatusCode,
    headers: HeaderMap,
    body: Vec<u8>,
}

impl Got {
    #[track_caller]
    fn json<T: DeserializeOwned>(&self, status: StatusCode) -> T {
        let text = String::from_utf8_lossy(&self.body);
        assert_eq!(self.status, status, "{text}");
        serde_json::from_slice(&self.body).unwrap_or_else(|error| panic!("{error}: {text}"))
    }

    #[track_caller]
    fn refused(&self, status: StatusCode, code: &str, message: &str) {
        let error: ErrorBody = self.json(status);
        assert_eq!(error.code, code, "{}", error.message);
        assert!(error.message.contains(message), "{}", error.message);
    }

    fn header(&self, name: header::HeaderName) -> &str {
        self.headers
            .get(name)
            .map_or("", |value| value.to_str().unwrap())
    }
}

async fn server() -> Server {
    let folder = tempfile::tempdir().unwrap();
    write_model(folder.path(), "tiny");
    let store = Store::open(&folder.path().join("fathom.db")).await.unwrap();
    let page = folder.path().join("page");
    std::fs::create_dir(&page).unwrap();
    std::fs::write(page.join("index.html"), "<script>go()</script>").unwrap();
    std::fs::write(page.join("app-0123456789abcdef_bg.wasm"), b"\0asm").unwrap();
    std::fs::write(page.join("worker.js"), "//").unwrap();
    let (jobs, models) = (Jobs::new(store), Models::new(folder.path()));
    let state = AppState {
        jobs: jobs.clone(),
        models: Arc::new(models.clone()),
        page: Some(page),
    };
    let router = router(state);
    Server {
        folder,
        router,
        jobs,
        models,
    }
}

impl Server {
    async fn send(&self, request: Request<Body>) -> Got {
        let response = self.router.clone().oneshot(request).await.unwrap();
        let (parts, body) = response.into_parts();
        Got {
            status: parts.status,
            headers: parts.headers,
            body: body.collect().await.unwrap().to_bytes().into(),
        }
    }

    async fn get(&self, path: &str) -> Got {
        self.send(Request::get(path).body(Body::empty()).unwrap())
            .await
    }

    async fn post(&self, path: &str, body: &Value) -> Got {
        let request = Request::post(path).header(header::CONTENT_TYPE, "application/json");
        self.send(request.body(Body::from(body.to_string())).unwrap())
            .await
    }

    async fn work(&self, id: i64) {
        let load = crate::cli::loader(self.models.clone());
        let mut worker = Worker::new(self.jobs.clone(), load, Handle::current());
        let done = tokio::task::spawn_blocking(move || worker.answer_only(id));
        done.await.unwrap().unwrap();
    }
}

fn order() -> Value {
    json!({
        "spec": {"task": "niah_single_1", "max_seq_length": 2000, "random_seed": 5},
        "first": 0, "count": 2, "model": "tiny", "mode": "completion",
    })
}

#[tokio::test]
async fn health_and_models() {
    let server = server().await;
    let health: Health = server.get(paths::HEALTH).await.json(StatusCode::OK);
    assert_eq!(health.name, "fathom");
    let models: Vec<ModelInfo> = server.get(paths::MODELS).await.json(StatusCode::OK);
    assert_eq!(models.len(), 1);
    let model = &models[0];
    assert_eq!((model.id.as_str(), model.name.as_str()), ("tiny", "Tiny"));
    assert_eq!(
        (model.architecture.as_str(), model.context.0),
        ("llama", CONTEXT)
    );
    assert_eq!(model.quantisation, "F32");
    // A broken file beside it takes nothing away.
    std::fs::write(server.folder.path().join("broken.gguf"), "GGUF").unwrap();
    let again: Vec<ModelInfo> = server.get(paths::MODELS).await.json(StatusCode::OK);
    assert_eq!(again, models);
}

#[tokio::test]
async fn a_model_file_with_ranges() {
    let server = server().await;
    let file = std::fs::read(server.folder.path().join("tiny.gguf")).unwrap();
    let path = with_id(paths::MODEL_FILE, "tiny");
    let whole = server.get(&path).await;
    assert_eq!((whole.status, &whole.body), (StatusCode::OK, &file));
    let request = Request::get(&path).header(header::RANGE, "bytes=4-7");
    let range = server.send(request.body(Body::empty()).unwrap()).await;
    assert_eq!(range.status, StatusCode::PARTIAL_CONTENT);
    assert_eq!(range.body, &file[4..8]);
    assert_eq!(
        range.header(header::CONTENT_RANGE),
        format!("bytes 4-7/{}", file.len())
    );
    for (id, message) in [
        ("other", "there is no model `other`"),
        ("..%2Ftiny", "cannot be a model's id"),
        (".tiny", "cannot be a model's id"),
    ] {
        let got = server.get(&with_id(paths::MODEL_FILE, id)).await;
        got.refused(StatusCode::NOT_FOUND, "not_found", message);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_run_from_order_to_last_event() {
    let server = server().await;
    let ordered: RunView = server
        .post(paths::RUNS, &order())
        .await
        .json(StatusCode::ACCEPTED);
    assert_eq!(ordered.status, RunStatus::Queued);
    assert_eq!(ordered.engine.model_sha256.len(), 64);
    server.work(ordered.id).await;
    let path = with_id(paths::RUN, ordered.id);
    let detail: RunDetail = server.get(&path).await.json(StatusCode::OK);
    assert_eq!(detail.run.status, RunStatus::Done, "{:?}", detail.run.error);
    assert_eq!(detail.run.engine.engine, "candle-cpu");
    assert_eq!(detail.rows.len(), 2);
    assert_eq!(detail.run.summary.answered, 2, "{:?}", detail.rows);
    let list: Vec<RunView> = server.get(paths::RUNS).await.json(StatusCode::OK);
    assert_eq!(list, std::slice::from_ref(&detail.run));

    let events = server.get(&with_id(paths::RUN_EVENTS, ordered.id)).await;
    assert_eq!(events.header(header::CONTENT_TYPE), "text/event-stream");
    let text = String::from_utf8(events.body).unwrap();
    assert_eq!(text.matches("id: ").count(), 2, "{text}");
    let events: Vec<RunEvent> = text
        .lines()
        .filter_map(|line| line.strip_prefix("data: "))
        .map(|data| serde_json::from_str(data).unwrap())
        .collect();
    let [
        RunEvent::Snapshot {
            detail: told,
            current: None,
        },
        RunEvent::Status { status, .. },
    ] = &events[..]
    else {
        panic!("{events:?}");
    };
    assert_eq!((&**told, *status), (&detail, RunStatus::Done));
}

#[tokio::test]
async fn cancel_and_unknown_runs() {
    let server = server().await;
    let ordered: RunView = server
        .post(paths::RUNS, &order())
        .await
        .json(StatusCode::ACCEPTED);
    let path = with_id(paths::RUN_CANCEL, ordered.id);
    for _twice in 0..2 {
        let cancelled: RunView = server.post(&path, &json!({})).await.json(StatusCode::OK);
        assert_eq!(cancelled.status, RunStatus::Cancelled);
    }
    for path in [paths::RUN, paths::RUN_EVENTS] {
        let got = server.get(&with_id(path, 99)).await;
        got.refused(StatusCode::NOT_FOUND, "not_found", "there is no run 99");
    }
    let got = server
        .post(&with_id(paths::RUN_CANCEL, 99), &json!({}))
        .await;
    got.refused(StatusCode::NOT_FOUND, "not_found", "there is no run 99");
    let got = server.get(&with_id(paths::RUN, "seven")).await;
    got.refused(StatusCode::NOT_FOUND, "not_found", "no such path");
}

#[tokio::test]
async fn orders_that_cannot_be_carried_out() {
    let server = server().await;
    let with = |pointer: &str, value: Value| {
        let mut order = order();
        *order.pointer_mut(pointer).unwrap() = value;
        order
    };
    for (order, message) in [
        (with("/spec/task", json!("nope")), "unknown task `nope`"),
        (
            with("/spec/max_seq_length", json!(9)),
            "max_seq_length is 9 tokens",
        ),
        (
            with("/spec/max_seq_length", json!(4097)),
            "reads at most 4096",
        ),
        (with("/count", json!(0)), "count is 0; a run has 1 to 10000"),
        (with("/count", json!(10_001)), "count is 10001"),
        (with("/first", json!(4_294_967_295_u32)), "the last sample"),
        (with("/model", json!("other")), "no model `other`"),
        (with("/model", json!("../tiny")), "cannot be a model's id"),
    ] {
        let got = server.post(paths::RUNS, &order).await;
        got.refused(StatusCode::UNPROCESSABLE_ENTITY, "bad_order", message);
    }
    let list: Vec<RunView> = server.get(paths::RUNS).await.json(StatusCode::OK);
    assert_eq!(list, []);
}

#[tokio::test]
async fn bodies_that_are_no_order() {
    let server = server().await;
    let send = |kind: &'static str, body: String| {
        let request = Request::post(paths::RUNS).header(header::CONTENT_TYPE, kind);
        server.send(request.body(Body::from(body)).unwrap())
    };
    let json = "application/json";
    let got = send(json, "{".to_owned()).await;
    got.refused(StatusCode::BAD_REQUEST, "bad_body", "");
    let got = send(json, "{\"count\": 1}".to_owned()).await;
    got.refused(
        StatusCode::UNPROCESSABLE_ENTITY,
        "bad_body",
        "missing field",
    );
    let got = send("text/plain", order().to_string()).await;
    got.refused(
        StatusCode::UNSUPPORTED_MEDIA_TYPE,
        "bad_body",
        "application/json",
    );
    let got = send(json, format!("\"{}\"", "x".repeat(1 << 20))).await;
    got.refused(StatusCode::PAYLOAD_TOO_LARGE, "bad_body", "");
    let got = server.get("/api/nothing").await;
    got.refused(StatusCode::NOT_FOUND, "not_found", "/api/nothing");
    let request = Request::builder().method(Method::DELETE).uri(paths::RUNS);
    let got = server.send(request.body(Body::empty()).unwrap()).await;
    got.refused(
        StatusCode::METHOD_NOT_ALLOWED,
        "method_not_allowed",
        "DELETE",
    );
}

#[tokio::test]
async fn the_page_and_its_headers() {
    let server = server().await;
    for path in ["/", "/runs/7", "/index.html"] {
        let got = server.get(path).await;
        assert_eq!(
            (got.status, &got.body[..]),
            (StatusCode::OK, &b"<script>go()</script>"[..])
        );
        assert_eq!(got.header(header::CACHE_CONTROL), "no-cache");
        let policy = got.header(header::CONTENT_SECURITY_POLICY);
        assert!(policy.contains("'wasm-unsafe-eval' 'sha256-"), "{policy}");
        assert_eq!(got.header(header::X_CONTENT_TYPE_OPTIONS), "nosniff");
    }
    let wasm = server.get("/app-0123456789abcdef_bg.wasm").await;
    assert_eq!(wasm.header(header::CONTENT_TYPE), "application/wasm");
    assert!(wasm.header(header::CACHE_CONTROL).contains("immutable"));
    let script = server.get("/worker.js").await;
    assert_eq!(script.header(header::CACHE_CONTROL), "no-cache");
    let absent = server.get("/absent.js").await;
    absent.refused(StatusCode::NOT_FOUND, "not_found", "/absent.js");
    let outside = server.get("/%2e%2e/tiny.gguf").await;
    assert_ne!(outside.status, StatusCode::OK);
}

#[tokio::test]
async fn pages_of_other_sites_are_refused() {
    let server = server().await;
    for (name, value) in [
        (header::HOST, "evil.example"),
        (header::ORIGIN, "https://evil.example"),
    ] {
        let request = Request::get(paths::RUNS).header(name, value);
        let got = server.send(request.body(Body::empty()).unwrap()).await;
        got.refused(StatusCode::FORBIDDEN, "foreign", "evil.example");
    }
    let request = Request::get(paths::RUNS).header(header::HOST, "localhost:8080");
    let own = server.send(request.body(Body::empty()).unwrap()).await;
    assert_eq!(own.status, StatusCode::OK);
}
