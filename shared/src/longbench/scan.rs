//! Finds the rows of a file of questions while it is read in pieces: a file may be larger than the
//! memory.

use std::ops::Range;

/// The location of a row in its file.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct RowLocation {
    /// Its byte range.
    pub bytes: Range<u64>,
    /// The line of the file in which it begins, from 1.
    pub line: u64,
}

/// The error for a file that is not a list of rows.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
#[error("line {line}: got {got}, expected {expected}")]
pub struct ScanError {
    /// The line, from 1.
    pub line: u64,
    /// The actual content.
    pub got: String,
    /// The expected content.
    pub expected: &'static str,
}

/// Scans a file's bytes in order and finds its rows: the objects of a JSON array, as in the
/// dataset's `data.json`, or one object per line. It stores none of the bytes; parsing the rows is
/// up to the caller.
///
/// # Example
/// ```
/// use fathom_shared::longbench::scan::RowScanner;
/// let (mut scanner, mut rows) = (RowScanner::default(), Vec::new());
/// for piece in [&b"[\n {\"a\": \"}"[..], b"\\\"\"},\n {} ]\n"] {
///     scanner.feed(piece, &mut rows)?;
/// }
/// scanner.finish(&mut rows)?;
/// let places: Vec<_> = rows.iter().map(|row| (row.bytes.clone(), row.line)).collect();
/// assert_eq!(places, [(3..15, 2), (18..20, 3)]);
/// # Ok::<(), fathom_shared::longbench::scan::ScanError>(())
/// ```
#[derive(Debug, Default)]
pub struct RowScanner {
    form: FileLayout,
    /// The position of the next byte.
    at: u64,
    /// Number of completed lines.
    lines: u64,
    /// The start of the current row, and its line.
    row: Option<(u64, u64)>,
    /// Open braces and brackets in the current row.
    depth: u32,
    in_string: bool,
    escaped: bool,
    /// Whether a row has ended since the last comma.
    ended: bool,
}

#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
enum FileLayout {
    #[default]
    Unknown,
    Array,
    Lines,
    /// After the end of the array.
    Over,
}

const ROWS: &str = "an array of objects, or one object a line";

impl RowScanner {
    /// Scans the next bytes, and adds the rows that end in them to `rows`.
    ///
    /// # Errors
    /// There is unexpected content between rows.
    pub fn feed(&mut self, bytes: &[u8], rows: &mut Vec<RowLocation>) -> Result<(), ScanError> {
        let mut from = 0;
        while let Some(rest) = bytes.get(from..).filter(|rest| !rest.is_empty()) {
            let used = match (self.form, self.row) {
                (FileLayout::Lines, Some(_)) => self.line(rest, rows),
                (_, Some(_)) if self.in_string => self.string(rest),
                (_, Some(_)) => self.row(rest, rows),
                (_, None) => self.between(rest)?,
            };
            from += used;
            self.at += used as u64;
        }
        Ok(())
    }

    /// Ends the scan at the end of the file.
    ///
    /// # Errors
    /// The file ends within a row or an array.
    pub fn finish(mut self, rows: &mut Vec<RowLocation>) -> Result<(), ScanError> {
        match (self.form, self.row) {
            (FileLayout::Lines, Some(_)) => {
                self.end(rows);
                Ok(())
            }
            (FileLayout::Lines | FileLayout::Over, None) => Ok(()),
            (FileLayout::Unknown, _) => Err(self.refuse("an empty file".to_owned(), ROWS)),
            _ => Err(self.refuse("the end of the file".to_owned(), "`]`")),
        }
    }

    fn refuse(&self, got: String, expected: &'static str) -> ScanError {
        ScanError {
            line: self.lines + 1,
            got,
            expected,
        }
    }

    fn end(&mut self, rows: &mut Vec<RowLocation>) {
        if let Some((start, line)) = self.row.take() {
            rows.push(RowLocation {
                bytes: start..self.at,
                line,
            });
        }
        self.ended = true;
    }

    /// Scans one byte between rows.
    fn between(&mut self, rest: &[u8]) -> Result<usize, ScanError> {
        // A byte order mark may come first.
        if self.at == 0 && rest.starts_with(b"\xef\xbb\xbf") {
            return Ok(3);
        }
        let byte = rest[0];
        match (byte, self.form) {
            (b'\n', _) => self.lines += 1,
            (b' ' | b'\t' | b'\r', _) => {}
            (b'[', FileLayout::Unknown) => self.form = FileLayout::Array,
            (b'{', FileLayout::Unknown) => {
                self.form = FileLayout::Lines;
                self.row = Some((self.at, self.lines + 1));
            }
            // Any line is a row: parsing it will show what is wrong with it.
            (_, FileLayout::Lines) => self.row = Some((self.at, self.lines + 1)),
            (b'{', FileLayout::Array) if !self.ended => {
                (self.row, self.depth) = (Some((self.at, self.lines + 1)), 1);
                (self.in_string, self.escaped) = (false, false);
            }
            (b',', FileLayout::Array) if self.ended => self.ended = false,
            (b']', FileLayout::Array) => self.form = FileLayout::Over,
            (other, form) => {
                let expected = match form {
                    FileLayout::Array if self.ended => "`,` or `]`",
                    FileLayout::Array => "an object",
                    FileLayout::Over => "the end of the file",
                    _ => ROWS,
                };
                let got = char::from(other).escape_default();
                return Err(self.refuse(format!("`{got}`"), expected));
            }
        }
        Ok(1)
    }

