//! Splits text into words as Punkt does, and decides whether a sentence ends with a word.

use super::model::PunktModel;
use super::{is_non_word, is_space};

const NUMBER: &str = "##number##";

/// A word with its annotations.
pub(super) struct PunktToken<'t> {
    word: &'t str,
    /// The word in lower case; all numbers become the same kind.
    kind: String,
    abbreviation: bool,
    ellipsis: bool,
    /// Whether a sentence ends here.
    pub(super) sentence_break: bool,
}

/// Whether a word starts a sentence, judging by its spelling.
#[derive(PartialEq)]
enum StartsSentence {
    Yes,
    No,
    Unknown,
}

impl<'t> PunktToken<'t> {
    /// The first pass, which looks only at the word itself.
    pub(super) fn new(word: &'t str, model: &PunktModel) -> Self {
        let lower = word.to_lowercase();
        let mut token = Self {
            word,
            kind: if is_number(&lower) {
                NUMBER.to_owned()
            } else {
                lower
            },
            abbreviation: false,
            ellipsis: word.len() >= 2 && word.bytes().all(|byte| byte == b'.'),
            sentence_break: matches!(word, "." | "?" | "!"),
        };
        if token.sentence_break || token.ellipsis || word.ends_with("..") {
            return token;
        }
        if let Some(stem) = word.strip_suffix('.') {
            let stem = stem.to_lowercase();
            let last = stem.rsplit('-').next().unwrap_or_default();
            token.abbreviation = model.is_abbreviation(&stem) || model.is_abbreviation(last);
            token.sentence_break = !token.abbreviation;
        }
        token
    }

    /// The second pass, which looks at the next word.
    pub(super) fn judge(&mut self, next: &PunktToken<'_>, model: &PunktModel) {
        if !self.word.ends_with('.') {
            return;
        }
        let kind = without_period(&self.kind);
        let next_kind = next.kind_without_break();
        if model.is_collocation(kind, next_kind) {
            self.sentence_break = false;
            self.abbreviation = true;
            return;
        }
        let initial = self.is_initial();
        let starts = next.starts_sentence(model);
        if (self.abbreviation || self.ellipsis)
            && !initial
            && (starts == StartsSentence::Yes || next.is_upper() && model.is_starter(next_kind))
        {
            self.sentence_break = true;
            return;
        }
        if !initial && kind != NUMBER {
            return;
        }
        let never_lower = || next.is_upper() && !model.spelling(next_kind).lower();
        if starts == StartsSentence::No
            || starts == StartsSentence::Unknown && initial && never_lower()
        {
            self.sentence_break = false;
            self.abbreviation = true;
        }
    }

    fn starts_sentence(&self, model: &PunktModel) -> StartsSentence {
        if matches!(self.word, ";" | ":" | "," | "." | "!" | "?") {
            return StartsSentence::No;
        }
        let seen = model.spelling(self.kind_without_break());
        if self.is_upper() && seen.lower() && !seen.upper_in_middle() {
            StartsSentence::Yes
        } else if self.is_lower() && (seen.upper() || !seen.lower_at_start()) {
            StartsSentence::No
        } else {
            StartsSentence::Unknown
        }
    }

    fn kind_without_break(&self) -> &str {
        if self.sentence_break {
            without_period(&self.kind)
        } else {
            &self.kind
        }
    }

    /// Whether it is one letter and a period.
    fn is_initial(&self) -> bool {
        let mut chars = self.word.chars();
        let first = chars.next().is_some_and(|c| c == '_' || c.is_alphabetic());
        first && chars.as_str() == "."
    }

    fn is_upper(&self) -> bool {
        self.word.chars().next().is_some_and(char::is_uppercase)
    }

    fn is_lower(&self) -> bool {
        self.word.chars().next().is_some_and(char::is_lowercase)
    }
}

fn without_period(kind: &str) -> &str {
    kind.strip_suffix('.')
        .filter(|rest| !rest.is_empty())
        .unwrap_or(kind)
}

/// `-?[.,]?` digit, then digits, commas, periods and hyphens.
fn is_number(word: &str) -> bool {
    let word = word.strip_prefix('-').unwrap_or(word);
    let word = word.strip_prefix(['.', ',']).unwrap_or(word);
    word.starts_with(|c: char| c.is_ascii_digit())
        && word
            .bytes()
            .all(|byte| byte.is_ascii_digit() || matches!(byte, b',' | b'.' | b'-'))
}

/// The words of a line; punctuation other than periods is a word of its own.
pub(super) fn words(line: &str) -> impl Iterator<Item = &str> {
    let mut rest = line;
    std::iter::from_fn(move || {
        rest = rest.trim_start_matches(is_space);
        let first = rest.chars().next()?;
        let len = match multiple(rest) {
            0 if starts_word(first) => word_len(rest),
            0 => first.len_utf8(),
            several => several,
        };
        let (word, after) = rest.split_at(len);
        rest = after;
        Some(word)
    })
}

fn starts_word(c: char) -> bool {
    !matches!(
        c,
        '(' | '"'
            | '`'
            | '{'
            | '['
            | ':'
            | ';'
            | '&'
            | '#'
            | '*'
            | '@'
            | ')'
            | '}'
            | ']'
            | '-'
            | ','
    )
}

/// How many bytes of a dash or an ellipsis `text` begins with; 0 if it begins with neither.
fn multiple(text: &str) -> usize {
    let run = |byte: u8| text.bytes().take_while(|other| *other == byte).count();
    let (hyphens, periods) = (run(b'-'), run(b'.'));
    if hyphens >= 2 {
        return hyphens;
    }
    if periods >= 2 {
        return periods;
    }
    // Periods separated by white space: at least three.
    let (mut len, mut count) = (0, 0);
    let mut rest = text;
    while let Some(after) = rest.strip_prefix('.') {
        count += 1;
        len = text.len() - after.len();
        let Some(space) = after.chars().next().filter(|c| is_space(*c)) else {
            break;
        };
        rest = &after[space.len_utf8()..];
    }
    if count >= 3 { len } else { 0 }
}

/// The length in bytes of the word that `text` begins with: at least one character, up to white
/// space, word-ending punctuation, or a comma before either.
fn word_len(text: &str) -> usize {
    let ends = |rest: &str| {
        let next = rest.chars().next();
        next.is_none_or(|c| is_space(c) || is_non_word(c)) || multiple(rest) > 0
    };
    let mut at = 0;
    for c in text.chars() {
        at += c.len_utf8();
        let rest = &text[at..];
        if ends(rest) || rest.strip_prefix(',').is_some_and(ends) {
            break;
        }
    }
    at
}
