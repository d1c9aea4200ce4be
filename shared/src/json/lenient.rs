//! Turns JSON as Python and other programs write it into valid JSON.
//!
//! - `NaN`, `Infinity` and `-Infinity`, which Python writes, become `null`;
//! - a lone surrogate, escaped (`\\ud83d`, for example from an answer cut within a character) or
//!   as bytes (Python's `surrogatepass`), becomes U+FFFD; a surrogate pair as bytes becomes its
//!   character;
//! - a byte order mark at the beginning is skipped.

use std::borrow::Cow;

use serde::de::DeserializeOwned;

use super::JsonError;

/// Parses JSON: first unchanged, and repaired only if that fails.
///
/// # Errors
/// What is wrong with the JSON, with its place in the original file.
pub(crate) fn from_slice<T: DeserializeOwned>(json: &[u8]) -> Result<T, String> {
    serde_json::from_slice(json).or_else(|error| {
        let mended = text(json).ok();
        let read = mended.and_then(|(text, _)| serde_json::from_str(&text).ok());
        read.ok_or_else(|| error.to_string())
    })
}

/// The text, and how many lone surrogates were replaced.
pub(crate) fn text(bytes: &[u8]) -> Result<(Cow<'_, str>, u32), JsonError> {
    if bytes.starts_with(b"\xff\xfe") || bytes.starts_with(b"\xfe\xff") {
        return Err(JsonError::Utf16);
    }
    let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
    let (text, raw) = match std::str::from_utf8(bytes) {
        Ok(text) => (Cow::Borrowed(text), 0),
        Err(_) => {
            let (text, raw) = without_raw_halves(bytes)?;
            (Cow::Owned(text), raw)
        }
    };
    match mended(&text) {
        None => Ok((text, raw)),
        Some((mended, escaped)) => Ok((Cow::Owned(mended), raw + escaped)),
    }
}

/// Decodes UTF-8 that contains surrogates as characters, which UTF-8 forbids.
fn without_raw_halves(bytes: &[u8]) -> Result<(String, u32), JsonError> {
    let (mut out, mut halves, mut rest) = (String::with_capacity(bytes.len()), 0_u32, bytes);
    loop {
        let valid = match std::str::from_utf8(rest) {
            Ok(text) => {
                out.push_str(text);
                return Ok((out, halves));
            }
            Err(error) => error.valid_up_to(),
        };
        let (good, bad) = rest.split_at(valid);
        out.push_str(std::str::from_utf8(good).map_err(|_| JsonError::NotUtf8)?);
        let high = raw_half(bad).ok_or(JsonError::NotUtf8)?;
        let pair = raw_half(&bad[3..]).and_then(|low| char_of(high, low));
        out.push(pair.unwrap_or(char::REPLACEMENT_CHARACTER));
        halves += u32::from(pair.is_none());
        rest = &bad[if pair.is_some() { 6 } else { 3 }..];
    }
}

/// The surrogate whose three bytes `bytes` begins with.
fn raw_half(bytes: &[u8]) -> Option<u16> {
    match bytes {
        [0xed, second @ 0xa0..=0xbf, third @ 0x80..=0xbf, ..] => {
            let low = (u16::from(second & 0x3f) << 6) | u16::from(third & 0x3f);
            Some(0xd000 | low)
        }
        _ => None,
    }
}

/// The character of a high and a low surrogate; `None` for any other two.
fn char_of(high: u16, low: u16) -> Option<char> {
    char::decode_utf16([high, low]).next()?.ok()
}

