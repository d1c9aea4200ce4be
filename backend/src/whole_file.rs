//! Output: a regular file is the old one or the whole new one; anything else is written into.
//!
//! | what stands at the path | what happens |
//! |---|---|
//! | nothing | a temporary file beside it is written, then renamed |
//! | a regular file | the same; the new file has the old one's mode and owner; another name of the old one (a hard link) keeps it |
//! | a link | it stays, and what it leads to is written by these rules |
//! | a device, a pipe, `/dev/stdout` or another open descriptor | the whole output is written into it |
//! | a folder | an error |
//!
//! Where a file may be written but not replaced (its owner cannot be given to a new one, its
//! folder is read-only, it is mounted by itself), the finished output is copied into it, what it
//! grows by first, so that a full disk leaves the old content whole.

use std::fs::{self, File, Metadata, OpenOptions};
use std::io::{self, BufWriter, Read, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};

use anyhow::Context;
use tempfile::{NamedTempFile, SpooledTempFile};

/// Links that are followed at most, as Linux does.
const LINKS: usize = 40;

/// Output for a device or a pipe is kept in memory up to this many bytes before it is written.
const IN_MEMORY: usize = 16 << 20;

/// Writes the output of `write` to `path`; when that fails, `path` is as it was.
///
/// # Errors
/// That of `write`, or of the file system, with the path.
pub fn write(
    path: &Path,
    write: impl FnOnce(&mut dyn Write) -> anyhow::Result<()>,
) -> anyhow::Result<()> {
    let named = || format!("cannot write `{}`", path.display());
    match TargetKind::of(path).with_context(named)? {
        TargetKind::Stream(mut into) => stream(&mut into, write).with_context(named),
        TargetKind::New(file) => {
            let mut made = beside(&file).with_context(named)?;
            fill(&mut made, write).with_context(named)?;
            let kept = made.persist(&file).map_err(|error| error.error);
            kept.map(drop).with_context(named)
        }
        TargetKind::Old(old) => {
            let mut made = match beside(&old.path) {
                Err(error) if not_allowed(&error) => NamedTempFile::new(),
                made => made,
            }
            .with_context(named)?;
            fill(&mut made, write).with_context(named)?;
            old.replace(made).with_context(named)
        }
    }
}

/// Writes the output of `write` into something that cannot be taken back: complete before the first
/// byte, so that whoever reads does not take half for the whole.
///
/// # Errors
/// That of `write`, or of `into`.
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

/// Makes the finished file at `made` the one at `path`; `made` is gone afterwards.
///
/// # Errors
/// That of the file system; then both are as they were.
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
    // Into a stream, or to another disk.
    write(path, |out| {
        io::copy(&mut File::open(made)?, out)?;
        Ok(())
    })
    .map_err(io::Error::other)?;
    fs::remove_file(made)
}

/// What stands at a path, seen through links.
enum TargetKind {
    /// Nothing; the file that is to be.
    New(PathBuf),
    Old(ExistingFile),
    /// Something that is no regular file, open for writing.
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
        // Who may not write a file may not replace it either.
        Ok(Self::Old(ExistingFile {
            path: fs::canonicalize(path)?,
            file: OpenOptions::new().write(true).open(path)?,
            meta,
        }))
    }
}

/// The path and what it links to, one after the other.
fn chain(path: &Path) -> io::Result<Vec<PathBuf>> {
    let mut chain = vec![path.to_owned()];
    let mut at = path.to_owned();
    while let Ok(target) = fs::read_link(&at) {
        if chain.len() > LINKS {
            let why = format!("more than {LINKS} links lead from one to the next");
            return Err(io::Error::other(why));
        }
        at = at.parent().unwrap_or(Path::new("")).join(target);
        chain.push(at.clone());
    }
    Ok(chain)
}

/// Whether a path names a descriptor that this or another process holds open, as `/dev/stdout`
/// does: a file behind it is in use and must stay that file.
fn is_descriptor(path: &Path) -> bool {
    let folder = path
        .parent()
        .and_then(|folder| fs::canonicalize(folder).ok());
    folder.is_some_and(|folder| folder.starts_with("/proc") || folder.starts_with("/dev/fd"))
}

/// A new file in the folder of `file`, with the mode of an ordinary one.
fn beside(file: &Path) -> io::Result<NamedTempFile> {
    let folder = file
        .parent()
        .filter(|folder| !folder.as_os_str().is_empty());
    let mut builder = tempfile::Builder::new();
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        // The umask of the user still applies.
        builder.permissions(fs::Permissions::from_mode(0o666));
    }
    let folder = folder.unwrap_or(Path::new("."));
    // The library's error names its own file, which nobody asked for.
    builder.tempfile_in(folder).map_err(|error| {
        let why = match error.kind() {
            io::ErrorKind::NotFound => "its folder is not there".to_owned(),
            io::ErrorKind::StorageFull => "No space left on device".to_owned(),
            kind => format!("nothing can be made in its folder: {kind}"),
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
    /// Makes `made` this file: by a new name where that keeps its owner, else by its content.
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

    /// Gives a file the owner and the mode of this one.
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

/// Makes the content of `into` that of `made`. What does not fit on the disk is noticed before a
/// byte of the old content is lost.
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
