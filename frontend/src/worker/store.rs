//! The browser's own storage (OPFS): models by their hash, and measurements.
//!
//! A list says which models are whole; one that it does not name is the rest of a broken download
//! and is deleted at the next start, where the list can be read.

use std::io::{self, Read, Seek, SeekFrom};

use js_sys::{AsyncIterator, JsString, Reflect, Uint8Array};
use serde::{Serialize, de::DeserializeOwned};
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::JsFuture;
use web_sys::{
    Blob, DomException, FileReaderSync, FileSystemDirectoryHandle, FileSystemFileHandle,
    FileSystemGetFileOptions, FileSystemReadWriteOptions, FileSystemSyncAccessHandle,
};

use super::tab_lock::TabLock;
use crate::protocol::StoredModel;
use crate::worker_host::say;

const LIST: &str = "models.json";
/// A model that is being downloaded.
pub(super) const DOWNLOAD: &str = "download.part";
/// The lock for fetching a model.
pub(super) const FETCH_LOCK: &str = "fathom.fetch";
/// The lock for changing the list.
const LIST_LOCK: &str = "fathom.models";

/// The storage.
#[derive(Clone)]
pub(super) struct ModelStorage {
    folder: FileSystemDirectoryHandle,
}

impl ModelStorage {
    pub(super) async fn open() -> Result<Self, String> {
        let promise = super::scope().navigator().storage().get_directory();
        let folder = JsFuture::from(promise).await.map_err(|error| {
            format!(
                "This browser provides no storage for the page: {}. Private windows have none.",
                say(&error)
            )
        })?;
        let store = Self {
            folder: folder.unchecked_into(),
        };
        store.tidy().await;
        Ok(store)
    }

    /// The whole models.
    ///
    /// # Errors
    /// A sentence: why the list of them cannot be read.
    pub(super) async fn listed(&self) -> Result<Vec<StoredModel>, String> {
        Ok(self.read_json(LIST).await?.unwrap_or_default())
    }

    /// Names the whole model in the file `part`, which lies under [`file_of`] then.
    pub(super) async fn adopt(&self, part: &str, model: StoredModel) -> Result<(), String> {
        // No tab takes it for the rest of a broken download meanwhile.
        let _alone = TabLock::wait(LIST_LOCK).await;
        let mut models = self.listed().await?;
        match models.iter().any(|kept| kept.sha256 == model.sha256) {
            true => self.remove(part).await,
            false => self.rename(part, &file_of(&model.sha256)).await?,
        }
        models.retain(|kept| kept.sha256 != model.sha256);
        models.push(model);
        models.sort_by(|a, b| a.name.cmp(&b.name));
        self.write_json(LIST, &models).await
    }

    /// Deletes a model.
    pub(super) async fn forget(&self, sha256: &str) -> Result<(), String> {
        {
            let _alone = TabLock::wait(LIST_LOCK).await;
            let mut models = self.listed().await?;
            models.retain(|kept| kept.sha256 != sha256);
            self.write_json(LIST, &models).await?;
        }
        self.tidy().await;
        Ok(())
    }

    /// Opens a whole model, after another tab that reads it.
    ///
    /// # Errors
    /// A sentence: it is not there any more, or cannot be opened.
    pub(super) async fn model(&self, sha256: &str) -> Result<StorageFile, String> {
        let lock = TabLock::wait(&format!("fathom.model.{sha256}")).await;
        let mut file = self.file(&file_of(sha256), false).await?;
        file.lock = Some(lock);
        Ok(file)
    }

    /// Opens a file, which is made where `create`.
    pub(super) async fn file(&self, name: &str, create: bool) -> Result<StorageFile, String> {
        let options = FileSystemGetFileOptions::new();
        options.set_create(create);
        let promise = self.folder.get_file_handle_with_options(name, &options);
        let handle = JsFuture::from(promise).await;
        let handle: FileSystemFileHandle = handle
            .map_err(|error| format!("The browser's storage has no `{name}`: {}", say(&error)))?
            .unchecked_into();
        let opened = JsFuture::from(handle.create_sync_access_handle())
            .await
            .map_err(|error| {
                format!(
                    "`{name}` in the browser's storage is in use, perhaps by another tab: {}",
                    say(&error)
                )
            })?;
        Ok(StorageFile {
            handle: opened.unchecked_into(),
            at: 0,
            lock: None,
        })
    }

