//! The texts that samples are made of: bundled ones, or the user's own.

pub mod essay; //   a long text, its words and sentences
pub mod punkt; //   where a sentence ends
pub mod qa; //      passages and questions about them
pub mod words; //   lists of words

use std::sync::OnceLock;

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

pub use essay::Essay;
pub use qa::QaSet;
pub use words::WordList;

/// Where a text came from, as it stands in a sample's record.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Source {
    /// What people call it.
    pub name: String,
    /// SHA-256 of the bytes that were read.
    pub sha256: String,
    /// Whether it is a stand-in that comes with Fathom, not the benchmark's own.
    pub bundled: bool,
}

impl Source {
    /// A file of the user's.
    pub fn file(name: &str, bytes: &[u8]) -> Self {
        Self {
            name: name.to_owned(),
            sha256: hex::encode(Sha256::digest(bytes)),
            bundled: false,
        }
    }

    fn bundled(name: &str, text: &str) -> Self {
        Self {
            bundled: true,
            ..Self::file(name, text.as_bytes())
        }
    }
}

/// Why a file is no corpus.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
#[error("`{name}` is not {expected}: {reason}")]
pub struct CorpusError {
    /// The file.
    pub name: String,
    /// What it should be.
    pub expected: &'static str,
    /// What is wrong, with the place.
    pub reason: String,
}

/// Every text that a generator may read. What is not set is the bundled one.
#[derive(Debug, Default)]
pub struct Corpora {
    essay: OnceLock<Essay>,
    squad: OnceLock<QaSet>,
    hotpotqa: OnceLock<QaSet>,
    english_words: OnceLock<WordList>,
}

impl Corpora {
    /// The texts that come with Fathom.
    pub fn bundled() -> Self {
        Self::default()
    }

    /// With another haystack: RULER's `PaulGrahamEssays.json`.
    ///
    /// # Errors
    /// No JSON object with a `text`, or one without words.
    pub fn with_essay(mut self, name: &str, json: &[u8]) -> Result<Self, CorpusError> {
        self.essay = Essay::read(name, json)?.into();
        Ok(self)
    }

    /// With other passages for `qa_1`: SQuAD's own JSON.
    ///
    /// # Errors
    /// JSON of another shape, or without an answerable question.
    pub fn with_squad(mut self, name: &str, json: &[u8]) -> Result<Self, CorpusError> {
        self.squad = QaSet::read_squad(name, json)?.into();
        Ok(self)
    }

    /// With other passages for `qa_2`: HotpotQA's own JSON (distractor setting).
    ///
    /// # Errors
    /// JSON of another shape, or without a question.
    pub fn with_hotpotqa(mut self, name: &str, json: &[u8]) -> Result<Self, CorpusError> {
        self.hotpotqa = QaSet::read_hotpotqa(name, json)?.into();
        Ok(self)
    }

    /// With other words for long `cwe` lists: RULER's `english_words.json`.
    ///
    /// # Errors
    /// No JSON object of strings.
    pub fn with_english_words(mut self, name: &str, json: &[u8]) -> Result<Self, CorpusError> {
        self.english_words = WordList::read(name, json)?.into();
        Ok(self)
    }

    /// The haystack of `type_haystack=essay`.
    pub fn essay(&self) -> &Essay {
        self.essay.get_or_init(Essay::bundled)
    }

    /// The passages of `qa_1`.
    pub fn squad(&self) -> &QaSet {
        self.squad.get_or_init(QaSet::bundled_one_hop)
    }

    /// The passages of `qa_2`.
    pub fn hotpotqa(&self) -> &QaSet {
        self.hotpotqa.get_or_init(QaSet::bundled_two_hop)
    }

    /// The words of `cwe` lists that are longer than wonderwords has words.
    pub fn english_words(&self) -> &WordList {
        self.english_words.get_or_init(WordList::bundled)
    }
}
