//! One method per endpoint of the server.

use fathom_shared::api::{
    EngineView, ErrorBody, Health, ListPage, ModelList, NewRun, PriorityChange, QuestionSet,
    QuestionView, RowDetail, RunEstimate, RunView, WindowQuery, paths,
};
use fathom_shared::longbench::viewer::{OutlinePart, SearchMatches, TextWindow, VisibleContext};
use fathom_shared::run::SampleKey;
use gloo_net::http::{Request, Response};
use js_sys::Uint8Array;
use serde::{Serialize, de::DeserializeOwned};
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::JsFuture;
use web_sys::{Blob, EventSource};

use crate::protocol::{QuestionRequest, RunAction};
use crate::worker_host::asset;
use crate::worker_host::say;

/// Why the server gave nothing: a sentence.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) enum ClientError {
    /// There is no answer, or not Fathom's: a static page has no server.
    Down(String),
    /// It refused.
    Refused(String),
}

impl ClientError {
    /// The sentence.
    pub(crate) fn message(&self) -> &str {
        match self {
            Self::Down(message) | Self::Refused(message) => message,
        }
    }
}

/// Whether there is a server. A host of the page alone has nothing at this address.
pub(crate) async fn health() -> Result<Health, ClientError> {
    let response = send(Request::get(paths::HEALTH).build()).await?;
    match response.status() {
        404 => Err(ClientError::Down(DOWN.to_owned())),
        _ => parsed(&body(response).await?),
    }
}

pub(crate) async fn models() -> Result<ModelList, ClientError> {
    get(paths::MODELS).await
}

pub(crate) async fn engines() -> Result<Vec<EngineView>, ClientError> {
    get(paths::ENGINES).await
}

/// The questions about long texts that its runs ask.
pub(crate) async fn questions() -> Result<QuestionSet, ClientError> {
    get(paths::QUESTIONS).await
}

/// One of them, without its text.
pub(crate) async fn question(number: u32) -> Result<QuestionView, ClientError> {
    get(&paths::with_id(paths::QUESTION, number)).await
}

/// It as a row of the dataset, with its text.
pub(crate) async fn question_row(number: u32) -> Result<String, ClientError> {
    text(Request::get(&paths::with_id(paths::QUESTION_ROW, number)).build()).await
}

/// Some lines of its text.
pub(crate) async fn question_window(
    number: u32,
    ask: WindowQuery,
) -> Result<TextWindow, ClientError> {
    get(&asked(paths::QUESTION_WINDOW, number, &ask)).await
}

/// Where words occur in its text.
pub(crate) async fn question_find(
    number: u32,
    words: String,
) -> Result<SearchMatches, ClientError> {
    get(&asked(paths::QUESTION_FIND, number, &[("q", words)])).await
}

/// The parts of its text.
pub(crate) async fn question_outline(number: u32) -> Result<Vec<OutlinePart>, ClientError> {
    get(&paths::with_id(paths::QUESTION_OUTLINE, number)).await
}

/// What `model` sees of its text.
pub(crate) async fn question_seen(
    put: QuestionRequest,
    model: String,
) -> Result<VisibleContext, ClientError> {
    let query = [
        ("setting", put.setting.to_string()),
        ("length", put.length.to_string()),
        ("model", model),
    ];
    get(&asked(paths::QUESTION_SEEN, put.number, &query)).await
}

fn asked(path: &str, number: u32, query: &impl Serialize) -> String {
    let query = serde_urlencoded::to_string(query).unwrap_or_default();
    format!("{}?{query}", paths::with_id(path, number))
}

/// Runs, newest first: so many of those before `after`.
pub(crate) async fn runs(after: Option<i64>, limit: u32) -> Result<ListPage<RunView>, ClientError> {
    let after = after.map_or_else(String::new, |after| format!("&after={after}"));
    get(&format!("{}?limit={limit}{after}", paths::RUNS)).await
}

pub(crate) async fn create(new: &NewRun) -> Result<RunView, ClientError> {
    post(paths::RUNS, new).await
}

pub(crate) async fn estimate(new: &NewRun) -> Result<RunEstimate, ClientError> {
    post(paths::RUN_ESTIMATE, new).await
}

/// One sample with its texts.
pub(crate) async fn row(id: i64, place: SampleKey) -> Result<RowDetail, ClientError> {
    let path = paths::with_id(paths::RUN_ROW, id);
    let path = path.replace("{cell}", &place.cell.to_string());
    get(&path.replace("{sample}", &place.sample.to_string())).await
}

/// What a run came to, sample by sample, as JSON.
pub(crate) async fn results(id: i64) -> Result<String, ClientError> {
    text(Request::get(&paths::with_id(paths::RUN_RESULTS, id)).build()).await
}

