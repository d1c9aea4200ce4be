//! Cuts out the middle of a text, keeping both ends.

use std::ops::Range;

use crate::tokens::{TokenCounter, Tokens};

/// Which bytes of a text to leave out so that at most `most` tokens remain: the first half of
/// `most` tokens (rounded down) and the last half (rounded up) stay. Nothing is left out of a text
/// that fits. A character that a cut would split is left out entirely.
///
/// The remainder is counted again: two halves may have more tokens together than apart, and are
/// then shortened. `None` if even the empty text has too many tokens.
///
/// Source: `query_llm` of `pred.py`, THUDM/LongBench 2e00731, which cuts the list of tokens.
///
/// # Example
/// ```
/// use fathom_shared::longbench::middle;
/// use fathom_shared::tokens::{TokenCounter, Tokens};
/// let bytes = TokenCounter::new("bytes", |text| text.len(), |text| (0..text.len()).collect());
/// assert_eq!(middle("abcdefgh", Tokens(5), &bytes), Some(2..5)); // "ab" + "fgh"
/// assert_eq!(middle("abcde", Tokens(5), &bytes), Some(5..5));
/// ```
pub fn middle(text: &str, most: Tokens, counter: &TokenCounter<'_>) -> Option<Range<usize>> {
    let total = counter.count(text);
    if total <= most {
        return Some(text.len()..text.len());
    }
    let mut keep = most.0;
    loop {
        let first = Tokens(keep / 2);
        let last = Tokens(total.0 - (keep - keep / 2));
        let mut from = counter.offset(text, first);
        let mut to = counter.offset(text, last);
        while !text.is_char_boundary(from) {
            from -= 1;
        }
        // The previous token may contain the first bytes of the same character.
        if last.0 > 0 && to < text.len() && counter.offset(text, Tokens(last.0 - 1)) == to {
            to += 1;
        }
        while !text.is_char_boundary(to) {
            to += 1;
        }
        // Both cuts may fall into the same character.
        let to = to.max(from);
        let left = counter.count(&[&text[..from], &text[to..]].concat());
        if left <= most {
            return Some(from..to);
        }
        let over = left.0 - most.0;
        keep = keep.checked_sub(over)?;
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// One token for each run of letters and for every byte of other characters, like a GPT-2
    /// tokenizer without merges across spaces.
    fn words() -> TokenCounter<'static> {
        fn starts(text: &str) -> Vec<usize> {
            let mut starts = Vec::new();
            let mut within = false;
            for (at, c) in text.char_indices() {
                let letter = c.is_ascii_alphabetic();
                match (letter, within) {
                    (true, true) => {}
                    (true, false) => starts.push(at),
                    (false, _) => starts.extend(std::iter::repeat_n(at, c.len_utf8())),
                }
                within = letter;
            }
            starts
        }
        TokenCounter::new("words", |text| starts(text).len(), starts)
    }

    proptest! {
        #[test]
        fn never_over_the_budget_and_both_ends_stay(
            text in "([a-z]{1,6}|[ \n]|[äöü€😀]){0,80}", most in 0u32..60
        ) {
            let counter = words();
            let total = counter.count(&text);
            let Some(cut) = middle(&text, Tokens(most), &counter) else {
                panic!("an empty text has no tokens");
            };
            let kept = [&text[..cut.start], &text[cut.end..]].concat(); // valid UTF-8, or this panics
            prop_assert!(counter.count(&kept) <= Tokens(most));
            if total.0 <= most {
                prop_assert_eq!(&kept, &text);
            } else if most >= 12 && text.is_ascii() {
                // Both ends stay: the first and last characters are where they were.
                prop_assert!(cut.start > 0 && cut.end < text.len(), "{cut:?} of {}", text.len());
                // No more is left out than necessary: one more token of the cut would be too many,
                // except for what the joint costs.
                let left = counter.count(&kept).0;
                prop_assert!(left + 3 >= most, "{left} of {most}");
            }
        }
    }

    #[test]
    fn halves_are_rounded_as_in_the_original() {
        let bytes = TokenCounter::new("bytes", |text| text.len(), |text| (0..text.len()).collect());
        let kept = |most| {
            let text = "0123456789";
            let cut = middle(text, Tokens(most), &bytes).unwrap();
            format!("{}|{}", &text[..cut.start], &text[cut.end..])
        };
        assert_eq!(kept(4), "01|89");
        assert_eq!(kept(5), "01|789");
        assert_eq!(kept(1), "|9");
        assert_eq!(kept(0), "|");
    }
}
