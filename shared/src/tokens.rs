//! How long a text is, and under which tokenizer.

use std::fmt;
use std::ops::Range;

use serde::{Deserialize, Serialize};

/// A length under one named tokenizer. Not characters, not words.
#[derive(
    Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Default, Serialize, Deserialize,
)]
#[serde(transparent)]
pub struct Tokens(pub u32);

impl fmt::Display for Tokens {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.0)
    }
}

/// Counts tokens with a named tokenizer that the caller holds.
///
/// A pair of closures, so that this crate needs no tokenizer: one that counts (the fast way), and
/// one that says at which byte each token starts (for positions).
///
/// # Example
/// ```
/// use fathom_shared::tokens::{Counter, Tokens};
/// let bytes = Counter::new("bytes", |text| text.len(), |text| (0..text.len()).collect());
/// assert_eq!(bytes.count("abc"), Tokens(3));
/// assert_eq!(bytes.span(&bytes.starts("abcdef"), &(2..4)), 2..4);
/// ```
pub struct Counter<'a> {
    name: String,
    count: Box<dyn Fn(&str) -> usize + 'a>,
    starts: Box<Starts<'a>>,
}

/// The byte at which each token of a text begins.
type Starts<'a> = dyn Fn(&str) -> Vec<usize> + 'a;

impl<'a> Counter<'a> {
    /// `count` gives the number of tokens of a text without special tokens; `starts` the byte
    /// offset at which each of them begins, in order.
    pub fn new(
        name: impl Into<String>,
        count: impl Fn(&str) -> usize + 'a,
        starts: impl Fn(&str) -> Vec<usize> + 'a,
    ) -> Self {
        Self {
            name: name.into(),
            count: Box::new(count),
            starts: Box::new(starts),
        }
    }

    /// The tokenizer's name, as it stands in a record.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// How many tokens `text` has.
    pub fn count(&self, text: &str) -> Tokens {
        Tokens(u32::try_from((self.count)(text)).unwrap_or(u32::MAX))
    }

    /// The byte offset at which each token of `text` begins.
    pub fn starts(&self, text: &str) -> Vec<usize> {
        (self.starts)(text)
    }

    /// The tokens that the byte range `bytes` touches, given the text's token [starts](Self::starts).
    pub fn span(&self, starts: &[usize], bytes: &Range<usize>) -> Range<u32> {
        let first = starts
            .partition_point(|start| *start <= bytes.start)
            .saturating_sub(1);
        let end = starts.partition_point(|start| *start < bytes.end);
        to_u32(first)..to_u32(end)
    }
}

impl fmt::Debug for Counter<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Counter")
            .field("name", &self.name)
            .finish_non_exhaustive()
    }
}

fn to_u32(n: usize) -> u32 {
    u32::try_from(n).unwrap_or(u32::MAX)
}
