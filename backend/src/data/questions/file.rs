//! A file of questions, with its index.

use std::fs::{self, File, Metadata};
use std::io::{self, Read, Seek, SeekFrom};
use std::ops::Range;
use std::path::{Path, PathBuf};
use std::time::UNIX_EPOCH;

use fathom_shared::longbench::index::{IndexError, QuestionIndex, parse};
use fathom_shared::longbench::{LongBenchQuestion, QuestionCard, QuestionSource};
use fathom_shared::text_source::TextSource;
use serde::{Deserialize, Serialize};

use super::ScanProgress;
use crate::named_file;

/// The version of a stored index; an index of another version is made again.
const FORM: u32 = 1;

/// Why a file gives no questions.
#[derive(Debug, thiserror::Error)]
pub enum QuestionsError {
    /// Some of its rows are none, or it is no list of rows.
    #[error("`{what}` is no file of questions, and nothing of it is kept:\n{faults}")]
    Faults {
        /// The file, or where it came from.
        what: String,
        /// One fault a line, each with the file's name.
        faults: String,
    },
    /// It was written while it was read.
    #[error("`{}` was changed while it was read; try again when it is whole", path.display())]
    Changed {
        /// The file.
        path: PathBuf,
    },
    /// The system.
    #[error("cannot read `{}`", path.display())]
    Io {
        /// The file.
        path: PathBuf,
        /// What it says.
        source: io::Error,
    },
}

impl QuestionsError {
    fn io(path: &Path) -> impl FnOnce(io::Error) -> Self {
        move |source| Self::Io {
            path: path.to_owned(),
            source,
        }
    }

    fn faults(what: &str, error: &IndexError) -> Self {
        let name = what.rsplit(['/', '\\']).next().unwrap_or(what);
        let lines = error.to_string();
        let lines: Vec<_> = lines
            .lines()
            .map(|line| format!("{name}: {line}"))
            .collect();
        Self::Faults {
            what: what.to_owned(),
            faults: lines.join("\n"),
        }
    }
}

/// By what a file is known again without reading it.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
struct FileVersion {
    size_bytes: u64,
    modified_ns: u64,
}

impl FileVersion {
    fn of(metadata: &Metadata) -> io::Result<Self> {
        let modified = metadata.modified()?.duration_since(UNIX_EPOCH);
        // Before 1970 is as good as 1970: another time is another version.
        let ns = modified.unwrap_or_default().as_nanos();
        Ok(Self {
            size_bytes: metadata.len(),
            modified_ns: u64::try_from(ns).unwrap_or(u64::MAX),
        })
    }
}

/// An index as it is stored between two starts.
#[derive(Serialize, Deserialize)]
struct StoredIndex<I> {
    form: u32,
    version: FileVersion,
    index: I,
}

/// Questions in a file, read one by one.
#[derive(Debug)]
pub struct FileQuestions {
    path: PathBuf,
    source: TextSource,
    version: FileVersion,
    index: QuestionIndex,
}

/// Reads a whole file of questions, a piece at a time, and says what it holds; `what` is its name in
/// sentences. Blocks.
///
/// # Errors
/// All its faults, or what the system says.
pub fn index_of(
    path: &Path,
    what: &str,
    watch: ScanProgress<'_>,
) -> Result<QuestionIndex, QuestionsError> {
    Ok(read(path, what, watch)?.1)
}

fn read(
    path: &Path,
    what: &str,
    watch: ScanProgress<'_>,
) -> Result<(FileVersion, QuestionIndex), QuestionsError> {
    let io = || QuestionsError::io(path);
    let mut file = named_file::open(path).map_err(io())?;
    let metadata = file.metadata().map_err(io())?;
    if metadata.is_dir() {
        return Err(io()(io::ErrorKind::IsADirectory.into()));
    }
    let version = FileVersion::of(&metadata).map_err(io())?;
    let size = version.size_bytes;
    let piece = |range: Range<u64>| bytes(&mut file, range).map_err(|error| error.to_string());
    let index = QuestionIndex::read(size, piece, |at| {
        watch(at, size);
        true
    });
    let index = index.map_err(|error| QuestionsError::faults(what, &error))?;
    let after = fs::metadata(path).and_then(|metadata| FileVersion::of(&metadata));
    match after.map_err(io())? == version {
        true => Ok((version, index)),
        false => Err(QuestionsError::Changed {
            path: path.to_owned(),
        }),
    }
}

fn bytes(file: &mut File, range: Range<u64>) -> io::Result<Vec<u8>> {
    let long = usize::try_from(range.end - range.start).map_err(io::Error::other)?;
    let mut bytes = vec![0; long];
    file.seek(SeekFrom::Start(range.start))?;
    file.read_exact(&mut bytes)?;
    Ok(bytes)
}

