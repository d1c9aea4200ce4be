//! Where the tags of a template begin and end, and the words and strings within them.

use std::ops::Range;

/// Where the tags of a template stand, without those in comments and `raw` blocks.
pub(super) fn tags(source: &str) -> Vec<Range<usize>> {
    let (mut all, mut at) = (Vec::new(), 0);
    while let Some(start) = opening(&source[at..]) {
        at += start;
        let rest = &source[at..];
        let length = match rest.starts_with("{#") {
            true => rest[2..].find("#}").map(|end| end + 4),
            false => tag(rest).map(|(length, _)| length),
        };
        let Some(length) = length else {
            break;
        };
        if !rest.starts_with("{#") {
            all.push(at..at + length);
        }
        let is_raw = rest.starts_with("{%") && TemplateBlock::of(&rest[..length]).word == "raw";
        at += length;
        if is_raw {
            at += raw_end(&source[at..]);
        }
    }
    all
}

/// Where the next tag or comment begins.
pub(super) fn opening(text: &str) -> Option<usize> {
    let bytes = text.as_bytes();
    bytes
        .windows(2)
        .position(|pair| matches!(pair, b"{{" | b"{%" | b"{#"))
}

/// Where `{% endraw %}` begins, or the end.
pub(super) fn raw_end(text: &str) -> usize {
    let is_end = |at: &usize| {
        let inner = text[at + 2..].trim_start_matches(['-', '+']).trim_start();
        inner.starts_with("endraw")
    };
    let places = text.match_indices("{%").map(|(at, _)| at);
    places.into_iter().find(is_end).unwrap_or(text.len())
}

/// The length of the tag at the start of `text`, and how many tokens it has.
pub(super) fn tag(text: &str) -> Option<(usize, usize)> {
    let close = if text.starts_with("{{") { b"}}" } else { b"%}" };
    let bytes = text.as_bytes();
    let (mut at, mut tokens, mut open) = (2, 0, 0_usize);
    while at < bytes.len() {
        if open == 0 && bytes[at..].starts_with(close) {
            return Some((at + 2, tokens));
        }
        tokens += 1;
        match bytes[at] {
            quote @ (b'\'' | b'"') => at = string_end(bytes, at, quote)?,
            b'(' | b'[' | b'{' => (open, at) = (open + 1, at + 1),
            b')' | b']' | b'}' => (open, at) = (open.saturating_sub(1), at + 1),
            byte if byte.is_ascii_whitespace() => (tokens, at) = (tokens - 1, at + 1),
            byte if is_word(byte) => {
                let word = bytes[at..].iter().take_while(|byte| is_word(**byte));
                at += word.count();
            }
            _ => at += 1,
        }
    }
    None
}

pub(super) fn is_word(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || byte == b'_' || !byte.is_ascii()
}

/// Behind the string whose quote stands at `at`.
pub(super) fn string_end(bytes: &[u8], at: usize, quote: u8) -> Option<usize> {
    let mut at = at + 1;
    loop {
        match *bytes.get(at)? {
            b'\\' => at += 2,
            byte if byte == quote => return Some(at + 1),
            _ => at += 1,
        }
    }
}

/// `{% word … %}`.
pub(super) struct TemplateBlock<'a> {
    /// `{%` with its sign for white space.
    pub(super) open: &'a str,
    /// What stands before the word.
    pub(super) space: &'a str,
    pub(super) word: &'a str,
    /// What stands behind it.
    pub(super) rest: &'a str,
    pub(super) close: &'a str,
}

impl<'a> TemplateBlock<'a> {
    pub(super) fn of(tag: &'a str) -> Self {
        let is_sign = |byte: Option<&u8>| matches!(byte, Some(b'-' | b'+'));
        let bytes = tag.as_bytes();
        let open = if is_sign(bytes.get(2)) { 3 } else { 2 };
        let end = tag.len() - 2;
        let signed = end > open && is_sign(bytes.get(end - 1));
        let end = if signed { end - 1 } else { end };
        let inner = &tag[open..end];
        let word_at = inner.len() - inner.trim_start().len();
        let word_end = inner[word_at..]
            .find(|c: char| !(c.is_alphanumeric() || c == '_'))
            .map_or(inner.len(), |length| word_at + length);
        Self {
            open: &tag[..open],
            space: &inner[..word_at],
            word: &inner[word_at..word_end],
            rest: &inner[word_end..],
            close: &tag[end..],
        }
    }
}
