//! A server's words as one line that a terminal, a log and a database can take.

/// How much of a server's own message is kept, in characters.
const MESSAGE: usize = 300;

/// `text` on one line, without the commands that a terminal would obey, with no more than
/// [`MESSAGE`] characters.
pub(super) fn short(text: &str) -> String {
    cut(text, MESSAGE)
}

/// The same without a limit, for what is ours with a server's words in it.
pub(super) fn line(text: &str) -> String {
    cut(text, usize::MAX)
}

fn cut(text: &str, most: usize) -> String {
    let mut line = String::new();
    let (mut kept, mut space) = (0, false);
    let mut rest = text.chars().peekable();
    while let Some(c) = rest.next() {
        if c == '\u{1b}' || c == '\u{9b}' {
            skip(c, &mut rest);
        } else if c.is_whitespace() || c.is_control() {
            space = true;
        } else if !is_hidden(c) {
            if kept >= most {
                line.push('…');
                break;
            }
            if std::mem::take(&mut space) && !line.is_empty() {
                line.push(' ');
                kept += 1;
            }
            line.push(c);
            kept += 1;
        }
    }
    line
}

/// The rest of a command that began with `first`. Source: ECMA-48, sections 5.4 and 8.3.
fn skip(first: char, rest: &mut std::iter::Peekable<std::str::Chars<'_>>) {
    let begin = match first {
        '\u{9b}' => Some('['),
        _ => rest.next_if(|c| c.is_ascii_graphic()),
    };
    match begin {
        Some('[') => {
            while rest.next_if(|c| matches!(c, '\u{20}'..='\u{3f}')).is_some() {}
            rest.next_if(|c| matches!(c, '\u{40}'..='\u{7e}'));
        }
        // A text, to its end: the title of a window, a link.
        Some(']' | 'P' | '_' | '^' | 'X') => {
            for c in rest.by_ref() {
                if c == '\u{7}' || c == '\u{9c}' {
                    break;
                }
                if c == '\u{1b}' {
                    rest.next_if_eq(&'\\');
                    break;
                }
            }
        }
        _ => {}
    }
}

/// Characters that are not seen and change what stands beside them.
fn is_hidden(c: char) -> bool {
    matches!(c, '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{feff}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_terminal_obeys_it() {
        for (text, want) in [
            ("\u{1b}[31mred\u{1b}[0m", "red"),
            ("\u{1b}]0;title\u{7}a\u{1b}]8;;http://x\u{1b}\\b", "ab"),
            ("a\u{0}b\u{8}c\u{7f}", "a b c"),
            ("\u{9b}2Jx", "x"),
            ("\u{202e}abc\u{200b}", "abc"),
            ("two\r\n  lines", "two lines"),
            ("\u{1b}", ""),
        ] {
            assert_eq!(short(text), want, "{text:?}");
        }
        assert_eq!(short(&"ä".repeat(500)).chars().count(), MESSAGE + 1);
        assert_eq!(short(&"ä".repeat(MESSAGE)).chars().count(), MESSAGE);
    }
}
