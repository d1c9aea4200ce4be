//! Writes output: a regular file is either the old one or the complete new one; anything else is
//! written into directly.
//!
//! | what stands at the path | what happens |
//! |---|---|
//! | nothing | a temporary file beside it is written, then renamed |
//! | a regular file | the same; the new file has the old one's mode and owner; another name of the old one (a hard link) keeps it |
//! | a link | it stays, and what it leads to is written by these rules |
//! | a device, a pipe, `/dev/stdout` or another open descriptor | the whole output is written into it |
//! | a folder | an error |
//!
//! If a file may be written but not replaced (its owner cannot be given to a new file, its folder
//! is read-only, or it is a mount point), the finished output is copied into it. Any growth is
//! written first, so that a full disk leaves the old content intact.

use std::fs::{self, File, Metadata, OpenOptions};
use std::io::{self, BufWriter, Read, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};

use anyhow::Context;
use tempfile::{NamedTempFile, SpooledTempFile};

/// The most links that are followed, the same as in Linux.
const LINKS: usize = 40;

/// Output for a device or a pipe is buffered in memory up to this many bytes before it is written.
const IN_MEMORY: usize = 16 << 20;

/// Writes the output of `write` to `path`; on failure, `path` is unchanged.
///
/// # Errors
/// The error of `write`, or of the file system; file system errors name the path.
pub fn write(
    path: &Path,
    write: impl FnOnce(&mut dyn Write) -> anyhow::Result<()>,
) -> anyhow::Result<()> {
    let named = || format!("cannot write `{}`", path.display());
    match TargetKind::of(path).with_context(named)? {
        TargetKind::Stream(mut into) => stream(&mut into, write).map_err(|e| of(e, named)),
        TargetKind::New(file) => {
            let mut made = beside(&file).with_context(named)?;
            fill(&mut made, write).map_err(|e| of(e, named))?;
            let kept = made.persist(&file).map_err(|error| error.error);
            kept.map(drop).with_context(named)
        }
        TargetKind::Old(old) => {
            let mut made = match beside(&old.path) {
                Err(error) if not_allowed(&error) => NamedTempFile::new(),
                made => made,
            }
            .with_context(named)?;
            fill(&mut made, write).map_err(|e| of(e, named))?;
            old.replace(made).with_context(named)
        }
    }
}

/// Whether the file system reported the error; `serde_json` hides the source of an I/O error.
fn is_io(cause: &(dyn std::error::Error + 'static)) -> bool {
    let json = cause.downcast_ref::<serde_json::Error>();
    cause.is::<io::Error>() || json.is_some_and(serde_json::Error::is_io)
}

/// Adds the file's name to a file system error; other errors stay as they are.
fn of(error: anyhow::Error, named: impl FnOnce() -> String) -> anyhow::Error {
    match error.chain().any(is_io) {
        true => error.context(named()),
        false => error,
    }
}

/// Writes the output of `write` into a stream that cannot be undone. The output is complete before
/// the first byte is sent, so that a reader never mistakes half of it for the whole.
///
/// # Errors
/// The error of `write`, or of `into`.
pub fn stream(
    into: &mut dyn Write,
    write: impl FnOnce(&mut dyn Write) -> anyhow::Result<()>,
) -> anyhow::Result<()> {
    let mut out = BufWriter::new(SpooledTempFile::new(IN_MEMORY));
    write(&mut out)?;
    let mut made = out.into_inner().map_err(|error| error.into_error())?;
    made.rewind()?;
    io::copy(&mut made, into)?;
    Ok(into.flush()?)
}

/// Moves the finished file at `made` to `path`; `made` is gone afterwards.
///
/// # Errors
/// The file system's error; then both files are unchanged.
pub fn put(made: &Path, path: &Path) -> io::Result<()> {
    match TargetKind::of(path)? {
        TargetKind::New(file) if fs::rename(made, &file).is_ok() => return Ok(()),
        TargetKind::Old(old)
            if old.give_looks(&File::open(made)?).is_ok()
                && fs::rename(made, &old.path).is_ok() =>
        {
            return Ok(());
        }
        _ => {}
    }
    // The target is a stream, or on another disk.
    write(path, |out| {
        io::copy(&mut File::open(made)?, out)?;
        Ok(())
    })
    .map_err(io::Error::other)?;
    fs::remove_file(made)
}

/// What is found at a path after following links.
enum TargetKind {
    /// Nothing; this is the path of the new file.
    New(PathBuf),
    Old(ExistingFile),
    /// Something other than a regular file, open for writing.
    Stream(File),
}

/// A regular file that may be written.
struct ExistingFile {
    path: PathBuf,
    file: File,
    meta: Metadata,
}

impl TargetKind {
    fn of(path: &Path) -> io::Result<Self> {
        let chain = chain(path)?;
        let meta = match fs::metadata(path) {
            Ok(meta) => meta,
            Err(error) if error.kind() == io::ErrorKind::NotFound => {
                let end = chain.last().map_or(path, PathBuf::as_path);
                return Ok(Self::New(end.to_owned()));
            }
            Err(error) => return Err(error),
        };
        if meta.is_dir() {
            let why = "it is a folder, expected a file";
            return Err(io::Error::new(io::ErrorKind::IsADirectory, why));
        }
        if !meta.is_file() || chain.iter().any(|link| is_descriptor(link)) {
            return Ok(Self::Stream(OpenOptions::new().append(true).open(path)?));
        }
        // A user who may not write a file may not replace it either.
        Ok(Self::Old(ExistingFile {
            path: fs::canonicalize(path)?,
            file: OpenOptions::new().write(true).open(path)?,
            meta,
        }))
    }
}

/// The path and each of its link targets, in order.
fn chain(path: &Path) -> io::Result<Vec<PathBuf>> {
    let mut chain = vec![path.to_owned()];
    let mut at = path.to_owned();
    while let Ok(target) = fs::read_link(&at) {
        if chain.len() > LINKS {
            let why = format!("it leads through more than {LINKS} links");
            return Err(io::Error::other(why));
        }
        at = at.parent().unwrap_or(Path::new("")).join(target);
        chain.push(at.clone());
    }
    Ok(chain)
}

/// Whether a path names an open descriptor of this or another process, as `/dev/stdout` does: a
/// file behind it is in use and must not be replaced.
fn is_descriptor(path: &Path) -> bool {
    let folder = path
        .parent()
        .and_then(|folder| fs::canonicalize(folder).ok());
    folder.is_some_and(|folder| folder.starts_with("/proc") || folder.starts_with("/dev/fd"))
}

/// A new file in the same folder as `file`, with ordinary permissions.
fn beside(file: &Path) -> io::Result<NamedTempFile> {
    let folder = file
        .parent()
        .filter(|folder| !folder.as_os_str().is_empty());
    let mut builder = tempfile::Builder::new();
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        // The user's umask still applies.
        builder.permissions(fs::Permissions::from_mode(0o666));
    }
    let folder = folder.unwrap_or(Path::new("."));
    // The library's error names its temporary file, which would confuse the user.
    builder.tempfile_in(folder).map_err(|error| {
        let why = match error.kind() {
            io::ErrorKind::NotFound => "its folder does not exist".to_owned(),
            io::ErrorKind::StorageFull => "No space left on device".to_owned(),
            kind => format!("no file can be created in its folder: {kind}"),
        };
        io::Error::new(error.kind(), why)
    })
}

