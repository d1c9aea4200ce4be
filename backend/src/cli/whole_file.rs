//! Files that appear when they are complete.

use std::io::{BufWriter, Write};
use std::path::Path;

use anyhow::Context;

/// Writes beside `path` and renames, so that `path` is the old file or the whole new one.
pub(super) fn write(
    path: &Path,
    write: impl FnOnce(&mut dyn Write) -> anyhow::Result<()>,
) -> anyhow::Result<()> {
    let folder = path
        .parent()
        .filter(|folder| !folder.as_os_str().is_empty());
    let named = || format!("cannot write `{}`", path.display());
    let file = tempfile::Builder::new()
        .permissions_of_new_file()
        .tempfile_in(folder.unwrap_or(Path::new(".")))
        .with_context(named)?;
    let mut out = BufWriter::new(file);
    write(&mut out).with_context(named)?;
    let file = out
        .into_inner()
        .map_err(|e| e.into_error())
        .with_context(named)?;
    file.as_file().sync_all().with_context(named)?;
    file.persist(path)
        .map_err(|e| e.error)
        .with_context(named)?;
    Ok(())
}

/// A temporary file is private by default; this one is to become an ordinary file.
trait Ordinary {
    fn permissions_of_new_file(&mut self) -> &mut Self;
}

impl Ordinary for tempfile::Builder<'_, '_> {
    #[cfg(unix)]
    fn permissions_of_new_file(&mut self) -> &mut Self {
        use std::os::unix::fs::PermissionsExt;
        // The umask of the user still applies.
        self.permissions(std::fs::Permissions::from_mode(0o666))
    }

    #[cfg(not(unix))]
    fn permissions_of_new_file(&mut self) -> &mut Self {
        self
    }
}
