//! Token counts, always for a named tokenizer.

mod memo; // remembers token counts of repeated parts
mod parts; // cuts a text where no token can cross

use std::fmt;
use std::ops::Range;

use serde::{Deserialize, Serialize};

use crate::numbers::count;
use memo::CountCache;

/// A length in tokens of a named tokenizer. Not characters, not words.
#[derive(
    Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Default, Serialize, Deserialize,
)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(transparent)]
pub struct Tokens(pub u32);

impl fmt::Display for Tokens {
    /// `131072`, and by `{:#}`, in sentences, `131,072`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match f.alternate() {
            true => f.write_str(&count(self.0.into())),
            false => write!(f, "{}", self.0),
        }
    }
}

/// Counts tokens with a tokenizer that the caller provides.
///
/// It consists of two closures, so that this crate needs no tokenizer: one counts tokens (the fast
/// way), and one returns the byte at which each token starts (for positions). If a tokenizer's
/// tokens never cross certain places, [`in_parts`](Self::in_parts) says so: then each distinct part
/// is counted once, and a text that changes in one place is not counted again as a whole.
///
/// # Example
/// ```
/// use fathom_shared::tokens::{TokenCounter, Tokens};
/// let bytes = TokenCounter::new("bytes", |text| text.len(), |text| (0..text.len()).collect());
/// assert_eq!(bytes.count("abc"), Tokens(3));
/// assert_eq!(bytes.spans("abcdef", &[2..4]), [2..4]);
/// ```
pub struct TokenCounter<'a> {
    name: String,
    count: Box<dyn Fn(&str) -> usize + 'a>,
    starts: Box<TokenStartsFn<'a>>,
    memo: Option<CountCache>,
}

/// The byte at which each token of a text begins.
type TokenStartsFn<'a> = dyn Fn(&str) -> Vec<usize> + 'a;

impl<'a> TokenCounter<'a> {
    /// `count` returns the number of tokens in a text without special tokens; `starts` the byte
    /// offset at which each token begins, in order.
    pub fn new(
        name: impl Into<String>,
        count: impl Fn(&str) -> usize + 'a,
        starts: impl Fn(&str) -> Vec<usize> + 'a,
    ) -> Self {
        Self {
            name: name.into(),
            count: Box::new(count),
            starts: Box::new(starts),
            memo: None,
        }
    }

    /// States that the tokenizer first splits a text into words, digits and punctuation like GPT-2
    /// and its successors, so that no token crosses the boundary of a [part](parts::TextParts).
    ///
    /// `whole` lists strings that always become a single token; a text that contains one of them is
    /// counted as a whole.
    #[must_use]
    pub fn in_parts(mut self, whole: Vec<String>) -> Self {
        self.memo = Some(CountCache::new(whole));
        self
    }

    /// The tokenizer's name, as stored in records.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// How many tokens `text` has.
    pub fn count(&self, text: &str) -> Tokens {
        Tokens(to_u32(match &self.memo {
            Some(memo) if memo.takes(text) => memo.count(text, &self.count),
            _ => (self.count)(text),
        }))
    }

    /// Whether no token crosses the spaces before and after `word`, provided that a visible ASCII
    /// character is on their other side: then the tokens of a list of words add up.
    pub fn stands_alone(&self, word: &str) -> bool {
        let memo = self.memo.as_ref();
        memo.is_some_and(CountCache::adds_up) && parts::stands_alone(word)
    }

    /// The byte offset at which each token of `text` begins.
    pub fn starts(&self, text: &str) -> Vec<usize> {
        (self.starts)(text)
    }

    /// The byte at which token `number` of `text` begins; the end of the text if it has fewer
    /// tokens.
    pub fn offset(&self, text: &str, number: Tokens) -> usize {
        let number = number.0 as usize;
        let found = match &self.memo {
            Some(memo) if memo.takes(text) => memo.offset(text, number, &self.count, &self.starts),
            _ => self.starts(text).get(number).copied(),
        };
        found.unwrap_or(text.len())
    }

    /// The tokens that each byte range touches; the ranges are sorted by their start.
    pub fn spans(&self, text: &str, bytes: &[Range<usize>]) -> Vec<Range<u32>> {
        if bytes.is_empty() {
            return Vec::new();
        }
        match &self.memo {
            Some(memo) if memo.takes(text) => memo.spans(text, bytes, &self.count, &self.starts),
            _ => {
                let starts = self.starts(text);
                bytes.iter().map(|bytes| touched(&starts, bytes)).collect()
            }
        }
    }
}

impl fmt::Debug for TokenCounter<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Counter")
            .field("name", &self.name)
            .finish_non_exhaustive()
    }
}

/// The tokens that the byte range `bytes` touches, given the starts of all tokens.
fn touched(starts: &[usize], bytes: &Range<usize>) -> Range<u32> {
    let first = starts
        .partition_point(|start| *start <= bytes.start)
        .saturating_sub(1);
    let end = starts.partition_point(|start| *start < bytes.end);
    to_u32(first)..to_u32(end)
}

fn to_u32(n: usize) -> u32 {
    u32::try_from(n).unwrap_or(u32::MAX)
}
