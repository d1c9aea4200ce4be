//! Cuts a text into parts that no token crosses.
//!
//! Byte-level BPE tokenizers split a text with a regular expression before they merge anything. The
//! expressions of GPT-2, cl100k, o200k, Llama 3, Qwen and SmolLM2 differ, but all of them split at
//! the places named in [`TextParts`]; a test verifies this.

use memchr::memchr_iter;

/// Cuts a text into parts: before a space between two visible characters, between a letter and a
/// digit, between a letter or digit and punctuation, between punctuation and a digit, and between a
/// lone line break and a letter or digit. All of these must be ASCII: nothing is cut next to any
/// other character, at an apostrophe, which begins a contraction, or within white space, which
/// GPT-2's rule splits depending on what follows.
pub(super) struct TextParts<'t> {
    text: &'t str,
    at: usize,
}

impl<'t> TextParts<'t> {
    pub(super) fn new(text: &'t str) -> Self {
        Self { text, at: 0 }
    }
}

#[derive(Clone, Copy, PartialEq)]
enum CharClass {
    Letter,
    Digit,
    Punctuation,
    Apostrophe,
    Space,
    Line,
    Other,
}

const CLASSES: [CharClass; 256] = {
    let mut classes = [CharClass::Other; 256];
    let mut byte = 0;
    while byte < 128 {
        let c = byte as u8;
        classes[byte] = if c.is_ascii_alphabetic() {
            CharClass::Letter
        } else if c.is_ascii_digit() {
            CharClass::Digit
        } else if c == b'\'' {
            CharClass::Apostrophe
        } else if c.is_ascii_punctuation() {
            CharClass::Punctuation
        } else if c == b' ' {
            CharClass::Space
        } else if c == b'\n' {
            CharClass::Line
        } else {
            CharClass::Other
        };
        byte += 1;
    }
    classes
};

fn visible(class: CharClass) -> bool {
    !matches!(class, CharClass::Space | CharClass::Line | CharClass::Other)
}

fn cuts(earlier: CharClass, before: CharClass, here: CharClass, next: CharClass) -> bool {
    use CharClass::{Digit, Letter, Line, Punctuation, Space};
    match (before, here) {
        (Letter, Digit) | (Digit, Letter) => true,
        (Letter | Digit, Punctuation) | (Punctuation, Digit) => true,
        (Line, Letter | Digit) => visible(earlier),
        (before, Space) => visible(before) && visible(next),
        _ => false,
    }
}

impl<'t> Iterator for TextParts<'t> {
    type Item = &'t str;

    fn next(&mut self) -> Option<&'t str> {
        let bytes = self.text.as_bytes();
        let from = self.at;
        let class = |at: usize| {
            bytes
                .get(at)
                .map_or(CharClass::Other, |byte| CLASSES[usize::from(*byte)])
        };
        let mut earlier = CharClass::Other;
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
        // Both sides of a cut are ASCII, so it is a character boundary.
        Some(&self.text[from..at])
    }
}

/// Whether the text is cut before the spaces around `word`, between it and any visible character.
pub(super) fn stands_alone(word: &str) -> bool {
    let end = |byte: Option<&u8>| byte.is_some_and(|byte| visible(CLASSES[usize::from(*byte)]));
    end(word.as_bytes().first()) && end(word.as_bytes().last())
}

/// The end of a run.
#[derive(Clone, Copy)]
pub(super) enum RunEnd {
    /// After a lone line break before a letter or digit.
    Line,
    /// After a period before a space.
    Sentence,
}

/// Runs of parts: lines, or the sentences of a line.
pub(super) fn runs(text: &str, end: RunEnd) -> impl Iterator<Item = &str> {
    let bytes = text.as_bytes();
    let class = |at: usize| {
        bytes
            .get(at)
            .map_or(CharClass::Other, |byte| CLASSES[usize::from(*byte)])
    };
    let ends = move |at: usize, from: usize| match end {
        RunEnd::Sentence => cuts(
            CharClass::Other,
            CharClass::Punctuation,
            class(at),
            class(at + 1),
        ),
        RunEnd::Line if at < from + 2 => false,
        RunEnd::Line => cuts(class(at - 2), CharClass::Line, class(at), class(at + 1)),
    };
    let last = match end {
        RunEnd::Line => b'\n',
        RunEnd::Sentence => b'.',
    };
    let mut at = 0;
    std::iter::from_fn(move || {
        let from = at;
        let mut found = memchr_iter(last, bytes.get(from..)?).map(|offset| from + offset + 1);
        at = found.find(|at| ends(*at, from)).unwrap_or(bytes.len());
        Some(&text[from..at]).filter(|run| !run.is_empty())
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parts(text: &str) -> Vec<&str> {
        let parts: Vec<_> = TextParts::new(text).collect();
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
    fn lines_and_sentences_are_whole_parts() {
        let text = "One. Two\nThree.\n\nFour 3.5 e.g. this.\nB";
        let lines: Vec<_> = runs(text, RunEnd::Line).collect();
        assert_eq!(
            lines,
            ["One. Two\n", "Three.\n\nFour 3.5 e.g. this.\n", "B"]
        );
        let sentences: Vec<_> = runs(lines[1], RunEnd::Sentence).collect();
        assert_eq!(sentences, ["Three.\n\nFour 3.", "5 e.g.", " this.\n"]);
        let in_runs = lines.iter().flat_map(|line| runs(line, RunEnd::Sentence));
        assert_eq!(
            in_runs.flat_map(TextParts::new).collect::<Vec<_>>(),
            parts(text)
        );
    }
}
