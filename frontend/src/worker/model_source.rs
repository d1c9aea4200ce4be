//! From a place (a server, a picked file) to a whole file in the storage.

use fathom_kernels::cancel::CancelFlag;
use gloo_net::http::Request;
use js_sys::{Reflect, Uint8Array};
use sha2::{Digest, Sha256};
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::JsFuture;
use web_sys::{AbortController, Blob, ReadableStreamDefaultReader};

use super::store::{DOWNLOAD as PART, FETCH_LOCK, ModelStorage};
use super::tab_lock::TabLock;
use crate::protocol::{LoadStep, ModelLocation, StoredModel};
use crate::worker_host::say;

/// Receives the progress: the step, the bytes done and the bytes in total.
type Report<'a> = dyn FnMut(LoadStep, u64, Option<u64>) + 'a;

/// Why nothing came.
pub(super) enum ReadStop {
    Cancelled,
    Failed(String),
}

impl From<String> for ReadStop {
    fn from(message: String) -> Self {
        Self::Failed(message)
    }
}

/// Brings the model into the storage, unless it is there. Only one tab fetches at a time: the others
/// wait, and find what it has fetched. Where the list of models cannot be read, nobody knows, and
/// that is said.
pub(super) async fn bring(
    store: &ModelStorage,
    source: ModelLocation,
    beside: &JsValue,
    abort: &AbortController,
    cancel: &CancelFlag,
    report: &mut Report<'_>,
) -> Result<StoredModel, ReadStop> {
    let kept = store.listed().await?;
    let find = |sha256: &str| kept.iter().find(|model| model.sha256 == sha256).cloned();
    match source {
        ModelLocation::Stored { sha256 } => find(&sha256).ok_or_else(|| {
            ReadStop::Failed(
                "The model is no longer in the browser's storage; load it again.".to_owned(),
            )
        }),
        ModelLocation::Url { url, name, sha256 } => {
            if let Some(model) = sha256.as_deref().and_then(find) {
                return Ok(model);
            }
            let _fetching = turn(cancel, report).await?;
            let kept = store.listed().await?;
            let fetched = |want| kept.into_iter().find(|model| Some(&model.sha256) == want);
            if let Some(model) = fetched(sha256.as_ref()) {
                return Ok(model);
            }
            let (reader, size) = fetch(&url, abort)
                .await
                .map_err(|message| aborted(cancel, message))?;
            let (got, size_bytes) = pump(store, &reader, size, cancel, report).await?;
            if let Some(want) = sha256.filter(|want| *want != got) {
                store.remove(PART).await;
                let message = format!(
                    "The file from {url} was discarded: its SHA-256 is {got}, expected {want}."
                );
                return Err(ReadStop::Failed(message));
            }
            keep(
                store,
                StoredModel {
                    name,
                    sha256: got,
                    size_bytes,
                },
            )
            .await
        }
        ModelLocation::File { name } => {
            let file: &Blob = beside.unchecked_ref();
            let reader = file.stream().get_reader().unchecked_into();
            let size = Some(file.size() as u64);
            let _fetching = turn(cancel, report).await?;
            let (sha256, size_bytes) = pump(store, &reader, size, cancel, report).await?;
            keep(
                store,
                StoredModel {
                    name,
                    sha256,
                    size_bytes,
                },
            )
            .await
        }
    }
}

async fn fetch(
    url: &str,
    abort: &AbortController,
) -> Result<(ReadableStreamDefaultReader, Option<u64>), String> {
    let response = Request::get(url)
        .abort_signal(Some(&abort.signal()))
        .send()
        .await;
    let response = response.map_err(|error| {
        format!("{url} is not responding: {error}. Is it running, and does it allow requests from this page?")
    })?;
    if !response.ok() {
        return Err(format!(
            "{url} responded with {}, expected a GGUF file.",
            response.status()
        ));
    }
    let size = response.headers().get("content-length");
    let body = response
        .body()
        .ok_or_else(|| format!("{url} sent an empty response."))?;
    Ok((
        body.get_reader().unchecked_into(),
        size.and_then(|size| size.parse().ok()),
    ))
}

/// Waits until no other tab fetches; what is returned keeps the others waiting.
async fn turn(cancel: &CancelFlag, report: &mut Report<'_>) -> Result<TabLock, ReadStop> {
    loop {
        if let Some(turn) = TabLock::take(FETCH_LOCK).await {
            return Ok(turn);
        }
        if cancel.is_raised() {
            return Err(ReadStop::Cancelled);
        }
        report(LoadStep::Wait, 0, None);
    }
}

/// Moves what `reader` gives into a file of the storage; its hash and size.
async fn pump(
    store: &ModelStorage,
    reader: &ReadableStreamDefaultReader,
    size: Option<u64>,
    cancel: &CancelFlag,
    report: &mut Report<'_>,
) -> Result<(String, u64), ReadStop> {
    let poured = pour(store, reader, size, cancel, report).await;
    if poured.is_err() {
        let _stopped = JsFuture::from(reader.cancel()).await;
        store.remove(PART).await;
    }
    poured
}

async fn pour(
    store: &ModelStorage,
    reader: &ReadableStreamDefaultReader,
    size: Option<u64>,
    cancel: &CancelFlag,
    report: &mut Report<'_>,
) -> Result<(String, u64), ReadStop> {
    let mut file = store.file(PART, true).await?;
    file.clear()?;
    let (mut hash, mut done, mut told) = (Sha256::new(), 0, 0);
    loop {
        let next = JsFuture::from(reader.read()).await;
        let next = next.map_err(|error| {
            aborted(
                cancel,
                format!(
                    "The connection was lost after {done} bytes: {}.",
                    say(&error)
                ),
            )
        })?;
        let ended = Reflect::get(&next, &"done".into()).is_ok_and(|done| done.is_truthy());
        if ended {
            break;
        }
        if cancel.is_raised() {
            return Err(ReadStop::Cancelled);
        }
        let value = Reflect::get(&next, &"value".into()).unwrap_or_default();
        let bytes = Uint8Array::new(&value).to_vec();
        hash.update(&bytes);
        file.append(&bytes)?;
        done += bytes.len() as u64;
        // A message per half megabyte is enough for a bar.
        if done - told > 1 << 19 {
            told = done;
            report(LoadStep::Fetch, done, size);
        }
    }
    if let Some(want) = size.filter(|want| *want != done) {
        return Err(ReadStop::Failed(format!(
            "Received {done} bytes, expected {want}; the download was discarded."
        )));
    }
    report(LoadStep::Fetch, done, Some(done));
    Ok((hex::encode(hash.finalize()), done))
}

async fn keep(store: &ModelStorage, model: StoredModel) -> Result<StoredModel, ReadStop> {
    store.adopt(PART, model.clone()).await?;
    Ok(model)
}

fn aborted(cancel: &CancelFlag, message: String) -> ReadStop {
    if cancel.is_raised() {
        ReadStop::Cancelled
    } else {
        ReadStop::Failed(message)
    }
}
