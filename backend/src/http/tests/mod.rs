//! Every endpoint by the router itself, without a socket.

mod hostile; // hostile requests must not block others or cost much
mod questions; // tests of `/api/questions`
mod runs; // tests of `/api/runs`

use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::body::Body;
use axum::http::{HeaderMap, Method, Request, StatusCode, header};
use fathom_shared::api::paths::{self, with_id};
use fathom_shared::api::{ErrorBody, Health, ModelList, RunView};
use fathom_shared::longbench::{QuestionSource, bundled};
use http_body_util::BodyExt;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};
use tempfile::TempDir;
use tokio::runtime::Handle;
use tower::ServiceExt;

use super::{AccessGuard, AppState, router};
use crate::catalog::Catalog;
use crate::config::Config;
use crate::data::models::ModelStore;
use crate::jobs::{Jobs, WorkerPool, WorkerSlot};
use crate::store::{DatabaseUrl, LeaseHolder, Store};
use crate::testing::{CONTEXT, write_model};

struct Server {
    folder: TempDir,
    router: Router,
    jobs: Jobs,
    catalog: Catalog,
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
    guarded(AccessGuard::new(true, None).unwrap()).await
}

async fn guarded(guard: AccessGuard) -> Server {
    asking(guard, bundled()).await
}

async fn asking(guard: AccessGuard, questions: Arc<dyn QuestionSource>) -> Server {
    let folder = tempfile::tempdir().unwrap();
    write_model(folder.path(), "tiny");
    let url = DatabaseUrl::Sqlite(folder.path().join("fathom.db"));
    let store = Store::open(&url).await.unwrap();
    let page = folder.path().join("page");
    std::fs::create_dir(&page).unwrap();
    std::fs::write(page.join("index.html"), "<script>go()</script>").unwrap();
    std::fs::write(page.join("app-0123456789abcdef_bg.wasm"), b"\0asm").unwrap();
    std::fs::write(page.join("worker.js"), "//").unwrap();
    let (jobs, catalog) = (
        Jobs::new(store, Config::default()),
        Catalog::new(ModelStore::new(folder.path()), Config::default()).with_questions(questions),
    );
    let state = AppState {
        jobs: jobs.clone(),
        catalog: catalog.clone(),
        page: Some(page),
        guard,
    };
    let router = router(state);
    Server {
        folder,
        router,
        jobs,
        catalog,
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
        let worker = LeaseHolder::new("test", Duration::from_secs(60));
        let has = |id: &str| id == "tiny";
        let host = self.catalog.host();
        let handle = Handle::current();
        let workers = WorkerPool::new(self.jobs.clone(), host, worker, has, handle);
        let workers = workers.with_corpora(Arc::clone(self.catalog.corpora()));
        let thread = workers.spawn(WorkerSlot::Only(id)).unwrap();
        let ended = tokio::task::spawn_blocking(move || thread.join());
        ended.await.unwrap().unwrap();
    }

    async fn queue_run(&self) -> RunView {
        let got = self.post(paths::RUNS, &new_run()).await;
        got.json(StatusCode::ACCEPTED)
    }
}

fn new_run() -> Value {
    json!({"order": {
        "grid": {
            "tasks": [{"task": "niah_single_1"}], "lengths": [2000], "seeds": [5], "count": 2,
        },
        "model": "tiny", "engine": "candle-cpu", "mode": "completion",
    }})
}

