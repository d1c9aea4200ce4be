//! A file of the browser, read in place: no copy in memory, no lock against other tabs.

use std::io::{Error, Read, Result, Seek, SeekFrom};

use js_sys::Uint8Array;
use web_sys::{Blob, FileReaderSync};

use super::host::say;

/// Enough that small reads are cheap, little enough that a jump is too.
const AHEAD: u64 = 1 << 20;

/// Reads a [`Blob`]. Works in workers alone.
pub(super) struct BlobReader {
    blob: Blob,
    reader: FileReaderSync,
    size: u64,
    at: u64,
    /// Bytes read ahead, and where they begin.
    ahead: Vec<u8>,
    from: u64,
}

impl BlobReader {
    /// # Errors
    /// A sentence, where the browser cannot read files in workers.
    pub(super) fn new(blob: Blob) -> std::result::Result<Self, String> {
        let reader = FileReaderSync::new().map_err(|error| {
            format!("This browser cannot read files in a worker: {}", say(&error))
        })?;
        Ok(Self {
            size: blob.size() as u64,
            blob,
            reader,
            at: 0,
            ahead: Vec::new(),
            from: 0,
        })
    }

    /// The file's size in bytes.
    pub(super) fn size(&self) -> u64 {
        self.size
    }

    fn fetch(&self, from: u64, to: u64) -> Result<Uint8Array> {
        let part = self
            .blob
            .slice_with_f64_and_f64(from as f64, to as f64)
            .map_err(|error| Error::other(say(&error)))?;
        let buffer = self
            .reader
            .read_as_array_buffer(&part)
            .map_err(|error| Error::other(say(&error)))?;
        Ok(Uint8Array::new(&buffer))
    }
}

impl Read for BlobReader {
    fn read(&mut self, to: &mut [u8]) -> Result<usize> {
        let left = self.size.saturating_sub(self.at);
        if left == 0 || to.is_empty() {
            return Ok(0);
        }
        let held = self.from..self.from + self.ahead.len() as u64;
        if !held.contains(&self.at) {
            if to.len() as u64 >= AHEAD {
                // A weight goes straight to where it belongs.
                let end = self.at + left.min(to.len() as u64);
                let bytes = self.fetch(self.at, end)?;
                let n = bytes.length() as usize;
                bytes.copy_to(&mut to[..n]);
                self.at += n as u64;
                return Ok(n);
            }
            self.ahead = self.fetch(self.at, self.at + left.min(AHEAD))?.to_vec();
            self.from = self.at;
        }
        let skip = (self.at - self.from) as usize;
        let n = to.len().min(self.ahead.len() - skip);
        to[..n].copy_from_slice(&self.ahead[skip..skip + n]);
        self.at += n as u64;
        Ok(n)
    }
}

impl Seek for BlobReader {
    fn seek(&mut self, to: SeekFrom) -> Result<u64> {
        let at = match to {
            SeekFrom::Start(at) => Some(at),
            SeekFrom::Current(by) => self.at.checked_add_signed(by),
            SeekFrom::End(by) => self.size.checked_add_signed(by),
        };
        self.at = at.ok_or_else(|| Error::other("a place before the file's start"))?;
        Ok(self.at)
    }
}
