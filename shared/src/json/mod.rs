//! Reads and writes JSON as Python and other programs do.

mod lenient; // turns JSON as Python and others write it into valid JSON
pub mod python; // writes JSON as `json.dumps` does

use serde_json::Value;

pub(crate) use lenient::{from_slice, text};

/// Why bytes are not JSON, even when read leniently.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
pub enum JsonError {
    /// The bytes are not text.
    #[error("got bytes that are not UTF-8, expected text")]
    NotUtf8,
    /// The bytes are text of another encoding, as some programs on Windows write it.
    #[error("got text in UTF-16, expected UTF-8: save it as UTF-8")]
    Utf16,
    /// The text is not JSON; the message has the place.
    #[error("not JSON: {0}")]
    Syntax(String),
}

/// Parses any JSON, including Python's extensions: see the module `lenient`.
///
/// # Errors
/// The bytes are not UTF-8, or the text is not JSON.
pub(crate) fn parse(bytes: &[u8]) -> Result<Value, JsonError> {
    parse_counted(bytes).map(|(value, _)| value)
}

/// Like [`parse`], and also returns how many lone surrogates were replaced.
pub(crate) fn parse_counted(bytes: &[u8]) -> Result<(Value, u32), JsonError> {
    let (text, halves) = text(bytes)?;
    let value = serde_json::from_str(&text).map_err(|e| JsonError::Syntax(e.to_string()))?;
    Ok((value, halves))
}
