//! Keys with values, and as many questions: an answer every few tokens, which is what teaches a small
//! model to look a key up.
//!
//! Each question is about a pair drawn anew. Were every pair asked once, what was asked before would rule
//! values out, and a model would answer half of the questions about five pairs without any key: it does
//! learn that, and then nothing else for long.

use std::collections::BTreeSet;
use std::sync::OnceLock;

use fathom_shared::corpora::word_lists::{ADJECTIVES, NOUNS};
use fathom_shared::task::ruler::word_pairs::WordPairs;
use serde::{Deserialize, Serialize};

use super::TextPart;
use super::sequence::SequenceBuilder;
use crate::random::Random;

/// Keys with values.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct PairForm {
    /// How a pair is worded.
    wording: PairWording,
    /// How many different words are keys; 0 for RULER's pairs of an adjective and a noun.
    keys: usize,
    /// Digits of a value.
    digits: usize,
    /// The most pairs of a block: pairs, then as many questions. A sequence is blocks to its end.
    most_pairs: usize,
}

/// How a pair is worded.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum PairWording {
    /// ` key` and at once the value: of all forms the easiest to look up, because the token before a
    /// value is its key's.
    Compact,
    /// ` key:value`.
    Colon,
    /// RULER's needle: `One of the special magic numbers for key is: value.`
    Needle,
}

impl PairWording {
    /// What stands before a value.
    fn before(self, key: &str) -> String {
        match self {
            Self::Compact => format!(" {key}"),
            Self::Colon => format!(" {key}:"),
            Self::Needle => format!("One of the special magic numbers for {key} is: "),
        }
    }

    /// What stands behind it.
    fn after(self) -> &'static str {
        match self {
            Self::Compact | Self::Colon => "",
            Self::Needle => ".\n",
        }
    }

    /// What stands between statements and questions.
    fn turn(self) -> &'static str {
        match self {
            Self::Compact | Self::Colon => "?",
            Self::Needle => "\n",
        }
    }
}

impl PairForm {
    pub(super) fn check(&self) -> Result<(), String> {
        if self.keys > words().len() {
            return Err(format!(
                "`keys` of at most {}, the words there are",
                words().len()
            ));
        }
        if !(1..=9).contains(&self.digits) || self.most_pairs < 2 {
            return Err("1 to 9 `digits`, and `most_pairs` of at least 2".to_owned());
        }
        Ok(())
    }

    /// Fills the sequence with blocks of different keys.
    pub(super) fn fill(&self, random: &mut Random, builder: &mut SequenceBuilder<'_>) {
        let mut used = BTreeSet::new();
        loop {
            let block = self.block(random, builder, &mut used);
            if block.len() < 2 {
                return;
            }
            for (key, value) in &block {
                builder.push(TextPart::Given(&self.wording.before(key)));
                builder.push(TextPart::Given(value));
                builder.push(TextPart::Given(self.wording.after()));
            }
            builder.push(TextPart::Given(self.wording.turn()));
            for _ in 0..block.len() {
                let (key, value) = &block[random.below(block.len())];
                builder.push(TextPart::Given(&self.wording.before(key)));
                builder.push(TextPart::Answer(value));
                builder.push(TextPart::Given(self.wording.after()));
            }
            builder.push(TextPart::Given(self.wording.turn()));
        }
    }

    /// Pairs that fit what is left, with their questions.
    fn block(
        &self,
        random: &mut Random,
        builder: &SequenceBuilder<'_>,
        used: &mut BTreeSet<String>,
    ) -> Vec<(String, String)> {
        let wanted = random.between(2, self.most_pairs);
        let turns = 2 * builder.count(self.wording.turn());
        let mut left = builder.left().saturating_sub(turns);
        let mut block = Vec::new();
        while block.len() < wanted {
            let Some(key) = self.fresh(random, used) else {
                break;
            };
            let value = number(random, self.digits);
            let line = [&self.wording.before(&key), &value, self.wording.after()].concat();
            // Pieces are cut apart, so their tokens may be a few more than the line's.
            let tokens = 2 * (builder.count(&line) + 1);
            if tokens > left {
                break;
            }
            left -= tokens;
            used.insert(key.clone());
            block.push((key, value));
        }
        block
    }

    /// A key that is not used yet; `None` when nearly all are.
    fn fresh(&self, random: &mut Random, used: &BTreeSet<String>) -> Option<String> {
        let tries = (0..64).map(|_| self.key(random));
        tries.into_iter().find(|key| !used.contains(key))
    }

    fn key(&self, random: &mut Random) -> String {
        let pairs = WordPairs::bundled();
        // The words are spread over the alphabet.
        match words().len().checked_div(self.keys) {
            Some(step) => words()[random.below(self.keys) * step].to_owned(),
            None => pairs.get(random.below(pairs.len())).unwrap_or_default(),
        }
    }
}

/// The words of RULER's keys in the order of the alphabet.
pub(super) fn words() -> &'static [&'static str] {
    static WORDS: OnceLock<Vec<&'static str>> = OnceLock::new();
    WORDS.get_or_init(|| {
        let lists = [ADJECTIVES, NOUNS];
        let lines = lists.into_iter().flat_map(str::lines).map(str::trim_end);
        let plain =
            lines.filter(|word| word.len() < 9 && word.bytes().all(|c| c.is_ascii_lowercase()));
        plain.collect::<BTreeSet<_>>().into_iter().collect()
    })
}

/// A number of so many digits, which does not begin with 0.
pub(super) fn number(random: &mut Random, digits: usize) -> String {
    let digit = |at: usize| match at {
        0 => random.between(1, 9),
        _ => random.below(10),
    };
    (0..digits)
        .map(digit)
        .map(|digit| digit.to_string())
        .collect()
}
