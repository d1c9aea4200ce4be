//! Little-endian numbers from a file that may lie about its size.

use std::io::{BufReader, Read};

use super::{GgufError, GgufValue};

/// No header is longer: that of a vocabulary of 256,000 tokens has 15 MB.
const HEADER: u64 = 256 << 20;
/// No header lists more things.
const ITEMS: u64 = 1 << 24;

/// Reads forward and knows how much is left.
pub(super) struct GgufReader<'a, R> {
    file: BufReader<&'a mut R>,
    at: u64,
    size: u64,
    /// How many things were listed so far.
    items: u64,
}

impl<'a, R: Read> GgufReader<'a, R> {
    pub(super) fn new(file: &'a mut R, size: u64) -> Self {
        let file = BufReader::with_capacity(1 << 16, file);
        Self {
            file,
            at: 0,
            size,
            items: 0,
        }
    }

    /// Bytes read.
    pub(super) fn at(&self) -> u64 {
        self.at
    }

    fn take(&mut self, what: &str, want: u64) -> Result<(), GgufError> {
        let got = self.size - self.at;
        if want > got {
            let what = what.to_owned();
            return Err(GgufError::Truncated { what, want, got });
        }
        self.at += want;
        if self.at > HEADER {
            let text = format!("its header goes beyond {HEADER} bytes with {what}");
            return Err(GgufError::Damaged(text));
        }
        Ok(())
    }

    pub(super) fn array<const N: usize>(&mut self, what: &str) -> Result<[u8; N], GgufError> {
        self.take(what, N as u64)?;
        let mut bytes = [0; N];
        self.file.read_exact(&mut bytes)?;
        Ok(bytes)
    }

    pub(super) fn u32(&mut self, what: &str) -> Result<u32, GgufError> {
        self.array(what).map(u32::from_le_bytes)
    }

    pub(super) fn u64(&mut self, what: &str) -> Result<u64, GgufError> {
        self.array(what).map(u64::from_le_bytes)
    }

    /// A number of things of at least `bytes` bytes each, all of which must still fit.
    pub(super) fn count(&mut self, what: &str, bytes: u64) -> Result<u64, GgufError> {
        let count = self.u64(what)?;
        let want = count.saturating_mul(bytes);
        let got = self.size - self.at;
        if want > got {
            let what = format!("{what}, {count},");
            return Err(GgufError::Truncated { what, want, got });
        }
        Ok(count)
    }

    /// The same for things that are kept one by one.
    pub(super) fn list_of(&mut self, what: &str, bytes: u64) -> Result<u64, GgufError> {
        let count = self.count(what, bytes)?;
        self.items = self.items.saturating_add(count);
        if self.items > ITEMS {
            let text = format!("its header lists more than {ITEMS} things with {what}");
            return Err(GgufError::Damaged(text));
        }
        Ok(count)
    }

    pub(super) fn string(&mut self, what: &str) -> Result<String, GgufError> {
        let length = self.count(what, 1)?;
        self.take(what, length)?;
        // No longer than the file, as `count` saw to.
        let mut bytes = vec![0; usize::try_from(length).unwrap_or(0)];
        self.file.read_exact(&mut bytes)?;
        String::from_utf8(bytes).map_err(|_| GgufError::Damaged(format!("{what} is not UTF-8")))
    }

    /// A value of a kind of the format's table.
    pub(super) fn value(&mut self, key: &str, kind: u32) -> Result<GgufValue, GgufError> {
        Ok(match kind {
            6 | 12 => GgufValue::Float(self.float(key, kind)?),
            8 => GgufValue::Str(self.string(key)?),
            9 => {
                let kind = self.u32(key)?;
                self.list(key, kind)?
            }
            _ => GgufValue::Int(self.int(key, kind)?),
        })
    }

    fn list(&mut self, key: &str, kind: u32) -> Result<GgufValue, GgufError> {
        let least = match kind {
            0 | 1 | 7 => 1,
            2 | 3 => 2,
            4..=6 => 4,
            8 | 10..=12 => 8,
            _ => {
                return Err(GgufError::Damaged(format!(
                    "`{key}` is a list of kind {kind}"
                )));
            }
        };
        let count = self.list_of(key, least)?;
        Ok(match kind {
            6 | 12 => GgufValue::Floats(
                (0..count)
                    .map(|_| self.float(key, kind))
                    .collect::<Result<_, _>>()?,
            ),
            8 => GgufValue::Strs(
                (0..count)
                    .map(|_| self.string(key))
                    .collect::<Result<_, _>>()?,
            ),
            _ => GgufValue::Ints(
                (0..count)
                    .map(|_| self.int(key, kind))
                    .collect::<Result<_, _>>()?,
            ),
        })
    }

    fn float(&mut self, key: &str, kind: u32) -> Result<f64, GgufError> {
        Ok(match kind {
            6 => f64::from(f32::from_le_bytes(self.array(key)?)),
            _ => f64::from_le_bytes(self.array(key)?),
        })
    }

    fn int(&mut self, key: &str, kind: u32) -> Result<i64, GgufError> {
        Ok(match kind {
            0 | 7 => i64::from(self.array::<1>(key)?[0]),
            1 => i64::from(i8::from_le_bytes(self.array(key)?)),
            2 => i64::from(u16::from_le_bytes(self.array(key)?)),
            3 => i64::from(i16::from_le_bytes(self.array(key)?)),
            4 => i64::from(self.u32(key)?),
            5 => i64::from(i32::from_le_bytes(self.array(key)?)),
            10 => i64::try_from(self.u64(key)?).unwrap_or(i64::MAX),
            11 => i64::from_le_bytes(self.array(key)?),
            _ => return Err(GgufError::Damaged(format!("`{key}` is of kind {kind}"))),
        })
    }
}
