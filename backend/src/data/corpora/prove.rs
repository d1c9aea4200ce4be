//! The proof that a file is what it should be, and only then its name.

use std::path::{Path, PathBuf};

use tokio::fs;
use tokio::task::spawn_blocking;

use super::super::questions;
use super::known::{Corpus, Origin};
use super::shape::{Contents, Held, ShapeError};
use super::{Corpora, CorpusError, Record};

/// A download that is whole but has no name yet.
pub(super) struct Fetched {
    pub(super) url: String,
    pub(super) missing: Vec<String>,
}

/// The hash that the finished file must have.
pub(super) struct Pin {
    pub(super) sha256: String,
    /// Who says so.
    pub(super) why: &'static str,
}

impl Pin {
    /// The hash that the origin's own file has, where it is known.
    pub(super) fn published(corpus: &Corpus) -> Option<Self> {
        let Origin::File(places) = &corpus.origin else {
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
pub(super) async fn take(file: &Path, part: &Path) -> Result<Fetched, CorpusError> {
    let copied = fs::copy(file, part).await;
    if let Err(error) = copied {
        // Half a copy is of no use; where there is none, nothing is left to remove.
        let _none = fs::remove_file(part).await;
        return Err(CorpusError::io(file)(error));
    }
    Ok(Fetched {
        url: file.display().to_string(),
        missing: Vec::new(),
    })
}

/// Hash and shape of what came; only then it gets its name.
pub(super) async fn prove(
    corpora: &Corpora,
    corpus: &'static Corpus,
    pin: Option<Pin>,
    fetched: Fetched,
    part: PathBuf,
) -> Result<Contents, CorpusError> {
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
    corpus: &Corpus,
    pin: Option<&Pin>,
    fetched: &Fetched,
    part: &Path,
) -> Result<(Record, Held), CorpusError> {
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
    let record = Record {
        url: fetched.url.clone(),
        sha256,
        size_bytes,
        missing: fetched.missing.clone(),
    };
    Ok((record, held))
}
