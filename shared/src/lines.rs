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
    use super::*;

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
