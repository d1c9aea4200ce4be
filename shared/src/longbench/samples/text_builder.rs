//! A text as it is written: how long it is, and where its evidence lies.

use std::ops::Range;

/// The text so far.
#[derive(Default)]
pub(super) struct TextBuilder {
    text: String,
    evidence: Vec<Range<usize>>,
    words: usize,
}

impl TextBuilder {
    /// Writes on.
    pub(super) fn say(&mut self, text: &str) {
        self.text.push_str(text);
        self.words += text.split_whitespace().count();
    }

    /// Writes on, and marks it as a piece of evidence without the space around it.
    fn prove(&mut self, text: &str) {
        let from = self.text.len() + text.len() - text.trim_start().len();
        self.say(text);
        self.evidence.push(from..from + text.trim().len());
    }

    /// Writes on; as evidence, or as what only looks like it.
    pub(super) fn tell(&mut self, gold: bool, text: &str) {
        match gold {
            true => self.prove(text),
            false => self.say(text),
        }
    }

    /// Words so far.
    pub(super) fn words(&self) -> usize {
        self.words
    }

    /// The text with its evidence.
    pub(super) fn finish(self) -> (String, Vec<Range<usize>>) {
        (self.text, self.evidence)
    }
}

/// At how many words each of `pieces` things is written into a text of `words`: evenly, in from
/// both ends.
pub(super) fn depths(words: usize, pieces: usize) -> impl Iterator<Item = usize> {
    (1..=pieces).map(move |piece| words * piece / (pieces + 1))
}
