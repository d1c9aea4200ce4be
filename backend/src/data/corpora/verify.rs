//! The proof that a file is what it should be, and only then its name.

use std::path::{Path, PathBuf};

use tokio::fs;
use tokio::task::spawn_blocking;

use super::super::questions;
use super::fetchable::{CorpusOrigin, KnownCorpus};
use super::shape::{CheckedCorpus, CorpusContents, ShapeError};
use super::{CorpusError, CorpusFolder, CorpusRecord};

/// A download that is whole but has no name yet.
pub(super) struct FinishedDownload {
    pub(super) url: String,
    pub(super) missing: Vec<String>,
}

/// The hash that the finished file must have.
pub(super) struct HashPin {
    pub(super) sha256: String,
    /// Who says so.
    pub(super) why: &'static str,
}

impl HashPin {
    /// The hash that the origin's own file has, where it is known.
    pub(super) fn published(corpus: &KnownCorpus) -> Option<Self> {
        let CorpusOrigin::File(places) = &corpus.origin else {
            return None;
        };
        Some(Self {
            sha256: places.first()?.sha256?.to_owned(),
            why: "as its origin's has",
        })
    }

    pub(super) fn refuse(&self, name: &str, url: &str, got: String) -> CorpusError {
        CorpusError::Pinned {
            name: name.to_owned(),
            url: url.to_owned(),
            got,
            expected: self.sha256.clone(),
            why: self.why,
        }
    }
}

/// Copies a file of the user's beside the others: it stays where it is.
pub(super) async fn take(file: &Path, part: &Path) -> Result<FinishedDownload, CorpusError> {
    let copied = fs::copy(file, part).await;
    if let Err(error) = copied {
        // Half a copy is of no use; where there is none, nothing is left to remove.
        let _none = fs::remove_file(part).await;
        return Err(CorpusError::io(file)(error));
    }
    Ok(FinishedDownload {
        url: file.display().to_string(),
        missing: Vec::new(),
    })
}

/// Hash and shape of what came; only then it gets its name.
pub(super) async fn prove(
    corpora: &CorpusFolder,
    corpus: &'static KnownCorpus,
    pin: Option<HashPin>,
    fetched: FinishedDownload,
    part: PathBuf,
) -> Result<CorpusContents, CorpusError> {
    let corpora = corpora.clone();
    spawn_blocking(move || {
        let proven = check(corpus, pin.as_ref(), &fetched, &part);
        let pages = part.with_extension("pages");
        if pages.exists() {
            std::fs::remove_dir_all(&pages).map_err(CorpusError::io(&pages))?;
        }
        let (record, held) = match proven {
            Ok(proven) => proven,
            Err(error) => {
                std::fs::remove_file(&part).map_err(CorpusError::io(&part))?;
                return Err(error);
            }
        };
        corpora.install(corpus.name, &part, &record)?;
        if let (Some(index), Some(path)) = (&held.index, corpora.path(corpus.name)) {
            let kept = questions::keep(&path, &corpora.index_file(corpus.name), index);
            kept.map_err(CorpusError::io(&path))?;
        }
        Ok(held.contents)
    })
    .await?
}

fn check(
    corpus: &KnownCorpus,
    pin: Option<&HashPin>,
    fetched: &FinishedDownload,
    part: &Path,
) -> Result<(CorpusRecord, CheckedCorpus), CorpusError> {
    let (sha256, size_bytes) = super::hash(part).map_err(CorpusError::io(part))?;
    if let Some(pin) = pin.filter(|pin| pin.sha256 != sha256) {
        return Err(pin.refuse(corpus.name, &fetched.url, sha256));
    }
    let held = corpus.shape.check(part, &fetched.url);
    let held = held.map_err(|error| match error {
        ShapeError::Questions(error) => error.into(),
        ShapeError::Io(source) => CorpusError::io(part)(source),
        source => CorpusError::Shape {
            what: fetched.url.clone(),
            source,
        },
    })?;
    let record = CorpusRecord {
        url: fetched.url.clone(),
        sha256,
        size_bytes,
        missing: fetched.missing.clone(),
    };
    Ok((record, held))
}
