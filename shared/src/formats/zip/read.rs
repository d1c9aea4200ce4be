//! Reading an archive that is in memory.

use std::collections::BTreeMap;
use std::io::Read;

use flate2::Crc;
use flate2::read::DeflateDecoder;
use ruzstd::decoding::StreamingDecoder;

use super::{CENTRAL, DEFLATED, END, END_64, END_64_LOCATOR, LOCAL, STORED, ZSTANDARD, ZipLimits};
use crate::formats::error::FormatProblem;

/// An archive's members by name.
pub(in crate::formats) struct ZipArchive<'a> {
    bytes: &'a [u8],
    members: BTreeMap<String, ZipMember>,
    limits: ZipLimits,
    unpacked: u64,
}

struct ZipMember {
    method: u16,
    crc: u32,
    packed: u64,
    unpacked: u64,
    header: u64,
}

/// Little-endian numbers out of bytes that may end too early.
struct ByteCursor<'a>(&'a [u8]);

impl<'a> ByteCursor<'a> {
    fn take(&mut self, count: usize) -> Result<&'a [u8], FormatProblem> {
        let (taken, rest) = self
            .0
            .split_at_checked(count)
            .ok_or_else(|| broken("it ends in the middle of a record"))?;
        self.0 = rest;
        Ok(taken)
    }

    fn number(&mut self, count: usize) -> Result<u64, FormatProblem> {
        let bytes = self.take(count)?;
        Ok(bytes
            .iter()
            .rev()
            .fold(0, |sum, byte| (sum << 8) | u64::from(*byte)))
    }

    fn u16(&mut self) -> Result<u16, FormatProblem> {
        // Two bytes fit.
        Ok(self.number(2)? as u16)
    }

    fn u32(&mut self) -> Result<u32, FormatProblem> {
        // Four bytes fit.
        Ok(self.number(4)? as u32)
    }

    fn expect(&mut self, signature: &[u8], what: &str) -> Result<(), FormatProblem> {
        if self.take(signature.len())? == signature {
            return Ok(());
        }
        Err(broken(&format!("{what} is missing where it should be")))
    }
}

fn broken(why: &str) -> FormatProblem {
    FormatProblem::Archive(format!("not a whole zip archive: {why}"))
}

fn from_offset(bytes: &[u8], at: u64) -> Result<ByteCursor<'_>, FormatProblem> {
    let at = usize::try_from(at).ok();
    let rest = at.and_then(|at| bytes.get(at..));
    rest.map(ByteCursor)
        .ok_or_else(|| broken("a record should lie beyond its end"))
}

impl<'a> ZipArchive<'a> {
    /// Reads the list of members.
    pub(in crate::formats) fn open(
        bytes: &'a [u8],
        limits: ZipLimits,
    ) -> Result<Self, FormatProblem> {
        let (count, at) = directory(bytes)?;
        let mut cursor = from_offset(bytes, at)?;
        let mut members = BTreeMap::new();
        // Each entry takes 46 bytes at least, so the file's length bounds the loop.
        for _ in 0..count {
            let (name, member) = entry(&mut cursor)?;
            members.insert(name, member);
        }
        Ok(Self {
            bytes,
            members,
            limits,
            unpacked: 0,
        })
    }

    /// The members' names, sorted.
    pub(in crate::formats) fn names(&self) -> impl Iterator<Item = &str> {
        self.members.keys().map(String::as_str)
    }

    /// Unpacks a member; nothing where there is none of this name.
    pub(in crate::formats) fn read(
        &mut self,
        name: &str,
    ) -> Result<Option<Vec<u8>>, FormatProblem> {
        let Some(member) = self.members.get(name) else {
            return Ok(None);
        };
        let most = self.limits.member.min(self.limits.total - self.unpacked);
        let what = if most < self.limits.member {
            "the unpacked archive"
        } else {
            "the unpacked member"
        };
        let packed = self.packed(member)?;
        let out = match member.method {
            STORED => unpack(packed, most),
            DEFLATED => unpack(DeflateDecoder::new(packed), most),
            ZSTANDARD => unpack_zstandard(packed, most),
            other => {
                return Err(FormatProblem::Archive(format!(
                    "compression method {other} is not known; expected 0 (stored), 8 (deflate) or 93 (zstandard)"
                )));
            }
        }?;
        let got = out.len() as u64;
        if got > most {
            return Err(FormatProblem::TooLarge { what, got, most });
        }
        let mut crc = Crc::new();
        crc.update(&out);
        if got != member.unpacked || crc.sum() != member.crc {
            return Err(FormatProblem::Archive(format!(
                "got {got} bytes with checksum {:08x}, expected {} with {:08x}",
                crc.sum(),
                member.unpacked,
                member.crc
            )));
        }
        self.unpacked += got;
        Ok(Some(out))
    }

