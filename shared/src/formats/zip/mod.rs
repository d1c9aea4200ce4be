//! The archives that Inspect writes, read and written without trust in what they claim.
//!
//! Stored, deflated and zstandard members are read; deflated ones are written. No encryption, no
//! archives in parts. Where a name stands twice, the last one holds, as in Python's `zipfile`.

mod read; // reading an archive that is in memory
mod write; // writing an archive into memory

pub(super) use read::ZipArchive;
pub(super) use write::ZipWriter;

use super::error::FormatProblem;
use super::row::ExportFile;

/// Files as one archive, for whoever takes one file alone.
///
/// # Errors
/// [`FormatProblem::TooLarge`]: more than an archive of this kind holds.
pub fn archive(files: &[ExportFile]) -> Result<Vec<u8>, FormatProblem> {
    let mut archive = ZipWriter::default();
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

const LOCAL: &[u8] = b"PK\x03\x04";
const CENTRAL: &[u8] = b"PK\x01\x02";
const END: &[u8] = b"PK\x05\x06";
const END_64: &[u8] = b"PK\x06\x06";
const END_64_LOCATOR: &[u8] = b"PK\x06\x07";

const STORED: u16 = 0;
const DEFLATED: u16 = 8;
const ZSTANDARD: u16 = 93;

#[cfg(test)]
mod tests;
