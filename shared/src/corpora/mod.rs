//! The texts that samples are made of: bundled ones, or the user's own.

pub mod essay; // long texts with their words and sentences
pub mod punkt; // Punkt sentence segmentation
pub mod qa; // passages and questions about them
pub mod word_lists; // word lists

use std::sync::{Arc, OnceLock};

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use crate::longbench::{self, Embedder, QuestionSource};
use crate::text_source::TextSource;
pub use essay::Essay;
pub use qa::QaSet;
pub use word_lists::WordList;

/// Why a file is not a corpus.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
#[error("`{name}` is not {expected}: {reason}")]
pub struct CorpusFormatError {
    /// The file.
    pub name: String,
    /// The expected format.
    pub expected: &'static str,
    /// What is wrong, and where.
    pub reason: String,
}

/// The texts that the user can replace with a file of their own, in the format that RULER reads.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum CorpusKind {
    /// The haystack: `PaulGrahamEssays.json`, an object with a `text`.
    Essay,
    /// Passages and questions of `qa_1`: SQuAD 2.0's JSON.
    Squad,
    /// Passages and questions of `qa_2`: HotpotQA's JSON, distractor setting.
    Hotpotqa,
    /// Words for `cwe` lists that need more words than wonderwords has: `english_words.json`, an
    /// object of strings.
    EnglishWords,
}

impl CorpusKind {
    /// All of them.
    pub const ALL: [Self; 4] = [Self::Essay, Self::Squad, Self::Hotpotqa, Self::EnglishWords];

    /// The command-line option for a file that replaces it.
    pub fn flag(self) -> &'static str {
        match self {
            Self::Essay => "--essay-file",
            Self::Squad => "--squad-file",
            Self::Hotpotqa => "--hotpotqa-file",
            Self::EnglishWords => "--english-words-file",
        }
    }
}

/// Every text that a generator may read; by default the bundled ones.
#[derive(Debug, Default)]
pub struct Corpora {
    essay: OnceLock<Essay>,
    squad: OnceLock<QaSet>,
    hotpotqa: OnceLock<QaSet>,
    english_words: OnceLock<WordList>,
    questions: OnceLock<Arc<dyn QuestionSource>>,
    embedder: Option<Arc<dyn Embedder>>,
}

impl Corpora {
    /// The bundled texts.
    ///
    /// # Example
    /// ```
    /// use fathom_shared::corpora::{Corpora, CorpusKind};
    /// let mut corpora = Corpora::bundled();
    /// assert!(corpora.source(CorpusKind::Essay).bundled);
    /// corpora.read(CorpusKind::Essay, "mine.json", br#"{"text": "Call me Ishmael."}"#)?;
    /// assert_eq!(corpora.source(CorpusKind::Essay).name, "mine.json");
    /// # Ok::<(), fathom_shared::corpora::CorpusFormatError>(())
    /// ```
    pub fn bundled() -> Self {
        Self::default()
    }

    /// Replaces the bundled text with the user's own.
    ///
    /// # Errors
    /// The file is not valid; the previous text is kept.
    pub fn read(
        &mut self,
        text: CorpusKind,
        name: &str,
        json: &[u8],
    ) -> Result<(), CorpusFormatError> {
        match text {
            CorpusKind::Essay => self.essay = Essay::read(name, json)?.into(),
            CorpusKind::Squad => self.squad = QaSet::read_squad(name, json)?.into(),
            CorpusKind::Hotpotqa => self.hotpotqa = QaSet::read_hotpotqa(name, json)?.into(),
            CorpusKind::EnglishWords => self.english_words = WordList::read(name, json)?.into(),
        }
        Ok(())
    }

    /// Restores the bundled text.
    pub fn restore(&mut self, text: CorpusKind) {
        match text {
            CorpusKind::Essay => self.essay = OnceLock::new(),
            CorpusKind::Squad => self.squad = OnceLock::new(),
            CorpusKind::Hotpotqa => self.hotpotqa = OnceLock::new(),
            CorpusKind::EnglishWords => self.english_words = OnceLock::new(),
        }
    }