fn fill(
    made: &mut NamedTempFile,
    write: impl FnOnce(&mut dyn Write) -> anyhow::Result<()>,
) -> anyhow::Result<()> {
    let mut out = BufWriter::new(made.as_file_mut());
    write(&mut out)?;
    out.into_inner().map_err(|error| error.into_error())?;
    Ok(made.as_file().sync_all()?)
}

/// Whether a file cannot be replaced, although it may be writable.
fn not_allowed(error: &io::Error) -> bool {
    use io::ErrorKind::{CrossesDevices, PermissionDenied, ReadOnlyFilesystem, ResourceBusy};
    matches!(
        error.kind(),
        PermissionDenied | ReadOnlyFilesystem | ResourceBusy | CrossesDevices
    )
}

impl ExistingFile {
    /// Turns `made` into this file: by renaming if that keeps the owner, else by copying its
    /// content.
    fn replace(mut self, made: NamedTempFile) -> io::Result<()> {
        let made = match self.give_looks(made.as_file()) {
            Ok(()) => match made.persist(&self.path) {
                Ok(_) => return Ok(()),
                Err(error) if not_allowed(&error.error) => error.file,
                Err(error) => return Err(error.error),
            },
            Err(error) if not_allowed(&error) => made,
            Err(error) => return Err(error),
        };
        copy_into(&mut made.reopen()?, &mut self.file)
    }

    /// Gives a file the owner and mode of this one.
    fn give_looks(&self, made: &File) -> io::Result<()> {
        #[cfg(unix)]
        {
            use std::os::unix::fs::{MetadataExt, fchown};
            let new = made.metadata()?;
            if (new.uid(), new.gid()) != (self.meta.uid(), self.meta.gid()) {
                fchown(made, Some(self.meta.uid()), Some(self.meta.gid()))?;
            }
        }
        made.set_permissions(self.meta.permissions())
    }
}

/// Copies the content of `made` into `into`. A full disk is noticed before any byte of the old
/// content is lost.
fn copy_into(made: &mut File, into: &mut File) -> io::Result<()> {
    let (before, after) = (into.metadata()?.len(), made.metadata()?.len());
    if after > before {
        made.seek(SeekFrom::Start(before))?;
        into.seek(SeekFrom::Start(before))?;
        let grown = io::copy(made, into).and_then(|_| into.sync_all());
        if let Err(error) = grown {
            into.set_len(before)?;
            return Err(error);
        }
    }
    made.rewind()?;
    into.rewind()?;
    io::copy(&mut made.take(before.min(after)), into)?;
    into.set_len(after)?;
    into.sync_all()
}

#[cfg(all(test, unix))]
mod tests;
