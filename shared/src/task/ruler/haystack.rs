//! Haystacks: repeated noise, an essay, or needles with other keys.

use super::draft::DraftText;
use super::streams::RandomStreams;
use crate::corpora::CorpusKind;
use crate::corpora::essay::Sentences;
use crate::task::{EvidenceKind, OptionValues};

/// The five sentences that fill a haystack of noise.
pub(in crate::task) const NOISE: &str = include_str!("../../../data/ruler/noise.txt");

/// A text to hide.
pub(super) struct HiddenText {
    pub(super) words: String,
    pub(super) kind: EvidenceKind,
    pub(super) gold: bool,
    pub(super) label: String,
}

/// The number of depths, in percent, at which an essay may hold a needle.
const DEPTHS: usize = 40;

fn depth_percent(i: usize) -> f64 {
    (100.0 / (DEPTHS - 1) as f64 * i as f64).round_ties_even()
}

/// The texts that the option `type_haystack` requires.
pub(super) fn texts(options: &OptionValues) -> Vec<CorpusKind> {
    match options.choice("type_haystack") {
        "essay" => vec![CorpusKind::Essay],
        _ => Vec::new(),
    }
}

/// The most pieces that an essay can hide under the original's rules.
pub(super) const MOST_IN_ESSAY: usize = DEPTHS;

/// The sentences with `hidden` between them, in order, each at a different depth.
///
/// `None` if there are more pieces than depths.
pub(super) fn in_essay(
    sentences: &Sentences<'_>,
    hidden: &[HiddenText],
    streams: &mut RandomStreams,
) -> Option<DraftText> {
    let all: Vec<&str> = sentences.iter().collect();
    let places: Vec<usize> = match streams.depths(hidden.len()) {
        Some(depths) => at_depths(&all, &depths),
        None => {
            let drawn = streams.python.sample(DEPTHS, hidden.len())?;
            let at = |depth: f64| (all.len() as f64 * depth) as usize;
            let mut places: Vec<_> = drawn
                .into_iter()
                .map(|i| at(depth_percent(i) / 100.0))
                .collect();
            places.sort_unstable();
            places
        }
    };
    let mut draft = DraftText::default();
    let mut from = 0;
    for (place, piece) in places.into_iter().zip(hidden) {
        draft.push(&all[from..place].join(" "));
        draft.push(" ");
        draft.push_piece(&piece.words, piece.kind, piece.gold, &piece.label);
        draft.push(" ");
        from = place;
    }
    draft.push(&all[from..].join(" "));
    Some(draft)
}

/// The sentence nearest to each depth, measured by length: a table of contents has many short ones.
fn at_depths(sentences: &[&str], depths: &[f64]) -> Vec<usize> {
    let ends: Vec<usize> = sentences
        .iter()
        .scan(0, |end, sentence| {
            *end += sentence.len() + 1;
            Some(*end)
        })
        .collect();
    let all = ends.last().copied().unwrap_or_default() as f64;
    let at = |depth: &f64| ends.partition_point(|end| (*end as f64) <= depth * all);
    depths.iter().map(at).collect()
}

/// One text per line: `lines` with the hidden texts among them.
pub(super) fn in_lines(lines: &[HaystackLine<'_>]) -> DraftText {
    let mut draft = DraftText::default();
    let room = lines
        .iter()
        .map(|line| line.text().len() + 1)
        .sum::<usize>();
    // The template is added around it.
    draft.text.reserve(room + 1024);
    for (i, line) in lines.iter().enumerate() {
        if i > 0 {
            draft.push("\n");
        }
        match line {
            HaystackLine::Hay(text) => draft.push(text),
            HaystackLine::Hidden(piece) => {
                draft.push_piece(&piece.words, piece.kind, piece.gold, &piece.label);
            }
        }
    }
    draft
}

/// A line of a haystack.
#[derive(Clone, Copy)]
pub(super) enum HaystackLine<'t> {
    Hay(&'t str),
    Hidden(&'t HiddenText),
}

impl HaystackLine<'_> {
    fn text(&self) -> &str {
        match self {
            Self::Hay(text) => text,
            Self::Hidden(piece) => &piece.words,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn depths_are_numpys() {
        let depths: Vec<_> = (0..DEPTHS).map(|i| depth_percent(i) as u32).collect();
        assert_eq!(depths[..6], [0, 3, 5, 8, 10, 13]);
        assert_eq!((depths[38], depths[39]), (97, 100));
    }
}