    /// The source of the text in use.
    pub fn source(&self, text: CorpusKind) -> &TextSource {
        match text {
            CorpusKind::Essay => &self.essay().source,
            CorpusKind::Squad => &self.squad().source,
            CorpusKind::Hotpotqa => &self.hotpotqa().source,
            CorpusKind::EnglishWords => &self.english_words().source,
        }
    }

    /// SHA-256 of the hashes of all texts, in hex: with the same texts, a spec gives the same
    /// samples.
    pub fn sha256(&self) -> String {
        let mut all = Sha256::new();
        for text in CorpusKind::ALL {
            all.update(&self.source(text).sha256);
        }
        all.update(word_lists::wonderwords().sha256);
        hex::encode(all.finalize())
    }

    /// SHA-256 of everything that samples are made of, in hex: [`sha256`](Self::sha256), or, if a
    /// task asks questions, a hash of that and the questions' hash.
    ///
    /// # Example
    /// ```
    /// use fathom_shared::corpora::Corpora;
    /// let corpora = Corpora::bundled();
    /// assert_eq!(corpora.sha256_with(false), corpora.sha256());
    /// assert_ne!(corpora.sha256_with(true), corpora.sha256());
    /// ```
    pub fn sha256_with(&self, questions: bool) -> String {
        let texts = self.sha256();
        if !questions {
            return texts;
        }
        let mut all = Sha256::new();
        all.update(texts);
        all.update(&self.questions().source().sha256);
        hex::encode(all.finalize())
    }

    /// [`sha256`](Self::sha256) of the bundled texts, computed once.
    ///
    /// # Example
    /// ```
    /// use fathom_shared::corpora::{Corpora, CorpusKind};
    /// let mut corpora = Corpora::bundled();
    /// assert_eq!(corpora.sha256(), Corpora::bundled_sha256());
    /// corpora.read(CorpusKind::Essay, "mine.json", br#"{"text": "Call me Ishmael."}"#)?;
    /// assert_ne!(corpora.sha256(), Corpora::bundled_sha256());
    /// # Ok::<(), fathom_shared::corpora::CorpusFormatError>(())
    /// ```
    pub fn bundled_sha256() -> &'static str {
        static ONCE: OnceLock<String> = OnceLock::new();
        ONCE.get_or_init(|| Self::bundled().sha256())
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

    /// The words for `cwe` lists that need more words than wonderwords has.
    pub fn english_words(&self) -> &WordList {
        self.english_words.get_or_init(WordList::bundled)
    }

    /// The questions of LongBench v2, or the bundled ones in their place.
    pub fn questions(&self) -> &dyn QuestionSource {
        self.questions.get_or_init(longbench::bundled).as_ref()
    }

    /// The provider of embeddings, if there is one.
    pub fn embedder(&self) -> Option<&dyn Embedder> {
        self.embedder.as_deref()
    }

    /// Sets the provider of embeddings.
    pub fn embed_by(&mut self, embed: Arc<dyn Embedder>) {
        self.embedder = Some(embed);
    }

    /// Replaces the questions in use.
    pub fn ask_from(&mut self, questions: Arc<dyn QuestionSource>) {
        self.questions = OnceLock::from(questions);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn questions_count_only_where_they_are_asked() {
        let bundled = Corpora::bundled();
        let mut own = Corpora::bundled();
        let question = longbench::samples::question(0).unwrap();
        let source = TextSource::file("mine.jsonl", b"[]");
        own.ask_from(longbench::alone(source, 0, question));
        assert_eq!(own.sha256_with(false), Corpora::bundled_sha256());
        assert_ne!(own.sha256_with(true), bundled.sha256_with(true));
        // Another essay also changes the hash that includes questions.
        let before = own.sha256_with(true);
        own.read(
            CorpusKind::Essay,
            "mine.json",
            br#"{"text": "Call me Ishmael."}"#,
        )
        .unwrap();
        assert_ne!(own.sha256_with(true), before);
    }
}
