//! Which lines are on the screen, and what they are made of. Pure.

use std::ops::Range;

use super::{TextMark, TokenBoundaries};

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

/// A piece of a line: its bytes, and the mark it belongs to.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) struct LinePiece {
    /// Bytes of the text.
    pub(crate) bytes: Range<usize>,
    /// The mark, by its number; nothing for plain text.
    pub(crate) span: Option<usize>,
}

/// Cuts the line `line` at the edges of `marks`, whose bytes are sorted and do not overlap.
pub(crate) fn pieces(line: &Range<usize>, marks: &[TextMark]) -> Vec<LinePiece> {
    let mut pieces = Vec::new();
    let mut at = line.start;
    let from = marks.partition_point(|mark| mark.bytes.end <= line.start);
    for (number, mark) in marks.iter().enumerate().skip(from) {
        if mark.bytes.start >= line.end {
            break;
        }
        let start = mark.bytes.start.max(line.start);
        let end = mark.bytes.end.min(line.end);
        if start >= end {
            continue;
        }
        if at < start {
            pieces.push(plain(at..start));
        }
        pieces.push(LinePiece {
            bytes: start..end,
            span: Some(number),
        });
        at = end;
    }
    if at < line.end {
        pieces.push(plain(at..line.end));
    }
    pieces
}

/// One row of marks out of several that may overlap: where two do, that of the later layer is seen.
/// Each layer is sorted and does not overlap itself.
pub(crate) fn layered(layers: &[Vec<TextMark>]) -> Vec<TextMark> {
    let mut marks: Vec<TextMark> = Vec::new();
    for layer in layers {
        let below = std::mem::take(&mut marks);
        let mut over = layer.iter().peekable();
        for mark in below {
            let mut at = mark.bytes.start;
            while let Some(top) = over.peek().filter(|top| top.bytes.start < mark.bytes.end) {
                if at < top.bytes.start {
                    let bytes = at..top.bytes.start;
                    marks.push(TextMark {
                        bytes,
                        ..mark.clone()
                    });
                }
                at = at.max(top.bytes.end);
                if top.bytes.end > mark.bytes.end {
                    break;
                }
                marks.push((*top).clone());
                over.next();
            }
            if at < mark.bytes.end {
                let bytes = at..mark.bytes.end;
                marks.push(TextMark { bytes, ..mark });
            }
        }
        marks.extend(over.cloned());
        marks.sort_by_key(|mark| mark.bytes.start);
    }
    marks
}

/// Cuts `bytes` at the starts of tokens; every part with the number of its token. Nothing outside
/// of what was cut has a number.
pub(crate) fn tokens(
    bytes: &Range<usize>,
    cuts: &TokenBoundaries,
) -> Vec<(Range<usize>, Option<u32>)> {
    let mut parts = Vec::new();
    let mut part = |bytes: Range<usize>, number: Option<u32>| {
        if !bytes.is_empty() {
            parts.push((bytes, number));
        }
    };
    let (from, to) = (
        bytes.start.max(cuts.bytes.start),
        bytes.end.min(cuts.bytes.end),
    );
    if from >= to {
        part(bytes.clone(), None);
        return parts;
    }
    part(bytes.start..from, None);
    let mut next = cuts.starts.partition_point(|start| *start <= from);
    let mut at = from;
    while at < to {
        let end = cuts.starts.get(next).map_or(to, |end| (*end).min(to));
        // Two tokens of one character begin at the same byte.
        let number = next.checked_sub(1).and_then(|n| u32::try_from(n).ok());
        part(at..end, number.map(|number| cuts.first + number));
        (at, next) = (end, next + 1);
    }
    part(to..bytes.end, None);
    parts
}

fn plain(bytes: Range<usize>) -> LinePiece {
    LinePiece { bytes, span: None }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_window_has_the_visible_lines_and_some_more() {
        assert_eq!(window(0.0, 100.0, 20.0, 1000, 5), 0..11);
        assert_eq!(window(2000.0, 100.0, 20.0, 1000, 5), 95..111);
        assert_eq!(window(1e9, 100.0, 20.0, 1000, 5), 1000..1000);
        assert_eq!(window(0.0, 100.0, 0.0, 1000, 5), 0..10);
    }

    #[test]
    fn spans_cut_lines() {
        let marks = [0..3, 5..12].map(|bytes| TextMark {
            bytes,
            kind: "needle",
            says: String::new(),
            piece: None,
        });
        let got = pieces(&(2..8), &marks);
        let want = [(2..3, Some(0)), (3..5, None), (5..8, Some(1))];
        let want = want.map(|(bytes, span)| LinePiece { bytes, span });
        assert_eq!(got, want);
        assert_eq!(pieces(&(12..14), &marks), [plain(12..14)]);
        assert_eq!(pieces(&(6..6), &marks), []);
    }

    #[test]
    fn the_later_layer_is_seen() {
        let layer = |kind: &'static str, places: &[Range<usize>]| {
            let mark = |bytes: &Range<usize>| TextMark {
                bytes: bytes.clone(),
                kind,
                says: String::new(),
                piece: None,
            };
            places.iter().map(mark).collect::<Vec<_>>()
        };
        let got = layered(&[
            layer("low", &[0..10, 20..30]),
            layer("mid", &[4..6, 8..22]),
            layer("top", &[5..6, 25..26, 40..50]),
        ]);
        let got: Vec<_> = got
            .iter()
            .map(|mark| (mark.bytes.clone(), mark.kind))
            .collect();
        let want = [
            (0..4, "low"),
            (4..5, "mid"),
            (5..6, "top"),
            (6..8, "low"),
            (8..22, "mid"),
            (22..25, "low"),
            (25..26, "top"),
            (26..30, "low"),
            (40..50, "top"),
        ];
        assert_eq!(got, want);
    }

    #[test]
    fn tokens_cut_pieces() {
        let cuts = TokenBoundaries {
            bytes: 10..20,
            first: 7,
            starts: vec![10, 13, 13, 16],
        };
        let got = tokens(&(8..15), &cuts);
        assert_eq!(got, [(8..10, None), (10..13, Some(7)), (13..15, Some(9))]);
        assert_eq!(
            tokens(&(15..18), &cuts),
            [(15..16, Some(9)), (16..18, Some(10))]
        );
        assert_eq!(
            tokens(&(18..25), &cuts),
            [(18..20, Some(10)), (20..25, None)]
        );
        assert_eq!(tokens(&(30..31), &cuts), [(30..31, None)]);
        assert_eq!(tokens(&(12..12), &cuts), []);
    }
}
