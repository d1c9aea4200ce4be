//! Files that were picked or dropped, kept in the browser so that they outlive a reload: what each is
//! in the page's settings, its content in a cache of files.

use js_sys::{Object, Reflect};
use leptos::prelude::window;
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::JsFuture;
use web_sys::{Cache, Response};

use super::settings::storage;
use crate::worker_host::asset;

/// Not one of the service worker's, which deletes its own with every version.
const CACHE: &str = "fathom files";

/// Keeps `content`, bytes or a file, in the place of what has this name; nothing where the browser
/// keeps nothing or has no room.
pub(super) async fn put(name: &str, content: &JsValue) -> Option<()> {
    let response = Response::new_with_opt_buffer_source(Some(content.unchecked_ref::<Object>()));
    let put = cache().await?.put_with_str(&asset(name), &response.ok()?);
    JsFuture::from(put).await.ok().map(|_| ())
}

/// What was kept under this name.
pub(super) async fn get(name: &str) -> Option<Response> {
    let found = JsFuture::from(cache().await?.match_with_str(&asset(name)));
    found.await.ok()?.dyn_into().ok()
}

/// Deletes what was kept under this name.
pub(super) async fn delete(name: &str) {
    if let Some(cache) = cache().await {
        // What cannot be deleted was not kept.
        let _deleted = JsFuture::from(cache.delete_with_str(&asset(name))).await;
    }
}

/// What is noted under a name in the page's settings.
pub(super) fn note<T: serde::de::DeserializeOwned>(name: &str) -> Option<T> {
    serde_json::from_str(&storage()?.get_item(name).ok()??).ok()
}

/// Notes something under a name; nothing where the browser keeps nothing.
pub(super) fn set_note(name: &str, note: &impl serde::Serialize) -> Option<()> {
    let text = serde_json::to_string(note).ok()?;
    storage()?.set_item(name, &text).ok()
}

/// The cache; nothing where the page was not loaded safely, or in some private windows.
async fn cache() -> Option<Cache> {
    let window = window();
    let has = Reflect::get(&window, &"caches".into()).is_ok_and(|caches| caches.is_object());
    let caches = window.caches().ok().filter(|_| has)?;
    let opened: JsValue = JsFuture::from(caches.open(CACHE)).await.ok()?;
    opened.dyn_into().ok()
}