    /// What a file holds, also while someone writes it.
    pub(super) async fn bytes(&self, name: &str) -> Result<Vec<u8>, String> {
        let bytes = self.bytes_if_there(name).await?;
        bytes.ok_or_else(|| format!("`{name}` is not in the browser's storage."))
    }

    /// The same; nothing of a file that is not there.
    async fn bytes_if_there(&self, name: &str) -> Result<Option<Vec<u8>>, String> {
        let failed = |error: JsValue| {
            format!(
                "`{name}` in the browser's storage cannot be read: {}",
                say(&error)
            )
        };
        let handle = match JsFuture::from(self.folder.get_file_handle(name)).await {
            Err(error) if is_not_found(&error) => return Ok(None),
            handle => handle.map_err(failed)?,
        };
        let handle: FileSystemFileHandle = handle.unchecked_into();
        let file = JsFuture::from(handle.get_file()).await.map_err(failed)?;
        let reader = FileReaderSync::new().map_err(failed)?;
        let buffer = reader.read_as_array_buffer(file.unchecked_ref::<Blob>());
        let buffer = buffer.map_err(failed)?;
        Ok(Some(Uint8Array::new(&buffer).to_vec()))
    }

    /// Gives a file another name.
    pub(super) async fn rename(&self, from: &str, to: &str) -> Result<(), String> {
        let failed = |error: JsValue| format!("`{from}` cannot be renamed: {}", say(&error));
        let handle = JsFuture::from(self.folder.get_file_handle(from))
            .await
            .map_err(failed)?;
        // Every browser with this storage has it; web-sys does not.
        let rename = Reflect::get(&handle, &"move".into()).map_err(failed)?;
        let rename: js_sys::Function = rename.dyn_into().map_err(failed)?;
        let promise: js_sys::Promise = rename
            .call1(&handle, &to.into())
            .map_err(failed)?
            .unchecked_into();
        JsFuture::from(promise).await.map_err(failed)?;
        Ok(())
    }

    /// Deletes a file; one that is not there is no matter.
    ///
    /// # Errors
    /// A sentence: why it is still there.
    pub(super) async fn delete(&self, name: &str) -> Result<(), String> {
        match JsFuture::from(self.folder.remove_entry(name)).await {
            Err(error) if !is_not_found(&error) => Err(format!(
                "`{name}` in the browser's storage cannot be deleted: {}",
                say(&error)
            )),
            _ => Ok(()),
        }
    }

    /// Deletes a file where that can be done.
    pub(super) async fn remove(&self, name: &str) {
        let _gone = self.delete(name).await;
    }

    /// What a file of JSON holds, also while someone writes it; nothing where it is not there.
    ///
    /// # Errors
    /// A sentence: why it cannot be read.
    pub(super) async fn read_json<T: DeserializeOwned>(
        &self,
        name: &str,
    ) -> Result<Option<T>, String> {
        let mut bytes = self.bytes_if_there(name).await;
        if bytes.is_err() {
            // Another tab may just have put a new one in its place.
            bytes = self.bytes_if_there(name).await;
        }
        let Some(bytes) = bytes? else {
            return Ok(None);
        };
        let value = serde_json::from_slice(&bytes);
        value
            .map(Some)
            .map_err(|error| format!("`{name}` in the browser's storage is damaged: {error}"))
    }

    pub(super) async fn write_json(
        &self,
        name: &str,
        value: &impl Serialize,
    ) -> Result<(), String> {
        let bytes = serde_json::to_vec(value).map_err(|error| error.to_string())?;
        let part = format!("{name}.part");
        let mut file = self.file(&part, true).await?;
        file.clear()?;
        file.append(&bytes)?;
        file.flush()?;
        drop(file);
        self.rename(&part, name).await
    }

    /// Deletes models that the list does not name, and the rest of a broken download. Without a list
    /// that can be read nobody knows which those are. Other files that are not whole may be another
    /// tab's, which has not given them their name yet.
    async fn tidy(&self) {
        let _alone = TabLock::wait(LIST_LOCK).await;
        let names = self.names().await;
        let Ok(models) = self.listed().await else {
            return;
        };
        for name in names {
            let known = models.iter().any(|model| file_of(&model.sha256) == name);
            if name.ends_with(".gguf") && !known {
                self.remove(&name).await;
            }
            // Another tab may be fetching it.
            if name == DOWNLOAD && TabLock::take(FETCH_LOCK).await.is_some() {
                self.remove(&name).await;
            }
        }
    }