/// The repaired text; `None` if it is valid already. Takes one pass.
fn mended(text: &str) -> Option<(String, u32)> {
    const CONSTANTS: [&[u8]; 3] = [b"-Infinity", b"Infinity", b"NaN"];
    let bytes = text.as_bytes();
    let mut out: Option<String> = None;
    let (mut at, mut copied, mut in_string, mut halves) = (0, 0, false, 0_u32);
    // Replaces the text at `at`. Only ASCII is replaced, so all positions are character boundaries.
    let mut replace = |at: usize, length: usize, by: &str, copied: &mut usize| {
        let out = out.get_or_insert_default();
        out.push_str(&text[*copied..at]);
        out.push_str(by);
        *copied = at + length;
    };
    while let Some(byte) = bytes.get(at) {
        match byte {
            b'"' => in_string = !in_string,
            b'\\' if in_string => match escaped_half(&bytes[at..]) {
                Some(half) => match escaped_half(&bytes[at + 6..]) {
                    Some(low) if char_of(half, low).is_some() => at += 11,
                    _ => {
                        replace(at, 6, "\\ufffd", &mut copied);
                        halves += 1;
                        at += 5;
                    }
                },
                None => at += 1,
            },
            b'-' | b'I' | b'N' if !in_string => {
                let rest = &bytes[at..];
                if let Some(found) = CONSTANTS.iter().find(|name| rest.starts_with(name)) {
                    replace(at, found.len(), "null", &mut copied);
                    at += found.len() - 1;
                }
            }
            _ => {}
        }
        at += 1;
    }
    let mut out = out?;
    out.push_str(&text[copied..]);
    Some((out, halves))
}

/// The surrogate whose escape `bytes` begins with: `\\ud800` to `\\udfff`.
fn escaped_half(bytes: &[u8]) -> Option<u16> {
    let digits = bytes.get(..6)?.strip_prefix(b"\\u")?;
    if !digits.iter().all(u8::is_ascii_hexdigit) {
        return None;
    }
    let number = u16::from_str_radix(std::str::from_utf8(digits).ok()?, 16).ok()?;
    (0xd800..=0xdfff).contains(&number).then_some(number)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(bytes: &[u8], expected: &str, halves: u32) {
        let (text, found) = text(bytes).unwrap();
        assert_eq!((text.as_ref(), found), (expected, halves));
    }

    #[test]
    fn lone_halves_are_replaced_and_pairs_stay() {
        check(br#"["\ud83d"]"#, r#"["\ufffd"]"#, 1);
        check(
            br#"["\udE00 \uD83D\uDE00"]"#,
            r#"["\ufffd \uD83D\uDE00"]"#,
            1,
        );
        // Two high surrogates, of which only the second has its low one.
        check(br#"["\ud83d\ud83d\ude00"]"#, r#"["\ufffd\ud83d\ude00"]"#, 1);
        // An escaped backslash is not an escape for a surrogate.
        check(br#"["\\ud83d"]"#, r#"["\\ud83d"]"#, 0);
        check(br#"["\ud83d\n\u00e9"]"#, r#"["\ufffd\n\u00e9"]"#, 1);
        check(br#"["\ud83"#, r#"["\ud83"#, 0);
    }

    #[test]
    fn raw_halves_are_replaced_and_raw_pairs_become_characters() {
        check(b"[\"a\xed\xa0\xbd\"]", "[\"a\u{fffd}\"]", 1);
        check(b"[\"\xed\xa0\xbd\xed\xb8\x80\"]", "[\"\u{1f600}\"]", 0);
        check(b"\xef\xbb\xbf[NaN, -Infinity]", "[null, null]", 0);
        assert!(text(b"[\"\xff\"]").is_err());
        assert_eq!(text(b"\xff\xfe[\0]\0").unwrap_err(), JsonError::Utf16);
        assert!(text(b"[\"\xed\xa0").is_err());
    }

    /// A text twice as long takes twice as long: nothing is scanned again.
    #[test]
    fn many_halves_are_one_pass() {
        let many = format!("[\"{}\"]", "\\ud83d".repeat(200_000));
        let (text, halves) = text(many.as_bytes()).unwrap();
        assert_eq!((text.len(), halves), (many.len(), 200_000));
        let raw = [b"\xed\xa0\xbd".as_slice(); 20_000].concat();
        assert_eq!(super::text(&raw).unwrap().1, 20_000);
    }
}
