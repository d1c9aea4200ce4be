//! Writing an archive into memory.

use std::io::{Cursor, Write};

use zip::write::SimpleFileOptions;
use zip::{CompressionMethod, DateTime, ZipWriter};

use crate::formats::error::FormatProblem;

/// An archive that grows member by member; the same members give the same bytes.
pub(in crate::formats) struct ArchiveWriter(ZipWriter<Cursor<Vec<u8>>>);

impl Default for ArchiveWriter {
    fn default() -> Self {
        Self(ZipWriter::new(Cursor::default()))
    }
}

fn unwritable(error: impl std::fmt::Display) -> FormatProblem {
    FormatProblem::Archive(format!("cannot be written: {error}"))
}

impl ArchiveWriter {
    /// Adds a member, deflated.
    pub(in crate::formats) fn add(
        &mut self,
        name: &str,
        bytes: &[u8],
    ) -> Result<(), FormatProblem> {
        let options = SimpleFileOptions::default()
            .compression_method(CompressionMethod::Deflated)
            // 1 January 1980, the first day that the format knows: no clock is read here.
            .last_modified_time(DateTime::default())
            .large_file(u32::try_from(bytes.len()).is_err());
        self.0.start_file(name, options).map_err(unwritable)?;
        self.0.write_all(bytes).map_err(unwritable)
    }

    /// The archive's bytes.
    pub(in crate::formats) fn finish(self) -> Result<Vec<u8>, FormatProblem> {
        Ok(self.0.finish().map_err(unwritable)?.into_inner())
    }
}
