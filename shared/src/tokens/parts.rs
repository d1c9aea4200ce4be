//! Parts of a text that no token crosses, and what was counted of them.
//!
//! Byte-level BPE tokenizers cut a text by a regular expression before they merge anything. Those
//! of GPT-2, cl100k, o200k, Llama 3, Qwen and SmolLM2 differ, but all of them cut at the places
//! named in [`Parts`]; a test holds them to it. A part is a word or less, so a long text is a sum
//! over few thousand different parts, and each is tokenised once.

use std::cell::RefCell;
use std::ops::Range;

use memchr::memchr2_iter;
use rustc_hash::FxHashMap;

use super::{to_u32, touched};

/// More different parts than this are forgotten and counted anew: a bound on memory.
const MOST_PARTS: usize = 1 << 17;
/// Runs of this many bytes are remembered as a whole: sentences and lines, which come again.
const RUN: Range<usize> = 24..512;

/// Cuts a text into parts: before a space between two visible characters, between a letter and a
/// digit, between a letter or digit and punctuation, between punctuation and a digit, and between
/// a lone line break and a letter or digit. All of them ASCII: next to any other character nothing
/// is cut, and neither at an apostrophe, which begins a contraction, nor within white space, which
/// GPT-2's rule divides by what comes after it.
pub(super) struct Parts<'t> {
    text: &'t str,
    at: usize,
}

impl<'t> Parts<'t> {
    pub(super) fn new(text: &'t str) -> Self {
        Self { text, at: 0 }
    }
}

#[derive(Clone, Copy, PartialEq)]
enum Class {
    Letter,
    Digit,
    Punctuation,
    Apostrophe,
    Space,
    Line,
    Other,
}

const CLASSES: [Class; 256] = {
    let mut classes = [Class::Other; 256];
    let mut byte = 0;
    while byte < 128 {
        let c = byte as u8;
        classes[byte] = if c.is_ascii_alphabetic() {
            Class::Letter
        } else if c.is_ascii_digit() {
            Class::Digit
        } else if c == b'\'' {
            Class::Apostrophe
        } else if c.is_ascii_punctuation() {
            Class::Punctuation
        } else if c == b' ' {
            Class::Space
        } else if c == b'\n' {
            Class::Line
        } else {
            Class::Other
        };
        byte += 1;
    }
    classes
};

fn visible(class: Class) -> bool {
    !matches!(class, Class::Space | Class::Line | Class::Other)
}

fn cuts(earlier: Class, before: Class, here: Class, next: Class) -> bool {
    use Class::{Digit, Letter, Line, Punctuation, Space};
    match (before, here) {
        (Letter, Digit) | (Digit, Letter) => true,
        (Letter | Digit, Punctuation) | (Punctuation, Digit) => true,
        (Line, Letter | Digit) => visible(earlier),
        (before, Space) => visible(before) && visible(next),
        _ => false,
    }
}

impl<'t> Iterator for Parts<'t> {
    type Item = &'t str;

    fn next(&mut self) -> Option<&'t str> {
        let bytes = self.text.as_bytes();
        let from = self.at;
        let class = |at: usize| {
            bytes
                .get(at)
                .map_or(Class::Other, |byte| CLASSES[usize::from(*byte)])
        };
        let mut earlier = Class::Other;
        let mut before = CLASSES[usize::from(*bytes.get(from)?)];
        let mut here = class(from + 1);
        let mut at = from + 1;
        while at < bytes.len() {
            let next = class(at + 1);
            if cuts(earlier, before, here, next) {
                break;
            }
            (earlier, before, here) = (before, here, next);
            at += 1;
        }
        self.at = at;
        // Both sides of a cut are ASCII, so it is a character's boundary.
        Some(&self.text[from..at])
    }
}

/// Sentences and lines: runs of parts up to a period before a space, or a lone line break before
/// a letter or digit.
fn runs(text: &str) -> impl Iterator<Item = &str> {
    let bytes = text.as_bytes();
    let class = |at: usize| {
        bytes
            .get(at)
            .map_or(Class::Other, |byte| CLASSES[usize::from(*byte)])
    };
    let mut at = 0;
    std::iter::from_fn(move || {
        let from = at;
        let ends = |end: &usize| match bytes[end - 1] {
            b'.' => cuts(
                Class::Other,
                Class::Punctuation,
                class(*end),
                class(end + 1),
            ),
            _ if *end < from + 2 => false,
            _ => cuts(class(end - 2), Class::Line, class(*end), class(end + 1)),
        };
        let found = memchr2_iter(b'.', b'\n', bytes.get(from..)?);
        let end = found.map(|offset| from + offset + 1).find(ends);
        at = end.unwrap_or(bytes.len());
        Some(&text[from..at]).filter(|run| !run.is_empty())
    })
}

/// What was counted.
pub(super) struct Memo {
    whole: Vec<String>,
    /// Short parts, which most are, without a box for each.
    short: RefCell<FxHashMap<u128, u32>>,
    parts: RefCell<FxHashMap<Box<str>, u32>>,
    runs: RefCell<FxHashMap<Box<str>, u32>>,
}

