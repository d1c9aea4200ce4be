//! Writing an archive into memory.

use std::io::Write;

use flate2::write::DeflateEncoder;
use flate2::{Compression, Crc};

use super::{CENTRAL, DEFLATED, END, LOCAL};
use crate::formats::error::FormatProblem;

/// An archive that grows member by member; the same members give the same bytes.
#[derive(Default)]
pub(in crate::formats) struct ZipWriter {
    out: Vec<u8>,
    directory: Vec<u8>,
    count: u16,
}

/// 1 January 1980, the first day that the format knows: no clock is read here.
const DATE: u16 = (1 << 5) | 1;
/// Names are UTF-8.
const FLAGS: u16 = 1 << 11;
/// The version of the format that knows deflate.
const VERSION: u16 = 20;

impl ZipWriter {
    /// Adds a member, deflated.
    pub(in crate::formats) fn add(
        &mut self,
        name: &str,
        bytes: &[u8],
    ) -> Result<(), FormatProblem> {
        let packed = deflate(bytes).map_err(|e| FormatProblem::Archive(e.to_string()))?;
        let mut crc = Crc::new();
        crc.update(bytes);
        let mut record = Vec::new();
        for number in [VERSION, FLAGS, DEFLATED, 0, DATE] {
            record.extend_from_slice(&number.to_le_bytes());
        }
        let name_length = u16::try_from(name.len()).map_err(|_| too_large("a name"))?;
        for number in [crc.sum(), size(packed.len())?, size(bytes.len())?] {
            record.extend_from_slice(&number.to_le_bytes());
        }
        record.extend_from_slice(&name_length.to_le_bytes());
        record.extend_from_slice(&0_u16.to_le_bytes());
        let at = size(self.out.len())?;
        self.out.extend_from_slice(LOCAL);
        self.out.extend_from_slice(&record);
        self.out.extend_from_slice(name.as_bytes());
        self.out.extend_from_slice(&packed);
        self.directory.extend_from_slice(CENTRAL);
        self.directory.extend_from_slice(&VERSION.to_le_bytes());
        self.directory.extend_from_slice(&record);
        // Comment, disk, and attributes within and without: nothing.
        self.directory.extend_from_slice(&[0; 10]);
        self.directory.extend_from_slice(&at.to_le_bytes());
        self.directory.extend_from_slice(name.as_bytes());
        self.count = self
            .count
            .checked_add(1)
            .filter(|count| *count < u16::MAX)
            .ok_or_else(|| too_large("the number of members"))?;
        Ok(())
    }

    /// The archive's bytes.
    pub(in crate::formats) fn finish(mut self) -> Result<Vec<u8>, FormatProblem> {
        let start = size(self.out.len())?;
        self.out.extend_from_slice(&self.directory);
        self.out.extend_from_slice(END);
        self.out.extend_from_slice(&[0; 4]);
        for _ in 0..2 {
            self.out.extend_from_slice(&self.count.to_le_bytes());
        }
        let length = size(self.directory.len())?;
        self.out.extend_from_slice(&length.to_le_bytes());
        self.out.extend_from_slice(&start.to_le_bytes());
        self.out.extend_from_slice(&[0; 2]);
        Ok(self.out)
    }
}

fn deflate(bytes: &[u8]) -> std::io::Result<Vec<u8>> {
    let mut encoder = DeflateEncoder::new(Vec::new(), Compression::default());
    encoder.write_all(bytes)?;
    encoder.finish()
}

/// A size of the plain format, which ends at 4 GiB.
fn size(length: usize) -> Result<u32, FormatProblem> {
    match u32::try_from(length) {
        Ok(length) if length < u32::MAX => Ok(length),
        _ => Err(too_large("a member or the archive")),
    }
}

fn too_large(what: &str) -> FormatProblem {
    FormatProblem::Archive(format!(
        "{what} is too large for a plain zip archive; write fewer rows into one file"
    ))
}
