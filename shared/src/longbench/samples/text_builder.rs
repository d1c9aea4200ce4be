//! Builds a text, tracking its length and the place of its evidence.

use std::ops::Range;

/// The text so far.
#[derive(Default)]
pub(super) struct TextBuilder {
    text: String,
    evidence: Vec<Range<usize>>,
    words: usize,
}

impl TextBuilder {
    /// Appends text.
    pub(super) fn say(&mut self, text: &str) {
        self.text.push_str(text);
        self.words += text.split_whitespace().count();
    }

    /// Appends text, and marks it, without surrounding space, as a piece of evidence.
    fn prove(&mut self, text: &str) {
        let from = self.text.len() + text.len() - text.trim_start().len();
        self.say(text);
        self.evidence.push(from..from + text.trim().len());
    }

    /// Appends text, as evidence if `gold`, else as a distractor.
    pub(super) fn tell(&mut self, gold: bool, text: &str) {
        match gold {
            true => self.prove(text),
            false => self.say(text),
        }
    }

    /// Number of words so far.
    pub(super) fn words(&self) -> usize {
        self.words
    }

    /// Returns the text with its evidence.
    pub(super) fn finish(self) -> (String, Vec<Range<usize>>) {
        (self.text, self.evidence)
    }
}

/// The word counts at which `pieces` things are inserted into a text of `words`: evenly, and not at
/// either end.
pub(super) fn depths(words: usize, pieces: usize) -> impl Iterator<Item = usize> {
    (1..=pieces).map(move |piece| words * piece / (pieces + 1))
}
