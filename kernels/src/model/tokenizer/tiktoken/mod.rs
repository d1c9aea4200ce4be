//! OpenAI's tokenizers: a text is cut by an expression, then pairs of bytes are merged by rank.
//!
//! `tiktoken-rs` does the same, but building its tables takes longer than making most samples, so
//! here they are laid out flat. Tests hold one to the other.

mod ranks; // token ranks

use std::borrow::Cow;
use std::cmp::Reverse;
use std::collections::BinaryHeap;
use std::ops::Range;

use regex::Regex;

use super::TokenizerError;
use ranks::MergeRanks;

/// Which of them.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum TiktokenEncoding {
    /// Of GPT-3.5 and GPT-4; the one that RULER counts OpenAI's models with.
    Cl100kBase,
    /// Of GPT-4o and later.
    O200kBase,
}

impl TiktokenEncoding {
    /// All that are known.
    pub const ALL: [Self; 2] = [Self::Cl100kBase, Self::O200kBase];

    /// The name under which OpenAI publishes it.
    pub fn name(self) -> &'static str {
        match self {
            Self::Cl100kBase => "cl100k_base",
            Self::O200kBase => "o200k_base",
        }
    }

    /// The one of that name.
    pub fn find(name: &str) -> Option<Self> {
        Self::ALL
            .into_iter()
            .find(|encoding| encoding.name() == name)
    }

    /// The expression of OpenAI's `tiktoken_ext/openai_public.py`, up to `\s+(?!\S)` near its end,
    /// which [`Tiktoken::pieces`] stands for: looking ahead needs a slower engine.
    fn expression(self) -> &'static str {
        match self {
            Self::Cl100kBase => {
                r"'(?i:[sdmt]|ll|ve|re)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}{1,3}| ?[^\s\p{L}\p{N}]+[\r\n]*|\s+$|\s*[\r\n]|\s+"
            }
            Self::O200kBase => {
                r"[^\r\n\p{L}\p{N}]?[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]*[\p{Ll}\p{Lm}\p{Lo}\p{M}]+(?i:'s|'t|'re|'ve|'m|'ll|'d)?|[^\r\n\p{L}\p{N}]?[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]+[\p{Ll}\p{Lm}\p{Lo}\p{M}]*(?i:'s|'t|'re|'ve|'m|'ll|'d)?|\p{N}{1,3}| ?[^\s\p{L}\p{N}]+[\r\n/]*|\s*[\r\n]+|\s+"
            }
        }
    }
}

/// Pieces of so many bytes are merged without a heap.
const SHORT: usize = 32;

/// One of OpenAI's tokenizers. Special tokens are ordinary text to it.
///
/// # Example
/// ```
/// use fathom_kernels::model::tokenizer::tiktoken::{TiktokenEncoding, Tiktoken};
/// // Every byte is a token, and then `ab` is one.
/// let mut list: Vec<u8> = (0..=u8::MAX).flat_map(|byte| [1, byte]).collect();
/// list.extend(b"\x02ab");
/// let tokenizer = Tiktoken::new(TiktokenEncoding::Cl100kBase, list)?;
/// assert_eq!(tokenizer.count("ab cab"), 4);
/// assert_eq!(tokenizer.starts("ab cab"), [0, 2, 3, 4]);
/// # Ok::<(), fathom_kernels::model::tokenizer::TokenizerError>(())
/// ```
#[derive(Debug)]
pub struct Tiktoken {
    ranks: MergeRanks,
    expression: Regex,
    /// Whether every number of up to three digits is a token.
    numbers: bool,
}

impl Tiktoken {
    /// With the tokens of `encoding`: `list` has them in the order of their rank, each behind one
    /// byte that says how long it is.
    ///
    /// # Errors
    /// [`TokenizerError::Build`] where the list breaks off or lacks a single byte.
    pub fn new(
        encoding: TiktokenEncoding,
        list: impl Into<Cow<'static, [u8]>>,
    ) -> Result<Self, TokenizerError> {
        let damaged = |reason: String| TokenizerError::Build {
            reason: format!("{}: {reason}", encoding.name()),
        };
        let expression =
            Regex::new(encoding.expression()).map_err(|error| damaged(error.to_string()))?;
        let ranks = MergeRanks::new(list.into()).map_err(damaged)?;
        let has = |number: String| ranks.find(number.as_bytes()).is_some();
        let two = (0..100).all(|n| has(format!("{n:02}")));
        Ok(Self {
            numbers: two && (0..1000).all(|n| has(format!("{n:03}"))),
            ranks,
            expression,
        })
    }

