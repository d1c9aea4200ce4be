//! Which lines a text has at a width, and which of them are on the screen. Pure.

use std::ops::Range;

/// Where each visual line of `text` begins, in bytes, when no line has more than `columns`
/// characters. Breaks after a space where there is one, else between characters.
pub(crate) fn wrap(text: &str, columns: usize) -> Vec<usize> {
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
pub(crate) fn line_of(starts: &[usize], at: usize) -> usize {
    starts
        .partition_point(|start| *start <= at)
        .saturating_sub(1)
}

/// The bytes of line `line`, its line break left out.
pub(crate) fn bytes_of(text: &str, starts: &[usize], line: usize) -> Range<usize> {
    let start = starts.get(line).copied().unwrap_or(text.len());
    let end = starts.get(line + 1).copied().unwrap_or(text.len());
    let shown = text[start..end].trim_end_matches('\n').len();
    start..start + shown
}

/// The lines to draw: those on the screen and `spare` on either side.
pub(crate) fn window(
    scroll_top: f64,
    height: f64,
    line_height: f64,
    lines: usize,
    spare: usize,
) -> Range<usize> {
    if line_height <= 0.0 {
        return 0..lines.min(2 * spare);
    }
    let first = (scroll_top.max(0.0) / line_height).floor() as usize;
    let seen = (height.max(0.0) / line_height).ceil() as usize + 1;
    let start = first.saturating_sub(spare).min(lines);
    start..(first + seen + spare).min(lines)
}

/// A piece of a line: its bytes, and the span it belongs to.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) struct Piece {
    /// Bytes of the text.
    pub(crate) bytes: Range<usize>,
    /// The span, by its number; nothing for plain text.
    pub(crate) span: Option<usize>,
    /// Whether the span begins here.
    pub(crate) first: bool,
}

/// Cuts the line `line` at the edges of `spans`, which are sorted and do not overlap.
pub(crate) fn pieces(line: &Range<usize>, spans: &[Range<usize>]) -> Vec<Piece> {
    let mut pieces = Vec::new();
    let mut at = line.start;
    let from = spans.partition_point(|span| span.end <= line.start);
    for (number, span) in spans.iter().enumerate().skip(from) {
        if span.start >= line.end {
            break;
        }
        let start = span.start.max(line.start);
        let end = span.end.min(line.end);
        if start >= end {
            continue;
        }
        if at < start {
            pieces.push(plain(at..start));
        }
        pieces.push(Piece {
            bytes: start..end,
            span: Some(number),
            first: start == span.start,
        });
        at = end;
    }
    if at < line.end {
        pieces.push(plain(at..line.end));
    }
    pieces
}

fn plain(bytes: Range<usize>) -> Piece {
    Piece {
        bytes,
        span: None,
        first: false,
    }
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

    #[test]
    fn the_window_has_the_visible_lines_and_some_more() {
        assert_eq!(window(0.0, 100.0, 20.0, 1000, 5), 0..11);
        assert_eq!(window(2000.0, 100.0, 20.0, 1000, 5), 95..111);
        assert_eq!(window(1e9, 100.0, 20.0, 1000, 5), 1000..1000);
        assert_eq!(window(0.0, 100.0, 0.0, 1000, 5), 0..10);
    }

    #[test]
    fn spans_cut_lines() {
        let spans = [0..3, 5..12];
        let got = pieces(&(2..8), &spans);
        let want = [
            (2..3, Some(0), false),
            (3..5, None, false),
            (5..8, Some(1), true),
        ];
        let want: Vec<Piece> = want
            .into_iter()
            .map(|(bytes, span, first)| Piece { bytes, span, first })
            .collect();
        assert_eq!(got, want);
        assert_eq!(pieces(&(12..14), &spans), [plain(12..14)]);
        assert_eq!(pieces(&(6..6), &spans), []);
    }
}
