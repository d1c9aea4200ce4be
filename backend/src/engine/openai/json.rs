//! JSON as servers write it, which is not always JSON: half surrogates, `NaN`, bytes that are no
//! UTF-8, line breaks within texts. What has only one possible meaning is accepted.

use serde_json::Value as Json;

/// Reads `bytes`.
///
/// # Errors
/// What the parser says of them as they are, where nothing helps.
pub(super) fn read(bytes: &[u8]) -> Result<Json, serde_json::Error> {
    read_by(bytes, |_| char::REPLACEMENT_CHARACTER)
}

/// The same for one piece of a stream, which may end in the middle of a character: half surrogates
/// stand as [`HalfCharacters`] joins them.
///
/// # Errors
/// As [`read`].
pub(super) fn read_piece(bytes: &[u8]) -> Result<Json, serde_json::Error> {
    let marked = |half: u16| char::from_u32(HALVES + u32::from(half));
    read_by(bytes, |half| {
        marked(half).unwrap_or(char::REPLACEMENT_CHARACTER)
    })
}

/// `bytes` without the white space around them, and without the NUL with which some end a text.
pub(super) fn trimmed(bytes: &[u8]) -> &[u8] {
    let mut bytes = bytes.trim_ascii();
    while let Some(rest) = bytes.strip_suffix(b"\0") {
        bytes = rest.trim_ascii_end();
    }
    bytes
}

fn read_by(bytes: &[u8], half: impl Fn(u16) -> char) -> Result<Json, serde_json::Error> {
    let bytes = trimmed(bytes);
    let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
    serde_json::from_slice(bytes).or_else(|error| {
        let mended = mend(&String::from_utf8_lossy(bytes), &half);
        serde_json::from_str(&mended).map_err(|_| error)
    })
}

/// Documents that stand one behind the other, where there are several and nothing else.
pub(super) fn several(bytes: &[u8]) -> Option<Vec<Json>> {
    let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
    let all = serde_json::Deserializer::from_slice(bytes).into_iter();
    let all = all.collect::<Result<Vec<Json>, _>>().ok()?;
    (all.len() > 1 && all.iter().all(Json::is_object)).then_some(all)
}

/// The lines of what has a document, or the end of a stream, on each of several.
pub(super) fn lines(data: &[u8]) -> Option<Vec<&[u8]>> {
    let lines = data.split(|byte| matches!(byte, b'\n' | b'\r'));
    let lines = lines.map(|line| {
        let line = line.trim_ascii();
        line.strip_prefix(b"data:").unwrap_or(line).trim_ascii()
    });
    let lines: Vec<&[u8]> = lines.filter(|line| !line.is_empty()).collect();
    let whole = |line: &&[u8]| *line == b"[DONE]" || read(line).is_ok();
    (lines.len() > 1 && lines.iter().all(whole)).then_some(lines)
}

/// Whether `bytes` are the beginning of JSON whose end is missing: of one document, or of the last
/// of several.
pub(super) fn is_cut_off(bytes: &[u8]) -> bool {
    let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
    let mended = mend(&String::from_utf8_lossy(bytes), &|_| {
        char::REPLACEMENT_CHARACTER
    });
    let mut all = serde_json::Deserializer::from_str(&mended).into_iter::<Json>();
    let fault = all.find_map(Result::err);
    fault.is_some_and(|fault| fault.is_eof())
}

/// Half surrogates are kept as characters for private use, from here on.
const HALVES: u32 = 0x10_0000;

/// Joins the halves of characters that a stream was cut within.
#[derive(Debug, Default)]
pub(super) struct HalfCharacters {
    /// The first half of a surrogate pair whose second half has not arrived.
    first: Option<u16>,
}

impl HalfCharacters {
    /// `text` with whole characters for halves that belong together and U+FFFD for others; a first
    /// half at its end is kept for the next piece.
    pub(super) fn join(&mut self, text: &str) -> String {
        let mut out = String::with_capacity(text.len());
        for c in text.chars() {
            let half = u32::from(c).checked_sub(HALVES);
            let half = half.and_then(|half| u16::try_from(half).ok());
            match (self.first.take(), half) {
                (Some(first), Some(second @ 0xdc00..=0xdfff)) => {
                    let pair = char::decode_utf16([first, second]);
                    out.extend(pair.map(|c| c.unwrap_or(char::REPLACEMENT_CHARACTER)));
                }
                (before, half) => {
                    if before.is_some() {
                        out.push(char::REPLACEMENT_CHARACTER);
                    }
                    match half {
                        Some(first @ 0xd800..=0xdbff) => self.first = Some(first),
                        Some(0xdc00..=0xdfff) => out.push(char::REPLACEMENT_CHARACTER),
                        _ => out.push(c),
                    }
                }
            }
        }
        out
    }

    /// What replaces a half whose other half never arrived.
    pub(super) fn rest(&mut self) -> &'static str {
        match self.first.take() {
            Some(_) => "\u{fffd}",
            None => "",
        }
    }
}