impl FileQuestions {
    /// Opens `path`: at once if the index stored in `index_file` matches the file, otherwise by
    /// reading all of it and storing the index. Blocks.
    ///
    /// # Errors
    /// All faults of the file, or what the system says.
    pub fn open(
        path: &Path,
        index_file: &Path,
        watch: ScanProgress<'_>,
    ) -> Result<Self, QuestionsError> {
        let metadata = fs::metadata(path).map_err(QuestionsError::io(path))?;
        let version = FileVersion::of(&metadata).map_err(QuestionsError::io(path))?;
        if let Some(index) = kept(index_file, version) {
            return Ok(Self::new(path, version, index));
        }
        let (version, index) = read(path, &path.display().to_string(), watch)?;
        keep_as(index_file, version, &index);
        Ok(Self::new(path, version, index))
    }

    fn new(path: &Path, version: FileVersion, index: QuestionIndex) -> Self {
        Self {
            path: path.to_owned(),
            source: TextSource {
                name: path.file_name().unwrap_or_default().display().to_string(),
                sha256: index.sha256.clone(),
                bundled: false,
            },
            version,
            index,
        }
    }

    fn row(&self, row: Range<u64>) -> Result<Vec<u8>, QuestionsError> {
        let io = || QuestionsError::io(&self.path);
        let mut file = File::open(&self.path).map_err(io())?;
        let metadata = file.metadata().map_err(io())?;
        if FileVersion::of(&metadata).map_err(io())? != self.version {
            return Err(QuestionsError::Changed {
                path: self.path.clone(),
            });
        }
        bytes(&mut file, row).map_err(io())
    }
}

/// Keeps the index of the file at `path`, which was made from it a moment ago.
///
/// # Errors
/// When there is no such file.
pub fn keep(path: &Path, index_file: &Path, index: &QuestionIndex) -> io::Result<()> {
    let version = fs::metadata(path).and_then(|metadata| FileVersion::of(&metadata))?;
    keep_as(index_file, version, index);
    Ok(())
}

/// Without it the next start reads the file again, and nothing else is lost.
fn keep_as(index_file: &Path, version: FileVersion, index: &QuestionIndex) {
    let form = FORM;
    let kept = StoredIndex {
        form,
        version,
        index,
    };
    let folder = index_file.parent().unwrap_or(Path::new("."));
    let written = fs::create_dir_all(folder).and_then(|()| {
        let mut file = tempfile::NamedTempFile::new_in(folder)?;
        let mut out = io::BufWriter::new(file.as_file_mut());
        serde_json::to_writer(&mut out, &kept)?;
        out.into_inner().map_err(io::IntoInnerError::into_error)?;
        file.persist(index_file).map_err(|error| error.error)?;
        Ok(())
    });
    if let Err(error) = written {
        let index = index_file.display();
        tracing::warn!("`{index}` was not written, so the next start indexes again: {error}");
    }
}

/// The index that is kept, where it is of this version and whole.
fn kept(index_file: &Path, version: FileVersion) -> Option<QuestionIndex> {
    let text = fs::read(index_file).ok()?;
    let kept: StoredIndex<QuestionIndex> = serde_json::from_slice(&text).ok()?;
    let index = kept.index;
    let mut end = 0;
    let mut rows = index.rows.iter();
    let in_order = rows.all(|row| {
        let follows = row.start >= end && row.start < row.end;
        end = row.end;
        follows
    });
    let numbered = (0..).zip(&index.cards).all(|(n, card)| n == card.number);
    let whole = (kept.form, kept.version) == (FORM, version)
        && index.size_bytes == version.size_bytes
        && index.cards.len() == index.rows.len()
        && !index.cards.is_empty()
        && in_order
        && numbered
        && end <= version.size_bytes;
    whole.then_some(index)
}

impl QuestionSource for FileQuestions {
    fn source(&self) -> &TextSource {
        &self.source
    }

    fn len(&self) -> usize {
        self.index.cards.len()
    }

    fn cards(&self) -> &[QuestionCard] {
        &self.index.cards
    }

    fn question(&self, number: u32) -> Result<LongBenchQuestion, String> {
        let (name, has) = (&self.source.name, self.len());
        let at = number as usize;
        let (Some(card), Some(row)) = (self.index.cards.get(at), self.index.rows.get(at)) else {
            return Err(format!("`{name}` has {has} questions, got number {number}"));
        };
        let row = self
            .row(row.clone())
            .map_err(|error| crate::errors::chain(&error))?;
        let question = parse(&row).map_err(|faults| format!("`{name}`: {}", faults.join("; ")))?;
        match question.id == card.id {
            true => Ok(question),
            false => Err(format!(
                "`{name}`: question {number} has the id {:?}, expected {:?} as it was indexed",
                question.id, card.id
            )),
        }
    }
}
