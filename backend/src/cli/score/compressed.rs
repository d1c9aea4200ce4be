//! Files that are reported but not read: compressed ones, and those of other programs.

use std::path::Path;

use anyhow::anyhow;
use fathom_shared::formats::OtherProgram;
use serde_json::Value as Json;

use super::file_kind::beginning;
use crate::errors::shortened;
use crate::named_file::{self, SMALL};

/// Fields of another program's file that are named.
const FIELDS: usize = 5;

/// Extensions of compressed files.
const ENDINGS: [&str; 9] = [
    ".gz", ".zst", ".xz", ".bz2", ".lz4", ".zip", ".7z", ".tar", ".tgz",
];

/// The name without the extension for compression, if the file is compressed.
fn inner(path: &Path) -> Option<&str> {
    let name = path.file_name()?.to_str()?;
    ENDINGS.iter().find_map(|end| name.strip_suffix(end))
}

/// Whether a file is compressed and its inner name is `wanted`.
pub(super) fn holds(path: &Path, wanted: impl Fn(&Path) -> bool) -> bool {
    inner(path).is_some_and(|inner| wanted(Path::new(inner)))
}

/// The message about a compressed file.
pub(super) fn told(path: &Path) -> String {
    format!("`{}`: it is compressed; unpack it first", path.display())
}

/// # Errors
/// The file is compressed, judging by its name.
pub(super) fn refuse(path: &Path) -> anyhow::Result<()> {
    anyhow::ensure!(inner(path).is_none(), told(path));
    Ok(())
}

/// The error for a file that is not a results file.
pub(super) fn unknown(path: &Path) -> anyhow::Error {
    let shown = path.display();
    refuse(path).err().unwrap_or_else(|| {
        let got = got(path);
        anyhow!("`{shown}`: got {got}, expected *.jsonl, *.eval or a JSON log of Inspect")
    })
}

/// The program that wrote a file of results that is not read.
pub(super) fn other_program(path: &Path) -> Option<OtherProgram> {
    OtherProgram::of(&beginning(path)?)
}

/// What a file is that holds no results we know.
fn got(path: &Path) -> String {
    if let Some(what) = named_file::other_kind(path) {
        return what.to_owned();
    }
    if let Some(program) = other_program(path) {
        return program.to_string();
    }
    let bytes = named_file::read(path, SMALL).unwrap_or_default();
    match serde_json::from_slice::<Json>(&bytes) {
        Ok(Json::Array(items)) => format!("a JSON list of {}", items.len()),
        Ok(Json::Object(fields)) if !fields.is_empty() => {
            let names = fields.keys().take(FIELDS);
            let names: Vec<String> = names.map(|name| shortened(name, 40)).collect();
            format!("a JSON object with the fields {}", names.join(", "))
        }
        _ => "a file of another kind".to_owned(),
    }
}