/// `text` with what `half` makes of half surrogates, `null` for numbers that JSON or we do not have, and
/// control characters within texts escaped.
fn mend(text: &str, half: &impl Fn(u16) -> char) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    let mut quoted = false;
    while let Some(next) = rest.chars().next() {
        let mut taken = next.len_utf8();
        match next {
            '"' => {
                quoted = !quoted;
                out.push('"');
            }
            '\\' if quoted => {
                let (escape, len) = escape(rest, half);
                out.push_str(&escape);
                taken = len;
            }
            control if quoted && control < ' ' => {
                out.push_str(&format!("\\u{:04x}", u32::from(control)));
            }
            'N' | 'I' | '-' if !quoted => {
                let word = ["NaN", "Infinity", "-Infinity", "-NaN"]
                    .into_iter()
                    .find(|word| rest.starts_with(word));
                match word {
                    Some(word) => {
                        out.push_str("null");
                        taken = word.len();
                    }
                    None => out.push(next),
                }
            }
            '0'..='9' if !quoted => {
                let more = |c: char| !(c.is_ascii_digit() || ".eE+-".contains(c));
                taken = rest.find(more).unwrap_or(rest.len());
                let number = &rest[..taken];
                // More than a number can be is none.
                let none = number.parse().is_ok_and(f64::is_infinite);
                if none && out.ends_with('-') {
                    out.pop();
                }
                out.push_str(if none { "null" } else { number });
            }
            other => out.push(other),
        }
        rest = &rest[taken..];
    }
    out
}

/// The escape at the beginning of `text`, mended, and how many bytes it took.
fn escape(text: &str, half: &impl Fn(u16) -> char) -> (String, usize) {
    let unit = |at: usize| {
        let digits = text.get(at..at + 6)?.strip_prefix("\\u")?;
        u16::from_str_radix(digits, 16).ok()
    };
    match (unit(0), unit(6)) {
        (Some(0xd800..=0xdbff), Some(0xdc00..=0xdfff)) => (text[..12].to_owned(), 12),
        (Some(alone @ 0xd800..=0xdfff), _) => (half(alone).to_string(), 6),
        (Some(_), _) => (text[..6].to_owned(), 6),
        (None, _) => match text[1..].chars().next() {
            // What needs no escape, and what JSON does not escape.
            Some(plain) if !"\"\\/bfnrtu".contains(plain) => {
                (plain.to_string(), 1 + plain.len_utf8())
            }
            Some(known) => (format!("\\{known}"), 2),
            None => (String::new(), 1),
        },
    }
}

/// A count: a whole number, or one as a float or a text. Less than nothing, and more than any model
/// reads, is none.
pub(super) fn count(value: &Json) -> Option<u64> {
    let number = match value {
        Json::String(text) => text.trim().parse().ok()?,
        number => number.as_f64()?,
    };
    (0.0..1e9).contains(&number).then_some(number as u64)
}

/// A text that is not empty.
pub(super) fn text(value: &Json) -> Option<&str> {
    value.as_str().filter(|text| !text.is_empty())
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn what_is_meant_is_read() {
        let cases: [(&[u8], Json); 10] = [
            (b"{\"a\": 1}\n\0", json!({"a": 1})),
            (br#"{"a": "\ud83d"}"#, json!({"a": "\u{fffd}"})),
            (
                br#"["\ude00x", "\ud83d\ude00", "\ud83dA"]"#,
                json!(["\u{fffd}x", "\u{1f600}", "\u{fffd}A"]),
            ),
            (
                br#"{"logprob": NaN, "b": -Infinity, "c": "NaN"}"#,
                json!({"logprob": null, "b": null, "c": "NaN"}),
            ),
            (
                br#"{"a": 1e999, "b": [-1e999, 1.5e3], "c": "1e999"}"#,
                json!({"a": null, "b": [null, 1500.0], "c": "1e999"}),
            ),
            (b"\xef\xbb\xbf{}", json!({})),
            (b"[\"\xff\"]", json!(["\u{fffd}"])),
            (b"[\"a\nb\tc\"]", json!(["a\nb\tc"])),
            (br#"["it\'s \\u", NaN]"#, json!(["it's \\u", null])),
            (br#"["\ud83d\u0041"]"#, json!(["\u{fffd}A"])),
        ];
        for (bytes, want) in cases {
            let got = read(bytes);
            let text = String::from_utf8_lossy(bytes);
            assert_eq!(
                got.unwrap_or_else(|error| panic!("{text}: {error}")),
                want,
                "{text}"
            );
        }
        for broken in ["{", "[\"\\u12", "[\"\\", "\u{0}", "what"] {
            assert!(read(broken.as_bytes()).is_err(), "{broken}");
        }
    }

    #[test]
    fn what_is_cut_off_is_known_from_what_is_wrong() {
        for cut in [
            r#"{"a": [1, 2"#,
            r#"{"a": "\ud83d"#,
            "{\"a\": \"\u{fffd}\nb",
            "{\"a\": 1}\n{\"a\":",
            r#"{"a": tru"#,
            "[",
        ] {
            assert!(is_cut_off(cut.as_bytes()), "{cut}");
        }
        for other in [r#"{"a": 1}"#, r#"{"a": 1}}"#, r#"{"a" 1"#, "{'a': 1"] {
            assert!(!is_cut_off(other.as_bytes()), "{other}");
        }
    }

    #[test]
    fn a_character_cut_in_two_is_joined() {
        let mut halves = HalfCharacters::default();
        let mut told = String::new();
        for piece in [
            r#"["a\ud83d"]"#,
            r#"["\ude00b\ude00"]"#,
            r#"["\ud83d"]"#,
            r#"["c"]"#,
            r#"["\ud83d"]"#,
        ] {
            let piece = read_piece(piece.as_bytes()).unwrap();
            told.push_str(&halves.join(piece[0].as_str().unwrap()));
        }
        told.push_str(halves.rest());
        assert_eq!(told, "a\u{1f600}b\u{fffd}\u{fffd}c\u{fffd}");
    }

    #[test]
    fn counts_in_every_spelling() {
        for (value, want) in [
            (json!(20), Some(20)),
            (json!(20.0), Some(20)),
            (json!("20"), Some(20)),
            (json!(0), Some(0)),
            (json!(-1), None),
            (json!(1e300), None),
            (json!("many"), None),
            (json!(null), None),
        ] {
            assert_eq!(count(&value), want, "{value}");
        }
    }
}
