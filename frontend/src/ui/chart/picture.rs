//! An SVG as pixels.

use js_sys::{Array, Function, Promise, Reflect};
use leptos::prelude::{document, window};
use wasm_bindgen::prelude::*;
use wasm_bindgen_futures::JsFuture;
use web_sys::{Blob, BlobPropertyBag, HtmlCanvasElement, HtmlImageElement, Url};

/// Pixels of a picture for one of the page: sharp on paper and on a projector.
const SHARP: f64 = 2.0;

/// The scheme of colours that the page has now: a picture cannot follow it.
pub(super) fn scheme() -> &'static str {
    let chosen = document()
        .document_element()
        .and_then(|root| root.get_attribute("data-theme"));
    let dark = || {
        let query = window().match_media("(prefers-color-scheme: dark)");
        query.ok().flatten().is_some_and(|query| query.matches())
    };
    match chosen.as_deref() {
        Some("dark") => "dark",
        Some("light") => "light",
        _ if dark() => "dark",
        _ => "light",
    }
}

/// Draws `svg` as a PNG.
///
/// # Errors
/// What the browser could not do.
pub(super) async fn png(svg: &str) -> Result<Blob, &'static str> {
    let cannot = |_: JsValue| "the browser cannot draw it";
    let options = BlobPropertyBag::new();
    options.set_type("image/svg+xml");
    let parts = Array::of1(&JsValue::from_str(svg));
    let file = Blob::new_with_str_sequence_and_options(&parts, &options).map_err(cannot)?;
    let url = Url::create_object_url_with_blob(&file).map_err(cannot)?;
    let image = HtmlImageElement::new().map_err(cannot)?;
    image.set_src(&url);
    let drawn = JsFuture::from(image.decode()).await;
    let blob = match drawn {
        Ok(_) => pixels(&image).await,
        Err(error) => Err(cannot(error)),
    };
    // The picture is in the canvas, or never will be.
    let _revoked = Url::revoke_object_url(&url);
    blob
}

async fn pixels(image: &HtmlImageElement) -> Result<Blob, &'static str> {
    let cannot = |_: JsValue| "the browser has no canvas for it";
    let canvas = document().create_element("canvas").map_err(cannot)?;
    let canvas: HtmlCanvasElement = canvas.unchecked_into();
    let (width, height) = (
        f64::from(image.natural_width()) * SHARP,
        f64::from(image.natural_height()) * SHARP,
    );
    canvas.set_width(width as u32);
    canvas.set_height(height as u32);
    let context = canvas.get_context("2d").map_err(cannot)?;
    let context: JsValue = context.ok_or("the browser has no canvas for it")?.into();
    let draw = Reflect::get(&context, &"drawImage".into()).map_err(cannot)?;
    let draw: Function = draw.dyn_into().map_err(cannot)?;
    let arguments = [0.0, 0.0, width, height].map(JsValue::from_f64);
    let arguments: Array = std::iter::once(JsValue::from(image.clone()))
        .chain(arguments)
        .collect();
    Reflect::apply(&draw, &context, &arguments).map_err(cannot)?;
    let written = Promise::new(&mut |done, failed| {
        let done = Closure::once_into_js(move |blob: JsValue| {
            // A settled promise ignores further calls.
            let _told = done.call1(&JsValue::NULL, &blob);
        });
        if canvas.to_blob(done.unchecked_ref()).is_err() {
            let _told = failed.call0(&JsValue::NULL);
        }
    });
    let blob = JsFuture::from(written).await.map_err(cannot)?;
    blob.dyn_into().map_err(cannot)
}
