//! What looks like a model without being one.

use std::path::Path;

use super::{ModelError, NamedModel, bad};
use crate::named_file;

/// A file, or something else, with a model's ending, or a folder with a model's file, whose name or
/// kind is not one that can be used.
pub(super) fn odd_one(path: &Path, id: String, named: Option<ModelError>) -> Option<NamedModel> {
    let is_gguf = path.extension().is_some_and(|ending| ending == "gguf");
    let is_folder = path.join("config.json").is_file();
    // What macOS keeps beside a file.
    if !(is_gguf || is_folder) || id.starts_with("._") {
        return None;
    }
    let fault = match named {
        Some(name) => name,
        None => {
            let why = named_file::open(path).err()?;
            bad(path, why.to_string())
        }
    };
    Some((id, Err(fault)))
}
