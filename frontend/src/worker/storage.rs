//! Models that stay in the browser's own storage (OPFS), named by their hash.
//!
//! A file grows as `….part` and gets its name in one step when it is whole, so that a broken
//! download leaves nothing that looks like a model.

use std::collections::BTreeMap;

use fathom_kernels::session::Tuning;
use js_sys::{Array, AsyncIterator, Function, Promise, Reflect, Uint8Array};
use serde::de::DeserializeOwned;
use wasm_bindgen::prelude::*;
use wasm_bindgen_futures::JsFuture;
use web_sys::{
    DedicatedWorkerGlobalScope, File, FileSystemDirectoryHandle, FileSystemFileHandle,
    FileSystemGetDirectoryOptions, FileSystemGetFileOptions, FileSystemSyncAccessHandle,
};

use super::host::say;
use super::protocol::StoredModel;

const FOLDER: &str = "models";
const PART: &str = ".part";
const TUNING: &str = "tuning.json";

/// The storage.
#[derive(Clone)]
pub(super) struct Storage {
    root: FileSystemDirectoryHandle,
    models: FileSystemDirectoryHandle,
}

/// A file that grows.
pub(super) struct Part {
    storage: Storage,
    name: String,
    handle: FileSystemFileHandle,
    access: FileSystemSyncAccessHandle,
}

impl Storage {
    /// # Errors
    /// A sentence, where the browser gives no storage, as in some private windows.
    pub(super) async fn open(scope: &DedicatedWorkerGlobalScope) -> Result<Self, String> {
        let fault = |error: JsValue| {
            let why = say(&error);
            format!("This browser gives the page no storage, so a model is fetched at each visit: {why}")
        };
        let promise = Reflect::get(&scope.navigator(), &"storage".into())
            .and_then(|storage| call(&storage, "getDirectory", &[]))
            .map_err(fault)?;
        let root: FileSystemDirectoryHandle = wait(promise).await.map_err(fault)?;
        let options = FileSystemGetDirectoryOptions::new();
        options.set_create(true);
        let promise = root.get_directory_handle_with_options(FOLDER, &options);
        let models = wait(promise.unchecked_into()).await.map_err(fault)?;
        Ok(Self { root, models })
    }

    /// The models, by name.
    ///
    /// # Errors
    /// What the browser says.
    pub(super) async fn list(&self) -> Result<Vec<StoredModel>, String> {
        let mut found = Vec::new();
        for handle in self.files().await? {
            if let Some((sha256, name)) = split(&handle.name()) {
                let file = self.file_of(&handle).await?;
                found.push(StoredModel {
                    name: name.to_owned(),
                    sha256: sha256.to_owned(),
                    size_bytes: file.size() as u64,
                });
            }
        }
        found.sort_by(|a, b| a.name.cmp(&b.name));
        Ok(found)
    }

    /// The model with this hash, if it is here.
    ///
    /// # Errors
    /// What the browser says.
    pub(super) async fn find(&self, sha256: &str) -> Result<Option<(String, File)>, String> {
        for handle in self.files().await? {
            let name = handle.name();
            if let Some((hash, name)) = split(&name)
                && hash == sha256
            {
                return Ok(Some((name.to_owned(), self.file_of(&handle).await?)));
            }
        }
        Ok(None)
    }

    /// Deletes the model with this hash.
    ///
    /// # Errors
    /// What the browser says.
    pub(super) async fn forget(&self, sha256: &str) -> Result<(), String> {
        for handle in self.files().await? {
            let name = handle.name();
            if split(&name).is_some_and(|(hash, _)| hash == sha256) {
                self.remove(&name).await?;
            }
        }
        Ok(())
    }

    /// Begins a file for `name`.
    ///
    /// # Errors
    /// A sentence, as when another tab is at it.
    pub(super) async fn begin(&self, name: &str) -> Result<Part, String> {
        let name = clean(name);
        let part = format!("{name}{PART}");
        let fault = |error: JsValue| {
            let why = say(&error);
            format!("The storage does not take {name}; another tab may be fetching it: {why}")
        };
        let handle = file(&self.models, &part, true).await.map_err(fault)?;
        let access: FileSystemSyncAccessHandle =
            wait(handle.create_sync_access_handle().unchecked_into())
                .await
                .map_err(fault)?;
        access.truncate_with_f64(0.0).map_err(fault)?;
        Ok(Part {
            storage: self.clone(),
            name,
            handle,
            access,
        })
    }

    /// What was measured on the adapters so far, by name. Nothing where it cannot be read: it is
    /// measured again.
    pub(super) async fn tunings(&self) -> BTreeMap<String, Tuning> {
        self.json(TUNING).await.unwrap_or_default()
    }

    /// Keeps what was measured.
    ///
    /// # Errors
    /// What the browser says.
    pub(super) async fn keep_tunings(&self, all: &BTreeMap<String, Tuning>) -> Result<(), String> {
        let text = serde_json::to_vec(all).map_err(|error| error.to_string())?;
        let told = |error: JsValue| say(&error);
        let handle = file(&self.root, TUNING, true).await.map_err(told)?;
        let access: FileSystemSyncAccessHandle =
            wait(handle.create_sync_access_handle().unchecked_into())
                .await
                .map_err(told)?;
        let kept = access
            .truncate_with_f64(0.0)
            .and_then(|()| access.write_with_u8_array(&text));
        access.close();
        kept.map(|_| ()).map_err(told)
    }

    async fn json<T: DeserializeOwned>(&self, name: &str) -> Option<T> {
        let handle = file(&self.root, name, false).await.ok()?;
        let file = self.file_of(&handle).await.ok()?;
        let text = JsFuture::from(file.text()).await.ok()?.as_string()?;
        serde_json::from_str(&text).ok()
    }

