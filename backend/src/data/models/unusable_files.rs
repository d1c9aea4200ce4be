//! Files that look like models but are not.

use std::fs;
use std::io;
use std::path::Path;

use super::{CONFIG, ModelError, NamedModel, bad};
use crate::named_file;

/// A file, or something else, with a model's ending, or a folder with a model's file, whose name or
/// kind is not one that can be used.
pub(super) fn odd_one(path: &Path, id: String, named: Option<ModelError>) -> Option<NamedModel> {
    let is_gguf = path.extension().is_some_and(|ending| ending == "gguf");
    let config = path.join(CONFIG);
    // A link that leads nowhere as well.
    let is_folder = fs::symlink_metadata(&config).is_ok();
    // A file of metadata that macOS adds.
    if !(is_gguf || is_folder) || id.starts_with("._") {
        return None;
    }
    let fault = match named {
        Some(name) => name,
        None if is_gguf => bad(path, why(path)?),
        None => bad(path, format!("`{CONFIG}`: {}", why(&config)?)),
    };
    Some((id, Err(fault)))
}

/// Why what is at `path` is no file that can be read.
fn why(path: &Path) -> Option<String> {
    let error = named_file::open(path).err()?;
    Some(match error.kind() {
        io::ErrorKind::NotFound => "it is a link to a file that is not there".to_owned(),
        _ => error.to_string(),
    })
}
