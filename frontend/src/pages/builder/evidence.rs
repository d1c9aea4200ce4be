//! Evidence as a list: pieces of one name together. Pure.

use std::collections::HashMap;

use fathom_shared::task::{EvidenceKind, EvidenceSpan};

use crate::ui::strip::kind;

/// More names than this are not listed.
pub(super) const MOST_GROUPS: usize = 60;

/// Pieces of one kind and name.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) struct EvidenceGroup {
    /// For style sheets.
    pub(super) kind: &'static str,
    /// Their name.
    pub(super) label: String,
    /// Their numbers, in order.
    pub(super) pieces: Vec<usize>,
}

impl EvidenceGroup {
    /// The piece of the group after `piece`, round and round.
    pub(super) fn after(&self, piece: Option<usize>) -> Option<usize> {
        let next = piece.map_or(0, |piece| self.pieces.partition_point(|at| *at <= piece));
        self.pieces.get(next).or(self.pieces.first()).copied()
    }
}

/// The groups by their first piece; what is asked for before the distractors.
pub(super) fn groups(evidence: &[EvidenceSpan]) -> Vec<EvidenceGroup> {
    let mut groups: Vec<EvidenceGroup> = Vec::new();
    let mut known: HashMap<(&'static str, &str), usize> = HashMap::new();
    for (number, piece) in evidence.iter().enumerate() {
        let kind = kind(piece);
        let at = *known.entry((kind, &piece.label)).or_insert_with(|| {
            groups.push(EvidenceGroup {
                kind,
                label: piece.label.clone(),
                pieces: Vec::new(),
            });
            groups.len() - 1
        });
        groups[at].pieces.push(number);
    }
    groups.sort_by_key(|group| group.kind == "other");
    groups
}

/// What stands at a piece, in words.
pub(super) fn says(piece: &EvidenceSpan, tokens: u32) -> String {
    let what = match (&piece.kind, piece.gold) {
        (EvidenceKind::Hop { chain, hop }, _) => format!("hop {hop} of chain {chain}"),
        (EvidenceKind::Needle, true) => "needle".to_owned(),
        (EvidenceKind::Needle, false) => "needle with another key".to_owned(),
        (EvidenceKind::Document, true) => "document with the answer".to_owned(),
        (EvidenceKind::Document, false) => "other document".to_owned(),
        (EvidenceKind::Word, true) => "counted word".to_owned(),
        (EvidenceKind::Word, false) => "other word".to_owned(),
    };
    let what = match (&piece.kind, piece.gold) {
        (EvidenceKind::Hop { .. }, false) => format!("{what}, a distractor or example"),
        _ => what,
    };
    let (from, to) = (piece.tokens.start, piece.tokens.end);
    let depth = f64::from(from) / f64::from(tokens.max(1)) * 100.0;
    let count = match to.saturating_sub(from) {
        1 => "1 token".to_owned(),
        count => format!("{count} tokens"),
    };
    format!(
        "{what}, {count} from token {from} on, depth {depth:.1}%, bytes {} to {}",
        piece.bytes.start, piece.bytes.end
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    fn word(label: &str, at: usize, gold: bool) -> EvidenceSpan {
        EvidenceSpan {
            kind: EvidenceKind::Word,
            gold,
            label: label.to_owned(),
            bytes: at..at + 3,
            tokens: 50..52,
        }
    }

    #[test]
    fn words_of_one_name_are_together() {
        let evidence = [
            word("cat", 0, false),
            word("dog", 4, true),
            word("cat", 8, true),
            word("dog", 12, true),
        ];
        let groups = groups(&evidence);
        let got: Vec<_> = groups
            .iter()
            .map(|g| (g.kind, g.label.as_str(), &g.pieces[..]))
            .collect();
        assert_eq!(
            got,
            [
                ("word", "dog", &[1, 3][..]),
                ("word", "cat", &[2]),
                ("other", "cat", &[0])
            ]
        );
        assert_eq!(groups[0].after(None), Some(1));
        assert_eq!(groups[0].after(Some(1)), Some(3));
        assert_eq!(groups[0].after(Some(3)), Some(1));
        assert_eq!(groups[0].after(Some(2)), Some(3));
    }

    #[test]
    fn a_piece_is_described() {
        assert_eq!(
            says(&word("cat", 8, true), 200),
            "counted word, 2 tokens from token 50 on, depth 25.0%, bytes 8 to 11"
        );
    }
}
