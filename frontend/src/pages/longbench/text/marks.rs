//! The highlights in a text and on its depth strip. Pure.

use std::ops::Range;
use std::sync::Arc;

use fathom_shared::longbench::viewer::{SearchMatches, VisibleContext};
use fathom_shared::task::{EvidenceKind, EvidenceSpan};

use crate::ui::strip::StripLine;
use crate::ui::text_viewer::{TextMark, layered};

fn wide(bytes: &Range<u32>) -> Range<usize> {
    bytes.start as usize..bytes.end as usize
}

/// What the model does not see, of a text of so many bytes.
pub(super) fn gaps(seen: &VisibleContext, bytes: usize) -> Vec<Range<usize>> {
    let mut gaps = Vec::new();
    let mut at = 0;
    for shown in &seen.shown {
        let shown = wide(shown);
        if at < shown.start {
            gaps.push(at..shown.start);
        }
        at = at.max(shown.end);
    }
    if at < bytes {
        gaps.push(at..bytes);
    }
    // White space at the ends is not part of the prompt either, and nobody misses it.
    gaps.retain(|gap| gap.len() > 2);
    gaps
}

/// What is marked, where two lie on each other the more important.
pub(super) fn marks(
    evidence: &[Range<u32>],
    found: Option<&SearchMatches>,
    seen: Option<&VisibleContext>,
    bytes: usize,
) -> Vec<TextMark> {
    let mark = |bytes, kind, says: String, piece| TextMark {
        bytes,
        kind,
        says,
        piece,
    };
    let gone = seen.map(|seen| gaps(seen, bytes)).unwrap_or_default();
    let gone = gone.into_iter().map(|gap| {
        let says = "Left out: the model does not see this".to_owned();
        mark(gap, "gone", says, None)
    });
    let mut picked: Vec<TextMark> = seen
        .iter()
        .flat_map(|seen| &seen.picked)
        .map(|piece| {
            let says = format!("Retrieved for the question, BM25 {:.2}", piece.score);
            mark(wide(&piece.bytes), "picked", says, None)
        })
        .collect();
    picked.sort_by_key(|mark| mark.bytes.start);
    let evidence = evidence.iter().enumerate().map(|(number, bytes)| {
        let says = format!("Evidence {}: the answer follows from it", number + 1);
        mark(wide(bytes), "document", says, Some(number))
    });
    let found = found.iter().flat_map(|found| &found.places);
    let found = found.map(|place| mark(wide(&place.bytes), "needle", "Found".to_owned(), None));
    layered(&[gone.collect(), picked, evidence.collect(), found.collect()])
}

/// The kinds that are marked, with what they mean.
pub(super) fn legend(marks: &[TextMark]) -> Vec<(&'static str, &'static str)> {
    let all = [
        ("document", "evidence"),
        ("picked", "retrieved by BM25"),
        ("gone", "left out of the prompt"),
        ("needle", "found"),
    ];
    let is = |kind| marks.iter().any(|mark| mark.kind == kind);
    all.into_iter().filter(|(kind, _)| is(*kind)).collect()
}

/// The line beside a text, with the byte at which each of its pieces begins.
#[derive(Clone, PartialEq, Debug, Default)]
pub(super) struct TextStrip {
    pub(super) line: Arc<StripLine>,
    pub(super) starts: Vec<usize>,
}

/// The line beside a text of so many bytes and words.
pub(super) fn line(
    evidence: &[Range<u32>],
    seen: Option<&VisibleContext>,
    bytes: usize,
    words: u32,
) -> TextStrip {
    let word = |at: usize| (at as f64 / bytes.max(1) as f64 * f64::from(words)) as u32;
    let piece = |bytes: Range<usize>, gold, label| EvidenceSpan {
        kind: EvidenceKind::Document,
        gold,
        label,
        tokens: word(bytes.start)..word(bytes.end),
        bytes,
    };
    let named = evidence.iter().enumerate();
    let mut all: Vec<EvidenceSpan> = named
        .map(|(number, bytes)| piece(wide(bytes), true, format!("evidence {}", number + 1)))
        .collect();
    for picked in seen.iter().flat_map(|seen| &seen.picked) {
        let label = format!("picked, BM25 {:.1}", picked.score);
        all.push(piece(wide(&picked.bytes), false, label));
    }
    all.sort_by_key(|piece| piece.bytes.start);
    TextStrip {
        line: Arc::new(StripLine::new(&all, bytes, words).in_words()),
        starts: all.iter().map(|piece| piece.bytes.start).collect(),
    }
}

#[cfg(test)]
mod tests {
    use fathom_shared::longbench::viewer::{RetrievedChunk, SearchMatch};
    use fathom_shared::tokens::Tokens;

    use super::*;

    fn seen() -> VisibleContext {
        VisibleContext {
            shown: vec![2..40, 80..99],
            picked: vec![RetrievedChunk {
                bytes: 10..20,
                score: 3.5,
            }],
            tokens: Tokens(10),
            before: Some(Tokens(20)),
        }
    }

    #[test]
    fn what_is_left_out_is_what_is_not_shown() {
        assert_eq!(gaps(&seen(), 100).first(), Some(&(40..80)));
        assert_eq!(gaps(&seen(), 200), [40..80, 99..200]);
    }

    #[test]
    fn evidence_is_seen_over_what_is_left_out() {
        let found = SearchMatches {
            total: 1,
            places: vec![SearchMatch {
                bytes: 52..54,
                before: String::new(),
                text: String::new(),
                after: String::new(),
            }],
        };
        let evidence = [50..60, 98..99];
        let marks = marks(&evidence, Some(&found), Some(&seen()), 100);
        let kinds: Vec<_> = marks.iter().map(|m| (m.bytes.clone(), m.kind)).collect();
        let want = [
            (10..20, "picked"),
            (40..50, "gone"),
            (50..52, "document"),
            (52..54, "needle"),
            (54..60, "document"),
            (60..80, "gone"),
            (98..99, "document"),
        ];
        assert_eq!(kinds, want);
        let names: Vec<_> = legend(&marks).into_iter().map(|(kind, _)| kind).collect();
        assert_eq!(names, ["document", "picked", "gone", "needle"]);
    }

    #[test]
    fn the_line_counts_in_words() {
        let beside = line(&[50..60, 98..99], Some(&seen()), 100, 20);
        assert_eq!(beside.starts, [10, 50, 98]);
        let says: Vec<_> = beside.line.bins.iter().map(|bin| bin.says()).collect();
        assert_eq!(says[1], "document evidence 1, word 10, depth 50%");
    }
}
