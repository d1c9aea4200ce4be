//! Colours for Rhai. Pure: it cuts a text into pieces and loses no byte, whatever it is.

/// What a piece of a script is.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum SyntaxKind {
    /// Names, operators, white space.
    Plain,
    /// A word of the language.
    Keyword,
    /// A number.
    Number,
    /// Quoted text.
    Text,
    /// A comment.
    Comment,
    /// A name that is called.
    Call,
}

impl SyntaxKind {
    /// For style sheets.
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Plain => "plain",
            Self::Keyword => "keyword",
            Self::Number => "number",
            Self::Text => "text",
            Self::Comment => "comment",
            Self::Call => "call",
        }
    }
}

const KEYWORDS: &[&str] = &[
    "let", "const", "fn", "private", "if", "else", "switch", "for", "in", "while", "loop", "do",
    "until", "break", "continue", "return", "throw", "try", "catch", "true", "false", "this",
    "import", "export", "as", "is", "and", "or", "not",
];

/// The pieces of every line, its line break left out. There is a last line, be it empty.
pub(super) fn lines(text: &str) -> Vec<Vec<(SyntaxKind, &str)>> {
    let mut lines = vec![Vec::new()];
    for (kind, piece) in pieces(text) {
        for (number, part) in piece.split('\n').enumerate() {
            if number > 0 {
                lines.push(Vec::new());
            }
            if let Some(line) = lines.last_mut().filter(|_| !part.is_empty()) {
                line.push((kind, part));
            }
        }
    }
    lines
}

/// The whole text in pieces.
pub(super) fn pieces(text: &str) -> Vec<(SyntaxKind, &str)> {
    let mut pieces: Vec<(SyntaxKind, &str)> = Vec::new();
    let (mut at, mut plain) = (0, 0);
    while at < text.len() {
        let rest = &text[at..];
        let (kind, length) = piece(rest);
        if kind != SyntaxKind::Plain {
            if plain < at {
                pieces.push((SyntaxKind::Plain, &text[plain..at]));
            }
            pieces.push((kind, &rest[..length]));
            plain = at + length;
        }
        at += length;
    }
    if plain < text.len() {
        pieces.push((SyntaxKind::Plain, &text[plain..]));
    }
    pieces
}

/// The piece at the beginning of `text`, which is not empty, with its length.
fn piece(text: &str) -> (SyntaxKind, usize) {
    let Some(first) = text.chars().next() else {
        return (SyntaxKind::Plain, 0);
    };
    match first {
        '/' if text.starts_with("//") => {
            (SyntaxKind::Comment, text.find('\n').unwrap_or(text.len()))
        }
        '/' if text.starts_with("/*") => (SyntaxKind::Comment, block(text)),
        '"' | '\'' | '`' => (SyntaxKind::Text, quoted(text, first)),
        '0'..='9' => (SyntaxKind::Number, number(text)),
        c if is_name(c) => {
            let length = text.find(|c| !is_name(c)).unwrap_or(text.len());
            let (name, rest) = text.split_at(length);
            let kind = if KEYWORDS.contains(&name) {
                SyntaxKind::Keyword
            } else if rest.starts_with('(') {
                SyntaxKind::Call
            } else {
                SyntaxKind::Plain
            };
            (kind, length)
        }
        c => (SyntaxKind::Plain, c.len_utf8()),
    }
}

fn is_name(c: char) -> bool {
    c == '_' || c.is_alphanumeric()
}

/// A comment in a comment is part of it, as Rhai has it.
fn block(text: &str) -> usize {
    let (mut at, mut depth) = (0, 0_usize);
    while at < text.len() {
        let rest = &text[at..];
        if rest.starts_with("/*") {
            (at, depth) = (at + 2, depth + 1);
        } else if rest.starts_with("*/") {
            (at, depth) = (at + 2, depth - 1);
            if depth == 0 {
                return at;
            }
        } else {
            at += rest.chars().next().map_or(1, char::len_utf8);
        }
    }
    text.len()
}

/// Only back quotes go over lines; an end that is missing is the line's.
fn quoted(text: &str, quote: char) -> usize {
    let mut escaped = false;
    for (at, c) in text.char_indices().skip(1) {
        match c {
            '\n' if quote != '`' => return at,
            _ if escaped => escaped = false,
            '\\' if quote != '`' => escaped = true,
            c if c == quote => return at + c.len_utf8(),
            _ => {}
        }
    }
    text.len()
}

/// `1_000`, `0xff`, `1.5e-3`; `1..2` is a range of two numbers.
fn number(text: &str) -> usize {
    let bytes = text.as_bytes();
    let word = |from: usize| {
        let rest = bytes[from..].iter();
        from + rest
            .take_while(|b| b.is_ascii_alphanumeric() || **b == b'_')
            .count()
    };
    let mut end = word(0);
    if bytes.get(end) == Some(&b'.') && bytes.get(end + 1).is_some_and(u8::is_ascii_digit) {
        end = word(end + 1);
    }
    let exponent = end > 1 && matches!(bytes[end - 1], b'e' | b'E') && !text.starts_with("0x");
    if exponent && matches!(bytes.get(end), Some(b'+' | b'-')) {
        end = word(end + 1);
    }
    end
}

#[cfg(test)]
mod tests {
    use super::*;
    use SyntaxKind::{Call, Comment, Keyword, Number, Plain, Text};

    #[test]
    fn a_script_is_coloured() {
        let got = pieces("fn f(x) { let y = \"a\\\"b\"; // no\n y + 1.5e-3 }");
        let want = [
            (Keyword, "fn"),
            (Plain, " "),
            (Call, "f"),
            (Plain, "(x) { "),
            (Keyword, "let"),
            (Plain, " y = "),
            (Text, "\"a\\\"b\""),
            (Plain, "; "),
            (Comment, "// no"),
            (Plain, "\n y + "),
            (Number, "1.5e-3"),
            (Plain, " }"),
        ];
        assert_eq!(got, want);
    }

    #[test]
    fn ranges_names_and_blocks() {
        assert_eq!(
            pieces("0..10"),
            [(Number, "0"), (Plain, ".."), (Number, "10")]
        );
        assert_eq!(pieces("letter"), [(Plain, "letter")]);
        assert_eq!(pieces("x1"), [(Plain, "x1")]);
        assert_eq!(
            pieces("/* a /* b */ c */ d"),
            [(Comment, "/* a /* b */ c */"), (Plain, " d")]
        );
        assert_eq!(
            pieces("`a\nb` 0xff"),
            [(Text, "`a\nb`"), (Plain, " "), (Number, "0xff")]
        );
    }

    #[test]
    fn what_is_half_typed_is_no_trouble() {
        for text in [
            "\"open\nlet",
            "/* open",
            "`",
            "'",
            "1.",
            "1e",
            "1e+",
            "ä\"ö",
            "\\",
            "/",
            "",
        ] {
            let all: String = pieces(text).into_iter().map(|(_, piece)| piece).collect();
            assert_eq!(all, text);
        }
        assert_eq!(pieces("\"open\nlet")[2], (Keyword, "let"));
    }

    #[test]
    fn lines_lose_nothing() {
        let text = "a\n\n/* b\nc */ d\n";
        let lines = lines(text);
        let joined: Vec<String> = lines
            .iter()
            .map(|line| line.iter().map(|(_, piece)| *piece).collect())
            .collect();
        assert_eq!(joined.join("\n"), text);
        assert_eq!(lines[3], [(Comment, "c */"), (Plain, " d")]);
        assert_eq!(lines.len(), 5);
        assert!(super::lines("")[0].is_empty());
    }
}
