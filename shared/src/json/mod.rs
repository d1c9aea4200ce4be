//! JSON as Python and others write it, in and out.

mod lenient; //    what JSON does not know, made into what it does
pub mod python; // as `json.dumps` writes it

use serde_json::Value;

pub(crate) use lenient::{from_slice, text};

/// Why bytes are no JSON, even when read leniently.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
pub enum JsonError {
    /// Bytes that are no text.
    #[error("got bytes that are not UTF-8, expected text")]
    NotUtf8,
    /// Text that is no JSON, with the place.
    #[error("not JSON: {0}")]
    Syntax(String),
}

/// Any JSON, also with what Python adds to it: see the module `lenient`.
///
/// # Errors
/// Bytes that are not UTF-8, or text that is no JSON.
pub(crate) fn parse(bytes: &[u8]) -> Result<Value, JsonError> {
    parse_counted(bytes).map(|(value, _)| value)
}

/// The same, and how many lone halves of surrogate pairs were replaced.
pub(crate) fn parse_counted(bytes: &[u8]) -> Result<(Value, u32), JsonError> {
    let (text, halves) = text(bytes)?;
    let value = serde_json::from_str(&text).map_err(|e| JsonError::Syntax(e.to_string()))?;
    Ok((value, halves))
}
