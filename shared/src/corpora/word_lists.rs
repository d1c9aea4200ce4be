//! Word lists.

use indexmap::IndexMap;
use serde_json::Value as Json;

use super::CorpusFormatError;
use crate::json;
use crate::text_source::TextSource;

/// The version of the bundled wonderwords lists: another version has other nouns and so gives other
/// samples.
pub const WONDERWORDS: &str = "wonderwords 3.0.1";
/// Its nouns, one per line.
pub const NOUNS: &str = include_str!("../../data/wonderwords-3.0.1-nounlist.txt");
/// Its adjectives, one per line.
pub const ADJECTIVES: &str = include_str!("../../data/wonderwords-3.0.1-adjectivelist.txt");
/// Its verbs, one per line.
pub const VERBS: &str = include_str!("../../data/wonderwords-3.0.1-verblist.txt");

const BUNDLED: &str = include_str!("../../data/english-words.txt");

/// The source of texts made from these lists.
pub fn wonderwords() -> TextSource {
    TextSource {
        bundled: false,
        ..TextSource::bundled(WONDERWORDS, &[NOUNS, ADJECTIVES, VERBS].concat())
    }
}

/// Words in the order of their file.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct WordList {
    /// Where it came from.
    pub source: TextSource,
    words: WordStorage,
}

#[derive(Clone, PartialEq, Eq, Debug)]
enum WordStorage {
    Bundled(Vec<&'static str>),
    Owned(Vec<String>),
}

impl WordList {
    pub(super) fn bundled() -> Self {
        Self {
            source: TextSource::bundled("Debian's American English words (wamerican)", BUNDLED),
            words: WordStorage::Bundled(BUNDLED.lines().collect()),
        }
    }

    /// RULER's `english_words.json`: an object whose values are the words.
    pub(super) fn read(name: &str, json: &[u8]) -> Result<Self, CorpusFormatError> {
        let refuse = |reason: String| CorpusFormatError {
            name: name.to_owned(),
            expected: "a JSON object of words",
            reason,
        };
        // Words keep the order of the file.
        let read: IndexMap<String, Json> = json::from_slice(json).map_err(refuse)?;
        let words = read
            .iter()
            .map(|(key, word)| match word.as_str() {
                Some(word) => Ok(word.to_owned()),
                None => Err(refuse(format!("`{key}` is `{word}`, expected a string"))),
            })
            .collect::<Result<Vec<_>, _>>()?;
        if words.is_empty() {
            return Err(refuse("it has no words".to_owned()));
        }
        Ok(Self {
            source: TextSource::file(name, json),
            words: WordStorage::Owned(words),
        })
    }

    /// How many words there are.
    pub fn len(&self) -> usize {
        match &self.words {
            WordStorage::Bundled(words) => words.len(),
            WordStorage::Owned(words) => words.len(),
        }
    }

    /// Whether there are no words.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Word number `index`.
    pub fn get(&self, index: usize) -> Option<&str> {
        match &self.words {
            WordStorage::Bundled(words) => words.get(index).copied(),
            WordStorage::Owned(words) => words.get(index).map(String::as_str),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_rulers_file_in_its_order() {
        let list = WordList::read("w.json", br#"{"0": "zoo", "10": "ant", "2": "bee"}"#).unwrap();
        let words: Vec<_> = (0..list.len()).filter_map(|i| list.get(i)).collect();
        assert_eq!(words, ["zoo", "ant", "bee"]);
        let error = WordList::read("w.json", br#"{"0": 1}"#).unwrap_err();
        assert_eq!(
            error.to_string(),
            "`w.json` is not a JSON object of words: `0` is `1`, expected a string"
        );
        assert!(WordList::read("w.json", b"[]").is_err());
    }

    #[test]
    fn the_bundled_list_is_whole() {
        assert_eq!(WordList::bundled().len(), 63_875);
    }
}
