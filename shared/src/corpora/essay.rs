//! A long text: its words, and its sentences as segmented by Punkt.

use std::borrow::Cow;
use std::ops::Range;
use std::sync::OnceLock;

use serde::Deserialize;

use super::CorpusFormatError;
use super::punkt::{self, sentences};
use crate::json;
use crate::text_source::TextSource;

const BUNDLED: &str = include_str!("../../data/moby-dick.txt");

/// A long text for a haystack.
#[derive(Debug)]
pub struct Essay {
    /// Where it came from.
    pub source: TextSource,
    /// Its words, joined by single spaces.
    words: String,
    /// The byte at which each word ends.
    ends: Vec<usize>,
    /// The sentences of the whole text, computed when first needed.
    sentences: OnceLock<Vec<Range<usize>>>,
}

/// Sentences of a text.
#[derive(Debug)]
pub struct Sentences<'a> {
    text: Cow<'a, str>,
    ranges: Vec<Range<usize>>,
}

impl Sentences<'_> {
    /// How many sentences there are.
    pub fn len(&self) -> usize {
        self.ranges.len()
    }

    /// Whether there are no sentences.
    pub fn is_empty(&self) -> bool {
        self.ranges.is_empty()
    }

    /// The sentences in order.
    pub fn iter(&self) -> impl DoubleEndedIterator<Item = &str> {
        self.ranges.iter().map(|range| &self.text[range.clone()])
    }
}

#[derive(Deserialize)]
struct EssayFile {
    text: String,
}

impl Essay {
    pub(super) fn bundled() -> Self {
        Self::new(
            TextSource::bundled("Moby-Dick (Herman Melville, public domain)", BUNDLED),
            BUNDLED,
        )
    }

    /// RULER's `PaulGrahamEssays.json`: `{"text": …}`.
    pub(super) fn read(name: &str, json: &[u8]) -> Result<Self, CorpusFormatError> {
        let refuse = |reason: String| CorpusFormatError {
            name: name.to_owned(),
            expected: "a JSON object with a `text`",
            reason,
        };
        let file: EssayFile = json::from_slice(json).map_err(refuse)?;
        let essay = Self::new(TextSource::file(name, json), &file.text);
        if essay.words.trim().is_empty() {
            return Err(refuse("its text has no words".to_owned()));
        }
        Ok(essay)
    }

    /// Each run of white space becomes one space; white space at either end leaves an empty word
    /// there, as with Python's `split(" ")`.
    fn new(source: TextSource, text: &str) -> Self {
        let mut words = String::with_capacity(text.len());
        let mut ends = Vec::new();
        for c in text.chars() {
            if !punkt::is_space(c) {
                words.push(c);
            } else if !words.ends_with(' ') {
                ends.push(words.len());
                words.push(' ');
            }
        }
        ends.push(words.len());
        Self {
            source,
            words,
            ends,
            sentences: OnceLock::new(),
        }
    }

    /// How many words there are.
    pub fn len(&self) -> usize {
        self.ends.len()
    }

    /// Whether there are no words.
    pub fn is_empty(&self) -> bool {
        self.ends.is_empty()
    }

    /// The sentences of the first `words` words.
    ///
    /// `repeat` decides what happens after the last word: the text starts over, or it ends.
    pub fn first(&self, words: usize, repeat: bool) -> Sentences<'_> {
        if words > self.len() && repeat {
            let mut text = String::new();
            for copy in 0..words.div_ceil(self.len()) {
                if copy > 0 {
                    text.push(' ');
                }
                let left = words - copy * self.len();
                text.push_str(&self.words[..self.ends[left.min(self.len()) - 1]]);
            }
            let text = text.trim_matches(punkt::is_space).to_owned();
            return Sentences {
                ranges: sentences(&text),
                text: Cow::Owned(text),
            };
        }
        let end = match words.min(self.len()) {
            0 => 0,
            words => self.ends[words - 1],
        };
        Sentences {
            ranges: self.up_to(end),
            text: Cow::Borrowed(&self.words),
        }
    }

    /// The sentences of the text up to byte `end`: those of the whole text, but segmented again
    /// near the end, where the words that decide may be missing.
    fn up_to(&self, end: usize) -> Vec<Range<usize>> {
        /// Far more than the two words that a decision depends on.
        const MARGIN: usize = 4096;
        let start = self.words.len() - self.words.trim_start_matches(punkt::is_space).len();
        let text = self.words[..end].trim_end_matches(punkt::is_space);
        let shifted = |from: usize| {
            let rest = sentences(&text[from..]).into_iter();
            rest.map(move |range| range.start + from..range.end + from)
        };
        if text.len() <= start {
            return Vec::new();
        }
        let all = self.sentences.get_or_init(|| {
            let text = self.words[start..].trim_end_matches(punkt::is_space);
            let ranges = sentences(text).into_iter();
            ranges
                .map(|range| range.start + start..range.end + start)
                .collect()
        });
        let mut kept = all.partition_point(|sentence| sentence.start + MARGIN < end);
        // Only a sentence after white space is independent of the text before it.
        while kept > 0 && !self.words[..all[kept - 1].start].ends_with(punkt::is_space) {
            kept -= 1;
        }
        let Some(last) = kept.checked_sub(1) else {
            return shifted(start).collect();
        };
        let mut found = all[..last].to_vec();
        found.extend(shifted(all[last].start));
        found
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_pythons() {
        let essay = Essay::read("e.json", br#"{"text": "\n a  b\tc\n"}"#).unwrap();
        assert_eq!((essay.words.as_str(), essay.len()), (" a b c ", 5));
        let first = |words, repeat| {
            essay
                .first(words, repeat)
                .iter()
                .collect::<Vec<_>>()
                .join("|")
        };
        assert_eq!(first(3, false), "a b");
        assert_eq!(first(8, true), "a b c   a b");
        assert_eq!(first(8, false), "a b c");
        assert!(Essay::read("e.json", br#"{"text": " \n"}"#).is_err());
        assert!(Essay::read("e.json", br#"{"txt": ""}"#).is_err());
    }

    #[test]
    fn a_prefix_has_the_sentences_it_would_have_alone() {
        let essay = Essay::bundled();
        for words in [1, 7, 500, 733, 4_000, 20_011, 60_007, 104_000, essay.len()] {
            let text = essay.words[..essay.ends[words - 1]].trim_matches(punkt::is_space);
            let alone: Vec<_> = sentences(text).into_iter().map(|r| &text[r]).collect();
            let first = essay.first(words, false);
            assert_eq!(first.iter().collect::<Vec<_>>(), alone, "{words} words");
        }
    }
}
