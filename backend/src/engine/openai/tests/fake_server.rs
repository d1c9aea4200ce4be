//! A server on a loopback port that does what a test tells it to, right or wrong.

use std::convert::Infallible;
use std::io;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use axum::Router;
use axum::body::{Body, Bytes};
use axum::extract::Request;
use axum::response::Response;
use fathom_shared::prompt::Prompt;
use fathom_shared::tokens::Tokens;
use futures_util::{StreamExt, stream};
use serde_json::{Value as Json, json};
use tokio::net::TcpListener;
use tokio::runtime::Runtime;

use super::super::{EndpointClients, OpenAiEngine};
use crate::config::Config;
use crate::data::models::ModelStore;
use crate::engine::{CompletionRequest, EngineAnswer, EngineProgress, SamplingParams};

/// What came in.
#[derive(Clone, Debug)]
pub(crate) struct Call {
    pub(crate) path: String,
    pub(crate) key: String,
    pub(crate) body: Json,
}

/// The server, a folder with the model `tiny`, and the endpoint `fake`.
pub(crate) struct Fake {
    pub(crate) runtime: Runtime,
    pub(crate) endpoints: EndpointClients,
    pub(crate) url: String,
    calls: Arc<Mutex<Vec<Call>>>,
    _folder: tempfile::TempDir,
}

pub(crate) const KEY: &str = "sk-very-secret-1";

impl Fake {
    /// `answer` is given the number of the call, from 0, and what came in.
    pub(crate) fn new(
        answer: impl Fn(usize, &Call) -> Response + Send + Sync + 'static,
        settings: &str,
    ) -> Self {
        let runtime = Runtime::new().unwrap();
        let folder = tempfile::tempdir().unwrap();
        crate::testing::write_model(folder.path(), "tiny");
        let key = folder.path().join("key");
        std::fs::write(&key, KEY).unwrap();
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt;
            std::fs::set_permissions(&key, PermissionsExt::from_mode(0o600)).unwrap();
        }
        let calls = Arc::<Mutex<Vec<Call>>>::default();
        let (seen, answer) = (Arc::clone(&calls), Arc::new(answer));
        let app = Router::new().fallback(move |request: Request| {
            let (seen, answer) = (Arc::clone(&seen), Arc::clone(&answer));
            async move {
                let call = Call::read(request).await;
                let number = {
                    let mut seen = seen.lock().unwrap();
                    seen.push(call.clone());
                    seen.len() - 1
                };
                answer(number, &call)
            }
        });
        let listener = runtime.block_on(TcpListener::bind("127.0.0.1:0")).unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        runtime.spawn(async move { axum::serve(listener, app).await });
        let config = format!(
            "[[endpoint]]\nid = \"fake\"\nbase_url = \"{url}/v1\"\nmodel = \"tiny\"\ntokenizer = \"tiny\"\nbackoff_s = 0.01\nkey_file = \"key\"\n{settings}\n{}",
            if settings.contains("context = ") {
                ""
            } else {
                "context = 4096"
            },
        );
        let config = Config::parse(&config, &folder.path().join("fathom.toml")).unwrap();
        let models = ModelStore::new(folder.path().to_owned());
        let endpoints = EndpointClients::new(config, models, runtime.handle().clone());
        Self {
            runtime,
            endpoints,
            url,
            calls,
            _folder: folder,
        }
    }

    pub(crate) fn client(&self) -> OpenAiEngine {
        self.endpoints.open("fake").unwrap()
    }

    pub(crate) fn calls(&self) -> Vec<Call> {
        self.calls.lock().unwrap().clone()
    }

    /// Asks; also gives the text that was shown.
    pub(crate) fn ask(&self, prompt: &Prompt) -> (EngineAnswer, String) {
        self.ask_until(prompt, |_| false)
    }

    /// Asks which of `options` is the likeliest.
    pub(crate) fn choose(&self, prompt: &Prompt, options: &[String]) -> EngineAnswer {
        let ask = CompletionRequest {
            prompt,
            max_tokens: Tokens(1),
            options,
            settings: &SamplingParams::default(),
        };
        self.client()
            .complete(ask, &AtomicBool::new(false), &mut |_| ())
    }

    /// Asks, and cancels when `enough` of what is shown.
    pub(crate) fn ask_until(
        &self,
        prompt: &Prompt,
        enough: impl Fn(&str) -> bool,
    ) -> (EngineAnswer, String) {
        let (cancel, mut shown) = (AtomicBool::new(false), String::new());
        let ask = CompletionRequest {
            prompt,
            max_tokens: Tokens(16),
            options: &[],
            settings: &SamplingParams::default(),
        };
        let mut report = |progress: EngineProgress<'_>| {
            if let EngineProgress::Text(text) = progress {
                shown.push_str(text);
            }
            cancel.store(enough(&shown), Ordering::Relaxed);
        };
        let answer = self.client().complete(ask, &cancel, &mut report);
        (answer, shown)
    }
}

