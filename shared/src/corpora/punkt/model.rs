//! NLTK's English parameters, as data.

use std::collections::{HashMap, HashSet};
use std::sync::OnceLock;

const DATA: &str = include_str!("../../../data/punkt-english.txt");

/// What Punkt learnt about English.
#[derive(Default)]
pub(super) struct PunktModel {
    abbreviations: HashSet<&'static str>,
    collocations: HashSet<(&'static str, &'static str)>,
    starters: HashSet<&'static str>,
    spellings: HashMap<&'static str, SpellingFlags>,
}

/// How a word occurred: bits for its position in a sentence and the case of its first letter.
#[derive(Clone, Copy, Default)]
pub(super) struct SpellingFlags(u8);

impl SpellingFlags {
    const MIDDLE_UPPER: u8 = 1 << 2;
    const UPPER: u8 = (1 << 1) | Self::MIDDLE_UPPER | (1 << 3);
    const START_LOWER: u8 = 1 << 4;
    const LOWER: u8 = Self::START_LOWER | (1 << 5) | (1 << 6);

    /// Occurred with an upper-case letter, anywhere.
    pub(super) fn upper(self) -> bool {
        self.0 & Self::UPPER != 0
    }
    /// Occurred with an upper-case letter within a sentence.
    pub(super) fn upper_in_middle(self) -> bool {
        self.0 & Self::MIDDLE_UPPER != 0
    }
    /// Occurred with a lower-case letter, anywhere.
    pub(super) fn lower(self) -> bool {
        self.0 & Self::LOWER != 0
    }
    /// Occurred with a lower-case letter at the start of a sentence.
    pub(super) fn lower_at_start(self) -> bool {
        self.0 & Self::START_LOWER != 0
    }
}

impl PunktModel {
    pub(super) fn english() -> &'static Self {
        static MODEL: OnceLock<PunktModel> = OnceLock::new();
        MODEL.get_or_init(|| Self::read(DATA))
    }

    /// Reads one entry per line: its kind or its bits, then its words, separated by tabs.
    fn read(data: &'static str) -> Self {
        let mut model = Self::default();
        model.spellings.reserve(data.len() / 12);
        for line in data.lines() {
            let Some((kind, word)) = line.split_once('\t') else {
                continue;
            };
            match kind {
                "abbreviation" => drop(model.abbreviations.insert(word)),
                "starter" => drop(model.starters.insert(word)),
                "collocation" => model.collocations.extend(word.split_once('\t')),
                bits => {
                    let bits = bits.parse().unwrap_or_default();
                    model.spellings.insert(word, SpellingFlags(bits));
                }
            }
        }
        model
    }

    pub(super) fn is_abbreviation(&self, word: &str) -> bool {
        self.abbreviations.contains(word)
    }
    pub(super) fn is_collocation(&self, first: &str, second: &str) -> bool {
        self.collocations.contains(&(first, second))
    }
    pub(super) fn is_starter(&self, word: &str) -> bool {
        self.starters.contains(word)
    }
    pub(super) fn spelling(&self, word: &str) -> SpellingFlags {
        self.spellings.get(word).copied().unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_parameters_are_complete() {
        let model = PunktModel::english();
        let sizes = (
            model.abbreviations.len(),
            model.collocations.len(),
            model.starters.len(),
            model.spellings.len(),
        );
        assert_eq!(sizes, (156, 37, 39, 20_366));
    }
}
