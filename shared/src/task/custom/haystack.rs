//! A haystack that a script builds, with its hidden evidence.

use std::cell::Cell;
use std::rc::Rc;

use rhai::{Array, Dynamic, EvalAltResult, ImmutableString, Position};

use super::fault::{ScriptResult, refuse};
use super::fields::{ScriptMap, kind};
use crate::task::EvidenceKind;
use crate::task::ruler::draft::DraftText;

/// Pieces of text in order. A clone becomes separate when either is changed.
#[derive(Clone, Default)]
pub(super) struct Haystack(Rc<Vec<HaystackPiece>>);

/// A piece of text.
#[derive(Clone)]
pub(super) struct HaystackPiece {
    text: ImmutableString,
    mark: Option<Rc<PieceEvidence>>,
    depth: Option<f64>,
}

/// What kind of evidence a piece is.
struct PieceEvidence {
    kind: EvidenceKind,
    gold: bool,
    label: String,
}

/// The bytes that the haystacks of one call may still use.
#[derive(Default)]
pub(super) struct ByteMeter(Cell<usize>);

impl ByteMeter {
    pub(super) fn set(&self, bytes: usize) {
        self.0.set(bytes);
    }

    fn take(&self, bytes: usize) -> ScriptResult<()> {
        let Some(left) = self.0.get().checked_sub(bytes) else {
            let what = "The haystacks of this call".to_owned();
            return Err(EvalAltResult::ErrorDataTooLarge(what, Position::NONE).into());
        };
        self.0.set(left);
        Ok(())
    }
}

impl HaystackPiece {
    pub(super) fn plain(text: impl Into<ImmutableString>) -> Self {
        Self {
            text: text.into(),
            mark: None,
            depth: None,
        }
    }

    /// Reads a string, or a map with `text` and its kind of evidence.
    fn read(value: Dynamic) -> Result<Self, String> {
        if value.is_string() {
            let text = value.into_immutable_string().unwrap_or_default();
            return Ok(Self::plain(text));
        }
        if !value.is_map() {
            let got = kind(&value);
            return Err(format!(
                "a piece of context is {got}, expected a string, a map with `text`, or a haystack"
            ));
        }
        let mut fields = ScriptMap::new("a piece of context", value)?;
        let text = fields.wanted_text("text")?;
        if text.trim().is_empty() {
            return Err("the `text` of a piece of evidence is empty".to_owned());
        }
        let (chain, hop) = (fields.count("chain")?, fields.count("hop")?);
        let kind = match fields.text("evidence")?.as_deref() {
            None | Some("needle") => EvidenceKind::Needle,
            Some("document") => EvidenceKind::Document,
            Some("word") => EvidenceKind::Word,
            Some("hop") => EvidenceKind::Hop {
                chain: chain.unwrap_or_default(),
                hop: hop.unwrap_or_default(),
            },
            Some(got) => {
                return Err(format!(
                    "`evidence` is `{got}`, expected `needle`, `hop`, `document` or `word`"
                ));
            }
        };
        let mark = PieceEvidence {
            kind,
            gold: fields.switch("gold")?.unwrap_or(true),
            label: fields.text("label")?.unwrap_or_default(),
        };
        let depth = fields.fraction("depth")?;
        fields.done("text, evidence, gold, label, depth, and for a hop chain and hop")?;
        Ok(Self {
            text: text.into(),
            mark: Some(Rc::new(mark)),
            depth,
        })
    }

    fn bytes(&self) -> usize {
        let label = self.mark.as_ref().map_or(0, |mark| mark.label.len());
        size_of::<Self>() + self.text.len() + label
    }
}

impl Haystack {
    pub(super) fn len(&self) -> usize {
        self.0.len()
    }

    pub(super) fn text(&self, index: usize) -> Option<ImmutableString> {
        self.0.get(index).map(|piece| piece.text.clone())
    }

    pub(super) fn add(&mut self, piece: HaystackPiece, meter: &ByteMeter) -> ScriptResult<()> {
        meter.take(piece.bytes())?;
        self.pieces(meter)?.push(piece);
        Ok(())
    }

    /// Adds the contents of `value`: a piece, a haystack, or an array of these.
    pub(super) fn push(&mut self, value: Dynamic, meter: &ByteMeter) -> ScriptResult<()> {
        if value.is::<Self>() {
            let other = value.cast::<Self>();
            let pieces = other.0.iter().map(HaystackPiece::bytes).sum();
            meter.take(pieces)?;
            self.pieces(meter)?.extend(other.0.iter().cloned());
            return Ok(());
        }
        if !value.is_array() {
            return self.add(HaystackPiece::read(value).map_err(refuse)?, meter);
        }
        for value in value.cast::<Array>() {
            self.push(value, meter)?;
        }
        Ok(())
    }

    /// The haystack with its pieces reordered by `order`.
    pub(super) fn ordered(
        mut self,
        meter: &ByteMeter,
        order: impl FnOnce(&mut [HaystackPiece]),
    ) -> ScriptResult<Self> {
        order(self.pieces(meter)?);
        Ok(self)
    }

    /// The haystack with `hidden` placed between its pieces: each piece at the depth that it asks
    /// for, the others, in their order, at the depths that `depths` gives for that many.
    pub(super) fn hiding(
        &self,
        hidden: &Self,
        meter: &ByteMeter,
        depths: impl FnOnce(usize) -> Vec<f64>,
    ) -> ScriptResult<Self> {
        meter.take(hidden.0.iter().map(HaystackPiece::bytes).sum())?;
        let free = hidden.0.iter().filter(|piece| piece.depth.is_none());
        let mut depths = depths(free.count()).into_iter();
        let mut places: Vec<(usize, &HaystackPiece)> = hidden
            .0
            .iter()
            .map(|piece| {
                let depth = piece.depth.or_else(|| depths.next()).unwrap_or_default();
                let place = ((self.len() + 1) as f64 * depth) as usize;
                (place.min(self.len()), piece)
            })
            .collect();
        places.sort_by_key(|(place, _)| *place);
        let mut places = places.into_iter().peekable();
        meter.take(size_of::<HaystackPiece>() * self.len())?;
        let mut pieces = Vec::with_capacity(self.len() + hidden.len());
        for at in 0..=self.len() {
            while let Some((_, piece)) = places.next_if(|(place, _)| *place == at) {
                pieces.push(piece.clone());
            }
            pieces.extend(self.0.get(at).cloned());
        }
        Ok(Self(Rc::new(pieces)))
    }

    /// The pieces without and with a depth of their own.
    pub(super) fn parted(self) -> (Self, Self) {
        let pieces = self.0.iter().cloned();
        let (placed, free) = pieces.partition(|piece: &HaystackPiece| piece.depth.is_some());
        (Self(Rc::new(free)), Self(Rc::new(placed)))
    }

    /// The text, with `join` between any two pieces.
    pub(super) fn draft(&self, join: &str) -> DraftText {
        let mut draft = DraftText::default();
        for (at, piece) in self.0.iter().enumerate() {
            if at > 0 {
                draft.push(join);
            }
            match &piece.mark {
                None => draft.push(&piece.text),
                Some(mark) => draft.push_piece(&piece.text, mark.kind, mark.gold, &mark.label),
            }
        }
        draft
    }

    /// The pieces, for a change; their texts stay shared.
    fn pieces(&mut self, meter: &ByteMeter) -> ScriptResult<&mut Vec<HaystackPiece>> {
        if Rc::strong_count(&self.0) > 1 {
            meter.take(size_of::<HaystackPiece>() * self.len())?;
        }
        Ok(Rc::make_mut(&mut self.0))
    }
}
