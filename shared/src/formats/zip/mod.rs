//! The archives that Inspect writes, read and written without trust in what they claim.
//!
//! Stored, deflated and zstandard members are read; deflated ones are written. No encryption, no
//! archives in parts. Where a name stands twice, the last one holds, as in Python's `zipfile`.

mod read; // reads an archive from memory
mod write; // writes an archive to memory

pub(super) use read::{ArchiveReader, WHOLE_ARCHIVE};
pub(super) use write::ArchiveWriter;

use super::error::FormatProblem;
use super::row::ExportFile;

/// Files as one archive, where only one file can be saved.
///
/// # Errors
/// [`FormatProblem::TooLarge`]: more than an archive of this kind holds.
pub fn archive(files: &[ExportFile]) -> Result<Vec<u8>, FormatProblem> {
    let mut archive = ArchiveWriter::default();
    for file in files {
        archive.add(&file.path, &file.bytes)?;
    }
    archive.finish()
}

/// How much of an archive is unpacked at most, in bytes.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct ZipLimits {
    /// Of one member.
    pub member: u64,
    /// Of all members together.
    pub total: u64,
}

impl Default for ZipLimits {
    /// 256 MiB a member, 2 GiB in all: a sample of a million tokens is about 10 MiB.
    fn default() -> Self {
        Self {
            member: 256 << 20,
            total: 2 << 30,
        }
    }
}

#[cfg(test)]
mod tests;
