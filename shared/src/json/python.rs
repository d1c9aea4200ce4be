//! Writes JSON like Python's `json.dumps` with its defaults: with the separators `", "` and `": "`,
//! and everything outside printable ASCII escaped. RULER's files are compared byte for byte.

use std::io::{self, Write};

use serde::Serialize;
use serde_json::Serializer;
use serde_json::ser::Formatter;

/// Writes `value` as one line of JSON, without the line break.
///
/// # Errors
/// The writer fails, or JSON cannot represent the value.
///
/// # Example
/// ```
/// let mut text = Vec::new();
/// fathom_shared::json::python::write(&mut text, &["é", "\u{1F600}"])?;
/// assert_eq!(text, br#"["\u00e9", "\ud83d\ude00"]"#);
/// # Ok::<(), serde_json::Error>(())
/// ```
pub fn write<T: Serialize>(writer: impl Write, value: &T) -> serde_json::Result<()> {
    value.serialize(&mut Serializer::with_formatter(
        writer,
        PythonFormatter { ascii: true },
    ))
}

/// Like [`write`], but with `ensure_ascii=False`: characters outside ASCII are not escaped.
///
/// # Errors
/// As for [`write`].
pub fn write_unicode<T: Serialize>(writer: impl Write, value: &T) -> serde_json::Result<()> {
    value.serialize(&mut Serializer::with_formatter(
        writer,
        PythonFormatter { ascii: false },
    ))
}

struct PythonFormatter {
    ascii: bool,
}

impl Formatter for PythonFormatter {
    fn begin_array_value<W: ?Sized + Write>(&mut self, out: &mut W, first: bool) -> io::Result<()> {
        if first { Ok(()) } else { out.write_all(b", ") }
    }

    fn begin_object_key<W: ?Sized + Write>(&mut self, out: &mut W, first: bool) -> io::Result<()> {
        if first { Ok(()) } else { out.write_all(b", ") }
    }

    fn begin_object_value<W: ?Sized + Write>(&mut self, out: &mut W) -> io::Result<()> {
        out.write_all(b": ")
    }

    /// The fragment contains no quote, backslash or control character below U+0020: serde_json
    /// escapes those itself, in the same way as Python.
    fn write_string_fragment<W: ?Sized + Write>(
        &mut self,
        out: &mut W,
        fragment: &str,
    ) -> io::Result<()> {
        if !self.ascii {
            return out.write_all(fragment.as_bytes());
        }
        let mut rest = fragment;
        while let Some(at) = rest.find(|c| !matches!(c, ' '..='~')) {
            let (plain, from) = rest.split_at(at);
            out.write_all(plain.as_bytes())?;
            let mut chars = from.chars();
            if let Some(c) = chars.next() {
                for unit in c.encode_utf16(&mut [0; 2]) {
                    write!(out, "\\u{unit:04x}")?;
                }
            }
            rest = chars.as_str();
        }
        out.write_all(rest.as_bytes())
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::{write, write_unicode};

    fn dumps(value: &serde_json::Value) -> String {
        let mut text = Vec::new();
        write(&mut text, value).unwrap();
        String::from_utf8(text).unwrap()
    }

    /// The expected values are what CPython 3.11 prints.
    #[test]
    fn python_writes_the_same() {
        let value = json!({"a": [1, -2, true, null], "b": {"c": []}});
        assert_eq!(
            dumps(&value),
            r#"{"a": [1, -2, true, null], "b": {"c": []}}"#
        );
        let text = "q\" b\\ /\u{8}\u{c}\n\r\t\u{1}\u{1f}\u{7f}é\u{2028}\u{1F600}";
        assert_eq!(
            dumps(&json!(text)),
            r#""q\" b\\ /\b\f\n\r\t\u0001\u001f\u007f\u00e9\u2028\ud83d\ude00""#
        );
        let mut text = Vec::new();
        write_unicode(&mut text, &["é\n", "b"]).unwrap();
        assert_eq!(text, "[\"é\\n\", \"b\"]".as_bytes());
    }
}