    /// What every file is called.
    pub(super) async fn names(&self) -> Vec<String> {
        let mut names = Vec::new();
        let keys: AsyncIterator = self.folder.keys();
        while let Ok(promise) = keys.next_iterator() {
            let Ok(next) = JsFuture::from(promise).await else {
                break;
            };
            let value = Reflect::get(&next, &"value".into()).unwrap_or_default();
            match value.dyn_into::<JsString>() {
                Ok(name) => names.push(String::from(name)),
                Err(_) => break,
            }
        }
        names
    }
}

fn is_not_found(error: &JsValue) -> bool {
    let error = error.dyn_ref::<DomException>();
    error.is_some_and(|error| error.name() == "NotFoundError")
}

/// The name of a model's file.
pub(super) fn file_of(sha256: &str) -> String {
    format!("{sha256}.gguf")
}

/// An open file; closes when dropped.
pub(super) struct StorageFile {
    handle: FileSystemSyncAccessHandle,
    at: u64,
    /// The lock that makes other tabs wait, if there is one; released after the file.
    pub(super) lock: Option<TabLock>,
}

impl StorageFile {
    pub(super) fn size(&self) -> u64 {
        self.handle.get_size().unwrap_or_default() as u64
    }

    pub(super) fn clear(&mut self) -> Result<(), String> {
        self.at = 0;
        self.handle
            .truncate_with_u32(0)
            .map_err(|error| say(&error))
    }

    /// Goes to the end of the last whole line, and gives what stands before; what was begun after it
    /// is cut off.
    pub(super) fn whole_lines(&mut self) -> Result<Vec<u8>, String> {
        let mut bytes = Vec::new();
        let read = self.seek(SeekFrom::Start(0));
        let read = read.and_then(|_| self.read_to_end(&mut bytes));
        read.map_err(|error| error.to_string())?;
        let end = bytes.iter().rposition(|byte| *byte == b'\n');
        let end = end.map_or(0, |at| at + 1);
        self.at = end as u64;
        bytes.truncate(end);
        let cut = self.handle.truncate_with_f64(end as f64);
        cut.map(|()| bytes).map_err(|error| say(&error))
    }

    /// Puts `bytes` in place of what it holds.
    pub(super) fn replace(&mut self, bytes: &[u8]) -> Result<(), String> {
        self.at = 0;
        self.append(bytes)?;
        let cut = self.handle.truncate_with_f64(bytes.len() as f64);
        cut.map_err(|error| say(&error))?;
        self.flush()
    }

    /// Has what was written on the disk.
    pub(super) fn flush(&self) -> Result<(), String> {
        self.handle.flush().map_err(|error| say(&error))
    }

    /// Writes at the end.
    pub(super) fn append(&mut self, bytes: &[u8]) -> Result<(), String> {
        let options = FileSystemReadWriteOptions::new();
        options.set_at(self.at as f64);
        let wrote = self.handle.write_with_u8_array_and_options(bytes, &options);
        let wrote =
            wrote.map_err(|error| format!("The browser's storage is full: {}", say(&error)))?;
        if (wrote as usize) < bytes.len() {
            return Err("The browser's storage is full.".to_owned());
        }
        self.at += bytes.len() as u64;
        Ok(())
    }
}

impl Read for StorageFile {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        let options = FileSystemReadWriteOptions::new();
        options.set_at(self.at as f64);
        let read = self.handle.read_with_u8_array_and_options(into, &options);
        let read = read.map_err(|error| io::Error::other(say(&error)))?;
        self.at += read as u64;
        Ok(read as usize)
    }
}

impl Seek for StorageFile {
    fn seek(&mut self, to: SeekFrom) -> io::Result<u64> {
        let at = match to {
            SeekFrom::Start(at) => Some(at),
            SeekFrom::End(by) => self.size().checked_add_signed(by),
            SeekFrom::Current(by) => self.at.checked_add_signed(by),
        };
        self.at = at.ok_or_else(|| io::Error::other("a place before the file's start"))?;
        Ok(self.at)
    }
}

impl Drop for StorageFile {
    fn drop(&mut self) {
        self.handle.close();
    }
}
