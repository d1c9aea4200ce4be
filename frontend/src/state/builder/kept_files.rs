//! Tokenizer and texts that were picked, kept over a reload.

use fathom_shared::corpora::CorpusKind;
use wasm_bindgen_futures::JsFuture;

use super::super::sample_summaries::AssetBytes;
use crate::protocol::BuilderAsset;
use crate::state::kept_files::{delete, get, note, put, set_note};

/// Where the file in the place of a text lies; that of the tokenizer without one.
fn key(text: Option<CorpusKind>) -> String {
    let name = text.map_or("tokenizer", |text| text.flag().trim_start_matches("--"));
    format!("fathom.file.{name}")
}

/// Keeps a file in the place of the one before it. A browser that cannot has it until the page is
/// left.
pub(super) async fn keep((piece, bytes): AssetBytes) {
    let text = text_of(&piece);
    let key = key(text);
    let stored = put(&key, &bytes).await;
    if stored.and_then(|()| set_note(&key, &Some(piece))).is_none() {
        forget(text).await;
    }
}

/// Forgets the file in the place of a text, or the tokenizer's.
pub(super) async fn forget(text: Option<CorpusKind>) {
    let key = key(text);
    // What cannot be noted was not kept.
    let _noted = set_note(&key, &None::<BuilderAsset>);
    delete(&key).await;
}

/// Every file that was kept.
pub(super) async fn all() -> Vec<AssetBytes> {
    let texts = CorpusKind::ALL.into_iter().map(Some);
    let mut files = Vec::new();
    for text in texts.chain([None]) {
        files.extend(read(text).await);
    }
    files
}

async fn read(text: Option<CorpusKind>) -> Option<AssetBytes> {
    let key = key(text);
    let piece = note::<Option<BuilderAsset>>(&key)??;
    let bytes = get(&key).await?.array_buffer().ok()?;
    let bytes = JsFuture::from(bytes).await.ok()?;
    Some((piece, js_sys::Uint8Array::new(&bytes).into()))
}

/// Which text a piece is; nothing for who counts.
pub(super) fn text_of(piece: &BuilderAsset) -> Option<CorpusKind> {
    match piece {
        BuilderAsset::Own { text, .. } | BuilderAsset::Bundled { text } => Some(*text),
        _ => None,
    }
}
