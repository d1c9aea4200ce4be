//! The shapes on the depth strip. Pure.

use std::ops::Range;

use fathom_shared::task::{EvidenceKind, EvidenceSpan};

use super::geometry::DepthScale;

/// With more pieces than this, those that would lie on each other are drawn as one.
const MOST_ALONE: usize = 150;
/// So many places a line has then.
const STEPS: f64 = 120.0;

/// A word for what a piece of evidence is.
pub(crate) fn kind(evidence: &EvidenceSpan) -> &'static str {
    match (evidence.gold, &evidence.kind) {
        (false, _) => "other",
        (true, EvidenceKind::Needle) => "needle",
        (true, EvidenceKind::Hop { .. }) => "hop",
        (true, EvidenceKind::Document) => "document",
        (true, EvidenceKind::Word) => "word",
    }
}

/// One mark: a piece, or several that lie close together.
#[derive(Clone, PartialEq, Debug)]
pub(crate) struct StripBin {
    /// For style sheets.
    pub(crate) kind: &'static str,
    /// The description of the first piece.
    pub(crate) label: String,
    /// The number of the first piece.
    pub(crate) first: usize,
    /// How many pieces.
    pub(crate) count: usize,
    /// From the first piece's first token to the last one's last.
    pub(crate) tokens: Range<u32>,
    /// Where the first begins, from 0 to 1.
    pub(crate) depth: f64,
    /// What depth is counted in: `token` or `word`.
    pub(crate) unit: &'static str,
}

impl StripBin {
    /// For people.
    pub(crate) fn says(&self) -> String {
        let depth = self.depth * 100.0;
        let Range { start, end } = &self.tokens;
        match self.count {
            1 => format!(
                "{} {}, {} {start}, depth {depth:.0}%",
                self.kind, self.label, self.unit
            ),
            count => format!(
                "{count} × {}, {}s {start} to {end}, depth {depth:.0}%",
                self.kind, self.unit
            ),
        }
    }
}

/// The line of one sample.
#[derive(Clone, PartialEq, Debug, Default)]
pub(crate) struct StripLine {
    pub(super) depths: DepthScale,
    /// From the surface to the ground.
    pub(crate) tokens: u32,
    /// The marks, from the surface down.
    pub(crate) bins: Vec<StripBin>,
}

impl StripLine {
    /// `evidence` is in order; `bytes` and `tokens` are the lengths of the input.
    pub(crate) fn new(evidence: &[EvidenceSpan], bytes: usize, tokens: u32) -> Self {
        Self {
            depths: DepthScale::new(evidence, bytes, tokens),
            tokens,
            bins: bins(evidence, tokens),
        }
    }

    /// The same where depth is counted in words.
    pub(crate) fn in_words(mut self) -> Self {
        self.bins.iter_mut().for_each(|bin| bin.unit = "word");
        self
    }
}

fn bins(evidence: &[EvidenceSpan], tokens: u32) -> Vec<StripBin> {
    let depth = |piece: &EvidenceSpan| f64::from(piece.tokens.start) / f64::from(tokens.max(1));
    let step = |depth: f64| (depth * STEPS) as u32;
    let crowded = evidence.len() > MOST_ALONE;
    let mut bins: Vec<StripBin> = Vec::new();
    for (number, piece) in evidence.iter().enumerate() {
        let (kind, depth) = (kind(piece), depth(piece));
        let near = bins.iter_mut().rev();
        let mut near = near.take_while(|bin| crowded && step(bin.depth) == step(depth));
        match near.find(|bin| bin.kind == kind) {
            Some(bin) => {
                bin.count += 1;
                bin.tokens.end = bin.tokens.end.max(piece.tokens.end);
            }
            None => bins.push(StripBin {
                kind,
                label: piece.label.clone(),
                first: number,
                count: 1,
                tokens: piece.tokens.clone(),
                depth,
                unit: "token",
            }),
        }
    }
    bins
}

#[cfg(test)]
mod tests {
    use super::*;

    fn word(at: u32, gold: bool) -> EvidenceSpan {
        EvidenceSpan {
            kind: EvidenceKind::Word,
            gold,
            label: format!("w{at}"),
            bytes: at as usize * 4..at as usize * 4 + 3,
            tokens: at..at + 1,
        }
    }

    #[test]
    fn few_pieces_have_a_mark_each() {
        let evidence = [word(10, true), word(11, true), word(90, false)];
        let line = StripLine::new(&evidence, 400, 100);
        assert_eq!(line.bins.len(), 3);
        assert_eq!(line.bins[0].says(), "word w10, token 10, depth 10%");
        assert_eq!(line.bins[2].kind, "other");
    }

    #[test]
    fn many_pieces_share_marks_and_none_is_lost() {
        let evidence: Vec<_> = (0..12_000).map(|at| word(at * 10, at % 7 > 0)).collect();
        let line = StripLine::new(&evidence, 480_000, 120_000);
        assert!(line.bins.len() <= 240, "{}", line.bins.len());
        let pieces: usize = line.bins.iter().map(|bin| bin.count).sum();
        assert_eq!(pieces, evidence.len());
        assert!(line.bins.is_sorted_by(|a, b| a.depth <= b.depth));
        assert_eq!(line.bins[1].says(), "85 × word, tokens 10 to 991, depth 0%");
    }
}