    fn line(&mut self, rest: &[u8], rows: &mut Vec<RowLocation>) -> usize {
        match memchr::memchr(b'\n', rest) {
            None => rest.len(),
            Some(0) => {
                self.end(rows);
                // The line break itself is scanned as a byte between rows.
                0
            }
            Some(end) => end,
        }
    }

    /// Scans to the end of the string, or of the available bytes.
    fn string(&mut self, rest: &[u8]) -> usize {
        if std::mem::take(&mut self.escaped) {
            self.lines += u64::from(rest[0] == b'\n');
            return 1;
        }
        let end = memchr::memchr2(b'"', b'\\', rest);
        let used = end.unwrap_or(rest.len());
        self.lines += memchr::memchr_iter(b'\n', &rest[..used]).count() as u64;
        match end {
            None => used,
            Some(end) => {
                match rest[end] {
                    b'"' => self.in_string = false,
                    _ => self.escaped = true,
                }
                end + 1
            }
        }
    }

    /// Scans one byte of the row outside its strings.
    fn row(&mut self, rest: &[u8], rows: &mut Vec<RowLocation>) -> usize {
        match rest[0] {
            b'"' => self.in_string = true,
            b'{' | b'[' => self.depth += 1,
            b'}' | b']' => self.depth -= 1,
            b'\n' => self.lines += 1,
            _ => {}
        }
        if self.depth == 0 {
            self.at += 1;
            self.end(rows);
            self.at -= 1;
        }
        1
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn scan(text: &[u8], piece: usize) -> Result<Vec<RowLocation>, ScanError> {
        let (mut scanner, mut rows) = (RowScanner::default(), Vec::new());
        for piece in text.chunks(piece) {
            scanner.feed(piece, &mut rows)?;
        }
        scanner.finish(&mut rows)?;
        Ok(rows)
    }

    #[test]
    fn what_is_no_list_is_refused_with_its_line() {
        let says = |text: &str| scan(text.as_bytes(), 3).unwrap_err().to_string();
        assert_eq!(
            says(""),
            "line 1: got an empty file, expected an array of objects, or one object a line"
        );
        assert_eq!(
            says("\n\nx"),
            "line 3: got `x`, expected an array of objects, or one object a line"
        );
        assert_eq!(says("[\n1]"), "line 2: got `1`, expected an object");
        assert_eq!(says("[{}\n{}]"), "line 2: got `{`, expected `,` or `]`");
        assert_eq!(
            says("[{}] x"),
            "line 1: got `x`, expected the end of the file"
        );
        assert_eq!(
            says("[{\"a\":\n"),
            "line 2: got the end of the file, expected `]`"
        );
        assert_eq!(scan(b"\xef\xbb\xbf[]", 99), Ok(Vec::new()));
    }

    proptest! {
        #[test]
        fn rows_are_found_wherever_the_pieces_end(
            texts in prop::collection::vec("[a\"\\\\{}\\[\\]\n,é]{0,12}", 0..6),
            piece in 1usize..20,
            lines in any::<bool>(),
            pretty in any::<bool>(),
        ) {
            let rows: Vec<_> = texts
                .iter()
                .map(|text| serde_json::json!({ "text": text, "more": [text, { "x": text }] }))
                .collect();
            let one = |row: &serde_json::Value| row.to_string();
            let file = match (lines, pretty) {
                (true, _) => rows.iter().map(|row| one(row) + "\r\n\n").collect(),
                (false, true) => serde_json::to_string_pretty(&rows).unwrap(),
                (false, false) => serde_json::to_string(&rows).unwrap(),
            };
            prop_assume!(!file.is_empty());
            let found = scan(file.as_bytes(), piece).unwrap();
            prop_assert_eq!(found.len(), rows.len());
            for (at, row) in found.iter().zip(&rows) {
                let from = usize::try_from(at.bytes.start).unwrap();
                let bytes = &file.as_bytes()[from..usize::try_from(at.bytes.end).unwrap()];
                prop_assert_eq!(&serde_json::from_slice::<serde_json::Value>(bytes).unwrap(), row);
                let before = file[..from].matches('\n').count() as u64;
                prop_assert_eq!(at.line, before + 1);
            }
        }
    }
}
