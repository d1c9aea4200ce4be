//! What only one tab of this browser may do at a time (Web Locks).

use js_sys::{Function, Object, Promise, Reflect};
use wasm_bindgen::closure::Closure;
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::JsFuture;
use web_sys::AbortSignal;

/// Held by this worker; let go when dropped, or when its page is closed.
pub(super) struct TabLock {
    /// Nothing where the browser knows no locks: files are kept to one tab by the storage itself.
    release: Option<Function>,
}

/// Who lets go does so a moment after its file is closed, and a page that is left after a while.
const PATIENCE_MS: u32 = 500;

impl TabLock {
    /// Waits until no other holds it.
    pub(super) async fn wait(name: &str) -> Self {
        let held = request(name, None).await;
        held.unwrap_or(Self { release: None })
    }

    /// Takes it; nothing where another keeps it.
    pub(super) async fn take(name: &str) -> Option<Self> {
        request(name, Some(AbortSignal::timeout_with_u32(PATIENCE_MS))).await
    }
}

impl Drop for TabLock {
    fn drop(&mut self) {
        if let Some(release) = &self.release {
            // It cannot fail: it resolves a promise.
            let _released = release.call0(&JsValue::UNDEFINED);
        }
    }
}

async fn request(name: &str, patience: Option<AbortSignal>) -> Option<TabLock> {
    let ended = patience.clone();
    match granted(name, patience).await {
        Ok(release) => Some(TabLock {
            release: release.dyn_into().ok(),
        }),
        Err(_late) if ended.is_some_and(|signal| signal.aborted()) => None,
        Err(_unable) => Some(TabLock { release: None }),
    }
}

/// The function that lets go of the lock. The error is that of a browser without locks, or of one
/// whose patience has ended.
async fn granted(name: &str, patience: Option<AbortSignal>) -> Result<JsValue, JsValue> {
    let locks = Reflect::get(&super::scope().navigator(), &"locks".into())?;
    let request: Function = Reflect::get(&locks, &"request".into())?.dyn_into()?;
    let options = Object::new();
    if let Some(signal) = patience {
        Reflect::set(&options, &"signal".into(), &signal)?;
    }
    let mut tell = None;
    let told = Promise::new(&mut |resolve, _| tell = Some(resolve));
    let on_lock = Closure::once_into_js(move |_lock: JsValue| -> JsValue {
        // It is held until this promise is resolved.
        let held = Promise::new(&mut |release, _| {
            if let Some(tell) = &tell {
                let _told = tell.call1(&JsValue::UNDEFINED, &release);
            }
        });
        held.into()
    });
    let ended = request.call3(&locks, &name.into(), &options, &on_lock)?;
    // Where the request is refused, nobody calls the closure.
    let first = Promise::race(&js_sys::Array::of2(&told, &ended));
    JsFuture::from(first).await
}
