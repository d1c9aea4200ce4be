//! Reading an archive that is in memory.

use std::borrow::Cow;
use std::io::{Cursor, Read};

use flate2::Crc;
use ruzstd::decoding::StreamingDecoder;
use zip::result::ZipError;
use zip::{CompressionMethod, ZipArchive};

use super::ZipLimits;
use crate::formats::error::FormatProblem;

/// `zip` unpacks zstandard with a C library, which the page cannot have: such members are taken
/// packed and unpacked here.
const ZSTANDARD: CompressionMethod = CompressionMethod::ZSTD;

/// What is too large where all members together are.
pub(in crate::formats) const WHOLE_ARCHIVE: &str = "the unpacked archive";

/// An archive's members by name.
pub(in crate::formats) struct ArchiveReader<'a> {
    archive: ZipArchive<Cursor<&'a [u8]>>,
    limits: ZipLimits,
    unpacked: u64,
}

fn broken(error: &ZipError) -> FormatProblem {
    FormatProblem::Archive(format!("not a whole zip archive: {error}"))
}

impl<'a> ArchiveReader<'a> {
    /// Reads the list of members.
    pub(in crate::formats) fn open(
        bytes: &'a [u8],
        limits: ZipLimits,
    ) -> Result<Self, FormatProblem> {
        let archive = ZipArchive::new(Cursor::new(bytes)).map_err(|error| broken(&error))?;
        Ok(Self {
            archive,
            limits,
            unpacked: 0,
        })
    }

    /// The members' names, sorted.
    pub(in crate::formats) fn names(&self) -> Vec<String> {
        let mut names: Vec<String> = self
            .archive
            .file_names()
            .filter_map(Result::ok)
            .map(Cow::into_owned)
            .collect();
        names.sort_unstable();
        names
    }

    /// Unpacks a member; nothing where there is none of this name.
    pub(in crate::formats) fn read(
        &mut self,
        name: &str,
    ) -> Result<Option<Vec<u8>>, FormatProblem> {
        let Some(index) = self.archive.index_for_name(name) else {
            return Ok(None);
        };
        let most = self.limits.member.min(self.limits.total - self.unpacked);
        let what = if most < self.limits.member {
            WHOLE_ARCHIVE
        } else {
            "the unpacked member"
        };
        let out = self.unpack(index, most)?;
        let got = out.len() as u64;
        self.unpacked += got.min(most);
        if got > most {
            return Err(FormatProblem::TooLarge { what, most });
        }
        Ok(Some(out))
    }

    fn unpack(&mut self, index: usize, most: u64) -> Result<Vec<u8>, FormatProblem> {
        let packed = self.archive.by_index_raw(index);
        let mut packed = packed.map_err(|error| broken(&error))?;
        if packed.compression() != ZSTANDARD || packed.encrypted() {
            drop(packed);
            let member = self.archive.by_index(index);
            return up_to(member.map_err(|error| broken(&error))?, most);
        }
        let (size, checksum) = (packed.size(), packed.crc32());
        let mut bytes = Vec::new();
        packed.read_to_end(&mut bytes).map_err(unreadable)?;
        let out = unpack_zstandard(&bytes, most)?;
        let mut crc = Crc::new();
        crc.update(&out);
        let got = out.len() as u64;
        // One byte too many was enough to know that it is too large.
        if got <= most && (got != size || crc.sum() != checksum) {
            return Err(FormatProblem::Archive(format!(
                "got {got} bytes with checksum {:08x}, expected {size} with {checksum:08x}",
                crc.sum(),
            )));
        }
        Ok(out)
    }
}

fn unreadable(error: std::io::Error) -> FormatProblem {
    FormatProblem::Archive(format!("cannot be unpacked: {error}"))
}

/// All bytes of `reader`, or one more than `most`.
fn up_to(reader: impl Read, most: u64) -> Result<Vec<u8>, FormatProblem> {
    let mut out = Vec::new();
    let mut reader = reader.take(most.saturating_add(1));
    reader.read_to_end(&mut out).map_err(unreadable)?;
    Ok(out)
}

/// As [`up_to`]; a large member is written as several frames.
fn unpack_zstandard(mut packed: &[u8], most: u64) -> Result<Vec<u8>, FormatProblem> {
    let mut out = Vec::new();
    while !packed.is_empty() && out.len() as u64 <= most {
        let frame = StreamingDecoder::new(&mut packed)
            .map_err(|error| FormatProblem::Archive(format!("zstandard: {error}")))?;
        out.append(&mut up_to(frame, most - out.len() as u64)?);
    }
    Ok(out)
}
