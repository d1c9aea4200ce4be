//! What was read of the models, by path, so that a model that breaks its reader is not read again,
//! and no model is read twice at the same time.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};

use super::LocalModel;
use crate::data::hash::{FileStamp, files, stamps};

/// Shared by all who look into one folder.
#[derive(Debug, Default)]
pub(super) struct ReadModels {
    places: Mutex<ReadPlaces>,
    looked: Condvar,
}

#[derive(Debug, Default)]
struct ReadPlaces {
    /// A model, or why there is none, with the files that it was read from.
    known: BTreeMap<PathBuf, (Vec<FileStamp>, Result<LocalModel, String>)>,
    /// Places that someone looks at now.
    looking: BTreeSet<PathBuf>,
}

/// The right to read one path, until this is dropped.
pub(super) struct ReadTurn<'a> {
    seen: &'a ReadModels,
    path: &'a Path,
}

impl ReadModels {
    /// What was read at `path`, where its files are still the same.
    pub(super) fn known(&self, path: &Path) -> Option<Result<LocalModel, String>> {
        let now = stamps_of(path)?;
        let places = self.places();
        let (then, seen) = places.known.get(path)?;
        (*then == now).then(|| seen.clone())
    }

    /// Keeps what was read at `path` from files of these stamps.
    pub(super) fn keep(
        &self,
        path: &Path,
        stamps: Vec<FileStamp>,
        seen: Result<LocalModel, String>,
    ) {
        let known = &mut self.places().known;
        known.insert(path.to_owned(), (stamps, seen));
    }

    /// Waits until nobody else looks at `path`.
    pub(super) fn turn<'a>(&'a self, path: &'a Path) -> ReadTurn<'a> {
        let mut places = self.places();
        while !places.looking.insert(path.to_owned()) {
            let woken = self.looked.wait(places);
            places = woken.unwrap_or_else(PoisonError::into_inner);
        }
        ReadTurn { seen: self, path }
    }

    fn places(&self) -> MutexGuard<'_, ReadPlaces> {
        // Whole after every statement, so a panic elsewhere does not spoil it.
        self.places.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for ReadTurn<'_> {
    fn drop(&mut self) {
        self.seen.places().looking.remove(self.path);
        self.seen.looked.notify_all();
    }
}

/// The stamps of a model's files; nothing where they cannot be read.
pub(super) fn stamps_of(path: &Path) -> Option<Vec<FileStamp>> {
    files(path).and_then(|files| stamps(&files)).ok()
}
