//! Where things stand on the sounding line. Pure.

use std::ops::Range;

use fathom_shared::task::EvidenceSpan;

/// Turns bytes of the sample's input into a depth: a fraction of its tokens. Exact at every piece
/// of evidence, straight in between.
#[derive(Clone, PartialEq, Debug, Default)]
pub(crate) struct DepthScale {
    anchors: Vec<(usize, u32)>,
}

impl DepthScale {
    /// `bytes` and `tokens` are the lengths of the input.
    pub(crate) fn new(evidence: &[EvidenceSpan], bytes: usize, tokens: u32) -> Self {
        let mut anchors = vec![(0, 0)];
        for piece in evidence {
            anchors.push((piece.bytes.start, piece.tokens.start));
            anchors.push((piece.bytes.end, piece.tokens.end));
        }
        anchors.push((bytes, tokens.max(1)));
        anchors.sort_unstable();
        Self { anchors }
    }

    /// The depth of byte `at`, from 0 to 1.
    pub(crate) fn of(&self, at: usize) -> f64 {
        let next = self.anchors.partition_point(|(byte, _)| *byte <= at);
        let total = self.anchors.last().map_or(1.0, |(_, t)| f64::from(*t));
        let (Some(high), Some(low)) = (
            self.anchors.get(next),
            next.checked_sub(1).and_then(|i| self.anchors.get(i)),
        ) else {
            return if next == 0 { 0.0 } else { 1.0 };
        };
        let share = (at - low.0) as f64 / (high.0 - low.0).max(1) as f64;
        let tokens = f64::from(low.1) + share * (f64::from(high.1) - f64::from(low.1));
        (tokens / total).clamp(0.0, 1.0)
    }

    /// The byte at `depth`.
    pub(crate) fn byte_at(&self, depth: f64) -> usize {
        let total = self.anchors.last().map_or(1.0, |(_, t)| f64::from(*t));
        let tokens = depth.clamp(0.0, 1.0) * total;
        for pair in self.anchors.windows(2) {
            let (low, high) = (pair[0], pair[1]);
            if tokens <= f64::from(high.1) {
                let width = f64::from(high.1) - f64::from(low.1);
                let share = if width > 0.0 {
                    ((tokens - f64::from(low.1)) / width).clamp(0.0, 1.0)
                } else {
                    0.0
                };
                return low.0 + (share * (high.0 - low.0) as f64) as usize;
            }
        }
        self.anchors.last().map_or(0, |(byte, _)| *byte)
    }

    /// The part of the line that the bytes `seen` take, as top and height.
    pub(crate) fn slice(&self, seen: &Range<usize>) -> (f64, f64) {
        let (top, end) = (self.of(seen.start), self.of(seen.end));
        (top, (end - top).max(0.0))
    }
}

/// Token counts to write beside the line: multiples of a power of two, at most `most` of them.
pub(crate) fn ticks(total: u32, most: u32) -> Vec<u32> {
    let mut step: u32 = 64;
    while total / step > most.max(1) && step < 1 << 30 {
        step *= 2;
    }
    (0..=total / step).map(|i| i * step).collect()
}

/// Heights of labels for marks at `depths` (sorted), no two nearer than `gap`, each as near to
/// its mark as that allows. Nothing where they do not all fit.
pub(crate) fn spread(depths: &[f64], gap: f64) -> Option<Vec<f64>> {
    let n = depths.len();
    if n > 1 && gap * (n - 1) as f64 > 1.0 {
        return None;
    }
    let mut at = depths.to_vec();
    for i in 1..n {
        at[i] = at[i].max(at[i - 1] + gap);
    }
    let mut most: f64 = 1.0;
    for place in at.iter_mut().rev() {
        *place = place.min(most);
        most = *place - gap;
    }
    Some(at)
}

#[cfg(test)]
mod tests {
    use super::*;
    use fathom_shared::task::EvidenceKind;

    fn piece(bytes: Range<usize>, tokens: Range<u32>) -> EvidenceSpan {
        EvidenceSpan {
            kind: EvidenceKind::Needle,
            gold: true,
            label: String::new(),
            bytes,
            tokens,
        }
    }

    #[test]
    fn depths_are_exact_at_evidence() {
        let depths = DepthScale::new(&[piece(100..120, 50..60)], 400, 100);
        assert_eq!(depths.of(0), 0.0);
        assert_eq!(depths.of(100), 0.5);
        assert_eq!(depths.of(120), 0.6);
        assert_eq!(depths.of(50), 0.25);
        assert_eq!(depths.of(400), 1.0);
        assert_eq!(depths.of(9_999), 1.0);
        assert_eq!(depths.byte_at(0.5), 100);
        assert_eq!(depths.byte_at(0.25), 50);
        assert_eq!(depths.byte_at(1.0), 400);
        let (top, height) = depths.slice(&(100..120));
        assert!((top - 0.5).abs() < 1e-9 && (height - 0.1).abs() < 1e-9);
    }

    #[test]
    fn an_empty_line_is_harmless() {
        assert_eq!(DepthScale::default().of(7), 0.0);
        assert_eq!(DepthScale::default().byte_at(0.5), 0);
        assert_eq!(DepthScale::new(&[], 0, 0).of(0), 1.0);
    }

    #[test]
    fn ticks_are_round() {
        assert_eq!(ticks(900, 8), [0, 128, 256, 384, 512, 640, 768, 896]);
        assert_eq!(ticks(131_000, 8).len(), 8);
        assert_eq!(ticks(10, 8), [0]);
    }

    #[test]
    fn labels_keep_their_distance() {
        let at = spread(&[0.1, 0.11, 0.12, 0.99, 1.0], 0.05).unwrap();
        for pair in at.windows(2) {
            assert!(pair[1] - pair[0] > 0.05 - 1e-9, "{at:?}");
        }
        assert!(at.iter().all(|y| (0.0..=1.0).contains(y)), "{at:?}");
        assert_eq!(at[0], 0.1);
        assert_eq!(spread(&[0.0; 30], 0.05), None);
        assert_eq!(spread(&[], 0.05), Some(vec![]));
    }
}
