//! The SHA-256 of a model, stored next to it, so that a start need not read the weights again.

use std::fs::{self, File};
use std::io::{self, Read};
use std::path::{Path, PathBuf};
use std::time::UNIX_EPOCH;

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

/// The kinds of files that make up a folder's model.
const KINDS: [&str; 4] = ["json", "safetensors", "jinja", "txt"];

/// SHA-256 in hex: of the file at `path`, or of a folder's model. The latter is taken over its files
/// in the order of their names: each name, a zero byte, the size as 8 bytes, the content.
pub(super) fn hash_of(path: &Path) -> io::Result<String> {
    let files = files(path)?;
    let stamps = stamps(&files)?;
    let note = note(path);
    let noted = fs::read(&note).ok();
    let noted = noted.and_then(|text| serde_json::from_slice::<HashRecord>(&text).ok());
    if let Some(noted) = noted.filter(|noted| noted.files == stamps) {
        return Ok(noted.sha256);
    }
    let mut hasher = Sha256::new();
    for (file, stamp) in files.iter().zip(&stamps) {
        if path.is_dir() {
            hasher.update(stamp.name.as_bytes());
            hasher.update([0]);
            hasher.update(stamp.size_bytes.to_le_bytes());
        }
        read(file, &mut hasher)?;
    }
    let sha256 = hex::encode(hasher.finalize());
    let files = stamps;
    let text = serde_json::to_vec(&HashRecord {
        files,
        sha256: sha256.clone(),
    })?;
    if let Err(error) = fs::write(&note, text) {
        tracing::debug!(%error, "hash not noted; it is made again next time");
    }
    Ok(sha256)
}

/// What changes when any of these files does.
pub(super) fn stamps(files: &[PathBuf]) -> io::Result<Vec<FileStamp>> {
    files.iter().map(|file| FileStamp::of(file)).collect()
}

/// The files of a model, by name.
pub(super) fn files(path: &Path) -> io::Result<Vec<PathBuf>> {
    if !path.is_dir() {
        return Ok(vec![path.to_owned()]);
    }
    let mut files = Vec::new();
    let templates = path.join("additional_chat_templates");
    let more = fs::read_dir(templates).into_iter().flatten();
    for entry in fs::read_dir(path)?.chain(more) {
        let path = entry?.path();
        let kind = path.extension().and_then(|kind| kind.to_str());
        let hidden = path
            .file_name()
            .is_some_and(|name| name.as_encoded_bytes()[0] == b'.');
        if path.is_file() && !hidden && kind.is_some_and(|kind| KINDS.contains(&kind)) {
            files.push(path);
        }
    }
    files.sort_unstable();
    Ok(files)
}

/// A hidden file next to the model.
fn note(path: &Path) -> PathBuf {
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    path.with_file_name(format!(".{name}.sha256.json"))
}

#[derive(PartialEq, Serialize, Deserialize)]
struct HashRecord {
    files: Vec<FileStamp>,
    sha256: String,
}

/// What changes when a file does.
#[derive(PartialEq, Debug, Serialize, Deserialize)]
pub(super) struct FileStamp {
    name: String,
    size_bytes: u64,
    /// Text, as JSON's numbers do not hold it.
    modified_ns: String,
}

impl FileStamp {
    fn of(path: &Path) -> io::Result<Self> {
        let data = fs::metadata(path)?;
        let modified = data
            .modified()?
            .duration_since(UNIX_EPOCH)
            .unwrap_or_default();
        Ok(Self {
            name: path
                .file_name()
                .unwrap_or_default()
                .to_string_lossy()
                .into_owned(),
            size_bytes: data.len(),
            modified_ns: modified.as_nanos().to_string(),
        })
    }
}

fn read(path: &Path, hasher: &mut Sha256) -> io::Result<()> {
    let (mut file, mut buffer) = (File::open(path)?, vec![0; 1 << 20]);
    loop {
        match file.read(&mut buffer)? {
            0 => return Ok(()),
            read => hasher.update(&buffer[..read]),
        }
    }
}
