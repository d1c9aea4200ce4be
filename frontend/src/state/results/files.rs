//! Files of results, with what of each is held. They are kept over a reload.

use fathom_shared::tokens::Tokens;
use js_sys::Array;
use leptos::prelude::*;
use leptos::task::spawn_local;
use serde::{Deserialize, Serialize};
use std::sync::Arc;
use wasm_bindgen::JsValue;
use wasm_bindgen_futures::JsFuture;

use super::ResultsState;
use crate::protocol::results::{ResultsCall, ResultsReply, SetKey};
use crate::state::kept_files::{delete, get, note, put, set_note};
use crate::state::now_ms;

/// Where it is noted which files are kept.
const KEPT: &str = "fathom.results";

/// Files that were added together.
#[derive(Clone, Default, Serialize, Deserialize)]
pub(super) struct FileBatch {
    /// When they were added.
    id: f64,
    paths: Vec<String>,
    /// The length of those that do not say it.
    length: Option<Tokens>,
    /// Sets of them that were taken away.
    removed: Vec<SetKey>,
    /// Sets of them that are held.
    #[serde(skip)]
    keys: Vec<SetKey>,
    #[serde(skip)]
    blobs: Vec<JsValue>,
}

impl FileBatch {
    /// The name under which a file is kept.
    fn name(&self, at: usize) -> String {
        format!("{KEPT}.{}.{at}", self.id)
    }
}

impl ResultsState {
    /// Reads files of results, with the length of those that do not say it.
    pub(crate) fn files(self, files: Vec<(String, JsValue)>, length: Option<Tokens>) {
        if files.is_empty() {
            return;
        }
        self.faults.set(Vec::new());
        let (paths, blobs) = files.into_iter().unzip();
        let batch = FileBatch {
            id: now_ms(),
            paths,
            length,
            blobs,
            ..FileBatch::default()
        };
        self.read_batch(batch.clone());
        spawn_local(async move {
            for (at, blob) in batch.blobs.iter().enumerate() {
                if put(&batch.name(at), blob).await.is_none() {
                    return;
                }
            }
            self.note_batches();
        });
    }

    /// The same files again, with the length that they do not say.
    pub(crate) fn with_length(self, key: &str, length: Tokens) {
        let batch = self.inner.with_value(|inner| {
            let mut batches = inner.batches.iter();
            let of = |batch: &&FileBatch| batch.keys.iter().any(|known| known == key);
            batches.find(of).cloned()
        });
        if let Some(batch) = batch {
            batch.keys.iter().for_each(|key| self.remove(key));
            self.files(
                batch.paths.into_iter().zip(batch.blobs).collect(),
                Some(length),
            );
        }
    }

    /// Reads the files that were added before the page was loaded again, once.
    pub(super) fn restore_files(self) {
        let first = self
            .inner
            .try_update_value(|inner| !std::mem::replace(&mut inner.restored, true));
        let kept = note::<Vec<FileBatch>>(KEPT).filter(|_| first == Some(true));
        let Some(kept) = kept else { return };
        self.coming.update(|coming| *coming += 1);
        spawn_local(async move {
            for mut batch in kept {
                for at in 0..batch.paths.len() {
                    let blob = match get(&batch.name(at)).await.map(|kept| kept.blob()) {
                        Some(Ok(blob)) => JsFuture::from(blob).await.ok(),
                        _ => None,
                    };
                    batch.blobs.extend(blob);
                }
                // Of files that the browser has thrown away nothing is told.
                if batch.blobs.len() == batch.paths.len() {
                    self.read_batch(batch);
                }
            }
            self.coming.update(|coming| *coming -= 1);
        });
    }

    fn read_batch(self, batch: FileBatch) {
        let (turn, id) = (self.turn(), batch.id);
        let (paths, length) = (batch.paths.clone(), batch.length);
        let blobs: Array = batch.blobs.iter().collect();
        let removed = batch.removed.clone();
        self.inner.update_value(|inner| inner.batches.push(batch));
        self.coming.update(|coming| *coming += 1);
        self.call(
            ResultsCall::Files { paths, length },
            &blobs,
            move |outcome| {
                self.coming.update(|coming| *coming -= 1);
                let digests = match outcome {
                    Ok(ResultsReply::Sets(digests)) => digests,
                    Ok(_) => Vec::new(),
                    Err(fault) => {
                        self.fault(fault);
                        Vec::new()
                    }
                };
                let (gone, here): (Vec<_>, Vec<_>) = digests
                    .into_iter()
                    .partition(|digest| removed.contains(&digest.key));
                gone.iter().for_each(|digest| self.drop_set(&digest.key));
                self.inner.update_value(|inner| {
                    if let Some(batch) = inner.batches.iter_mut().find(|batch| batch.id == id) {
                        batch.keys = here.iter().map(|digest| digest.key.clone()).collect();
                    }
                });
                for digest in here {
                    self.hold(turn, Arc::new(digest));
                }
                self.forget_empty(id);
            },
        );
    }

    /// Notes that a set of some files is not wanted any more.
    pub(super) fn let_go(self, key: &str) {
        let id = self.inner.try_update_value(|inner| {
            let mut batches = inner.batches.iter_mut();
            let batch = batches.find(|batch| batch.keys.iter().any(|known| known == key))?;
            batch.keys.retain(|known| known != key);
            batch.removed.push(key.to_owned());
            Some(batch.id)
        });
        if let Some(id) = id.flatten() {
            self.forget_empty(id);
        }
    }

    /// Deletes files of which nothing is held, and notes those that are left.
    fn forget_empty(self, id: f64) {
        let empty = self.inner.try_update_value(|inner| {
            let empty = |batch: &FileBatch| batch.id == id && batch.keys.is_empty();
            let at = inner.batches.iter().position(empty)?;
            Some(inner.batches.remove(at))
        });
        self.note_batches();
        if let Some(batch) = empty.flatten() {
            spawn_local(async move {
                for at in 0..batch.paths.len() {
                    delete(&batch.name(at)).await;
                }
            });
        }
    }

    fn note_batches(self) {
        // A full or forbidden store forgets them, and that is all.
        let _kept = self
            .inner
            .with_value(|inner| set_note(KEPT, &inner.batches));
    }
}