    fn packed(&self, member: &ZipMember) -> Result<&'a [u8], FormatProblem> {
        let mut cursor = from_offset(self.bytes, member.header)?;
        cursor.expect(LOCAL, "a member's header")?;
        cursor.take(22)?;
        let (name, extra) = (cursor.u16()?, cursor.u16()?);
        cursor.take(usize::from(name) + usize::from(extra))?;
        let length = usize::try_from(member.packed).unwrap_or(usize::MAX);
        cursor.take(length)
    }
}

/// All bytes of `reader`, or one more than `most`.
fn unpack(reader: impl Read, most: u64) -> Result<Vec<u8>, FormatProblem> {
    let mut out = Vec::new();
    reader
        .take(most.saturating_add(1))
        .read_to_end(&mut out)
        .map_err(|e| FormatProblem::Archive(format!("cannot be unpacked: {e}")))?;
    Ok(out)
}

/// As [`unpack`]; a large member is written as several frames.
fn unpack_zstandard(mut packed: &[u8], most: u64) -> Result<Vec<u8>, FormatProblem> {
    let mut out = Vec::new();
    while !packed.is_empty() && out.len() as u64 <= most {
        let frame = StreamingDecoder::new(&mut packed)
            .map_err(|e| FormatProblem::Archive(format!("zstandard: {e}")))?;
        out.append(&mut unpack(frame, most - out.len() as u64)?);
    }
    Ok(out)
}

/// Where the list of members begins and how many it has.
fn directory(bytes: &[u8]) -> Result<(u64, u64), FormatProblem> {
    // The last record has 22 bytes and a comment of up to 65,535.
    let from = bytes.len().saturating_sub(22 + 65_535);
    let at = bytes[from..]
        .windows(END.len())
        .rposition(|window| window == END)
        .map(|at| from + at)
        .ok_or_else(|| broken("its closing record is missing"))?;
    let mut cursor = ByteCursor(&bytes[at + END.len()..]);
    let (disk, start_disk) = (cursor.u16()?, cursor.u16()?);
    cursor.u16()?;
    let count = u64::from(cursor.u16()?);
    cursor.u32()?;
    let start = u64::from(cursor.u32()?);
    let locator = at.checked_sub(20).map(|at| &bytes[at..]);
    match locator {
        Some(locator) if locator.starts_with(END_64_LOCATOR) => {
            let mut locator = ByteCursor(&locator[END_64_LOCATOR.len() + 4..]);
            directory_64(bytes, locator.number(8)?)
        }
        _ if disk != 0 || start_disk != 0 => Err(broken("it is one part of several")),
        _ => Ok((count, start)),
    }
}

fn directory_64(bytes: &[u8], at: u64) -> Result<(u64, u64), FormatProblem> {
    let mut cursor = from_offset(bytes, at)?;
    cursor.expect(END_64, "the closing record for large archives")?;
    cursor.take(28)?;
    let count = cursor.number(8)?;
    cursor.take(8)?;
    Ok((count, cursor.number(8)?))
}

fn entry(cursor: &mut ByteCursor<'_>) -> Result<(String, ZipMember), FormatProblem> {
    cursor.expect(CENTRAL, "an entry of its list of members")?;
    cursor.take(4)?;
    let flags = cursor.u16()?;
    let method = cursor.u16()?;
    cursor.take(4)?;
    let crc = cursor.u32()?;
    let (packed, unpacked) = (u64::from(cursor.u32()?), u64::from(cursor.u32()?));
    let (name, extra, comment) = (cursor.u16()?, cursor.u16()?, cursor.u16()?);
    cursor.take(8)?;
    let header = u64::from(cursor.u32()?);
    let name = String::from_utf8_lossy(cursor.take(name.into())?).into_owned();
    let mut sizes = [unpacked, packed, header];
    large_sizes(ByteCursor(cursor.take(extra.into())?), &mut sizes)?;
    cursor.take(comment.into())?;
    if flags & 1 == 1 {
        return Err(FormatProblem::Archive(format!(
            "member `{name}` is encrypted"
        )));
    }
    let [unpacked, packed, header] = sizes;
    let member = ZipMember {
        method,
        crc,
        packed,
        unpacked,
        header,
    };
    Ok((name, member))
}

/// Sizes that do not fit 32 bits stand in an extra field, in this order, those that are needed.
fn large_sizes(mut extra: ByteCursor<'_>, sizes: &mut [u64; 3]) -> Result<(), FormatProblem> {
    while extra.0.len() >= 4 {
        let (id, length) = (extra.u16()?, extra.u16()?);
        let mut field = ByteCursor(extra.take(length.into())?);
        if id == 1 {
            for size in sizes
                .iter_mut()
                .filter(|size| **size == u64::from(u32::MAX))
            {
                *size = field.number(8)?;
            }
        }
    }
    Ok(())
}
