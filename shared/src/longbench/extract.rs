//! Extracts the chosen letter from an answer.

use super::ChoiceLetter;

/// The words before the letter.
const WORDS: &str = "The correct answer is ";

/// The letter of an answer, by the original's rule: asterisks are removed; then the first `The
/// correct answer is (X)` counts, else the first `The correct answer is X`, with X from A to D;
/// otherwise there is no letter. Case matters, as in the original.
///
/// Source: `extract_answer` of `pred.py`, THUDM/LongBench 2e00731. Golden:
/// `longbench2_extract.jsonl`.
///
/// # Example
/// ```
/// use fathom_shared::longbench::{ChoiceLetter, extract};
/// assert_eq!(extract("I think so. **The correct answer is (B)**"), Some(ChoiceLetter::B));
/// assert_eq!(extract("The correct answer is Brazil"), Some(ChoiceLetter::B)); // as the original does
/// assert_eq!(extract("(B)"), None);
/// ```
pub fn extract(response: &str) -> Option<ChoiceLetter> {
    let response = response.replace('*', "");
    let letter = |text: &str| {
        ChoiceLetter::ALL
            .into_iter()
            .find(|l| text.starts_with(l.as_str()))
    };
    let after = || {
        response
            .match_indices(WORDS)
            .map(|(at, words)| &response[at + words.len()..])
    };
    let bracketed = after().find_map(|rest| {
        let inner = rest.strip_prefix('(')?;
        letter(inner).filter(|_| inner[1..].starts_with(')'))
    });
    bracketed.or_else(|| after().find_map(letter))
}

/// Whether the letter in `text` is the right answer.
pub fn is_right(text: &str, references: &[String]) -> bool {
    let letter = extract(text).map(ChoiceLetter::as_str);
    letter.is_some_and(|letter| references.iter().any(|right| right == letter))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_bracketed_form_goes_first_wherever_it_stands() {
        let text = "The correct answer is A. No: The correct answer is (D)";
        assert_eq!(extract(text), Some(ChoiceLetter::D));
        assert_eq!(
            extract("The correct answer is (E). The correct answer is C"),
            Some(ChoiceLetter::C)
        );
        assert_eq!(extract("The correct answer is (A"), None);
        assert_eq!(extract("the correct answer is (A)"), None);
        assert_eq!(extract(""), None);
    }
}
