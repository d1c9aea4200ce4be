//! The adapter's name, as the browser tells it: wgpu passes on the description alone, which
//! browsers leave empty.

use js_sys::{Function, Object, Promise, Reflect};
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::JsFuture;

/// Vendor and architecture, such as `google swiftshader`; nothing where the browser keeps quiet.
pub(super) async fn name() -> Option<String> {
    let gpu = get(&super::scope().navigator(), "gpu")?;
    let ask: Function = get(&gpu, "requestAdapter")?.dyn_into().ok()?;
    let options = Object::new();
    // The one that the engine takes too.
    Reflect::set(
        &options,
        &"powerPreference".into(),
        &"high-performance".into(),
    )
    .ok()?;
    let promise: Promise = ask.call1(&gpu, &options).ok()?.dyn_into().ok()?;
    let adapter = JsFuture::from(promise).await.ok()?;
    let info = get(&adapter, "info")?;
    let word = |key: &str| get(&info, key)?.as_string().filter(|word| !word.is_empty());
    let words: Vec<String> = ["vendor", "architecture", "device"]
        .into_iter()
        .filter_map(word)
        .collect();
    (!words.is_empty()).then(|| words.join(" "))
}

fn get(of: &JsValue, key: &str) -> Option<JsValue> {
    Reflect::get(of, &key.into())
        .ok()
        .filter(|value| !value.is_null() && !value.is_undefined())
}
