//! Error messages that may be stored, sent and shown: without backtraces, and without control
//! sequences that a terminal would execute.

use std::any::Any;
use std::error::Error;

/// The longest stored message, in characters. Some servers send whole pages as their errors.
const LONGEST: usize = 4000;

/// An error with its chain of causes: `cannot read `x`: no such file`. A cause that the error above
/// it already contains, as in database errors, is not repeated.
pub fn chain(error: &(dyn Error + 'static)) -> String {
    let (mut text, mut cause) = (error.to_string(), error.source());
    while let Some(error) = cause {
        let said = error.to_string();
        if !text.ends_with(&said) {
            text = format!("{text}: {said}");
        }
        cause = error.source();
    }
    visible(&text)
}

/// A message for storage: one line of limited length, without invisible characters.
///
/// # Example
/// ```
/// use fathom_backend::errors::sentence;
/// assert_eq!(sentence("it said\n\u{1b}[31mno\u{1b}[0m\0"), "it said no");
/// ```
pub fn sentence(text: &str) -> String {
    shortened(text, LONGEST)
}

/// The same with at most `most` characters, for what a file from anywhere says of itself.
pub fn shortened(text: &str, most: usize) -> String {
    let words = visible(text);
    let line = words.split_whitespace().collect::<Vec<_>>().join(" ");
    match line.char_indices().nth(most) {
        Some((end, _)) => format!("{} …", &line[..end]),
        None => line,
    }
}

/// A text for display: keeps line breaks and tabs; removes backtraces, escape sequences, other
/// control characters and characters that change the writing direction.
///
/// # Example
/// ```
/// use fathom_backend::errors::visible;
/// assert_eq!(visible("a\u{1b}]0;title\u{7}b\nc"), "ab\nc");
/// assert_eq!(visible("broken\n   0: std::backtrace::create\n"), "broken");
/// ```
pub fn visible(text: &str) -> String {
    let text = without_backtrace(text);
    let mut shown = String::with_capacity(text.len());
    let mut rest = text.chars();
    while let Some(c) = rest.next() {
        match c {
            '\u{1b}' => skip_escape(&mut rest),
            // The same sequence as a single character.
            '\u{9b}' => skip_control(&mut rest),
            '\n' | '\t' => shown.push(c),
            c if c.is_control() || turns(c) => {}
            c => shown.push(c),
        }
    }
    shown
}

/// Rewords a parser's message about a JSON, TOML or query value, without Rust type names.
///
/// # Example
/// ```
/// use fathom_backend::errors::in_words;
/// let said = "invalid type: string \"4k\", expected a nonzero u32";
/// assert_eq!(in_words(said), "got \"4k\", expected a whole number above 0");
/// ```
pub fn in_words(said: &str) -> String {
    const EXPECTED: [(&str, &[&str]); 8] = [
        (
            "a whole number above 0",
            &["a nonzero u32", "a nonzero u64", "a nonzero usize"],
        ),
        (
            "a whole number of 0 or more",
            &["u8", "u16", "u32", "u64", "usize"],
        ),
        ("a whole number", &["i8", "i16", "i32", "i64"]),
        ("a number", &["f32", "f64"]),
        ("a text", &["a string", "a borrowed string"]),
        ("true or false", &["a boolean"]),
        ("a list", &["a sequence"]),
        ("an object", &["a map"]),
    ];
    const GOT: [(&str, &str); 8] = [
        ("invalid type: floating point `", "`"),
        ("invalid type: integer `", "`"),
        ("invalid type: boolean `", "`"),
        ("invalid type: string ", ""),
        ("invalid type: ", ""),
        ("invalid value: integer `", "`"),
        ("invalid value: floating point `", "`"),
        ("invalid value: string ", ""),
    ];
    let Some((before, rest)) = said.split_once("expected ") else {
        return said.replace(
            "invalid digit found in string",
            "expected a whole number of 0 or more",
        );
    };
    let is = |word: &&&str| {
        rest.strip_prefix(**word)
            .is_some_and(|end| !end.starts_with(|c: char| c.is_alphanumeric()))
    };
    let known = EXPECTED
        .iter()
        .find_map(|(plain, words)| Some((*plain, *words.iter().find(is)?)));
    let rest = match known {
        Some((plain, word)) => rest.replacen(word, plain, 1),
        None => rest.to_owned(),
    };
    let got = GOT.iter().find_map(|(start, quote)| {
        let (lead, value) = before.split_once(start)?;
        Some(match quote.is_empty() {
            true => format!("{lead}got {value}"),
            false => format!("{lead}got {}", value.replacen(quote, "", 1)),
        })
    });
    format!(
        "{}expected {rest}",
        got.unwrap_or_else(|| before.to_owned())
    )
}

/// The message of a panic.
pub fn said(panic: &(dyn Any + Send)) -> String {
    let text = panic.downcast_ref::<&str>().map(|text| (*text).to_owned());
    let text = text.or_else(|| panic.downcast_ref::<String>().cloned());
    text.map_or_else(|| "no reason given".to_owned(), |text| sentence(&text))
}

/// The text before the backtrace frames, which begin with number 0.
fn without_backtrace(text: &str) -> &str {
    let mut at = 0;
    for line in text.split_inclusive('\n') {
        let words = line.trim();
        let first = words.strip_prefix("0: ").is_some_and(|f| f.contains("::"));
        if at > 0 && (first || words.eq_ignore_ascii_case("stack backtrace:")) {
            return text[..at].trim_end();
        }
        at += line.len();
    }
    text
}

/// Skips what follows an escape character: a control sequence, a string up to its end, or one
/// character.
fn skip_escape(rest: &mut std::str::Chars<'_>) {
    match rest.clone().next() {
        Some('[') => {
            rest.next();
            skip_control(rest);
        }
        Some(']' | 'P' | '^' | '_' | 'X') => {
            let mut string = rest.clone();
            string.next();
            while let Some(c) = string.next() {
                let ended = c == '\u{7}' || c == '\u{9c}';
                if ended || (c == '\u{1b}' && string.clone().next() == Some('\\')) {
                    if !ended {
                        string.next();
                    }
                    *rest = string;
                    return;
                }
            }
            // A sequence without an end hides only itself.
            rest.next();
        }
        // A new line, or a character that cannot be part of a sequence, is text.
        Some(c) if !c.is_control() && c.is_ascii() => {
            rest.next();
        }
        _ => {}
    }
}

/// Skips the parameters and the final character.
fn skip_control(rest: &mut std::str::Chars<'_>) {
    while let Some(c) = rest.clone().next() {
        if !(' '..='~').contains(&c) {
            return;
        }
        rest.next();
        if ('@'..='~').contains(&c) {
            return;
        }
    }
}

/// Whether a character changes the display order of others.
fn turns(c: char) -> bool {
    matches!(c, '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn terminals_are_told_nothing() {
        for (got, shown) in [
            ("a\u{1b}[2Jb", "ab"),
            ("a\u{1b}[38;5;1mred\u{1b}[0m", "ared"),
            ("a\u{9b}31mb", "ab"),
            ("a\u{1b}]8;;http://x\u{1b}\\link\u{1b}]8;;\u{1b}\\", "alink"),
            ("a\u{1b}]0;never closed", "a0;never closed"),
            ("a\u{1b}cb", "ab"),
            ("a\rb\u{8}\u{7f}\0c", "abc"),
            ("a\u{202e}b\u{2066}", "ab"),
            ("tab\tline\nend", "tab\tline\nend"),
            ("\u{1b}", ""),
            ("ünïcode 漢字 🦀", "ünïcode 漢字 🦀"),
        ] {
            assert_eq!(visible(got), shown, "{got:?}");
        }
    }

    #[test]
    fn readers_speak_in_words() {
        for (said, words) in [
            (
                "grid.seeds[0]: invalid type: floating point `1.5`, expected u32 at line 1 column 9",
                "grid.seeds[0]: got 1.5, expected a whole number of 0 or more at line 1 column 9",
            ),
            (
                "invalid type: null, expected a map",
                "got null, expected an object",
            ),
            (
                "invalid value: integer `-1`, expected u32",
                "got -1, expected a whole number of 0 or more",
            ),
            (
                "limit: invalid digit found in string",
                "limit: expected a whole number of 0 or more",
            ),
            (
                "missing field `order` at line 1 column 2",
                "missing field `order` at line 1 column 2",
            ),
            (
                "expected value at line 1 column 1",
                "expected value at line 1 column 1",
            ),
        ] {
            assert_eq!(in_words(said), words);
        }
    }

    #[test]
    fn a_cause_is_told_once() {
        #[derive(Debug, thiserror::Error)]
        #[error("{0}")]
        struct Said(&'static str, #[source] Option<Box<Said>>);
        let cause = Said("(code: 14) unable to open", None);
        let database = Said(
            "error returned from database: (code: 14) unable to open",
            Some(Box::new(cause)),
        );
        let opening = Said("cannot open `x`", Some(Box::new(database)));
        assert_eq!(
            chain(&opening),
            "cannot open `x`: error returned from database: (code: 14) unable to open"
        );
    }

    #[test]
    fn backtraces_are_left_out() {
        let trace = "cannot find tensor a\n   0: tensors::error::Error::bt\n             at /home/x/error.rs:1:2\n   1: main\n";
        assert_eq!(visible(trace), "cannot find tensor a");
        let panic = "broken\nstack backtrace:\n   0: rust_begin_unwind\n";
        assert_eq!(sentence(panic), "broken");
        // A list that counts from 0 is not a backtrace.
        assert_eq!(sentence("has\n0: a\n1: b"), "has 0: a 1: b");
    }

    #[test]
    fn a_sentence_is_one_line_and_ends() {
        assert_eq!(sentence(" a\n\n b\t c "), "a b c");
        let long = sentence(&"ü".repeat(10_000));
        assert_eq!(long.chars().count(), LONGEST + 2);
    }
}
