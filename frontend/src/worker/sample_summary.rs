//! A sample without its text. Pure.

use std::mem::discriminant;

use fathom_shared::task::{EvidenceSpan, Sample};

use crate::protocol::SampleSummary;

/// Finer than a line on the screen can show.
const STEPS: u64 = 512;

/// What is shown of a sample when several are compared.
pub(super) fn glance(sample: &Sample) -> SampleSummary {
    SampleSummary {
        number: sample.number,
        length: sample.length,
        input_tokens: sample.input_tokens,
        input_bytes: sample.input.len(),
        references: sample.references.clone(),
        pieces: sample.evidence.len(),
        evidence: thin(&sample.evidence, sample.input_tokens.0),
    }
}

/// Of pieces of one kind that begin in the same step of the line, the first.
fn thin(evidence: &[EvidenceSpan], tokens: u32) -> Vec<EvidenceSpan> {
    let step =
        |piece: &EvidenceSpan| u64::from(piece.tokens.start) * STEPS / u64::from(tokens.max(1));
    let mut kept: Vec<EvidenceSpan> = Vec::new();
    for piece in evidence {
        let here = kept.iter().rev().take_while(|k| step(k) == step(piece));
        let mut same = here
            .filter(|k| k.gold == piece.gold && discriminant(&k.kind) == discriminant(&piece.kind));
        if same.next().is_none() {
            kept.push(piece.clone());
        }
    }
    kept
}

#[cfg(test)]
mod tests {
    use super::*;
    use fathom_shared::task::EvidenceKind;

    fn piece(at: u32, gold: bool) -> EvidenceSpan {
        EvidenceSpan {
            kind: EvidenceKind::Word,
            gold,
            label: String::new(),
            bytes: 0..0,
            tokens: at..at + 1,
        }
    }

    #[test]
    fn ten_thousand_words_are_few_marks() {
        let all: Vec<_> = (0..40_000).map(|at| piece(at * 3, at % 5 > 0)).collect();
        let kept = thin(&all, 120_000);
        assert!(kept.len() <= 2 * STEPS as usize, "{}", kept.len());
        assert_eq!(kept[0], all[0]);
        assert_eq!(kept[1], all[1]);
        let few = [piece(1, true), piece(50, true), piece(99, false)];
        assert_eq!(thin(&few, 100), few);
    }
}