impl Memo {
    pub(super) fn new(whole: Vec<String>) -> Self {
        Self {
            whole,
            short: RefCell::default(),
            parts: RefCell::default(),
            runs: RefCell::default(),
        }
    }

    /// Whether `text` may be counted in parts.
    pub(super) fn takes(&self, text: &str) -> bool {
        self.whole
            .iter()
            .all(|whole| !text.contains(whole.as_str()))
    }

    pub(super) fn count(&self, text: &str, count: &dyn Fn(&str) -> usize) -> usize {
        runs(text).map(|run| self.run(run, count) as usize).sum()
    }

    fn run(&self, run: &str, count: &dyn Fn(&str) -> usize) -> u32 {
        let sum = || Parts::new(run).map(|part| self.part(part, count)).sum();
        if !RUN.contains(&run.len()) {
            return sum();
        }
        remembered(&self.runs, run, sum)
    }

    fn part(&self, part: &str, count: &dyn Fn(&str) -> usize) -> u32 {
        let counted = || to_u32(count(part));
        let Some(key) = packed(part) else {
            return remembered(&self.parts, part, counted);
        };
        if let Some(known) = self.short.borrow().get(&key) {
            return *known;
        }
        let counted = counted();
        bounded(&mut self.short.borrow_mut()).insert(key, counted);
        counted
    }

    pub(super) fn spans(
        &self,
        text: &str,
        ranges: &[Range<usize>],
        count: &dyn Fn(&str) -> usize,
        starts: &dyn Fn(&str) -> Vec<usize>,
    ) -> Vec<Range<u32>> {
        let mut places: Vec<usize> = ranges.iter().flat_map(|r| [r.start, r.end]).collect();
        places.sort_unstable();
        places.dedup();
        let mut found = Vec::with_capacity(places.len());
        let (mut from, mut tokens) = (0, 0);
        for run in runs(text) {
            let to = from + run.len();
            if places.get(found.len()).is_none_or(|place| *place >= to) {
                from = to;
                tokens += self.run(run, count);
                continue;
            }
            for part in Parts::new(run) {
                let to = from + part.len();
                let here = places[found.len()..].partition_point(|place| *place < to);
                if here > 0 {
                    let starts = starts(part);
                    for place in &places[found.len()..found.len() + here] {
                        let place = place - from;
                        let range = touched(&starts, &(place..place));
                        found.push((tokens + range.start, tokens + range.end));
                    }
                }
                from = to;
                tokens += self.part(part, count);
            }
        }
        // What lies at the end of the text.
        found.resize(places.len(), (tokens, tokens));
        let at = |place: &usize| found[places.binary_search(place).unwrap_or(0)];
        ranges
            .iter()
            .map(|range| at(&range.start).0..at(&range.end).1)
            .collect()
    }
}

fn remembered(
    memo: &RefCell<FxHashMap<Box<str>, u32>>,
    key: &str,
    count: impl FnOnce() -> u32,
) -> u32 {
    if let Some(known) = memo.borrow().get(key) {
        return *known;
    }
    let counted = count();
    bounded(&mut memo.borrow_mut()).insert(key.into(), counted);
    counted
}

/// The map, emptied when it is too large.
fn bounded<K>(memo: &mut FxHashMap<K, u32>) -> &mut FxHashMap<K, u32> {
    if memo.len() >= MOST_PARTS {
        memo.clear();
    }
    memo
}

/// The bytes of a short part with their number, as one key.
fn packed(part: &str) -> Option<u128> {
    let mut key = [0; 16];
    let (last, bytes) = key.split_last_mut()?;
    *last = u8::try_from(part.len()).ok()?;
    bytes
        .get_mut(..part.len())?
        .copy_from_slice(part.as_bytes());
    Some(u128::from_le_bytes(key))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parts(text: &str) -> Vec<&str> {
        let parts: Vec<_> = Parts::new(text).collect();
        assert_eq!(parts.concat(), text);
        parts
    }

    #[test]
    fn cuts_where_every_tokenizer_does() {
        let words = [
            "The",
            " sky",
            " is",
            " blue",
            ".",
            " It's",
            " 12",
            "ab",
            "-",
            "34 é x  y",
        ];
        assert_eq!(parts(&words.concat()), words);
        assert_eq!(
            parts("a.\nB \nC\n\nD(e)"),
            ["a", ".\n", "B \nC\n\nD", "(e", ")"]
        );
    }

    #[test]
    fn spans_are_those_of_the_whole_text() {
        let text = "One two3 four.\nFive six — seven\n\n8 nine";
        let starts = |text: &str| (0..text.len()).step_by(2).collect::<Vec<_>>();
        let memo = Memo::new(vec![]);
        let count = |text: &str| starts(text).len();
        let ranges = [0..3, 4..8, 15..24, 20..22, 30..text.len()];
        let spans = memo.spans(text, &ranges, &count, &starts);
        // The same, by the starts of all parts put together.
        let mut all = Vec::new();
        let mut from = 0;
        for part in runs(text).flat_map(Parts::new) {
            all.extend(starts(part).into_iter().map(|start| start + from));
            from += part.len();
        }
        let want: Vec<_> = ranges.iter().map(|range| touched(&all, range)).collect();
        assert_eq!(spans, want);
        assert_eq!(memo.count(text, &count), all.len());
    }
}