    /// How many tokens `text` has.
    pub fn count(&self, text: &str) -> usize {
        let mut count = 0;
        self.each_end(text, |_| count += 1);
        count
    }

    /// The byte at which each token of `text` starts.
    pub fn starts(&self, text: &str) -> Vec<usize> {
        let mut starts = vec![0];
        self.each_end(text, |end| starts.push(end));
        // Where the last one ends, none starts.
        starts.pop();
        starts
    }

    /// Says where each token ends, in order.
    fn each_end(&self, text: &str, mut say: impl FnMut(usize)) {
        if is_one_piece(text.as_bytes()) {
            return self.merge(text.as_bytes(), say);
        }
        if let Some(digits) = number(text.as_bytes()) {
            // Both expressions take three at a time, and a space before them by itself.
            let mut at = text.len() - digits.len();
            if at > 0 {
                self.merge(&text.as_bytes()[..at], &mut say);
            }
            for piece in digits.chunks(3) {
                match self.numbers {
                    true => say(at + piece.len()),
                    false => self.merge(piece, |end| say(at + end)),
                }
                at += piece.len();
            }
            return;
        }
        for piece in self.pieces(text) {
            let from = piece.start;
            self.merge(text[piece].as_bytes(), |end| say(from + end));
        }
    }

    /// The token that stands at a rank.
    pub fn token(&self, rank: u32) -> Option<&[u8]> {
        self.ranks.token(rank)
    }

    /// The pieces that no merge crosses. White space before a word leaves its last character to
    /// the word.
    fn pieces<'t>(&'t self, text: &'t str) -> impl Iterator<Item = Range<usize>> + 't {
        let mut at = 0;
        std::iter::from_fn(move || {
            let found = self.expression.find_at(text, at)?;
            let (piece, mut end) = (found.as_str(), found.end());
            if let Some((last, _)) = piece.char_indices().next_back()
                && last > 0
                && end < text.len()
                && !piece.ends_with(['\r', '\n'])
                && piece.chars().all(char::is_whitespace)
            {
                end = found.start() + last;
            }
            at = end;
            Some(found.start()..end)
        })
    }

    /// Says where each token of a piece ends: of all neighbours whose bytes together are a token,
    /// those of the lowest rank are merged, from the left, until there are none.
    fn merge(&self, piece: &[u8], say: impl FnMut(usize)) {
        if self.ranks.find(piece).is_some() {
            [piece.len()].into_iter().for_each(say);
        } else if piece.len() <= SHORT {
            self.merge_short(piece, say);
        } else {
            self.merge_long(piece, say);
        }
    }

    /// Looks through all pairs for each merge, without a heap: most pieces have few bytes.
    fn merge_short(&self, piece: &[u8], say: impl FnMut(usize)) {
        // Where each token ends, and the rank of it with the next one together.
        let mut ends = [0; SHORT];
        let mut pairs = [u32::MAX; SHORT];
        let mut count = piece.len();
        let rank = |from: usize, to: usize| self.ranks.find(&piece[from..to]).unwrap_or(u32::MAX);
        for at in 0..count {
            ends[at] = at + 1;
            if at + 1 < count {
                pairs[at] = rank(at, at + 2);
            }
        }
        while let Some((at, _)) = (0..count)
            .map(|at| (at, pairs[at]))
            .filter(|(_, rank)| *rank != u32::MAX)
            .min_by_key(|(_, rank)| *rank)
        {
            ends.copy_within(at + 1..count, at);
            pairs.copy_within(at + 1..count, at);
            count -= 1;
            let start = |at: usize| if at == 0 { 0 } else { ends[at - 1] };
            if at + 1 < count {
                pairs[at] = rank(start(at), ends[at + 1]);
            }
            if at > 0 {
                pairs[at - 1] = rank(start(at - 1), ends[at]);
            }
        }
        ends[..count].iter().copied().for_each(say);
    }

