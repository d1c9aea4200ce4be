//! Texts and questions that tasks are made of. Each is one file in RULER's own format in one
//! folder, with a record of where it came from and of its SHA-256 next to it.
//!
//! Code that reads one uses [`CorpusFolder::find`], and keeps the hash with what it made of it.

mod essays; // joins Paul Graham's essays as RULER's script does
pub mod fetch; // downloads a corpus
pub mod fetchable; // corpora that can be fetched by name
mod fetched_questions; // LongBench v2's questions, where they were fetched
mod html; // text out of web pages
mod markdown; // converts HTML to Markdown as Python's html2text does
pub mod shape; // the format of RULER's data files
mod verify; // verifies a corpus file

use std::fs::{self, File};
use std::io::{self, Read};
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use super::fetch::FetchError;
use super::questions::QuestionsError;
use crate::whole_file;
pub use fetched_questions::fetched_questions;
use shape::ShapeError;

/// The folder with the corpora. Everything here blocks.
#[derive(Clone, Debug)]
pub struct CorpusFolder {
    folder: PathBuf,
}

/// A corpus that is there.
#[derive(Clone, PartialEq, Debug)]
pub struct StoredCorpus {
    /// Its file.
    pub path: PathBuf,
    /// SHA-256 of the file as it is now, in hex.
    pub sha256: String,
    /// Its length.
    pub size_bytes: u64,
    /// Where it came from; a file that somebody else put there has none.
    pub record: Option<CorpusRecord>,
}

/// What is known of a file that was fetched. The hash pins it: nothing else takes its place.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub struct CorpusRecord {
    /// The address that it came from.
    pub url: String,
    /// SHA-256 in hex.
    pub sha256: String,
    /// Its length.
    pub size_bytes: u64,
    /// What could not be fetched and is not part of it.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub missing: Vec<String>,
}