#[tokio::test]
async fn health_and_models() {
    let server = server().await;
    let health: Health = server.get(paths::HEALTH).await.json(StatusCode::OK);
    assert_eq!(health.name, "fathom");
    let models: ModelList = server.get(paths::MODELS).await.json(StatusCode::OK);
    assert_eq!((models.items.len(), models.refused.len()), (1, 0));
    let model = &models.items[0];
    assert_eq!((model.id.as_str(), model.name.as_str()), ("tiny", "Tiny"));
    assert_eq!(
        (model.architecture.as_str(), model.context.0),
        ("llama", CONTEXT)
    );
    assert_eq!(model.quantisation, "F32");
    // A broken file beside it takes nothing away, and is named with what is wrong.
    std::fs::write(server.folder.path().join("broken.gguf"), "GGUF").unwrap();
    let mut headless = crate::testing::tiny();
    headless
        .tensors
        .retain(|(name, ..)| name != "output_norm.weight");
    let file = server.folder.path().join("headless.gguf");
    std::fs::write(file, headless.bytes()).unwrap();
    let again: ModelList = server.get(paths::MODELS).await.json(StatusCode::OK);
    assert_eq!(again.items, models.items);
    let refused = again.refused.iter();
    let refused: Vec<_> = refused.map(|one| (&*one.id, &*one.reason)).collect();
    let [("broken", broken), ("headless", headless)] = refused[..] else {
        panic!("{refused:?}")
    };
    assert!(broken.contains("cut off"), "{broken}");
    assert_eq!(headless, "the model has no tensor `output_norm.weight`");
    let folder = server.folder.path().to_str().unwrap();
    assert!(!broken.contains(folder), "{broken}");
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

#[tokio::test]
async fn other_machines_need_the_token() {
    let token = "0123456789abcdef".to_owned();
    let server = guarded(AccessGuard::new(false, Some(token.clone())).unwrap()).await;
    let get = |path: &str, name: header::HeaderName, value: String| {
        let request = Request::get(path).header(header::HOST, "box.example:8080");
        server.send(request.header(name, value).body(Body::empty()).unwrap())
    };
    let none = get(paths::RUNS, header::ACCEPT, "*/*".to_owned()).await;
    none.refused(StatusCode::UNAUTHORIZED, "no_token", "token");
    let wrong = get(
        paths::RUNS,
        header::AUTHORIZATION,
        "Bearer 0123456789abcdeX".to_owned(),
    )
    .await;
    wrong.refused(StatusCode::UNAUTHORIZED, "no_token", "token");
    let right = get(
        paths::RUNS,
        header::AUTHORIZATION,
        format!("Bearer {token}"),
    )
    .await;
    assert_eq!(right.status, StatusCode::OK);
    let health = get(paths::HEALTH, header::ACCEPT, "*/*".to_owned()).await;
    assert_eq!(health.status, StatusCode::OK);
    let login = get(
        &format!("/login?token={token}"),
        header::ACCEPT,
        "*/*".to_owned(),
    )
    .await;
    assert_eq!(login.status, StatusCode::SEE_OTHER);
    let cookie = login.header(header::SET_COOKIE);
    assert!(cookie.contains("HttpOnly; SameSite=Strict"), "{cookie}");
    let cookie = cookie.split(';').next().unwrap().to_owned();
    let right = get(paths::RUNS, header::COOKIE, format!("other=1; {cookie}")).await;
    assert_eq!(right.status, StatusCode::OK);
    // Another site's page that a browser with the cookie shows.
    let request = Request::get(paths::RUNS)
        .header(header::HOST, "box.example:8080")
        .header(header::ORIGIN, "https://evil.example")
        .header(header::COOKIE, cookie);
    let got = server.send(request.body(Body::empty()).unwrap()).await;
    got.refused(StatusCode::FORBIDDEN, "foreign", "evil.example");
    let wrong = get("/login?token=no", header::ACCEPT, "*/*".to_owned()).await;
    wrong.refused(StatusCode::UNAUTHORIZED, "no_token", "token");
    let weak = AccessGuard::new(false, Some("short".to_owned())).unwrap_err();
    assert!(weak.to_string().contains("5 characters"), "{weak}");
    let made = AccessGuard::new(false, None).unwrap();
    assert_eq!(made.fresh().map(str::len), Some(64));
    assert!(!format!("{made:?}").contains(made.fresh().unwrap()));
}

#[tokio::test]
async fn bodies_that_are_no_run_spec() {
    let server = server().await;
    let send = |kind: &'static str, body: String| {
        let request = Request::post(paths::RUNS).header(header::CONTENT_TYPE, kind);
        server.send(request.body(Body::from(body)).unwrap())
    };
    let json = "application/json";
    let got = send(json, "{".to_owned()).await;
    got.refused(StatusCode::BAD_REQUEST, "bad_body", "");
    let got = send(json, "{\"priority\": 1}".to_owned()).await;
    got.refused(
        StatusCode::UNPROCESSABLE_ENTITY,
        "bad_body",
        "missing field",
    );
    let got = send("text/plain", new_run().to_string()).await;
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
