//! How a text breaks into lines of a width. Lines are what a viewer of a long text counts in.

use std::ops::Range;

/// Where each visual line of `text` begins, in bytes, when no line has more than `columns`
/// characters. Breaks after a space where there is one, else between characters.
///
/// # Example
/// ```
/// use fathom_shared::lines::wrap;
/// assert_eq!(wrap("the sky is blue", 8), [0, 8]);
/// ```
pub fn wrap(text: &str, columns: usize) -> Vec<usize> {
    let (bytes, columns) = (text.as_bytes(), columns.max(1));
    let mut starts = vec![0];
    let mut start = 0;
    while let Some(next) = next_line(bytes, start, columns) {
        starts.push(next);
        start = next;
    }
    starts
}

/// Where the line after the one at `start` begins.
fn next_line(bytes: &[u8], start: usize, columns: usize) -> Option<usize> {
    // The last place at which the line may break, and the characters before `at`.
    let mut place = None;
    let (mut at, mut column) = (start, 0);
    // What is plain ASCII as far as the line can reach is looked at in one go: texts have megabytes.
    let whole = start.checked_add(columns);
    let whole = whole.and_then(|end| bytes.get(start..end));
    if let Some(line) = whole.filter(|line| line.is_ascii()) {
        if let Some(end) = memchr::memchr(b'\n', line) {
            return Some(start + end + 1);
        }
        place = memchr::memrchr(b' ', &line[1..]).map(|space| start + space + 2);
        (at, column) = (start + columns, columns);
    }
    while let Some(byte) = bytes.get(at) {
        if *byte == b'\n' {
            return Some(at + 1);
        }
        // The further bytes of a character are no character.
        if byte & 0xc0 != 0x80 {
            // A space may hang over the edge; anything else may not.
            if column >= columns && *byte != b' ' {
                return Some(place.unwrap_or(at));
            }
            column += 1;
        }
        at += 1;
        if *byte == b' ' && at > start + 1 {
            place = Some(at);
        }
    }
    None
}

/// The line that holds byte `at`.
pub fn line_of(starts: &[usize], at: usize) -> usize {
    starts
        .partition_point(|start| *start <= at)
        .saturating_sub(1)
}

/// The bytes of line `line`, its line break left out.
pub fn bytes_of(text: &str, starts: &[usize], line: usize) -> Range<usize> {
    let start = starts.get(line).copied().unwrap_or(text.len());
    let end = starts.get(line + 1).copied().unwrap_or(text.len());
    let shown = text[start..end].trim_end_matches('\n').len();
    start..start + shown
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// The same character by character.
    fn plain(text: &str, columns: usize) -> Vec<usize> {
        let columns = columns.max(1);
        let mut starts = vec![0];
        let mut start = 0;
        // The last place at which the line may break, and how many characters stand before it.
        let mut place: Option<(usize, usize)> = None;
        let mut column = 0;
        for (at, c) in text.char_indices() {
            if c == '\n' {
                start = at + 1;
                starts.push(start);
                (column, place) = (0, None);
                continue;
            }
            // A space may hang over the edge; anything else may not.
            if column >= columns && c != ' ' {
                let (next, before) = place.unwrap_or((at, column));
                start = next;
                starts.push(start);
                column -= before;
                place = None;
            }
            column += 1;
            if c == ' ' && at > start {
                place = Some((at + 1, column));
            }
        }
        starts
    }

    proptest! {
        #[test]
        fn whole_lines_at_once_break_where_characters_one_by_one_do(
            text in "([a-c]{1,12}|[ \n]{1,3}|é|中){0,60}", columns in 1usize..14
        ) {
            prop_assert_eq!(wrap(&text, columns), plain(&text, columns));
        }
    }

    fn lines(text: &str, columns: usize) -> Vec<&str> {
        let starts = wrap(text, columns);
        (0..starts.len())
            .map(|line| &text[bytes_of(text, &starts, line)])
            .collect()
    }

    #[test]
    fn breaks_after_spaces() {
        assert_eq!(
            lines("the sky is blue", 8),
            ["the sky ", "is blue"],
            "a space that fits stays on the line"
        );
        assert_eq!(lines("the sky is", 7), ["the sky ", "is"]);
    }

    #[test]
    fn breaks_long_words_and_keeps_line_breaks() {
        assert_eq!(lines("abcdefgh", 3), ["abc", "def", "gh"]);
        assert_eq!(lines("a\n\nb\n", 9), ["a", "", "b", ""]);
        assert_eq!(lines("äöü ß", 3), ["äöü ", "ß"]);
    }

    #[test]
    fn no_line_is_too_long_and_nothing_is_lost() {
        let text = "Here we go. There and back again.\nThe grass is green. ".repeat(40);
        for columns in [1, 2, 7, 20, 80] {
            let starts = wrap(&text, columns);
            assert!(starts.is_sorted());
            for line in 0..starts.len() {
                let shown = &text[bytes_of(&text, &starts, line)];
                let most = columns + usize::from(shown.ends_with(' '));
                assert!(shown.chars().count() <= most, "{shown:?} at {columns}");
            }
        }
    }

    #[test]
    fn long_prompts_are_wrapped_in_one_go() {
        let text = "The grass is green. ".repeat(24_500);
        let starts = wrap(&text, 80);
        assert_eq!(starts.len(), 6_125);
        assert_eq!(line_of(&starts, 0), 0);
        assert_eq!(line_of(&starts, 80), 1);
        assert_eq!(line_of(&starts, text.len()), 6_124);
    }
}