    fn merge_long(&self, piece: &[u8], say: impl FnMut(usize)) {
        const MERGED: usize = 0;
        // Where the token that starts at a byte ends, and where the one before it starts.
        let mut end: Vec<usize> = (1..=piece.len()).collect();
        let mut before: Vec<usize> = (0..piece.len()).map(|at| at.saturating_sub(1)).collect();
        let rank = |left: usize, right_end: usize| {
            let found = self.ranks.find(piece.get(left..right_end)?)?;
            Some(Reverse((found, left, right_end)))
        };
        let mut pairs: BinaryHeap<_> = (2..=piece.len())
            .filter_map(|right_end| rank(right_end - 2, right_end))
            .collect();
        while let Some(Reverse((_, left, right_end))) = pairs.pop() {
            let right = end[left];
            // One of the two was merged with another since.
            if right == MERGED || end.get(right) != Some(&right_end) {
                continue;
            }
            end[left] = right_end;
            end[right] = MERGED;
            if let Some(after) = before.get_mut(right_end) {
                *after = left;
                pairs.extend(rank(left, end[right_end]));
            }
            if left > 0 {
                pairs.extend(rank(before[left], right_end));
            }
        }
        end.into_iter().filter(|end| *end != MERGED).for_each(say);
    }
}

/// Whether both expressions take `text` whole: an ASCII word, with or without the space before it,
/// whose capitals all come first.
fn is_one_piece(text: &[u8]) -> bool {
    let word = text.strip_prefix(b" ").unwrap_or(text);
    let small = word.iter().position(|byte| !byte.is_ascii_uppercase());
    let rest = &word[small.unwrap_or(word.len())..];
    !word.is_empty() && rest.iter().all(u8::is_ascii_lowercase)
}

/// The digits, where `text` has nothing else but perhaps one space before them.
fn number(text: &[u8]) -> Option<&[u8]> {
    let digits = text.strip_prefix(b" ").unwrap_or(text);
    let all = digits.iter().all(u8::is_ascii_digit);
    Some(digits).filter(|digits| all && !digits.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Single bytes, and then these.
    fn list(tokens: &[&str]) -> Vec<u8> {
        let mut list: Vec<u8> = (0..=u8::MAX).flat_map(|byte| [1, byte]).collect();
        for token in tokens {
            list.push(token.len() as u8);
            list.extend(token.as_bytes());
        }
        list
    }

    #[test]
    fn the_lowest_rank_is_merged_first() {
        let tokens = list(&["bc", "ab", "cd", "abcd"]);
        let tokenizer = Tiktoken::new(TiktokenEncoding::Cl100kBase, tokens).unwrap();
        // `bc` before `ab`, so `abcd` is never met, but a piece that is a token is taken whole.
        assert_eq!(tokenizer.starts("abcdd"), [0, 1, 3, 4]);
        assert_eq!(tokenizer.starts("abcd"), [0]);
        assert_eq!(tokenizer.count("ababab"), 3);
        assert_eq!(tokenizer.count(&"ab".repeat(50_000)), 50_000);
    }

    #[test]
    fn white_space_leaves_its_last_to_the_word() {
        let tokenizer = Tiktoken::new(TiktokenEncoding::Cl100kBase, list(&[])).unwrap();
        let pieces = |text| {
            let pieces = tokenizer.pieces(text);
            pieces.map(|piece| &text[piece]).collect::<Vec<_>>()
        };
        assert_eq!(pieces("a   b"), ["a", "  ", " b"]);
        assert_eq!(
            pieces("a  1\n\n b \n"),
            ["a", " ", " ", "1", "\n\n", " b", " \n"]
        );
        assert_eq!(pieces("a\u{a0}\u{a0}"), ["a", "\u{a0}\u{a0}"]);
    }

    #[test]
    fn a_damaged_list_is_refused() {
        let whole = list(&["ab"]);
        let says = |list: &[u8]| {
            let refused = Tiktoken::new(TiktokenEncoding::O200kBase, list.to_vec());
            refused.unwrap_err().to_string()
        };
        assert!(says(&whole[..whole.len() - 1]).contains("expected at least 515"));
        assert!(says(&whole[..40]).contains("lacks the byte 20"));
        assert!(says(&[&whole[..], &[1, b'a']].concat()).contains("rank 257 is listed twice"));
        assert!(says(&[]).contains("lacks the byte 0"));
    }
}