impl Call {
    async fn read(request: Request) -> Self {
        let key = request.headers().get("authorization");
        let key = key.map_or("", |key| key.to_str().unwrap()).to_owned();
        let path = request.uri().path().to_owned();
        let body = axum::body::to_bytes(request.into_body(), usize::MAX).await;
        let body = serde_json::from_slice(&body.unwrap()).unwrap_or(Json::Null);
        Self { path, key, body }
    }
}

pub(crate) fn json_reply(status: u16, body: &Json) -> Response {
    let response = Response::builder()
        .status(status)
        .header("content-type", "application/json");
    response.body(Body::from(body.to_string())).unwrap()
}

/// A chunk of `/completions`.
pub(crate) fn text(text: &str) -> Json {
    json!({ "choices": [{ "index": 0, "text": text, "finish_reason": null }] })
}

/// A chunk of a chat.
pub(crate) fn delta(delta: &Json) -> Json {
    json!({ "choices": [{ "index": 0, "delta": delta, "finish_reason": null }] })
}

/// The chunk that ends an answer.
pub(crate) fn end(reason: &str) -> Json {
    json!({ "choices": [{ "index": 0, "text": "", "delta": {}, "finish_reason": reason }] })
}

/// The last chunk, with the counts.
pub(crate) fn usage(prompt: u32, completion: u32) -> Json {
    json!({ "choices": [], "usage": { "prompt_tokens": prompt, "completion_tokens": completion } })
}

/// How a stream ends.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum End {
    Done,
    /// The connection breaks.
    Cut,
    /// Nothing more comes.
    Hang,
    /// Nothing comes but signs of life.
    Pings,
}

/// A stream of `chunks`.
pub(crate) fn stream_of(chunks: &[Json], end: End) -> Response {
    let event = |chunk: &Json| format!("data: {chunk}\n\n");
    let mut events: Vec<String> = chunks.iter().map(event).collect();
    if end == End::Done {
        events.push("data: [DONE]\n\n".to_owned());
    }
    let events = events.into_iter().map(|event| Ok(Bytes::from(event)));
    // Each on its own, so that the client sees them one by one.
    let events = stream::iter(events).then(|event| async {
        tokio::time::sleep(Duration::from_millis(5)).await;
        event
    });
    let body = match end {
        End::Done => Body::from_stream(events),
        End::Cut => {
            let cut = stream::iter([Err(io::Error::other("cut"))]);
            Body::from_stream(events.chain(cut))
        }
        End::Hang => Body::from_stream(events.chain(stream::pending())),
        End::Pings => {
            let pings = stream::repeat(()).then(|()| async {
                tokio::time::sleep(Duration::from_millis(20)).await;
                Ok::<_, io::Error>(Bytes::from(": ping\n\n"))
            });
            Body::from_stream(events.chain(pings))
        }
    };
    let response = Response::builder().header("content-type", "text/event-stream; charset=utf-8");
    response.body(body).unwrap()
}

/// An answer that never begins.
pub(crate) fn hang() -> Response {
    let never = stream::pending::<Result<Bytes, Infallible>>();
    let response = Response::builder().header("content-type", "text/event-stream");
    response.body(Body::from_stream(never)).unwrap()
}
