//! A prompt under construction, with the place of every piece of evidence.

use std::ops::Range;

use crate::task::EvidenceKind;
use crate::template::fill;

/// A text and the evidence hidden in it.
#[derive(Clone, Debug, Default)]
pub(in crate::task) struct DraftText {
    pub(in crate::task) text: String,
    pub(in crate::task) pieces: Vec<EvidencePiece>,
}

/// A piece of evidence.
#[derive(Clone, Debug)]
pub(in crate::task) struct EvidencePiece {
    pub(in crate::task) kind: EvidenceKind,
    pub(in crate::task) gold: bool,
    pub(in crate::task) label: String,
    /// Bytes of the draft's text.
    pub(in crate::task) bytes: Range<usize>,
}

impl DraftText {
    pub(in crate::task) fn push(&mut self, text: &str) {
        self.text.push_str(text);
    }

    /// Appends `text` as a piece of evidence, which excludes white space at its end.
    pub(in crate::task) fn push_piece(
        &mut self,
        text: &str,
        kind: EvidenceKind,
        gold: bool,
        label: &str,
    ) {
        let from = self.text.len();
        self.push(text);
        self.pieces.push(EvidencePiece {
            kind,
            gold,
            label: label.to_owned(),
            bytes: from..from + text.trim_end().len(),
        });
    }

    /// The template's text, with this draft in place of `{context}`.
    pub(in crate::task) fn framed(self, template: &str, values: &[(&str, &str)]) -> Self {
        let (before, after) = template.split_once("{context}").unwrap_or((template, ""));
        self.after(&fill(before, values))
            .before(&fill(after, values))
    }

    /// Puts `text` before the draft.
    pub(in crate::task) fn after(mut self, text: &str) -> Self {
        self.text.insert_str(0, text);
        for piece in &mut self.pieces {
            piece.bytes = piece.bytes.start + text.len()..piece.bytes.end + text.len();
        }
        self
    }

    /// Puts `text` after the draft.
    pub(in crate::task) fn before(mut self, text: &str) -> Self {
        self.push(text);
        self
    }

    /// `remove_newline_tab`: each run of white space becomes one space, and the ends are trimmed.
    pub(in crate::task) fn flat(self) -> Self {
        let mut text = String::with_capacity(self.text.len());
        // Only the new positions of the pieces' ends are tracked, not every byte's.
        let mut places: Vec<usize> = self
            .pieces
            .iter()
            .flat_map(|p| [p.bytes.start, p.bytes.end])
            .collect();
        places.sort_unstable();
        places.dedup();
        let mut moved = Vec::with_capacity(places.len());
        for (at, c) in self.text.char_indices() {
            while places.get(moved.len()).is_some_and(|place| *place <= at) {
                moved.push(text.len());
            }
            if !c.is_whitespace() {
                text.push(c);
            } else if !text.is_empty() && !text.ends_with(' ') {
                text.push(' ');
            }
        }
        moved.resize(places.len(), text.len());
        text.truncate(text.trim_end().len());
        let new = |place: usize| moved[places.binary_search(&place).unwrap_or(0)].min(text.len());
        let pieces = self.pieces.into_iter().map(|piece| EvidencePiece {
            bytes: new(piece.bytes.start)..new(piece.bytes.end),
            ..piece
        });
        Self {
            pieces: pieces.collect(),
            text,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pieces_move_with_their_text() {
        let mut draft = DraftText::default();
        draft.push("x\n\n");
        draft.push_piece("VAR A\t= 1 ", EvidenceKind::Needle, true, "A");
        draft.push("\ny ");
        let draft = draft.framed("{q}\n{context}\n{q}?", &[("q", "{context}")]);
        assert_eq!(&draft.text[draft.pieces[0].bytes.clone()], "VAR A\t= 1");
        let flat = draft.flat();
        assert_eq!(flat.text, "{context} x VAR A = 1 y {context}?");
        assert_eq!(&flat.text[flat.pieces[0].bytes.clone()], "VAR A = 1");
    }
}