/// Why there is no such corpus.
#[derive(Debug, thiserror::Error)]
pub enum CorpusError {
    /// The download.
    #[error(transparent)]
    Fetch(#[from] FetchError),
    /// No address has it.
    #[error("cannot get `{name}` from any of its addresses: {reasons}")]
    Nowhere {
        /// The corpus.
        name: String,
        /// What each address did.
        reasons: String,
    },
    /// Some of its pages are not to be had.
    #[error(
        "{missing} of the {total} pages of `{name}` cannot be had, the first one because {first}; those that came are kept, so the same command goes on with the others, and --allow-missing makes the text without them"
    )]
    Missing {
        /// The corpus.
        name: String,
        /// How many.
        missing: usize,
        /// Of how many.
        total: usize,
        /// What happened to the first.
        first: String,
    },
    /// Not the same as the first time.
    #[error(
        "`{name}` from {url} has SHA-256 {got}, expected {expected} ({why}); it was not kept, and --sha256 {got} accepts it"
    )]
    Pinned {
        /// The corpus.
        name: String,
        /// Where it came from.
        url: String,
        /// The hash it has.
        got: String,
        /// The hash it should have.
        expected: String,
        /// Who says so.
        why: &'static str,
    },
    /// It is there, and is another than the one asked for.
    #[error(
        "`{name}` is there with SHA-256 {got}, expected {expected}; it was left as it is, and --again fetches it anew"
    )]
    Other {
        /// The corpus.
        name: String,
        /// The hash it has.
        got: String,
        /// The hash asked for.
        expected: String,
    },
    /// The file is not what was fetched.
    #[error(
        "`{}` has SHA-256 {got}, expected {expected} as it was fetched; `fathom data fetch --again` gets it anew",
        path.display()
    )]
    Changed {
        /// The file.
        path: PathBuf,
        /// The hash it has.
        got: String,
        /// The hash it had.
        expected: String,
    },
    /// Not of RULER's shape.
    #[error("{what} is not a corpus that RULER could read; it was not kept")]
    Shape {
        /// Where it came from.
        what: String,
        /// The field and what is wrong with it.
        source: ShapeError,
    },
    /// A file of questions with faults.
    #[error(transparent)]
    Questions(#[from] QuestionsError),
    /// A file or folder cannot be read or written.
    #[error("cannot use `{}`", path.display())]
    Io {
        /// The file.
        path: PathBuf,
        /// What the system says.
        source: io::Error,
    },
    /// A background task broke off.
    #[error("the work on the file broke off")]
    Broken(#[from] tokio::task::JoinError),
}

impl CorpusError {
    fn io(path: &Path) -> impl FnOnce(io::Error) -> Self {
        move |source| Self::Io {
            path: path.to_owned(),
            source,
        }
    }
}

impl CorpusFolder {
    /// The corpora in `folder`, which need not be there yet.
    pub fn open(folder: impl Into<PathBuf>) -> Self {
        let folder = folder.into();
        Self { folder }
    }

    /// The folder.
    pub fn folder(&self) -> &Path {
        &self.folder
    }

    /// The file of the corpus `name`, where it is there.
    pub fn path(&self, name: &str) -> Option<PathBuf> {
        Some(self.file(name)).filter(|path| path.is_file())
    }

    /// The corpus `name` with the hash of its file, where it is there.
    ///
    /// # Errors
    /// A file that cannot be read, or that is not what was fetched.
    pub fn find(&self, name: &str) -> Result<Option<StoredCorpus>, CorpusError> {
        let Some(path) = self.path(name) else {
            return Ok(None);
        };
        let (sha256, size_bytes) = hash(&path).map_err(CorpusError::io(&path))?;
        let record = self.record(name)?;
        match record {
            Some(record) if record.sha256 != sha256 => Err(CorpusError::Changed {
                path,
                got: sha256,
                expected: record.sha256,
            }),
            record => Ok(Some(StoredCorpus {
                path,
                sha256,
                size_bytes,
                record,
            })),
        }
    }

    /// What is recorded of `name`; a record outlives its file, and then says what may take its
    /// place.
    ///
    /// # Errors
    /// A record that cannot be read.
    pub fn record(&self, name: &str) -> Result<Option<CorpusRecord>, CorpusError> {
        let path = self.record_file(name);
        match fs::read(&path) {
            Ok(text) => {
                let record = serde_json::from_slice(&text).map_err(io::Error::from);
                record.map(Some).map_err(CorpusError::io(&path))
            }
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
            Err(error) => Err(CorpusError::io(&path)(error)),
        }
    }

    /// Makes the whole file at `part` the corpus `name`.
    fn install(&self, name: &str, part: &Path, record: &CorpusRecord) -> Result<(), CorpusError> {
        let path = self.file(name);
        whole_file::put(part, &path).map_err(CorpusError::io(&path))?;
        let path = self.record_file(name);
        let passing = self.folder.join(format!(".{name}.origin.json"));
        let text = serde_json::to_vec_pretty(record).map_err(io::Error::from);
        let written = text.and_then(|text| fs::write(&passing, text));
        let written = written.and_then(|()| whole_file::put(&passing, &path));
        written.map_err(CorpusError::io(&path))
    }

    fn file(&self, name: &str) -> PathBuf {
        self.folder.join(format!("{name}.json"))
    }

    /// The file that says what the corpus `name` holds, and where, if it is one of questions.
    pub fn index_file(&self, name: &str) -> PathBuf {
        self.folder.join(format!("{name}.index.json"))
    }

    fn record_file(&self, name: &str) -> PathBuf {
        self.folder.join(format!("{name}.origin.json"))
    }
}

fn hash(path: &Path) -> io::Result<(String, u64)> {
    let mut file = File::open(path)?;
    let (mut hasher, mut buffer, mut size) = (Sha256::new(), vec![0; 1 << 20], 0);
    loop {
        match file.read(&mut buffer)? {
            0 => return Ok((hex::encode(hasher.finalize()), size)),
            read => {
                hasher.update(&buffer[..read]);
                size += read as u64;
            }
        }
    }
}

#[cfg(test)]
mod tests;