/// A file of results on the page's own site, at a path that begins with `/`.
///
/// # Errors
/// A sentence that names it.
pub(crate) async fn results_file(path: &str) -> Result<Blob, String> {
    // Prompts and answers of elsewhere are not fetched because an address says so.
    if !path.starts_with('/') || path.starts_with("//") || path.contains('\\') {
        return Err(format!(
            "{path}: expected a path on this site, starting with a single /."
        ));
    }
    let missing = |why: String| format!("{path} did not load: {why}.");
    let response = found(path).await.map_err(missing)?;
    // It goes to a worker as it is, without a copy here.
    let blob = web_sys::Response::from(response).blob();
    let blob = blob.map_err(|error| missing(say(&error)))?;
    let blob = JsFuture::from(blob).await;
    Ok(blob.map_err(|error| missing(say(&error)))?.unchecked_into())
}

pub(crate) async fn act(id: i64, action: RunAction) -> Result<RunView, ClientError> {
    let path = match action {
        RunAction::Cancel => paths::RUN_CANCEL,
        RunAction::Pause => paths::RUN_PAUSE,
        RunAction::Resume => paths::RUN_RESUME,
        RunAction::Retry => paths::RUN_RETRY,
        RunAction::Priority(priority) => {
            let path = paths::with_id(paths::RUN_PRIORITY, id);
            return post(&path, &PriorityChange { priority }).await;
        }
    };
    post(&paths::with_id(path, id), &()).await
}

/// What happened to a run after its event `after`, and what happens from now on. The browser's own
/// source, as gloo-net's says nothing while the browser connects again, and the page tells of that.
///
/// # Errors
/// A browser without server-sent events.
pub(crate) fn events(id: i64, after: i64) -> Result<EventSource, ClientError> {
    let url = format!("{}?after={after}", paths::with_id(paths::RUN_EVENTS, id));
    EventSource::new(&url).map_err(|error| ClientError::Down(say(&error)))
}

/// A file of the page itself.
///
/// # Errors
/// A sentence that names it.
pub(crate) async fn file(name: &str) -> Result<JsValue, String> {
    let url = asset(name);
    let missing = |why: String| format!("{url} did not load: {why}. Reload the page.");
    let response = found(&url).await.map_err(missing)?;
    let bytes = response.binary().await;
    let bytes = bytes.map_err(|error| missing(error.to_string()))?;
    Ok(Uint8Array::from(bytes.as_slice()).into())
}

/// A file of the page itself, as text.
///
/// # Errors
/// A sentence that names it.
pub(crate) async fn page_text(name: &str) -> Result<String, String> {
    let url = asset(name);
    let missing = |why: String| format!("{url} did not load: {why}. Reload the page.");
    let text = found(&url).await.map_err(missing)?.text().await;
    text.map_err(|error| missing(error.to_string()))
}

/// What the host has at `url`; the error is what went wrong, without a full stop.
async fn found(url: &str) -> Result<Response, String> {
    let response = Request::get(url).send().await;
    let response = response.map_err(|error| error.to_string())?;
    match response.ok() {
        true => Ok(response),
        false => Err(format!("the server responded with {}", response.status())),
    }
}

async fn get<T: DeserializeOwned>(path: &str) -> Result<T, ClientError> {
    read(Request::get(path).build()).await
}

async fn post<T: DeserializeOwned>(path: &str, body: &impl Serialize) -> Result<T, ClientError> {
    read(Request::post(path).json(body)).await
}

type Built = Result<Request, gloo_net::Error>;

async fn read<T: DeserializeOwned>(request: Built) -> Result<T, ClientError> {
    parsed(&text(request).await?)
}

async fn text(request: Built) -> Result<String, ClientError> {
    body(send(request).await?).await
}

fn parsed<T: DeserializeOwned>(text: &str) -> Result<T, ClientError> {
    serde_json::from_str(text).map_err(|_| ClientError::Down(DOWN.to_owned()))
}

async fn send(request: Built) -> Result<Response, ClientError> {
    let down = |_| ClientError::Down(DOWN.to_owned());
    request.map_err(down)?.send().await.map_err(down)
}

/// What the server says, or why it refuses.
async fn body(response: Response) -> Result<String, ClientError> {
    let down = |_| ClientError::Down(DOWN.to_owned());
    let text = response.text().await.map_err(down)?;
    if !response.ok() {
        // A refusal of ours has a body of ours; anything else is another server.
        return Err(match serde_json::from_str::<ErrorBody>(&text) {
            Ok(body) => ClientError::Refused(sentence(&body.message)),
            Err(_) => ClientError::Down(format!(
                "{DOWN} (The server responded with {}.)",
                response.status()
            )),
        });
    }
    Ok(text)
}

const DOWN: &str =
    "No Fathom server is running here. Start one with the command cargo xtask serve.";

fn sentence(text: &str) -> String {
    let mut letters = text.chars();
    let first = letters.next().map(|first| first.to_uppercase().to_string());
    format!(
        "{}{}.",
        first.unwrap_or_default(),
        letters.as_str().trim_end_matches('.')
    )
}
