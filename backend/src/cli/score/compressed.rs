//! Compressed files, which are told and not read.

use std::path::Path;

use anyhow::anyhow;

/// How their names end.
const ENDINGS: [&str; 9] = [
    ".gz", ".zst", ".xz", ".bz2", ".lz4", ".zip", ".7z", ".tar", ".tgz",
];

/// The name of what a file holds, where it is compressed.
fn inner(path: &Path) -> Option<&str> {
    let name = path.file_name()?.to_str()?;
    ENDINGS.iter().find_map(|end| name.strip_suffix(end))
}

/// Whether a file is compressed and what it holds has a name that is `wanted`.
pub(super) fn holds(path: &Path, wanted: impl Fn(&Path) -> bool) -> bool {
    inner(path).is_some_and(|inner| wanted(Path::new(inner)))
}

/// What is said of a compressed file.
pub(super) fn told(path: &Path) -> String {
    format!("`{}`: it is compressed; unpack it first", path.display())
}

/// # Errors
/// A file that is compressed, by its name.
pub(super) fn refuse(path: &Path) -> anyhow::Result<()> {
    anyhow::ensure!(inner(path).is_none(), told(path));
    Ok(())
}

/// Why a file is none of results.
pub(super) fn unknown(path: &Path) -> anyhow::Error {
    let shown = path.display();
    refuse(path).err().unwrap_or_else(|| {
        anyhow!("`{shown}`: got this file, expected *.jsonl, *.eval or a JSON log of Inspect")
    })
}