    async fn file_of(&self, handle: &FileSystemFileHandle) -> Result<File, String> {
        wait(handle.get_file().unchecked_into())
            .await
            .map_err(|error| format!("{} cannot be read: {}", handle.name(), say(&error)))
    }

    async fn remove(&self, name: &str) -> Result<(), String> {
        JsFuture::from(self.models.remove_entry(name))
            .await
            .map(|_| ())
            .map_err(|error| format!("{name} cannot be deleted: {}", say(&error)))
    }

    async fn files(&self) -> Result<Vec<FileSystemFileHandle>, String> {
        let fault = |error: JsValue| format!("The storage cannot be listed: {}", say(&error));
        let iterator: AsyncIterator = call::<JsValue>(&self.models, "values", &[])
            .map_err(fault)?
            .unchecked_into();
        let mut files = Vec::new();
        loop {
            let promise = iterator.next().map_err(fault)?;
            let step: JsValue = wait(promise.unchecked_into()).await.map_err(fault)?;
            let done = Reflect::get(&step, &"done".into()).map_err(fault)?;
            if done.is_truthy() {
                return Ok(files);
            }
            let handle = Reflect::get(&step, &"value".into()).map_err(fault)?;
            let kind = Reflect::get(&handle, &"kind".into()).map_err(fault)?;
            if kind.as_string().as_deref() == Some("file") {
                files.push(handle.unchecked_into());
            }
        }
    }
}

impl Part {
    /// Appends `bytes`.
    ///
    /// # Errors
    /// A sentence, as when the disk is full.
    pub(super) fn write(&self, bytes: &[u8]) -> Result<(), String> {
        let wrote = self.access.write_with_u8_array(bytes).map_err(|error| {
            format!("The storage does not take more of {}: {}", self.name, say(&error))
        })?;
        if wrote as usize == bytes.len() {
            return Ok(());
        }
        Err(format!(
            "The storage took {wrote} of {} bytes of {}; the disk may be full",
            bytes.len(),
            self.name
        ))
    }

    /// The file is whole: it gets its name.
    ///
    /// # Errors
    /// A sentence.
    pub(super) async fn finish(self, sha256: &str) -> Result<File, String> {
        let name = format!("{sha256}-{}", self.name);
        let fault = |error: JsValue| format!("{} cannot be kept: {}", self.name, say(&error));
        let flushed = self.access.flush();
        self.access.close();
        flushed.map_err(fault)?;
        let moved = call(&self.handle, "move", &[name.as_str().into()]).map_err(fault)?;
        let _done: JsValue = wait(moved).await.map_err(fault)?;
        let handle = file(&self.storage.models, &name, false)
            .await
            .map_err(fault)?;
        self.storage.file_of(&handle).await
    }

    /// Nothing stays.
    pub(super) async fn drop_it(self) {
        self.access.close();
        let part = format!("{}{PART}", self.name);
        if let Err(message) = self.storage.remove(&part).await {
            web_sys::console::warn_1(&message.into());
        }
    }
}

async fn file(
    folder: &FileSystemDirectoryHandle,
    name: &str,
    create: bool,
) -> Result<FileSystemFileHandle, JsValue> {
    let options = FileSystemGetFileOptions::new();
    options.set_create(create);
    let promise = folder.get_file_handle_with_options(name, &options);
    wait(promise.unchecked_into()).await
}

async fn wait<T: JsCast>(promise: Promise) -> Result<T, JsValue> {
    Ok(JsFuture::from(promise).await?.unchecked_into())
}

/// Calls a method that the bindings do not have, or have only in a window.
fn call<T: JsCast>(on: &JsValue, method: &str, with: &[JsValue]) -> Result<T, JsValue> {
    let function: Function = Reflect::get(on, &method.into())?.dyn_into()?;
    let with: Array = with.iter().collect();
    Ok(function.apply(on, &with)?.unchecked_into())
}

/// Hash and name of a whole model.
fn split(file: &str) -> Option<(&str, &str)> {
    let (hash, name) = file.split_once('-')?;
    let whole = hash.len() == 64 && hash.bytes().all(|b| b.is_ascii_hexdigit());
    (whole && !name.ends_with(PART)).then_some((hash, name))
}

/// A name that every file system takes.
fn clean(name: &str) -> String {
    let name: String = name
        .chars()
        .map(|c| match c {
            'a'..='z' | 'A'..='Z' | '0'..='9' | '.' | '-' | '_' => c,
            _ => '_',
        })
        .take(100)
        .collect();
    match name.trim_matches('.') {
        "" => "model".to_owned(),
        name => name.to_owned(),
    }
}

/// The bytes of a chunk.
pub(super) fn bytes_of(chunk: &JsValue) -> Vec<u8> {
    Uint8Array::new(chunk).to_vec()
}

#[cfg(test)]
mod tests {
    use super::{clean, split};

    #[test]
    fn only_whole_models_are_models() {
        let hash = "b1".repeat(32);
        let file = format!("{hash}-SmolLM2-135M.Q4_1.gguf");
        assert_eq!(split(&file), Some((&*hash, "SmolLM2-135M.Q4_1.gguf")));
        assert_eq!(split("SmolLM2-135M.gguf.part"), None);
        assert_eq!(split(&format!("{hash}-a.part")), None);
    }

    #[test]
    fn names_are_harmless() {
        assert_eq!(clean("../a b/ü.gguf"), "_a_b__.gguf");
        assert_eq!(clean(".."), "model");
    }
}
